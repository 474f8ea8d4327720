#include "common/base/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"

ABSL_FLAG(int, flags_test_port, 1, "A number, for this test.");
ABSL_FLAG(std::string, flags_test_name, "unset", "A text, for this test.");

namespace pingan::base {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FlagsTest : public ::testing::Test {
  absl::FlagSaver saver_;
};

TEST_F(FlagsTest, EnvironmentSetsTheFlagOfItsName) {
  const char* const environment[] = {"PATH=/bin",
                                     "PINGAN_FLAGS_TEST_PORT=7",
                                     "PINGAN_FLAGS_TEST_NAME=a=b",
                                     "PINGAN_NO_SUCH_FLAG=1",
                                     "PINGAN_",
                                     "PINGAN_FLAGS_TEST",
                                     nullptr};
  ASSERT_TRUE(ReadFlagsFromEnvironment(environment).ok());
  EXPECT_EQ(absl::GetFlag(FLAGS_flags_test_port), 7);
  EXPECT_EQ(absl::GetFlag(FLAGS_flags_test_name), "a=b");
}

TEST_F(FlagsTest, ValueThatDoesNotFitIsRefusedByNameWithoutTheValue) {
  const char* const environment[] = {"PINGAN_FLAGS_TEST_PORT=hunter2", nullptr};
  const absl::Status status = ReadFlagsFromEnvironment(environment);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("PINGAN_FLAGS_TEST_PORT"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hunter2")));
}

// In a process of its own, because absl keeps what it has parsed.
void ParseAndExit(std::vector<std::string> arguments) {
  setenv("PINGAN_FLAGS_TEST_PORT", "7", 1);
  setenv("PINGAN_FLAGS_TEST_NAME", "environment", 1);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  const auto rest = ParseFlags(static_cast<int>(argv.size()), argv.data());
  const bool right = absl::GetFlag(FLAGS_flags_test_port) == 9 &&
                     absl::GetFlag(FLAGS_flags_test_name) == "environment" &&
                     rest == std::vector<std::string>{"migrate"};
  std::exit(right ? 42 : 43);
}

TEST(ParseFlagsTest, CommandLineWinsOverTheEnvironment) {
  EXPECT_EXIT(ParseAndExit({"event", "--flags_test_port=9", "migrate"}),
              ::testing::ExitedWithCode(42), "");
}

TEST(ParseFlagsTest, WrongEnvironmentEndsTheProcess) {
  const auto parse = [] {
    setenv("PINGAN_FLAGS_TEST_PORT", "tcp://10.0.0.1:80", 1);
    std::string program = "event";
    char* argv[] = {program.data(), nullptr};
    ParseFlags(1, argv);
  };
  EXPECT_EXIT(parse(), ::testing::ExitedWithCode(1), "PINGAN_FLAGS_TEST_PORT");
}

class ReadSecretFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& content) {
    std::ofstream(path_, std::ios::binary) << content;
    return path_;
  }
  void TearDown() override { std::filesystem::remove(path_); }

  const std::string path_ = ::testing::TempDir() + "/secret_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ReadSecretFileTest, GivesTheContentWithoutOneLineEnd) {
  const struct {
    const char* content;
    const char* secret;
  } cases[] = {{"hunter2", "hunter2"},
               {"hunter2\n", "hunter2"},
               {"hunter2\r\n", "hunter2"},
               {" a\n\n", " a\n"}};
  for (const auto& c : cases) {
    const auto secret = ReadSecretFile(Write(c.content));
    ASSERT_TRUE(secret.ok()) << secret.status();
    EXPECT_EQ(*secret, c.secret);
  }
}

TEST_F(ReadSecretFileTest, RefusesWhatIsNoSecret) {
  EXPECT_EQ(ReadSecretFile(path_).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadSecretFile(::testing::TempDir()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadSecretFile(Write("")).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadSecretFile(Write("\n")).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(ReadSecretFile(Write(std::string(64 << 10, 'x'))).ok());
  const absl::Status large = ReadSecretFile(Write(std::string((64 << 10) + 1, 'x'))).status();
  EXPECT_EQ(large.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(large.message()), Not(HasSubstr("xxx")));
}

}  // namespace
}  // namespace pingan::base
