// How one-time codes reach people.
#ifndef PINGAN_SERVICES_DIRECTORY_CODE_SENDER_H_
#define PINGAN_SERVICES_DIRECTORY_CODE_SENDER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/task.h"

namespace pingan::directory {

class CodeSender {
 public:
  virtual ~CodeSender() = default;
  // Called when the code is stored. Must not block; an error is the caller's answer, so it must not
  // tell phones apart.
  virtual base::Task<absl::Status> Send(std::string phone, std::string code,
                                        absl::Time expire_time) = 0;
};

// For laptops and tests: one line of JSON a code, {"phone": ..., "code": ..., "expire_time": ...},
// at the end of a file that only its owner reads. Thread safe; lines of several processes do not
// mix.
class FileCodeSender final : public CodeSender {
 public:
  // Makes the file unless it is there.
  static absl::StatusOr<std::unique_ptr<CodeSender>> Open(const std::string& path);
  ~FileCodeSender() override;

  base::Task<absl::Status> Send(std::string phone, std::string code,
                                absl::Time expire_time) override;

 private:
  explicit FileCodeSender(int file) : file_(file) {}

  const int file_;
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_CODE_SENDER_H_
