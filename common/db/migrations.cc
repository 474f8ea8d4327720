#include "common/db/migrations.h"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/hash.h"
#include "common/base/status_macros.h"
#include "common/db/session.h"
#include "common/db/sql_errors.h"
#include "pqxx/except"

namespace pingan::db {
namespace {

constexpr char kFrame[] = "frame";
constexpr char kService[] = "service";

constexpr char kRecords[] =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "  part text NOT NULL, number int NOT NULL, name text NOT NULL, checksum text NOT NULL, "
    "  apply_time timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (part, number))";

const Statement kApplied = {
    "applied", "SELECT name, checksum FROM schema_migrations WHERE part = $1 AND number = $2::int"};
const Statement kRecord = {
    "record",
    "INSERT INTO schema_migrations (part, number, name, checksum) VALUES ($1, $2::int, $3, $4)"};
// Of the frame and of the service.
constexpr char kLast[] =
    "SELECT coalesce(max(number) FILTER (WHERE part = 'frame'), 0), "
    "coalesce(max(number) FILTER (WHERE part = 'service'), 0) FROM schema_migrations";
// Only one migration at a time in a database; ends with the session.
const Statement kLock = {"lock",
                         "SELECT pg_advisory_lock(hashtext($1), hashtext('pingan migrations'))"};

SessionOptions ForOperators(const std::string& conninfo, const std::string& schema) {
  return {.conninfo = conninfo, .schema = schema, .statement_timeout = absl::Hours(1)};
}

// A schema or role name as SQL; ours are plain, so anything else is refused rather than quoted.
bool IsPlainName(absl::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == absl::string_view::npos;
}

absl::Status Failed(absl::string_view doing, const std::exception& error, bool connected) {
  if (Classify(error, connected) == SqlFailure::kLost) return base::Refuse(errors::v1::UNAVAILABLE);
  return absl::FailedPreconditionError(absl::StrCat(doing, ": ", error.what()));
}

std::string Title(absl::string_view part, const EmbeddedMigration& migration) {
  return absl::StrCat(part, " migration ", migration.number, " ", migration.name);
}

absl::Status Apply(Session& session, const std::string& part, const EmbeddedMigration& migration) {
  const std::string number = absl::StrCat(migration.number);
  const std::string checksum = base::Hex(base::Sha256(migration.sql));
  const pqxx::result applied = session.Run(kApplied, std::vector<std::string>{part, number});
  if (!applied.empty()) {
    if (checksum == applied[0][1].c_str()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        Title(part, migration), " was applied with another text; applied migrations never change"));
  }
  try {
    session.Begin();
    session.Run(std::string(migration.sql));
    session.Run(kRecord,
                std::vector<std::string>{part, number, std::string(migration.name), checksum});
    session.Commit();
  } catch (const std::exception& error) {
    session.Rollback();
    return Failed(Title(part, migration), error, session.connected());
  }
  return absl::OkStatus();
}

absl::Status ApplyAll(Session& session, const std::string& part,
                      absl::Span<const EmbeddedMigration> migrations) {
  int number = 0;
  for (const EmbeddedMigration& migration : migrations) {
    if (migration.number != ++number) {
      return absl::FailedPreconditionError(
          absl::StrCat(Title(part, migration), " should have number ", number));
    }
    RETURN_IF_ERROR(Apply(session, part, migration));
  }
  return absl::OkStatus();
}

void Grant(Session& session, const std::string& schema, const std::string& role) {
  session.Run(absl::StrCat("GRANT USAGE ON SCHEMA ", schema, " TO ", role));
  session.Run(absl::StrCat("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ", schema,
                           " TO ", role));
  session.Run(
      absl::StrCat("REVOKE INSERT, UPDATE, DELETE ON ", schema, ".schema_migrations FROM ", role));
}

absl::Status CheckPart(const std::string& schema, absl::string_view part, int applied,
                       size_t migrations) {
  const int built_with = static_cast<int>(migrations);
  if (applied > 0 && std::abs(applied - built_with) <= 1) return absl::OkStatus();
  if (applied == built_with) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("schema ", schema, " is at ", part,
                                                    " migration ", applied,
                                                    "; this binary was built with ", built_with));
}

absl::Status CheckParts(const std::string& schema, int frame, int service,
                        absl::Span<const EmbeddedMigration> migrations) {
  RETURN_IF_ERROR(CheckPart(schema, kFrame, frame, FrameMigrations().size()));
  return CheckPart(schema, kService, service, migrations.size());
}

absl::Status CheckLast(const std::string& schema, const pqxx::result& last,
                       absl::Span<const EmbeddedMigration> migrations) {
  return CheckParts(schema, last[0][0].as<int>(), last[0][1].as<int>(), migrations);
}

}  // namespace

absl::Status Migrate(const MigrateOptions& options) {
  if (!IsPlainName(options.schema))
    return absl::InvalidArgumentError(absl::StrCat("not a schema: ", options.schema));
  if (!options.service_role.empty() && !IsPlainName(options.service_role)) {
    return absl::InvalidArgumentError(absl::StrCat("not a role: ", options.service_role));
  }
  try {
    Session session(ForOperators(options.conninfo, options.schema));
    session.Run(kLock, std::vector<std::string>{options.schema});
    // Not IF NOT EXISTS alone: that needs the right to create schemas even when there is nothing to
    // do.
    if (session.Run("SELECT 1 FROM pg_namespace WHERE nspname = '" + options.schema + "'")
            .empty()) {
      session.Run("CREATE SCHEMA " + options.schema);
    }
    session.Run(std::string(kRecords));
    RETURN_IF_ERROR(ApplyAll(session, kFrame, FrameMigrations()));
    RETURN_IF_ERROR(ApplyAll(session, kService, options.service));
    if (!options.service_role.empty()) Grant(session, options.schema, options.service_role);
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return Failed(absl::StrCat("migrating schema ", options.schema), error, true);
  }
}

absl::Status CheckSchema(const std::string& conninfo, const std::string& schema,
                         absl::Span<const EmbeddedMigration> service) {
  try {
    Session session({.conninfo = conninfo, .schema = schema, .read_only = true});
    return CheckLast(schema, session.Run(kLast), service);
  } catch (const pqxx::undefined_table&) {
    return CheckParts(schema, 0, 0, service);  // nothing was applied, also not the table of records
  } catch (const std::exception& error) {
    LogSqlError("reading the schema's version", error);
    return ToStatus(Classify(error, true));
  }
}

absl::Status CheckSchema(pqxx::transaction_base& work, const std::string& schema,
                         absl::Span<const EmbeddedMigration> service) {
  return CheckLast(schema, work.exec(kLast), service);
}

}  // namespace pingan::db
