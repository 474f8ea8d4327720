#include "tests/support/service_fixture.h"

#include <cstdlib>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/rpc/keys.h"
#include "google/rpc/error_details.pb.h"

namespace pingan::test {
namespace {

constexpr char kIssuer[] = "https://pingan.test";
// Where nobody listens.
constexpr char kNowhere[] = "dns:///127.0.0.1:1";

template <class Detail>
std::optional<Detail> DetailOf(const absl::Status& status) {
  const google::rpc::Status sent = base::ToRpcStatus(status);
  for (const google::protobuf::Any& any : sent.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

// What a test does to rows is a command of no method.
class Deed final : public db::Command {
 public:
  explicit Deed(std::function<absl::Status(db::UnitOfWork&)> act) : act_(std::move(act)) {}

  absl::Status Decide(db::UnitOfWork& work) override { return act_(work); }
  std::string Hash() const override { return ""; }
  std::string SerializeAnswer() const override { return ""; }
  bool ParseAnswer(absl::string_view) override { return true; }

 private:
  const std::function<absl::Status(db::UnitOfWork&)> act_;
};

}  // namespace

bool NamesField(const absl::Status& status, absl::string_view field) {
  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  if (!bad.has_value()) return false;
  for (const auto& violation : bad->field_violations()) {
    if (violation.field() == field) return true;
  }
  return false;
}

std::string MetadataOf(const absl::Status& status, absl::string_view key) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  if (!info.has_value()) return "";
  const auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? "" : found->second;
}

std::string TextOf(const absl::Status& status) {
  const auto text = DetailOf<google::rpc::LocalizedMessage>(status);
  return text.has_value() ? text->message() : "";
}

ServiceFixture::ServiceFixture(Options options)
    : options_(std::move(options)),
      clock_(options_.start),
      test_database_(options_.service, options_.migrations),
      database_(test_database_.Open(options_.tables)),
      writer_(std::make_unique<db::TownWriter>(*database_, clock_,
                                               db::TownWriterOptions{.workers = 1})),
      reader_(std::make_unique<db::RowReader>(
          *database_, db::RowReaderOptions{.lookup_workers = 1, .list_workers = 1})) {}

ServiceFixture::~ServiceFixture() {
  channel_.reset();
  if (server_ != nullptr) server_->Drain(absl::ZeroDuration(), absl::Seconds(5));
  if (runtime_ != nullptr) runtime_->Stop();
  server_.reset();
  handlers_.reset();
  if (!secrets_.empty()) std::filesystem::remove_all(secrets_);
}

int64_t ServiceFixture::Changes() const {
  int64_t count = 0;
  EXPECT_TRUE(absl::SimpleAtoi(Sql("SELECT count(*) FROM changes"), &count));
  return count;
}

rpc::Caller ServiceFixture::Person(absl::string_view town) {
  rpc::Caller caller;
  caller.account = base::NewId(clock_.Now());
  caller.person = absl::StrCat("towns/", town, "/people/", base::NewId(clock_.Now()));
  return caller;
}

rpc::Caller ServiceFixture::PersonWith(directory::v1::Role role, absl::string_view scope,
                                       absl::string_view town) {
  const rpc::Caller caller = Person(town);
  Give(caller, role, scope);
  return caller;
}

std::string ServiceFixture::Give(const rpc::Caller& caller, directory::v1::Role role,
                                 absl::string_view scope) {
  directory::v1::Grant grant;
  grant.set_name(
      absl::StrCat("towns/", db::TenantOf(caller.person), "/grants/", base::NewId(clock_.Now())));
  grant.set_person(caller.person);
  grant.set_role(role);
  grant.set_scope(std::string(scope));
  grant.set_active(true);
  const std::string name = grant.name();
  Put(*options_.grants, std::move(grant));
  return name;
}

absl::Status ServiceFixture::Act(absl::string_view tenant,
                                 std::function<absl::Status(db::UnitOfWork&)> act) {
  Deed deed(std::move(act));
  deed.tenant = std::string(tenant);
  deed.actor = "services/test";
  deed.method = "test";
  return writer_->RunAndWait(deed);
}

void ServiceFixture::MakeKeys() {
  std::string folder = (std::filesystem::temp_directory_path() / "pingan-keys-XXXXXX").string();
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  secrets_ = folder;
  std::filesystem::create_directories(secrets_ + "/users");
  std::filesystem::create_directories(secrets_ + "/services");
  ASSERT_THAT(rpc::MakeUserKeys(secrets_, clock_.Now()), IsOk());
  ASSERT_THAT(rpc::MakeServiceKeys(secrets_, {{.name = options_.service, .audiences = {}}}),
              IsOk());
  auto key = rpc::SigningKeyFile::Open(rpc::UserSigningKeysPath(secrets_));
  ASSERT_THAT(key, IsOk());
  user_key_ = *std::move(key);
  signer_ = std::make_unique<rpc::TokenSigner>(*user_key_, kIssuer);
}

void ServiceFixture::Serve(
    const std::function<absl::StatusOr<std::unique_ptr<service::Handlers>>(service::Runtime&)>&
        start,
    const std::vector<std::string>& peers) {
  ASSERT_NO_FATAL_FAILURE(MakeKeys());
  service::RuntimeOptions options{.service = options_.service,
                                  .conninfo = test_database_.conninfo(),
                                  .user_keys_file = rpc::UserKeySetPath(secrets_),
                                  .service_keys_file = rpc::ServiceKeySetPath(secrets_),
                                  .own_key_file = rpc::ServiceKeyPath(secrets_, options_.service),
                                  .issuer = kIssuer,
                                  .writers = 1,
                                  .lookup_workers = 1,
                                  .list_workers = 1,
                                  .tables = options_.tables,
                                  .migrations = options_.migrations,
                                  .peers = {}};
  for (const std::string& peer : peers) options.peers.emplace_back(peer, kNowhere);
  auto runtime = service::Runtime::Open(std::move(options), clock_);
  ASSERT_THAT(runtime, IsOk());
  runtime_ = *std::move(runtime);
  auto handlers = start(*runtime_);
  ASSERT_THAT(handlers, IsOk());
  handlers_ = *std::move(handlers);
  auto server = rpc::Server::Start({}, handlers_->services());
  ASSERT_THAT(server, IsOk());
  server_ = *std::move(server);
  channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                 grpc::InsecureChannelCredentials());
}

void ServiceFixture::Authorise(const rpc::Caller& caller, grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  if (!caller.is_user()) return;
  context.AddMetadata(
      "authorization",
      absl::StrCat("Bearer ", signer_->Sign(caller.account, caller.person, clock_.Now(),
                                            rpc::kMaxUserTokenLifetime)));
}

}  // namespace pingan::test
