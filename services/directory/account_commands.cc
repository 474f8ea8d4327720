#include "services/directory/account_commands.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/flags.h"
#include "common/base/ids.h"
#include "common/base/mask.h"
#include "common/base/status_macros.h"
#include "common/db/database.h"
#include "common/rpc/keys.h"
#include "services/directory/account_rules.h"
#include "services/directory/account_tables.h"
#include "services/directory/account_writer.h"
#include "services/directory/deployment_keys.h"
#include "services/directory/directory_handlers.h"
#include "services/directory/directory_tables.h"
#include "services/directory/grant_rules.h"
#include "services/directory/passwords.h"
#include "services/directory/people_rules.h"
#include "services/directory/people_tables.h"

ABSL_DECLARE_FLAG(std::string, database);
ABSL_DECLARE_FLAG(std::string, secrets_dir);

ABSL_FLAG(absl::Duration, key_lead, absl::Seconds(10),
          "keys rotate: how long the new key is known before it signs; more than the slowest "
          "reader needs.");
ABSL_FLAG(std::string, phone, "", "bootstrap: whom to appoint, eleven digits.");
ABSL_FLAG(std::string, display_name, "平台管理员", "bootstrap: their name.");
ABSL_FLAG(std::string, password_file, "",
          "bootstrap: file with their password; empty: they sign in with codes.");
ABSL_FLAG(std::string, role, "platform_admin",
          "bootstrap: platform_admin, city_official or town_official.");
ABSL_FLAG(std::string, town, "000000000",
          "bootstrap: nine digits of the town or city of the role.");

namespace pingan::directory {
namespace {

constexpr char kActor[] = "services/directory";
constexpr char kMethod[] = "directory bootstrap";
constexpr char kCountryName[] = "全国";
constexpr size_t kShortestPassword = 8;

// Who asks and follows whom.
const std::vector<rpc::ServiceKeyRequest>& ServiceKeys() {
  static const auto& keys = *new std::vector<rpc::ServiceKeyRequest>{
      {.name = "directory", .audiences = {}},
      {.name = "event", .audiences = {"directory", "volunteer", "pairing"}},
      {.name = "volunteer", .audiences = {"directory", "event"}},
      {.name = "pairing", .audiences = {"directory", "event", "exchange"}},
      {.name = "exchange", .audiences = {"directory", "pairing"}},
  };
  return keys;
}

absl::Status MakeMissingKeys(const std::string& directory, absl::Time now) {
  if (!std::filesystem::exists(rpc::UserSigningKeysPath(directory))) {
    RETURN_IF_ERROR(rpc::MakeUserKeys(directory, now));
  }
  std::vector<rpc::ServiceKeyRequest> missing;
  for (const rpc::ServiceKeyRequest& service : ServiceKeys()) {
    if (!rpc::HasServiceKey(directory, service)) missing.push_back(service);
  }
  if (!missing.empty()) RETURN_IF_ERROR(rpc::MakeServiceKeys(directory, missing));
  return MakeDeploymentKeys(directory);
}

absl::StatusOr<std::string> SecretsDir() {
  std::string directory = absl::GetFlag(FLAGS_secrets_dir);
  if (directory.empty()) return absl::InvalidArgumentError("--secrets_dir is missing");
  return directory;
}

absl::Status Run(db::TownWriter& writer, std::string tenant, RuleCommand::Rule rule) {
  RuleCommand command(std::move(rule));
  command.tenant = std::move(tenant);
  command.actor = kActor;
  command.method = kMethod;
  return writer.RunAndWait(static_cast<db::Command&>(command));
}

absl::StatusOr<std::string> EnsureLogin(const std::string& login, db::TownWriter& writer) {
  std::string account;
  RETURN_IF_ERROR(Run(writer, login, [&](db::UnitOfWork& work) {
    const std::string name = absl::StrCat("logins/", login);
    const rows::Login* found = work.FindOrNull(kLogins, name);
    rows::Login fresh;
    fresh.set_name(name);
    fresh.set_account(work.NewId());
    account = found != nullptr ? found->account()
                               : work.Insert(kLogins, std::move(fresh), "created").account();
    return absl::OkStatus();
  }));
  return account;
}

absl::Status EnsureAccount(const rows::Account& row, const std::string& password,
                           db::TownWriter& writer) {
  const std::string tenant(base::LastSegment(row.name()));
  std::string hash;
  RETURN_IF_ERROR(Run(writer, tenant, [&](db::UnitOfWork& work) {
    const rows::Account* found = work.FindOrNull(kAccounts, row.name());
    hash = found != nullptr ? found->password_hash()
                            : work.Insert(kAccounts, row, "created").password_hash();
    return absl::OkStatus();
  }));
  if (password.empty() || PasswordHasher::VerifyNow(hash, password)) return absl::OkStatus();
  hash = PasswordHasher::HashNow(password);
  return Run(writer, tenant, [&](db::UnitOfWork& work) { return DecideSetPassword(hash, work); });
}

// The account's person in the town, registered there unless they are.
absl::StatusOr<std::string> EnsurePerson(const Appointment& appointment, const std::string& account,
                                         const PersonalData& personal, db::TownWriter& writer,
                                         base::Clock& clock) {
  const std::string town = absl::StrCat("towns/", appointment.town);
  const SealedPerson sealed =
      personal.Seal(absl::StrCat(town, "/people/", base::NewId(clock.Now())),
                    {.display_name = appointment.display_name, .phone = appointment.phone});
  v1::RegisterRequest request;
  request.set_parent(town);
  request.mutable_person()->set_kind(v1::RESIDENT);
  const rpc::Caller caller{.account = account, .person = "", .service = kActor, .address = ""};
  std::string person;
  RETURN_IF_ERROR(Run(writer, appointment.town, [&](db::UnitOfWork& work) -> absl::Status {
    if (appointment.role == v1::PLATFORM_ADMIN && work.FindOrNull(kTowns, town) == nullptr) {
      v1::Town country;
      country.set_name(town);
      country.set_display_name(kCountryName);
      work.Insert(kTowns, std::move(country), "created");
    }
    const auto keys = work.List(kPersonKeyOfAccount, work.tenant(), 1, account);
    if (!keys.empty()) {
      person = PersonNameOf(keys.front()->name());
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const v1::Person registered, DecideRegister(request, sealed, caller, work));
    person = registered.name();
    return absl::OkStatus();
  }));
  return person;
}

absl::Status EnsureGrant(const Appointment& appointment, const std::string& person,
                         db::TownWriter& writer) {
  v1::Grant grant;
  grant.set_person(person);
  grant.set_role(appointment.role);
  grant.set_scope(absl::StrCat("towns/", appointment.town));
  const absl::Status status = Run(writer, appointment.town, [&](db::UnitOfWork& work) {
    return InsertGrant(grant, work).status();
  });
  const bool is_there =
      base::ReasonOf(status) == errors::v1::Reason_Name(errors::v1::ALREADY_EXISTS);
  return is_there ? absl::OkStatus() : status;
}

absl::StatusOr<Appointment> AppointmentFromFlags() {
  Appointment appointment;
  const std::optional<std::string> phone = base::NormalizePhone(absl::GetFlag(FLAGS_phone));
  if (!phone.has_value())
    return absl::InvalidArgumentError("--phone is no mobile number of eleven digits");
  appointment.phone = *phone;
  appointment.display_name = absl::GetFlag(FLAGS_display_name);
  appointment.town = absl::GetFlag(FLAGS_town);
  if (!base::IsTownCode(appointment.town))
    return absl::InvalidArgumentError("--town is not nine digits");
  if (!v1::Role_Parse(absl::AsciiStrToUpper(absl::GetFlag(FLAGS_role)), &appointment.role) ||
      appointment.role < v1::TOWN_OFFICIAL) {
    return absl::InvalidArgumentError(
        "--role is none of platform_admin, city_official, town_official");
  }
  if (const std::string file = absl::GetFlag(FLAGS_password_file); !file.empty()) {
    ASSIGN_OR_RETURN(appointment.password, base::ReadSecretFile(file));
    if (appointment.password.size() < kShortestPassword) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, " holds a password of less than 8 characters"));
    }
  }
  return appointment;
}

absl::StatusOr<std::string> Conninfo() {
  const std::string database = absl::GetFlag(FLAGS_database);
  if (database.empty()) return absl::InvalidArgumentError("--database is missing");
  if (database[0] == '@') return base::ReadSecretFile(database.substr(1));
  return database;
}

}  // namespace

absl::Status Appoint(const Appointment& appointment, db::TownWriter& writer,
                     const PersonalData& personal, const KeyedHashes& hashes, base::Clock& clock) {
  ASSIGN_OR_RETURN(const std::string account,
                   EnsureLogin(hashes.LoginOf(appointment.phone), writer));
  RETURN_IF_ERROR(EnsureAccount(personal.SealAccount(account, appointment.phone),
                                appointment.password, writer));
  ASSIGN_OR_RETURN(const std::string person,
                   EnsurePerson(appointment, account, personal, writer, clock));
  RETURN_IF_ERROR(EnsureGrant(appointment, person, writer));
  return Run(writer, account,
             [&](db::UnitOfWork& work) { return DecideAddMembership(person, work); });
}

absl::Status RunKeys(const std::vector<std::string>& words) {
  ASSIGN_OR_RETURN(const std::string directory, SecretsDir());
  base::SystemClock clock;
  const std::string what = words.size() == 1 ? words.front() : "";
  if (what == "init") return MakeMissingKeys(directory, clock.Now());
  if (what == "rotate")
    return rpc::RotateUserKeys(directory, clock.Now(), absl::GetFlag(FLAGS_key_lead));
  if (what == "services") return rpc::MakeServiceKeys(directory, ServiceKeys());
  if (what == "sealing") return AddSealingKey(directory);
  return absl::InvalidArgumentError(
      "give one of: keys init, keys rotate, keys services, keys sealing");
}

absl::Status RunBootstrap(const std::vector<std::string>& words) {
  if (!words.empty()) return absl::InvalidArgumentError("bootstrap takes flags only");
  ASSIGN_OR_RETURN(const Appointment appointment, AppointmentFromFlags());
  ASSIGN_OR_RETURN(const std::string directory, SecretsDir());
  ASSIGN_OR_RETURN(std::string conninfo, Conninfo());
  base::SystemClock clock;
  ASSIGN_OR_RETURN(const KeyedHashes hashes, KeyedHashes::Open(directory));
  ASSIGN_OR_RETURN(const std::unique_ptr<Sealer> sealer, Sealer::Open(directory, clock));
  const PersonalData personal(*sealer, hashes);

  ASSIGN_OR_RETURN(
      const std::unique_ptr<db::Database> database,
      db::Database::Open(
          {.conninfo = std::move(conninfo), .schema = "directory", .tables = AllTables()}));
  db::TownWriter writer(*database, clock, {.workers = 1});
  absl::Status status = Appoint(appointment, writer, personal, hashes, clock);
  if (base::ReasonOf(status) != errors::v1::Reason_Name(errors::v1::NOT_FOUND)) return status;
  return absl::NotFoundError(absl::StrCat("there is no town ", appointment.town));
}

}  // namespace pingan::directory
