#include "common/base/flags.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace pingan::base {
namespace {

constexpr absl::string_view kPrefix = "PINGAN_";
constexpr size_t kMaxSecretBytes = 64 << 10;

}  // namespace

absl::Status ReadFlagsFromEnvironment(const char* const* environment) {
  for (; *environment != nullptr; ++environment) {
    const absl::string_view entry = *environment;
    const size_t equals = entry.find('=');
    if (!absl::StartsWith(entry, kPrefix) || equals == entry.npos) continue;
    const absl::string_view variable = entry.substr(0, equals);
    absl::CommandLineFlag* const flag =
        absl::FindCommandLineFlag(absl::AsciiStrToLower(variable.substr(kPrefix.size())));
    std::string error;
    if (flag == nullptr || flag->ParseFrom(entry.substr(equals + 1), &error)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(variable, " does not fit the flag --", flag->Name()));
  }
  return absl::OkStatus();
}

std::vector<std::string> ParseFlags(int argc, char** argv) {
  if (const absl::Status status = ReadFlagsFromEnvironment(environ); !status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    std::exit(1);
  }
  const std::vector<char*> arguments = absl::ParseCommandLine(argc, argv);
  return {arguments.begin() + 1, arguments.end()};
}

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot open secret file ", path));
  std::string secret(kMaxSecretBytes + 1, '\0');
  file.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  if (file.bad()) return absl::NotFoundError(absl::StrCat("cannot read secret file ", path));
  secret.resize(static_cast<size_t>(file.gcount()));
  if (secret.size() > kMaxSecretBytes)
    return absl::FailedPreconditionError(absl::StrCat(path, " is over 64 KiB"));
  absl::string_view content = secret;
  if (absl::ConsumeSuffix(&content, "\n")) absl::ConsumeSuffix(&content, "\r");
  if (content.empty())
    return absl::FailedPreconditionError(absl::StrCat("secret file ", path, " is empty"));
  return std::string(content);
}

}  // namespace pingan::base
