// Rules for strings and bytes. Internal to validation.
#ifndef PINGAN_COMMON_RPC_VALIDATION_TEXT_H_
#define PINGAN_COMMON_RPC_VALIDATION_TEXT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "buf/validate/validate.pb.h"
#include "common/rpc/validation_rules.h"

namespace pingan::rpc {

// Never null: a string must be UTF-8 without NUL whatever its rules.
absl::StatusOr<std::unique_ptr<ValueRules>> CompileStringRules(
    const buf::validate::StringRules& rules);
// Null when any bytes will do.
absl::StatusOr<std::unique_ptr<ValueRules>> CompileBytesRules(
    const buf::validate::BytesRules& rules);

}  // namespace pingan::rpc

#endif  // PINGAN_COMMON_RPC_VALIDATION_TEXT_H_
