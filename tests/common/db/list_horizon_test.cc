// Lists that were cut, under random commands, against a model that keeps everything in one map.
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/db/row_cache.h"
#include "common/db/row_writes.h"
#include "common/db/session.h"
#include "common/db/sql_rows.h"
#include "tests/common/db/engine_fixture.h"

namespace pingan::db {
namespace {

using volunteer::v1::CONFIRMED;
using volunteer::v1::SignUpState;
using volunteer::v1::WAITLISTED;

constexpr int kPeople = 30;

struct Model {
  struct Row {
    SignUpState state;
    int64_t rank;
    int64_t start;
    int64_t end;
    bool overlaps;
  };
  std::map<std::pair<int, int>, Row> rows;  // by roster and person

  std::vector<std::string> InState(int roster, SignUpState state, size_t limit,
                                   bool descending) const {
    std::vector<std::pair<int64_t, std::string>> sorted;
    for (const auto& [key, row] : rows) {
      if (key.first == roster && row.state == state)
        sorted.emplace_back(row.rank, SignUpName(key.first, key.second));
    }
    std::sort(sorted.begin(), sorted.end());
    if (descending) std::reverse(sorted.begin(), sorted.end());
    return First(sorted, limit);
  }
  std::vector<std::string> Overlapping(int roster, size_t limit) const {
    std::vector<std::pair<int64_t, std::string>> sorted;
    for (const auto& [key, row] : rows) {
      if (key.first == roster && row.overlaps) {
        sorted.emplace_back(row.rank, SignUpName(key.first, key.second));
      }
    }
    std::sort(sorted.begin(), sorted.end());
    return First(sorted, limit);
  }
  std::vector<std::string> EndingAfter(int person, int64_t floor, size_t limit) const {
    std::vector<std::pair<int64_t, std::string>> sorted;
    for (const auto& [key, row] : rows) {
      if (key.second == person && row.end > floor)
        sorted.emplace_back(row.start, SignUpName(key.first, key.second));
    }
    std::sort(sorted.begin(), sorted.end());
    return First(sorted, limit);
  }

 private:
  static std::vector<std::string> First(const std::vector<std::pair<int64_t, std::string>>& sorted,
                                        size_t limit) {
    std::vector<std::string> names;
    for (size_t i = 0; i < std::min(limit, sorted.size()); ++i) names.push_back(sorted[i].second);
    return names;
  }
};

std::vector<std::string> NamesOf(const std::vector<const SignUp*>& rows) {
  std::vector<std::string> names;
  for (const SignUp* row : rows) names.push_back(row->name());
  return names;
}

// One random command: some changes and some questions, the same on the model and on the unit of
// work.
class RandomCommand {
 public:
  RandomCommand(unsigned seed, bool refused) : seed_(seed), refused_(refused) {}

  absl::Status Decide(Model& committed, UnitOfWork& work, bool compare) const {
    std::mt19937 random(seed_);
    Model model = committed;
    const auto pick = [&](int below) { return static_cast<int>(random() % below); };
    const int steps = 1 + pick(6);
    for (int step = 0; step < steps; ++step) {
      const int roster = pick(2);
      const int person = pick(kPeople);
      switch (pick(6)) {
        case 0:
          Put(model, work, roster, person, random);
          break;
        case 1:
          Remove(model, work, roster, person);
          break;
        default:
          Ask(model, work, random, compare);
      }
    }
    if (refused_) return base::Refuse(errors::v1::FULL);
    committed = std::move(model);
    return absl::OkStatus();
  }

 private:
  static void Put(Model& model, UnitOfWork& work, int roster, int person, std::mt19937& random) {
    const Model::Row row{random() % 3 == 0 ? CONFIRMED : WAITLISTED,
                         static_cast<int64_t>(random() % 8), static_cast<int64_t>(random() % 8),
                         static_cast<int64_t>(random() % 8), random() % 4 == 0};
    SignUp sign_up;
    sign_up.set_name(SignUpName(roster, person));
    const SignUp* before = work.FindOrNull(kSignUps, sign_up.name());
    EXPECT_EQ(before != nullptr, model.rows.contains({roster, person}));
    SignUp& live = before == nullptr ? work.Insert(kSignUps, sign_up, "created")
                                     : work.Change(*before, "changed");
    live.set_state(row.state);
    live.set_rank(row.rank);
    live.set_has_overlap(row.overlaps);
    live.mutable_start_time()->set_seconds(row.start);
    live.mutable_end_time()->set_seconds(row.end);
    model.rows[{roster, person}] = row;
  }

  static void Remove(Model& model, UnitOfWork& work, int roster, int person) {
    if (const SignUp* row = work.FindOrNull(kSignUps, SignUpName(roster, person)); row != nullptr)
      work.Delete(*row);
    model.rows.erase({roster, person});
  }

  static void Ask(const Model& model, UnitOfWork& work, std::mt19937& random, bool compare) {
    const int roster = static_cast<int>(random() % 2);
    const SignUpState state = random() % 3 == 0 ? CONFIRMED : WAITLISTED;
    const int64_t limit = random() % 7 == 0 ? kAll : 1 + static_cast<int64_t>(random() % 6);
    const int person = static_cast<int>(random() % kPeople);
    const int64_t floor = random() % 8;
    const auto waiting = work.List(kInState, kTown, limit, RosterName(roster), state);
    const auto last = work.List(kLastInState, kTown, limit, RosterName(roster), state);
    const auto ending =
        work.List(kEndingAfter, kTown, limit, PersonName(person), absl::FromUnixSeconds(floor));
    const auto overlapping = work.List(kOverlapping, kTown, limit, RosterName(roster));
    if (!compare) return;
    EXPECT_EQ(NamesOf(overlapping), model.Overlapping(roster, limit));
    EXPECT_EQ(NamesOf(waiting), model.InState(roster, state, limit, false));
    EXPECT_EQ(NamesOf(last), model.InState(roster, state, limit, true));
    EXPECT_EQ(NamesOf(ending), model.EndingAfter(person, floor, limit));
  }

  const unsigned seed_;
  const bool refused_;
};

// Many commands in one transaction, as a batch runs them: dry first (or not), then each after the
// other.
class ListHorizonTest : public EngineTest, public testing::WithParamInterface<unsigned> {
 protected:
  void RunTransaction(Model& model, std::mt19937& random) {
    Session session(*database_);
    session.Begin();
    SqlRows source(session);
    RowCache rows(database_->catalogue(), source, clock_.Now());
    UnitOfWork work(rows);
    TestCommand command([](UnitOfWork&) { return absl::OkStatus(); });
    std::vector<RandomCommand> commands;
    for (int i = 0; i < 40; ++i) commands.emplace_back(random(), random() % 4 == 0);
    if (random() % 2 == 0) RunDry(rows, work, command, model, commands);
    for (const RandomCommand& one : commands) {
      rows.Begin(command);
      if (one.Decide(model, work, /*compare=*/true).ok()) {
        rows.Accept();
      } else {
        rows.Reject();
      }
    }
    late_reads_ += rows.late_reads();
    for (const auto& table : rows.tables()) WriteTable(session, *table, rows.WritesOf(*table));
    session.Commit();
  }

  static void RunDry(RowCache& rows, UnitOfWork& work, const Command& command, const Model& model,
                     const std::vector<RandomCommand>& commands) {
    rows.SetDry(true);
    for (int round = 0; round < 20; ++round) {
      for (const RandomCommand& one : commands) {
        Model scratch = model;
        rows.Begin(command);
        try {
          (void)one.Decide(scratch, work, /*compare=*/true);
        } catch (const RowCache::Missing&) {
        }
        rows.Reject();
      }
      const std::vector<Wanted> wanted = rows.TakeWanted();
      if (wanted.empty()) break;
      rows.Prefetch(wanted);
    }
    rows.SetDry(false);
  }

  size_t late_reads_ = 0;
};

TEST_P(ListHorizonTest, CutListsAreWhatTheyWouldBeWithoutACut) {
  std::mt19937 random(GetParam());
  Model model;
  for (int transaction = 0; transaction < 25 && !HasFailure(); ++transaction)
    RunTransaction(model, random);
  EXPECT_GT(late_reads_, 0u);  // else the cut never mattered
  EXPECT_EQ(Sql("SELECT count(*) FROM sign_ups"), absl::StrCat(model.rows.size()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ListHorizonTest, testing::Range(1u, 9u));

}  // namespace
}  // namespace pingan::db
