// A service in a test: its rules, its lists and the service itself over gRPC, on a database of its
// own, with a clock that stands still.
//
//   class PublishTest : public test::ServiceFixture {
//    protected:
//     PublishTest()
//         : ServiceFixture(
//               {.service = "event", .migrations = Migrations(), .tables = AllTables()}) {
//       Put(kUnits, unit);  // rows that others brought in
//     }
//     const rpc::Caller worker_ = PersonWith(directory::v1::VILLAGE_WORKER, kUnitName);
//   };
//   TEST_F(PublishTest, ...) {
//     EXPECT_THAT(Run(DecidePublishEvent, request, worker_), Refused(errors::v1::EVENT_OVER));
//     clock().Advance(absl::Hours(1));
//     EXPECT_EQ(Get(kEvents, name).state(), v1::PUBLISHED);
//   }
//
// Rules run as they do in earnest: in a command of the town's writer, with replay protection where
// the request has a request_id. For handlers, serve the whole thing and ask it with its generated
// stub:
//
//   Serve(EventService::Make, {"directory", "volunteer"});
//   const auto events = v1::EventService::NewStub(channel());
//   EXPECT_THAT(Ask(*events, &v1::EventService::Stub::GetEvent, request, worker_), ...);
#ifndef PINGAN_TESTS_SUPPORT_SERVICE_FIXTURE_H_
#define PINGAN_TESTS_SUPPORT_SERVICE_FIXTURE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/errors.h"
#include "common/db/command.h"
#include "common/db/database.h"
#include "common/db/migrations.h"
#include "common/db/row_reader.h"
#include "common/db/town_writer.h"
#include "common/db/unit_of_work.h"
#include "common/rpc/caller.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/policy.h"
#include "common/rpc/server.h"
#include "common/rpc/token.h"
#include "common/service/commands.h"
#include "common/service/grants.h"
#include "common/service/main.h"
#include "common/service/runtime.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "pingan/directory/v1/people.pb.h"
#include "pingan/errors/v1/reason.pb.h"
#include "tests/support/database.h"

namespace pingan::test {

inline constexpr absl::string_view kTown = "330481003";
// Where its people of padded codes live.
inline constexpr absl::string_view kCity = "330481000";
inline constexpr absl::string_view kCountry = "000000000";

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// A Status or StatusOr that is a refusal for this reason.
MATCHER_P(Refused, reason, std::string("is refused with ") + errors::v1::Reason_Name(reason)) {
  *result_listener << "which is " << StatusOf(arg);
  return base::ReasonOf(StatusOf(arg)) == errors::v1::Reason_Name(reason);
}
MATCHER(IsOk, "is OK") {
  *result_listener << "which is " << StatusOf(arg);
  return arg.ok();
}
bool NamesField(const absl::Status& status, absl::string_view field);
// A refusal whose BadRequest names this field.
MATCHER_P(RefusesField, field, std::string("refuses the field ") + field) {
  *result_listener << "which is " << StatusOf(arg);
  return NamesField(StatusOf(arg), field);
}
// ErrorInfo.metadata of a refusal; "" when there is none of this key.
std::string MetadataOf(const absl::Status& status, absl::string_view key);
// What a resident is shown.
std::string TextOf(const absl::Status& status);

class ServiceFixture : public ::testing::Test {
 protected:
  struct Options {
    std::string service;  // and its schema
    absl::Span<const db::EmbeddedMigration> migrations;
    db::Tables tables;
    // 2026-11-23 10:00 in Haining, a Monday.
    absl::Time start = absl::FromUnixSeconds(1795399200);
    // Where the service keeps its callers' grants.
    const db::TableOf<directory::v1::Grant>* grants = &service::kGrants;
  };

  explicit ServiceFixture(Options options);
  ~ServiceFixture() override;

  base::FakeClock& clock() { return clock_; }
  db::TownWriter& writer() { return *writer_; }
  db::RowReader& reader() { return *reader_; }
  const db::Database& database() { return *database_; }
  // The first column of the first row, as the superuser with the service's schema.
  std::string Sql(absl::string_view sql) const { return test_database_.Sql(sql); }
  // How many rows the change log holds.
  int64_t Changes() const;

  // --- callers

  // Nobody with a token of their own.
  static rpc::Caller Anyone() { return {}; }
  // A registered person of a town (nine digits) without roles.
  rpc::Caller Person(absl::string_view town = kTown);
  // The same with one role, whose grant lies in that town.
  rpc::Caller PersonWith(directory::v1::Role role, absl::string_view scope,
                         absl::string_view town = kTown);
  // Gives one more role; the grant's name.
  std::string Give(const rpc::Caller& caller, directory::v1::Role role, absl::string_view scope);

  // --- rows

  template <class Row>
  void Put(const db::TableOf<Row>& table, Row row) {
    const std::string name = row.name();
    ASSERT_THAT(Act(db::TenantOf(name),
                    [&](db::UnitOfWork& work) {
                      work.Insert(table, row, "put");
                      return absl::OkStatus();
                    }),
                IsOk());
  }
  // The row of this name; the test fails when there is none.
  template <class Row>
  Row Get(const db::TableOf<Row>& table, absl::string_view name) {
    std::optional<Row> row = Find(table, name);
    EXPECT_TRUE(row.has_value()) << "there is no " << name;
    return row.value_or(Row());
  }
  template <class Row>
  std::optional<Row> Find(const db::TableOf<Row>& table, absl::string_view name) {
    std::optional<Row> found;
    EXPECT_THAT(Act(db::TenantOf(name),
                    [&](db::UnitOfWork& work) {
                      const Row* row = work.FindOrNull(table, name);
                      found = row == nullptr ? std::nullopt : std::optional<Row>(*row);
                      return absl::OkStatus();
                    }),
                IsOk());
    return found;
  }

  // --- acts

  // Runs a rule as its method would, in the town of the request's name.
  template <class Request, class Answer>
  absl::StatusOr<Answer> Run(service::Rule<Request, Answer> rule, const Request& request,
                             const rpc::Caller& caller) {
    return RunIn<Request, Answer>(db::TenantOf(rpc::NamePath(Request::descriptor()).In(request)),
                                  rule, request, caller);
  }
  // The same for rules that are not a function of request, caller and rows alone, or whose tenant
  // is not in a name.
  template <class Request, class Answer>
  absl::StatusOr<Answer> RunIn(absl::string_view tenant,
                               typename db::CommandOf<Request, rpc::Caller, Answer>::Rule rule,
                               const Request& request, const rpc::Caller& caller) {
    db::CommandOf<Request, rpc::Caller, Answer> command(std::move(rule), request, caller);
    command.tenant = std::string(tenant);
    command.actor = caller.actor();
    command.method = Request::descriptor()->full_name();
    command.request_id = service::RequestIdOf(request);
    return writer_->RunAndWait(command);
  }
  // Any rows of one tenant, outside all rules.
  absl::Status Act(absl::string_view tenant, std::function<absl::Status(db::UnitOfWork&)> act);
  // Runs a list.
  template <class Result>
  absl::StatusOr<Result> Read(std::function<absl::StatusOr<Result>(db::ReadSession&)> read) {
    return reader_->ReadAndWait<Result>(std::move(read));
  }

  // --- the service over gRPC

  // Opens the service as its program does, but for its clock. Nothing is followed: what others
  // bring in is Put. Peers answer nothing.
  void Serve(const std::function<
                 absl::StatusOr<std::unique_ptr<service::Handlers>>(service::Runtime&)>& start,
             const std::vector<std::string>& peers = {});
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  service::Runtime& runtime() { return *runtime_; }
  // The folder of the keys that Serve made, laid out as common/rpc/README.md says.
  const std::string& secrets() const { return secrets_; }

  // One call of a stub, with the token of `caller` unless they are nobody.
  template <class Stub, class Request, class Response>
  absl::StatusOr<Response> Ask(Stub& stub,
                               grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                               const Request& request, const rpc::Caller& caller) {
    grpc::ClientContext context;
    Authorise(caller, context);
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return rpc::FromGrpcStatus(status);
    return response;
  }

 private:
  void MakeKeys();
  void Authorise(const rpc::Caller& caller, grpc::ClientContext& context);

  const Options options_;
  base::FakeClock clock_;
  TestDatabase test_database_;
  const std::unique_ptr<db::Database> database_;
  const std::unique_ptr<db::TownWriter> writer_;
  const std::unique_ptr<db::RowReader> reader_;

  std::string secrets_;  // a folder
  std::unique_ptr<rpc::SigningKeyFile> user_key_;
  std::unique_ptr<rpc::TokenSigner> signer_;
  std::unique_ptr<service::Runtime> runtime_;
  std::unique_ptr<service::Handlers> handlers_;
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace pingan::test

#endif  // PINGAN_TESTS_SUPPORT_SERVICE_FIXTURE_H_
