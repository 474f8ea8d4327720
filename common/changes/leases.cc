#include "common/changes/leases.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/db/session.h"
#include "common/db/value.h"
#include "common/obs/log.h"
#include "pqxx/result"

namespace pingan::changes {
namespace {

// A replica is there as long as its row under the name `<work>/<holder>` lasts; then it has a
// share.
const db::Statement kMake{
    "leases_make",
    "INSERT INTO leases (name, bucket, holder, until) "
    "SELECT $1, bucket, '', $2::timestamptz FROM generate_series(0, $3::int - 1) AS bucket "
    "ON CONFLICT DO NOTHING"};
// Extends what the holder has, and tells how all of it was before: nearly always that is all there
// is to do. '0' follows '/'.
const db::Statement kExtend{
    "leases_extend",
    "WITH presence AS ("
    "INSERT INTO leases (name, bucket, holder, until) VALUES ($1 || '/' || $2, 0, $2, "
    "$3::timestamptz) ON CONFLICT (name, bucket) DO UPDATE SET until = excluded.until), "
    "held AS (UPDATE leases SET until = $3::timestamptz WHERE name = $1 AND holder = $2) "
    "SELECT name = $1, bucket, holder, (extract(epoch FROM until) * 1000000)::bigint FROM leases "
    "WHERE name >= $1 AND name < $1 || '0' AND (name = $1 OR name > $1 || '/')"};
// Replicas choose one after the other.
const db::Statement kLock{"leases_lock",
                          "SELECT 1 FROM leases WHERE name = $1 ORDER BY bucket FOR UPDATE"};
const db::Statement kTake{"leases_take",
                          "UPDATE leases SET holder = $2, until = $3::timestamptz "
                          "WHERE name = $1 AND bucket = ANY ($4::int[])"};
const db::Statement kForget{"leases_forget",
                            "DELETE FROM leases WHERE name > $1 || '/' AND name < $1 || '0' "
                            "AND until <= $2::timestamptz"};
const db::Statement kRelease{
    "leases_release",
    "UPDATE leases SET holder = CASE name WHEN $1 THEN '' ELSE holder END, until = "
    "$3::timestamptz WHERE name IN ($1, $1 || '/' || $2) AND holder = $2"};

// Replicas' clocks may differ so much. A row that lasts longer was made by a clock that was wrong,
// and whoever died with it would keep its share until then.
constexpr absl::Duration kSkew = absl::Minutes(1);

// Rows of replicas that are gone stay a while, for whoever looks into the table.
constexpr absl::Duration kKeepGone = absl::Minutes(10);

std::string Text(absl::Time time) { return db::Value(time).ToParameter(); }

// Every holder's share: as many as the others, or one more for the first by name.
std::map<std::string, int> SharesOf(std::vector<std::string> holders) {
  std::sort(holders.begin(), holders.end());
  holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
  const int count = static_cast<int>(holders.size());
  std::map<std::string, int> shares;
  for (int i = 0; i < count; ++i)
    shares[holders[i]] = kBuckets / count + (i < kBuckets % count ? 1 : 0);
  return shares;
}

}  // namespace

Buckets ChooseBuckets(const std::vector<Lease>& leases, std::vector<std::string> holders,
                      const std::string& holder, absl::Time now) {
  holders.push_back(holder);
  const std::map<std::string, int> shares = SharesOf(std::move(holders));
  std::map<std::string, int> excess;  // of live holders; negative: they miss some
  for (const auto& [name, share] : shares) excess[name] = -share;
  std::vector<const Lease*> free;
  std::vector<const Lease*> held;
  Buckets chosen;
  for (const Lease& lease : leases) {
    const bool live = lease.until > now && shares.count(lease.holder) > 0;
    if (live) ++excess[lease.holder];
    if (live && lease.holder == holder) {
      chosen.set(lease.bucket);
    } else {
      (live ? held : free).push_back(&lease);
    }
  }
  int& own = excess[holder];
  for (const Lease* lease : free) {
    if (own >= 0) break;
    chosen.set(lease->bucket);
    ++own;
  }
  for (const Lease* lease : held) {
    if (own >= 0) break;
    if (excess[lease->holder] <= 0) continue;
    --excess[lease->holder];
    chosen.set(lease->bucket);
    ++own;
  }
  return chosen;
}

// The keeper's connection while it holds. Throws what libpqxx throws.
class LeaseKeeper::Line {
 public:
  Line(const db::Database& database, const LeaseOptions& options)
      : session_(database), options_(options) {
    session_.Run(kMake, {options_.work, Text(absl::UnixEpoch()), absl::StrCat(kBuckets)});
  }

  Buckets Renew(absl::Time now) {
    if (const Shares shares = Extend(now); shares.due == shares.held) return shares.held;
    session_.Begin();
    session_.Run(kLock, {options_.work});
    const Buckets due = Extend(now).due;
    std::vector<int> buckets;
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      if (due.test(bucket)) buckets.push_back(bucket);
    }
    session_.Run(kTake, {options_.work, options_.holder, Text(now + options_.lasts),
                         absl::StrCat("{", absl::StrJoin(buckets, ","), "}")});
    session_.Run(kForget, {options_.work, Text(now - kKeepGone)});
    session_.Commit();
    return due;
  }

  void Release() {
    session_.Run(kRelease, {options_.work, options_.holder, Text(absl::UnixEpoch())});
  }

 private:
  struct Shares {
    Buckets held;
    Buckets due;
  };

  Shares Extend(absl::Time now) {
    Shares shares;
    std::vector<Lease> leases;
    std::vector<std::string> holders;
    for (const pqxx::row& row :
         session_.Run(kExtend, {options_.work, options_.holder, Text(now + options_.lasts)})) {
      const Lease lease{row[1].as<int>(), row[2].c_str(),
                        absl::FromUnixMicros(row[3].as<int64_t>())};
      if (!row[0].as<bool>()) {
        if (lease.until > now && lease.until <= now + options_.lasts + kSkew)
          holders.push_back(lease.holder);
        continue;
      }
      leases.push_back(lease);
      if (lease.holder == options_.holder && lease.until > now) shares.held.set(lease.bucket);
    }
    shares.due = ChooseBuckets(leases, std::move(holders), options_.holder, now);
    return shares;
  }

  db::Session session_;
  const LeaseOptions& options_;
};

LeaseKeeper::LeaseKeeper(const db::Database& database, base::Clock& clock, LeaseOptions options,
                         std::function<void(Buckets)> on_change)
    : database_(database),
      clock_(clock),
      options_(std::move(options)),
      on_change_(std::move(on_change)),
      thread_([this] { Run(); }) {}

LeaseKeeper::~LeaseKeeper() {
  stopping_.Notify();
  thread_.join();
}

void LeaseKeeper::Run() {
  std::unique_ptr<Line> line;
  std::optional<Buckets> held;
  const auto report = [](const std::exception& error) {
    obs::LogLine(obs::Severity::kWarning)
        .Str("message", "leases cannot be kept")
        .Str("error", error.what())
        .Emit();
  };
  do {
    try {
      if (line == nullptr) line = std::make_unique<Line>(database_, options_);
      const Buckets now_held = line->Renew(clock_.Now());
      if (held != now_held) on_change_(now_held);
      held = now_held;
    } catch (const std::exception& error) {
      line = nullptr;
      report(error);
    }
  } while (!stopping_.WaitForNotificationWithTimeout(options_.renew_every));
  try {
    if (line != nullptr) line->Release();
  } catch (const std::exception& error) {
    report(error);
  }
}

}  // namespace pingan::changes
