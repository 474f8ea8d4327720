// A folder of secrets for one test.
#ifndef PINGAN_TESTS_COMMON_RPC_KEY_FOLDER_H_
#define PINGAN_TESTS_COMMON_RPC_KEY_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace pingan::rpc {

class KeyFolder {
 public:
  KeyFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "pingan-keys-XXXXXX").string();
    path_ = mkdtemp(path.data());
  }
  ~KeyFolder() { std::filesystem::remove_all(path_); }
  KeyFolder(const KeyFolder&) = delete;
  KeyFolder& operator=(const KeyFolder&) = delete;

  const std::string& path() const { return path_; }

  std::string Read(absl::string_view file) const {
    std::ifstream in(absl::StrCat(path_, "/", file));
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // Replaces by rename, as everyone who writes these files must.
  void Write(absl::string_view file, absl::string_view text) const {
    const std::string to = absl::StrCat(path_, "/", file), fresh = absl::StrCat(to, ".fresh");
    std::ofstream(fresh) << text;
    std::filesystem::rename(fresh, to);
  }
  void Rewrite(absl::string_view file) const { Write(file, Read(file)); }

 private:
  std::string path_;
};

}  // namespace pingan::rpc

#endif  // PINGAN_TESTS_COMMON_RPC_KEY_FOLDER_H_
