// PeopleService and AuthService in process, asked over gRPC as the edge asks them.
#ifndef PINGAN_TESTS_SERVICES_DIRECTORY_PEOPLE_SERVER_H_
#define PINGAN_TESTS_SERVICES_DIRECTORY_PEOPLE_SERVER_H_

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "pingan/directory/v1/auth.grpc.pb.h"
#include "pingan/directory/v1/people.grpc.pb.h"
#include "services/directory/people_handlers.h"
#include "tests/services/directory/people_fixture.h"

namespace pingan::directory {

class PeopleServer : public PeopleFixture {
 protected:
  void SetUp() override {
    PeopleFixture::SetUp();
    codes_file_ = keys_.path() + "/codes.jsonl";
    limits_.codes_of_phone_per_minute.most = 0;
    limits_.codes_of_phone_per_day.most = 0;
    Serve([this](service::Runtime& runtime) -> absl::StatusOr<std::unique_ptr<service::Handlers>> {
      std::filesystem::copy(keys_.path() + "/directory", secrets() + "/directory");
      return PeopleHandlers::Make(runtime, {.secrets_dir = secrets(),
                                            .issuer = "https://pingan.test",
                                            .dev_codes_file = codes_file_,
                                            .password_threads = 1,
                                            .limits = limits_});
    });
    auth_ = v1::AuthService::NewStub(channel());
    people_ = v1::PeopleService::NewStub(channel());
  }

  // One call with this token ("" is none) from this address ("" is not told).
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Call(
      Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      const Request& request, const std::string& token = "", const std::string& address = "") {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (!token.empty()) context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    if (!address.empty())
      context.AddMetadata("x-forwarded-for", absl::StrCat("198.51.100.1, ", address));
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }

  absl::StatusOr<v1::SendCodeResponse> SendCode(const std::string& phone,
                                                const std::string& address = "") {
    v1::SendCodeRequest request;
    request.set_phone(phone);
    return Call(*auth_, &v1::AuthService::Stub::SendCode, request, "", address);
  }
  // The last code that was written for anybody.
  std::string LastCode() {
    std::ifstream file(codes_file_);
    std::string line, last;
    while (std::getline(file, line)) last = line;
    const size_t at = last.find(R"("code": ")");
    return at == std::string::npos ? "" : last.substr(at + 9, 6);
  }
  absl::StatusOr<v1::SignInResponse> SignInWithCode(const std::string& phone,
                                                    const std::string& code,
                                                    const std::string& address = "") {
    v1::SignInRequest request;
    request.set_phone(phone);
    request.set_code(code);
    return Call(*auth_, &v1::AuthService::Stub::SignIn, request, "", address);
  }
  absl::StatusOr<v1::SignInResponse> SignInWithPassword(const std::string& phone,
                                                        const std::string& password) {
    v1::SignInRequest request;
    request.set_phone(phone);
    request.set_password(password);
    return Call(*auth_, &v1::AuthService::Stub::SignIn, request);
  }
  // A whole sign-in by code.
  v1::SignInResponse SignIn(const std::string& phone) {
    EXPECT_THAT(SendCode(phone), test::IsOk());
    const auto session = SignInWithCode(phone, LastCode());
    EXPECT_THAT(session, test::IsOk());
    return session.value_or(v1::SignInResponse());
  }
  absl::StatusOr<v1::SignInResponse> Refresh(const std::string& refresh_token,
                                             const std::string& request_id = "") {
    v1::RefreshRequest request;
    request.set_refresh_token(refresh_token);
    request.set_request_id(request_id);
    return Call(*auth_, &v1::AuthService::Stub::Refresh, request);
  }
  absl::StatusOr<v1::RegisterResponse> RegisterAs(const std::string& token,
                                                  const std::string& name = "王雨桐",
                                                  const std::string& request_id = "") {
    v1::RegisterRequest request;
    request.set_parent(kParent);
    *request.mutable_person() = Neighbour(name, "");
    request.set_request_id(request_id);
    return Call(*people_, &v1::PeopleService::Stub::Register, request, token);
  }
  absl::StatusOr<v1::Person> GetPerson(const std::string& name, const rpc::Caller& caller) {
    v1::GetPersonRequest request;
    request.set_name(name);
    return Ask(*people_, &v1::PeopleService::Stub::GetPerson, request, caller);
  }
  absl::StatusOr<v1::Person> GetPersonWith(const std::string& name, const std::string& token) {
    v1::GetPersonRequest request;
    request.set_name(name);
    return Call(*people_, &v1::PeopleService::Stub::GetPerson, request, token);
  }

  // All rows of all tables, as text: where a secret must not be.
  std::string WholeDatabase() {
    std::string rows;
    for (const db::Table* table : AllTables()) {
      absl::StrAppend(
          &rows, Sql(absl::StrCat("SELECT string_agg(t::text, '') FROM ", table->name(), " t")));
    }
    for (const char* table : {"changes", "requests", "heads"}) {
      absl::StrAppend(&rows,
                      Sql(absl::StrCat("SELECT string_agg(t::text, '') FROM ", table, " t")));
    }
    return rows;
  }

  SignInLimits limits_;
  std::string codes_file_;
  std::unique_ptr<v1::AuthService::Stub> auth_;
  std::unique_ptr<v1::PeopleService::Stub> people_;
};

}  // namespace pingan::directory

#endif  // PINGAN_TESTS_SERVICES_DIRECTORY_PEOPLE_SERVER_H_
