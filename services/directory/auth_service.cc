#include "services/directory/auth_service.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/db/table.h"
#include "services/directory/account_tables.h"
#include "services/directory/people_errors.h"
#include "sodium.h"

namespace pingan::directory {
namespace {

using service::PatienceOf;

constexpr uint32_t kCodes = 1'000'000;

std::string NewCode() { return absl::StrFormat("%06d", randombytes_uniform(kCodes)); }

PresentedToken Present(const RefreshToken& token) {
  return {
      .session = token.session, .generation = token.generation, .secret_hash = token.SecretHash()};
}

}  // namespace

AuthService::AuthService(service::Runtime& runtime, SignInParts parts)
    : runtime_(runtime),
      parts_(parts),
      methods_("pingan.directory.v1.AuthService", runtime.adapter()),
      accounts_(runtime.writer()) {}

absl::StatusOr<std::unique_ptr<AuthService>> AuthService::Make(service::Runtime& runtime,
                                                               SignInParts parts) {
  std::unique_ptr<AuthService> service(new AuthService(runtime, parts));
  rpc::Service& methods = service->methods_;
  methods.Handle("SendCode", service.get(), &AuthService::SendCode);
  methods.Handle("SignIn", service.get(), &AuthService::SignIn);
  methods.Handle("Refresh", service.get(), &AuthService::Refresh);
  methods.Handle("SignOut", service.get(), &AuthService::SignOut);
  methods.Handle("SetPassword", service.get(), &AuthService::SetPassword);
  RETURN_IF_ERROR(methods.Complete());
  return service;
}

// The edge always tells the address; a call inside the house has none and is not limited by it.
base::Task<absl::Status> AuthService::CountAddress(const rpc::Call& call, AttemptLimit limit) {
  if (call.caller.address.empty()) co_return absl::OkStatus();
  co_return co_await accounts_.Run(
      call, parts_.hashes.SubjectOf(call.caller.address),
      [&limit](db::UnitOfWork& work) { return CountAttempt(limit, work); });
}

AuthService::Answer<v1::SendCodeResponse> AuthService::SendCode(
    const rpc::Call& call, const v1::SendCodeRequest& request) {
  CO_RETURN_IF_ERROR(co_await CountAddress(call, parts_.limits.codes_of_address));
  const std::string login = parts_.hashes.LoginOf(request.phone());
  const std::string code = NewCode();
  const std::string code_hash = parts_.hashes.CodeHash(login, code);
  CO_RETURN_IF_ERROR(co_await accounts_.Run(call, login, [&](db::UnitOfWork& work) {
    return DecideSendCode(code_hash, parts_.limits, work);
  }));
  const absl::Time expire_time = runtime_.clock().Now() + kCodeLifetime;
  CO_RETURN_IF_ERROR(co_await parts_.codes.Send(request.phone(), code, expire_time));
  v1::SendCodeResponse response;
  *response.mutable_expire_time() = base::ToTimestamp(expire_time);
  co_return response;
}

AuthService::Answer<std::string> AuthService::UseCode(const rpc::Call& call, std::string login,
                                                      std::string code, std::string account) {
  const std::string code_hash = parts_.hashes.CodeHash(login, code);
  CO_ASSIGN_OR_RETURN(std::string owner,
                      co_await accounts_.Ask<std::string>(call, login, [&](db::UnitOfWork& work) {
                        return DecideUseCode(code_hash, account, work);
                      }));
  if (owner.empty()) co_return WrongCode();
  co_return owner;
}

AuthService::Answer<std::string> AuthService::CheckPassword(const rpc::Call& call,
                                                            std::string login,
                                                            std::string password) {
  CO_ASSIGN_OR_RETURN(const std::string account,
                      co_await accounts_.Ask<std::string>(call, login, [&](db::UnitOfWork& work) {
                        return DecideTryPassword(parts_.limits, work);
                      }));
  // Of an unknown phone: a row that is not there, and a hash that nothing fits.
  const std::string name = absl::StrCat("accounts/", account.empty() ? login : account);
  CO_ASSIGN_OR_RETURN(const auto row,
                      co_await runtime_.reader().FindOrNull(kAccounts, name, PatienceOf(call)));
  const std::string hash = row.has_value() ? row->password_hash() : std::string();
  CO_ASSIGN_OR_RETURN(const bool is_right,
                      co_await parts_.passwords.Verify(hash, std::move(password)));
  if (!is_right) co_return WrongCode();
  CO_RETURN_IF_ERROR(co_await accounts_.Run(
      call, login, [&](db::UnitOfWork& work) { return DecideForgetTries(parts_.limits, work); }));
  co_return account;
}

AuthService::Answer<v1::SignInResponse> AuthService::SignIn(const rpc::Call& call,
                                                            const v1::SignInRequest& request) {
  CO_RETURN_IF_ERROR(co_await CountAddress(call, parts_.limits.sign_ins_of_address));
  const std::string login = parts_.hashes.LoginOf(request.phone());
  std::string account;
  if (request.has_code()) {
    CO_ASSIGN_OR_RETURN(account, co_await UseCode(call, login, request.code(), ""));
  } else {
    CO_ASSIGN_OR_RETURN(account, co_await CheckPassword(call, login, request.password()));
  }
  const rows::Account row = parts_.personal.SealAccount(account, request.phone());
  const RefreshToken family{.session = "", .generation = 1, .secret = NewSecret()};
  const std::string secret_hash = family.SecretHash();
  CO_ASSIGN_OR_RETURN(
      const SessionFacts facts,
      co_await accounts_.Ask<SessionFacts>(call, account, [&](db::UnitOfWork& work) {
        return DecideOpenSession(row, secret_hash, request.town(), work);
      }));
  co_return Tokens(facts, family.secret);
}

AuthService::Answer<v1::SignInResponse> AuthService::Refresh(const rpc::Call& call,
                                                             const v1::RefreshRequest& request) {
  const std::optional<RefreshToken> token =
      ReadRefreshToken(request.refresh_token(), parts_.hashes);
  if (!token.has_value()) co_return SessionEnded();
  const PresentedToken presented = Present(*token);
  CO_ASSIGN_OR_RETURN(
      const SessionFacts facts,
      co_await accounts_.Ask<SessionFacts>(
          call, std::string(db::TenantOf(token->session)), [&](db::UnitOfWork& work) {
            return DecideRefresh(presented, request.request_id(), request.town(), work);
          }));
  if (facts.session.name().empty()) co_return SessionEnded();
  co_return Tokens(facts, token->secret);
}

AuthService::Answer<v1::SignOutResponse> AuthService::SignOut(const rpc::Call& call,
                                                              const v1::SignOutRequest& request) {
  const std::optional<RefreshToken> token =
      ReadRefreshToken(request.refresh_token(), parts_.hashes);
  if (!token.has_value()) co_return v1::SignOutResponse();
  const PresentedToken presented = Present(*token);
  CO_RETURN_IF_ERROR(co_await accounts_.Run(
      call, std::string(db::TenantOf(token->session)),
      [&presented](db::UnitOfWork& work) { return DecideEndSession(presented, work); }));
  co_return v1::SignOutResponse();
}

// The code first, so that hashing is not to be had for nothing. Who loses the answer in between
// asks for a new code.
AuthService::Answer<v1::SetPasswordResponse> AuthService::SetPassword(
    const rpc::Call& call, const v1::SetPasswordRequest& request) {
  CO_RETURN_IF_ERROR(co_await CountAddress(call, parts_.limits.sign_ins_of_address));
  const std::string login = parts_.hashes.LoginOf(request.phone());
  CO_ASSIGN_OR_RETURN(const std::string account,
                      co_await UseCode(call, login, request.code(), call.caller.account));
  CO_ASSIGN_OR_RETURN(const std::string hash,
                      co_await parts_.passwords.Hash(request.new_password()));
  CO_RETURN_IF_ERROR(co_await accounts_.Run(
      call, account, [&hash](db::UnitOfWork& work) { return DecideSetPassword(hash, work); }));
  co_return v1::SetPasswordResponse();
}

v1::SignInResponse AuthService::Tokens(const SessionFacts& facts, const std::string& secret) {
  const absl::Time now = runtime_.clock().Now();
  const std::string account(db::TenantOf(facts.session.name()));
  v1::SignInResponse response;
  response.set_access_token(
      parts_.signer.Sign(account, facts.session.person(), now, rpc::kMaxUserTokenLifetime));
  *response.mutable_expire_time() = base::ToTimestamp(now + rpc::kMaxUserTokenLifetime);
  response.set_refresh_token(WriteRefreshToken(
      {.session = facts.session.name(), .generation = facts.session.generation(), .secret = secret},
      parts_.hashes));
  response.set_person(facts.session.person());
  for (const std::string& person : facts.people) response.add_people(person);
  return response;
}

}  // namespace pingan::directory
