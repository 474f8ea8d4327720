// Settings: absl flags with environment twins. --metrics_port may also be given as
// PINGAN_METRICS_PORT; the command line wins. Secrets are never flags: a flag names a file.
#ifndef PINGAN_COMMON_BASE_FLAGS_H_
#define PINGAN_COMMON_BASE_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace pingan::base {

// Sets every flag that has a variable PINGAN_<NAME> in `environment` ("NAME=value" strings, ended
// by nullptr; usually `environ`). INVALID_ARGUMENT naming the variable, not its value, when the
// flag does not take it. Variables without a flag are let be: an orchestrator makes some of its
// own.
absl::Status ReadFlagsFromEnvironment(const char* const* environment);

// Environment, then command line. Returns the positional arguments without the program's name
// ("migrate"). Ends the process with status 1 and a message on stderr when either is wrong: to be
// called first in main.
std::vector<std::string> ParseFlags(int argc, char** argv);

// The content of a secret's file without one trailing line end. NOT_FOUND when it cannot be read,
// FAILED_PRECONDITION when it is empty or larger than 64 KiB. Errors name the path and never the
// content.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace pingan::base

#endif  // PINGAN_COMMON_BASE_FLAGS_H_
