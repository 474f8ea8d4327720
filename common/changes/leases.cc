#include "common/changes/leases.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
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
// Extends what the holder has of each work, and tells how all of it was before, a row for what is
// alike (buckets as bits): nearly always that is all there is to do, and one segment that wakes us
// once. '0' follows '/'.
const db::Statement kExtend{"leases_extend",
                            "WITH works AS (SELECT unnest($1::text[]) AS work), presence AS ("
                            "INSERT INTO leases (name, bucket, holder, until) "
                            "SELECT work || '/' || $2, 0, $2, $3::timestamptz FROM works "
                            "ON CONFLICT (name, bucket) DO UPDATE SET until = excluded.until), "
                            "held AS (UPDATE leases SET until = $3::timestamptz "
                            "WHERE name = ANY ($1::text[]) AND holder = $2) "
                            "SELECT work, name = work, bit_or(1::bigint << bucket), holder, "
                            "(extract(epoch FROM until) * 1000000)::bigint "
                            "FROM works JOIN leases ON name >= work AND name < work || '0' "
                            "AND (name = work OR name > work || '/') GROUP BY 1, 2, 4, 5"};
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

// Of numbers, or of names without commas and quotes.
template <class Values>
std::string ArrayOf(const Values& values) {
  return absl::StrCat("{", absl::StrJoin(values, ","), "}");
}

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
      : session_(database), options_(options) {}

  // What is held of each work from now on.
  std::map<std::string, Buckets> Renew(const std::vector<std::string>& works, absl::Time now) {
    for (const std::string& work : works) {
      if (made_.insert(work).second)
        session_.Run(kMake, {work, Text(absl::UnixEpoch()), absl::StrCat(kBuckets)});
    }
    std::map<std::string, Buckets> held;
    for (const auto& [work, shares] : Extend(works, now))
      held[work] = shares.due == shares.held ? shares.held : Take(work, now);
    return held;
  }

  void Release(const std::string& work) {
    session_.Run(kRelease, {work, options_.holder, Text(absl::UnixEpoch())});
  }

 private:
  struct Shares {
    Buckets held;
    Buckets due;
  };

  Buckets Take(const std::string& work, absl::Time now) {
    session_.Begin();
    session_.Run(kLock, {work});
    const Buckets due = Extend({work}, now)[work].due;
    std::vector<int> buckets;
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
      if (due.test(bucket)) buckets.push_back(bucket);
    }
    session_.Run(kTake, {work, options_.holder, Text(now + options_.lasts), ArrayOf(buckets)});
    session_.Run(kForget, {work, Text(now - kKeepGone)});
    session_.Commit();
    return due;
  }

  std::map<std::string, Shares> Extend(const std::vector<std::string>& works, absl::Time now) {
    struct Found {
      std::vector<Lease> leases;
      std::vector<std::string> holders;
    };
    std::map<std::string, Found> found;
    for (const pqxx::row& row :
         session_.Run(kExtend, {ArrayOf(works), options_.holder, Text(now + options_.lasts)})) {
      auto& [leases, holders] = found[row[0].c_str()];
      const Buckets buckets(static_cast<uint64_t>(row[2].as<int64_t>()));
      const std::string holder = row[3].c_str();
      const absl::Time until = absl::FromUnixMicros(row[4].as<int64_t>());
      if (row[1].as<bool>()) {
        for (int bucket = 0; bucket < kBuckets; ++bucket) {
          if (buckets.test(bucket)) leases.push_back({bucket, holder, until});
        }
      } else if (until > now && until <= now + options_.lasts + kSkew) {
        holders.push_back(holder);
      }
    }
    std::map<std::string, Shares> shares;
    for (auto& [work, rows] : found) {
      Buckets& held = shares[work].held;
      for (const Lease& lease : rows.leases) {
        if (lease.holder == options_.holder && lease.until > now) held.set(lease.bucket);
      }
      shares[work].due = ChooseBuckets(rows.leases, std::move(rows.holders), options_.holder, now);
    }
    return shares;
  }

  db::Session session_;
  const LeaseOptions& options_;
  std::set<std::string> made_;  // works whose rows are there
};

LeaseKeeper::LeaseKeeper(const db::Database& database, base::Clock& clock, LeaseOptions options)
    : database_(database),
      clock_(clock),
      options_(std::move(options)),
      thread_([this] { Run(); }) {}

LeaseKeeper::~LeaseKeeper() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = asked_ = true;
  }
  thread_.join();
}

void LeaseKeeper::Join(std::string work, std::function<void(Buckets)> on_change) {
  absl::MutexLock lock(&mutex_);
  parts_[std::move(work)] = {.on_change = std::move(on_change)};
  asked_ = true;
}

void LeaseKeeper::Leave(const std::string& work) {
  absl::MutexLock lock(&mutex_);
  const auto part = parts_.find(work);
  if (part == parts_.end()) return;
  part->second.is_left = asked_ = true;
  const auto is_gone = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return parts_.count(work) == 0;
  };
  mutex_.Await(absl::Condition(&is_gone));
}

void LeaseKeeper::Tell(const std::string& work, const Buckets& buckets) {
  const Part* part = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    part = &parts_.at(work);
  }
  part->on_change(buckets);
}

void LeaseKeeper::Run() {
  std::unique_ptr<Line> line;
  std::map<std::string, Buckets> held;
  for (;;) {
    std::vector<std::string> kept;
    std::vector<std::string> left;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      asked_ = false;
      for (const auto& [work, part] : parts_) (part.is_left ? left : kept).push_back(work);
    }
    try {
      // Who leaves does not wait for a database that is away.
      if (line == nullptr && !kept.empty() && left.empty())
        line = std::make_unique<Line>(database_, options_);
      for (const std::string& work : left) {
        held.erase(work);
        if (line != nullptr) line->Release(work);
      }
      if (line != nullptr && !kept.empty()) {
        for (const auto& [work, buckets] : line->Renew(kept, clock_.Now())) {
          const auto before = held.find(work);
          if (before != held.end() && before->second == buckets) continue;
          Tell(work, buckets);
          held[work] = buckets;
        }
      }
    } catch (const std::exception& error) {
      line = nullptr;
      obs::LogLine(obs::Severity::kWarning)
          .Str("message", "leases cannot be kept")
          .Str("error", error.what())
          .Emit();
    }
    absl::MutexLock lock(&mutex_);
    for (const std::string& work : left) parts_.erase(work);
    mutex_.AwaitWithTimeout(absl::Condition(&asked_),
                            kept.empty() ? absl::InfiniteDuration() : options_.renew_every);
  }
}

}  // namespace pingan::changes
