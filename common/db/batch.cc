#include "common/db/batch.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/timestamps.h"
#include "common/db/row_writes.h"
#include "common/db/wire_text.h"
#include "common/obs/log.h"
#include "pqxx/except"

namespace pingan::db {
namespace {

// More rounds than any rule has steps: a rule that asks for other rows each time it runs would
// never end.
constexpr int kMostDryRuns = 16;

const Statement kLockHeads = {
    "lock_heads",
    "SELECT tenant, seq FROM heads WHERE tenant = ANY($1::text[]) ORDER BY tenant FOR UPDATE"};
const Statement kMakeHeads = {
    "make_heads",
    "INSERT INTO heads (tenant, seq) SELECT k.tenant, 0 FROM unnest($1::text[]) AS k(tenant) "
    "ON CONFLICT DO NOTHING RETURNING tenant"};
const Statement kDropHeads = {"drop_heads", "DELETE FROM heads WHERE tenant = ANY($1::text[])"};
const Statement kSetHeads = {
    "set_heads",
    "UPDATE heads h SET seq = k.seq FROM unnest($1::text[], $2::bigint[]) AS k(tenant, seq) "
    "WHERE h.tenant = k.tenant"};
const Statement kFindRequests = {
    "find_requests",
    "SELECT r.tenant, r.actor, r.request_id, r.hash, r.answer "
    "FROM unnest($1::text[], $2::text[], $3::uuid[]) AS k(tenant, actor, request_id) JOIN requests "
    "r "
    "ON r.tenant = k.tenant AND r.actor = k.actor AND r.request_id = k.request_id"};
// What the log and the requests keep of a transaction, in one trip.
const Statement kAddChangesAndRequests = {
    "add_changes_and_requests",
    "WITH logged AS ("
    "INSERT INTO changes (tenant, seq, id, time, actor, principal, method, name, type, mechanism, "
    "body) "
    "SELECT k.tenant, k.seq, k.id, $16::timestamptz, k.actor, k.principal, k.method, k.name, "
    "k.type, k.mechanism, k.body "
    "FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::text[], "
    "$7::text[], $8::text[], $9::smallint[], $10::bytea[]) "
    "AS k(tenant, seq, id, actor, principal, method, name, type, mechanism, body)) "
    "INSERT INTO requests (tenant, actor, request_id, hash, answer, create_time) "
    "SELECT k.tenant, k.actor, k.request_id, k.hash, k.answer, $16::timestamptz "
    "FROM unnest($11::text[], $12::text[], $13::uuid[], $14::bytea[], $15::bytea[]) "
    "AS k(tenant, actor, request_id, hash, answer)"};
const Statement kFindChange = {
    "find_change",
    "SELECT 1 FROM changes WHERE tenant = $1 AND seq = $2::bigint AND id = $3::uuid"};

// Of the arrays that kAddChangesAndRequests takes, and kFindRequests the first three of the second.
constexpr WireType kChangeTypes[] = {
    WireType::kText, WireType::kBigint, WireType::kUuid, WireType::kText,     WireType::kText,
    WireType::kText, WireType::kText,   WireType::kText, WireType::kSmallint, WireType::kBytes};
constexpr WireType kRequestTypes[] = {WireType::kText, WireType::kText, WireType::kUuid,
                                      WireType::kBytes, WireType::kBytes};

std::string RequestKey(absl::string_view tenant, absl::string_view actor,
                       absl::string_view request_id) {
  return absl::StrCat(tenant, absl::string_view("\0", 1), actor, absl::string_view("\0", 1),
                      request_id);
}

absl::string_view ViewOf(const pqxx::field& field) { return {field.c_str(), field.size()}; }

}  // namespace

Batch::Batch(Session& session, const Catalogue& catalogue, absl::Time now,
             std::vector<Command*> commands)
    : session_(session),
      source_(session),
      rows_(catalogue, source_, now),
      work_(rows_),
      now_(now),
      commands_(std::move(commands)),
      statuses_(commands_.size()),
      request_keys_(commands_.size()),
      requests_(kRequestTypes) {
  for (const Command* command : commands_) heads_[command->tenant];
}

void Batch::Run() {
  BeginAndLockHeads(session_, heads_);
  LookUpRequests();
  FetchWanted();
  DecideAll();
  if (!any_accepted_) return session_.Rollback();
  WriteRows();
  WriteChangesAndRequests();
  WriteHeadsAndCommit();
}

void Batch::BeginAndLockHeads(Session& session, Heads& heads) {
  // As one parameter; empty when all are known.
  const auto unknown = [&heads]() -> std::vector<std::string> {
    ArrayLiteral tenants;
    for (const auto& [tenant, head] : heads) {
      if (head.seq < 0) tenants.Text(tenant);
    }
    if (tenants.empty()) return {};
    return {std::move(tenants).Take()};
  };
  const auto learn = [&heads](const pqxx::result& locked) {
    for (const auto& row : locked) {
      Head& head = heads[row[0].c_str()];
      head.seq = head.before = std::atoll(row[1].c_str());
    }
  };
  learn(session.BeginWith(kLockHeads, unknown()));
  // Inserting waits for whoever inserts the same head now; what they committed is locked then,
  // unless it was swept away at once.
  for (auto missing = unknown(); !missing.empty(); missing = unknown()) {
    for (const auto& row : session.Run(kMakeHeads, missing)) {
      Head& head = heads[row[0].c_str()];
      head.seq = head.before = 0;
      head.made = true;
    }
    const std::vector<std::string> others = unknown();
    if (!others.empty()) learn(session.Run(kLockHeads, others));
  }
}

void Batch::LookUpRequests() {
  ArrayParameters keys(absl::MakeConstSpan(kRequestTypes).first(3));
  for (size_t i = 0; i < commands_.size(); ++i) {
    const Command& command = *commands_[i];
    if (command.request_id.empty()) continue;
    request_keys_[i] = RequestKey(command.tenant, command.actor, command.request_id);
    keys.Next().Text(command.tenant);
    keys.Next().Text(command.actor);
    keys.Next().Text(command.request_id);
  }
  if (keys.rows() == 0) return;
  for (const auto& row : session_.Run(kFindRequests, std::move(keys).Take())) {
    seen_[RequestKey(ViewOf(row[0]), ViewOf(row[1]), ViewOf(row[2]))] = {
        ParseBytea(ViewOf(row[3])), ParseBytea(ViewOf(row[4]))};
  }
}

void Batch::FetchWanted() {
  std::vector<Wanted> wanted;
  std::vector<size_t> undeclared;
  for (size_t i = 0; i < commands_.size(); ++i) {
    if (!request_keys_[i].empty() && seen_.contains(request_keys_[i])) continue;
    if (commands_[i]->wants.empty()) undeclared.push_back(i);
    for (const Want& want : commands_[i]->wants) {
      if (std::optional<Wanted> resolved = rows_.Resolve(want))
        wanted.push_back(*std::move(resolved));
    }
  }
  if (!wanted.empty()) rows_.Prefetch(wanted);
  if (!undeclared.empty()) RunDry(std::move(undeclared));
}

// Runs rules without keeping what they do, each until the first row that is not here; fetches all
// these rows at once; and again, until every rule comes to its end. Rules see what the database
// has, not yet each other's changes.
void Batch::RunDry(std::vector<size_t> open) {
  rows_.SetDry(true);
  for (int round = 0; !open.empty() && round < kMostDryRuns; ++round) {
    std::vector<size_t> stopped;
    for (const size_t i : open) {
      try {
        (void)Decide(*commands_[i], /*again=*/false);
      } catch (const RowCache::Missing&) {
        stopped.push_back(i);
      }
      rows_.Reject();
    }
    const std::vector<Wanted> wanted = rows_.TakeWanted();
    if (!wanted.empty()) rows_.Prefetch(wanted);
    open = std::move(stopped);
  }
  rows_.SetDry(false);
}

absl::Status Batch::Decide(Command& command, bool again) {
  rows_.Begin(command);
  try {
    absl::Status status = again ? command.DecideAgain(work_) : command.Decide(work_);
    return rows_.failure().ok() ? status : rows_.failure();
  } catch (const std::exception& error) {
    // A late read that failed is the transaction's error; anything else is the rule's.
    if (dynamic_cast<const pqxx::pqxx_exception*>(&error) != nullptr) throw;
    obs::LogLine(obs::Severity::kError)
        .Str("message", "a rule threw")
        .Str("method", command.method)
        .Str("error", error.what())
        .Emit();
    return base::Refuse(errors::v1::INTERNAL);
  }
}

absl::Status Batch::Replay(Command& command, const Seen& seen) {
  ++replayed_;
  if (seen.hash != command.Hash()) return base::Refuse(errors::v1::REQUEST_ID_REUSED);
  if (command.secret_answer) {
    absl::Status status = Decide(command, /*again=*/true);
    rows_.Reject();
    return status;
  }
  return command.ParseAnswer(seen.answer) ? absl::OkStatus() : base::Refuse(errors::v1::INTERNAL);
}

void Batch::DecideAll() {
  for (size_t i = 0; i < commands_.size(); ++i) {
    Command& command = *commands_[i];
    if (const auto seen = seen_.find(request_keys_[i]);
        !request_keys_[i].empty() && seen != seen_.end()) {
      statuses_[i] = Replay(command, seen->second);
      continue;
    }
    absl::Status status = Decide(command, /*again=*/false);
    if (status.ok()) {
      if (const absl::Status storable = rows_.Check(); !storable.ok()) {
        obs::LogLine(obs::Severity::kError)
            .Str("message", "a rule made a row that cannot be stored")
            .Str("method", command.method)
            .Str("error", std::string(storable.message()))
            .Emit();
        status = base::Refuse(errors::v1::INTERNAL);
      }
    }
    statuses_[i] = status;
    if (!status.ok()) {
      ++refused_;
      rows_.Reject();
      continue;
    }
    rows_.Accept();
    any_accepted_ = true;
    heads_[command.tenant].accepted = true;
    if (request_keys_[i].empty()) continue;
    Seen kept{command.Hash(), command.secret_answer ? "" : command.SerializeAnswer()};
    requests_.Next().Text(command.tenant);
    requests_.Next().Text(command.actor);
    requests_.Next().Text(command.request_id);
    requests_.Next().Bytes(kept.hash);
    requests_.Next().Bytes(kept.answer);
    seen_.emplace(request_keys_[i], std::move(kept));
  }
}

void Batch::WriteRows() {
  for (const auto& table : rows_.tables()) WriteTable(session_, *table, rows_.WritesOf(*table));
}

void Batch::WriteChangesAndRequests() {
  const std::vector<ChangeRow> changes = rows_.TakeChanges();
  if (changes.empty() && requests_.rows() == 0) return;
  changes_ = changes.size();
  ArrayParameters parameters(kChangeTypes, 64 * changes.size());
  for (const ChangeRow& change : changes) {
    const Command& command = *change.command;
    Head& head = heads_[command.tenant];
    std::string id = work_.NewId();
    parameters.Next().Text(change.tenant);
    parameters.Next().Number(++head.seq);
    parameters.Next().Text(id);
    parameters.Next().Text(command.actor);
    if (command.principal.empty()) {
      parameters.Next().Null();
    } else {
      parameters.Next().Text(command.principal);
    }
    parameters.Next().Text(command.method);
    parameters.Next().Text(change.name);
    parameters.Next().Text(change.type);
    if (change.mechanism == 0) {
      parameters.Next().Null();
    } else {
      parameters.Next().Number(change.mechanism);
    }
    parameters.Next().Bytes(change.body);
    mark_ = {command.tenant, head.seq, std::move(id)};
  }
  BinaryParameters all = std::move(parameters).Take();
  for (pqxx::binarystring& array : std::move(requests_).Take()) all.push_back(std::move(array));
  all.push_back(BinaryTime(base::ToTimestamp(now_)));
  session_.Run(kAddChangesAndRequests, all);
}

void Batch::WriteHeadsAndCommit() {
  ArrayLiteral grown;
  ArrayLiteral seqs;
  ArrayLiteral unused;
  for (const auto& [tenant, head] : heads_) {
    if (head.seq != head.before) {
      grown.Text(tenant);
      seqs.Number(head.seq);
    } else if (head.made && !head.accepted) {
      unused.Text(tenant);
    }
  }
  if (!unused.empty()) session_.Run(kDropHeads, std::vector<std::string>{std::move(unused).Take()});
  committing_ = true;
  if (!grown.empty()) {
    session_.CommitWith(kSetHeads, {std::move(grown).Take(), std::move(seqs).Take()});
  } else {
    session_.Commit();
  }
  committing_ = false;
}

std::vector<Committed> Batch::committed() const {
  std::vector<Committed> committed;
  for (const auto& [tenant, head] : heads_) {
    if (head.seq != head.before) committed.push_back({tenant, head.seq});
  }
  return committed;
}

void Batch::Report(BatchReport& report) const {
  report.commands = commands_.size();
  report.tenants = heads_.size();
  report.changes = changes_;
  report.refused = refused_;
  report.replayed = replayed_;
  report.late_reads = rows_.late_reads();
}

bool Batch::TookPlace(Session& session, const CommitMark& mark) {
  if (mark.change_id.empty()) return false;
  Heads heads;
  heads[mark.tenant];
  BeginAndLockHeads(session, heads);
  const bool found =
      !session
           .Run(kFindChange,
                std::vector<std::string>{mark.tenant, absl::StrCat(mark.seq), mark.change_id})
           .empty();
  session.Rollback();
  return found;
}

}  // namespace pingan::db
