// PeopleService and AuthService with all they stand on: keys, hashing threads, the sender of codes.
#ifndef PINGAN_SERVICES_DIRECTORY_PEOPLE_HANDLERS_H_
#define PINGAN_SERVICES_DIRECTORY_PEOPLE_HANDLERS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/key_set.h"
#include "common/rpc/token.h"
#include "common/service/main.h"
#include "common/service/runtime.h"
#include "services/directory/auth_service.h"
#include "services/directory/code_sender.h"
#include "services/directory/keyed_hashes.h"
#include "services/directory/passwords.h"
#include "services/directory/people_service.h"
#include "services/directory/personal_data.h"
#include "services/directory/sealing.h"
#include "services/directory/sign_in_rules.h"

namespace pingan::directory {

struct PeopleOptions {
  std::string secrets_dir;  // also holds the private key of users' tokens
  std::string issuer;
  std::string dev_codes_file;
  int password_threads = 2;
  SignInLimits limits;
};

// --secrets_dir and --issuer of every service, and directory's own: --dev_codes_file,
// --password_threads and the limits.
PeopleOptions PeopleOptionsFromFlags();

class PeopleHandlers final : public service::Handlers {
 public:
  // Fails, naming the file, when a key is missing; and without a way to send codes. The runtime
  // outlives this.
  static absl::StatusOr<std::unique_ptr<PeopleHandlers>> Make(service::Runtime& runtime,
                                                              const PeopleOptions& options);

  std::vector<grpc::Service*> services() override {
    return {&people_->service(), &auth_->service()};
  }

 private:
  PeopleHandlers(KeyedHashes hashes, const PeopleOptions& options)
      : hashes_(std::move(hashes)), passwords_(options.password_threads) {}

  const KeyedHashes hashes_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<PersonalData> personal_;
  std::unique_ptr<rpc::SigningKeyFile> signing_keys_;
  std::unique_ptr<rpc::TokenSigner> signer_;
  std::unique_ptr<CodeSender> codes_;
  std::unique_ptr<PeopleService> people_;
  std::unique_ptr<AuthService> auth_;
  PasswordHasher passwords_;  // last: its threads finish the calls of the services before
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_PEOPLE_HANDLERS_H_
