// AuthService: signing in and staying signed in.
//
// A sign-in is several commands of several tenants, in an order in which each may be the last: a
// counted try, a code that is used up, a session that opens. Known and unknown phones pass the same
// statements and the same hashing, and are answered in the same words.
#ifndef PINGAN_SERVICES_DIRECTORY_AUTH_SERVICE_H_
#define PINGAN_SERVICES_DIRECTORY_AUTH_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/service.h"
#include "common/rpc/token.h"
#include "common/service/runtime.h"
#include "pingan/directory/v1/auth.grpc.pb.h"
#include "services/directory/account_rules.h"
#include "services/directory/account_writer.h"
#include "services/directory/code_sender.h"
#include "services/directory/keyed_hashes.h"
#include "services/directory/passwords.h"
#include "services/directory/personal_data.h"
#include "services/directory/refresh_token.h"
#include "services/directory/sign_in_rules.h"

namespace pingan::directory {

// What signing in is done with; all of it outlives the service.
struct SignInParts {
  const PersonalData& personal;
  const KeyedHashes& hashes;
  rpc::TokenSigner& signer;
  PasswordHasher& passwords;
  CodeSender& codes;
  SignInLimits limits;
};

class AuthService {
 public:
  static absl::StatusOr<std::unique_ptr<AuthService>> Make(service::Runtime& runtime,
                                                           SignInParts parts);

  grpc::Service& service() { return methods_; }

 private:
  template <class T>
  using Answer = base::Task<absl::StatusOr<T>>;

  AuthService(service::Runtime& runtime, SignInParts parts);

  Answer<v1::SendCodeResponse> SendCode(const rpc::Call& call, const v1::SendCodeRequest& request);
  Answer<v1::SignInResponse> SignIn(const rpc::Call& call, const v1::SignInRequest& request);
  Answer<v1::SignInResponse> Refresh(const rpc::Call& call, const v1::RefreshRequest& request);
  Answer<v1::SignOutResponse> SignOut(const rpc::Call& call, const v1::SignOutRequest& request);
  Answer<v1::SetPasswordResponse> SetPassword(const rpc::Call& call,
                                              const v1::SetPasswordRequest& request);

  base::Task<absl::Status> CountAddress(const rpc::Call& call, AttemptLimit limit);
  // Both give the account, or CODE_WRONG.
  Answer<std::string> UseCode(const rpc::Call& call, std::string login, std::string code,
                              std::string account);
  Answer<std::string> CheckPassword(const rpc::Call& call, std::string login, std::string password);

  v1::SignInResponse Tokens(const SessionFacts& facts, const std::string& secret);

  service::Runtime& runtime_;
  const SignInParts parts_;
  rpc::Service methods_;
  AccountWriter accounts_;
};

}  // namespace pingan::directory

#endif  // PINGAN_SERVICES_DIRECTORY_AUTH_SERVICE_H_
