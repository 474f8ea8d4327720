#include "services/directory/code_sender.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"

namespace pingan::directory {

absl::StatusOr<std::unique_ptr<CodeSender>> FileCodeSender::Open(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return absl::FailedPreconditionError(absl::StrCat(path, ": ", std::strerror(errno)));
  return std::unique_ptr<CodeSender>(new FileCodeSender(file));
}

FileCodeSender::~FileCodeSender() { close(file_); }

base::Task<absl::Status> FileCodeSender::Send(std::string phone, std::string code,
                                              absl::Time expire_time) {
  // Digits only: nothing to escape. One write() of a line to a file opened for appending is not
  // split.
  const std::string line = absl::StrCat(
      R"({"phone": ")", phone, R"(", "code": ")", code, R"(", "expire_time": ")",
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", expire_time, absl::UTCTimeZone()), "\"}\n");
  if (write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    co_return base::Refuse(errors::v1::UNAVAILABLE);
  }
  co_return absl::OkStatus();
}

}  // namespace pingan::directory
