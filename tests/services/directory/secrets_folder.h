// A folder with the deployment's keys, for one test.
#ifndef PINGAN_TESTS_SERVICES_DIRECTORY_SECRETS_FOLDER_H_
#define PINGAN_TESTS_SERVICES_DIRECTORY_SECRETS_FOLDER_H_

#include <cstdlib>
#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "services/directory/deployment_keys.h"

namespace pingan::directory {

class SecretsFolder {
 public:
  SecretsFolder() {
    path_ = (std::filesystem::temp_directory_path() / "pingan-secrets-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) std::abort();
    EXPECT_TRUE(MakeDeploymentKeys(path_).ok());
  }
  ~SecretsFolder() { std::filesystem::remove_all(path_); }
  SecretsFolder(const SecretsFolder&) = delete;
  SecretsFolder& operator=(const SecretsFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace pingan::directory

#endif  // PINGAN_TESTS_SERVICES_DIRECTORY_SECRETS_FOLDER_H_
