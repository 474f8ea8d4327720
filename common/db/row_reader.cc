#include "common/db/row_reader.h"

#include <algorithm>
#include <thread>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/db/finisher.h"
#include "common/db/patient_queue.h"
#include "common/db/reconnecting.h"
#include "common/db/sql_errors.h"
#include "common/db/sql_rows.h"

namespace pingan::db {
namespace {

using google::protobuf::Message;

// Lookups go by one worker in large batches; another takes over what a slow one leaves lying.
constexpr absl::Duration kSpareAfter = absl::Milliseconds(2);

// A lookup is given up when the connection was lost with it so often.
constexpr int kMostLosses = 3;

struct WaitingLookup {
  Lookup* lookup;
  int losses = 0;

  const Patience& patience() const { return lookup->patience; }
  void End(absl::Status status) {
    lookup->status = std::move(status);
    lookup->done();
  }
};

struct WaitingRead {
  std::function<absl::Status(ReadSession&)> read;
  Patience waits;
  std::function<void(absl::Status)> done;

  const Patience& patience() const { return waits; }
  void End(absl::Status status) { done(std::move(status)); }
};

// Threads that serve one queue, each with a connection and a State of its own.
template <class Item, class State>
class Workers {
 public:
  using Queue = PatientQueue<Item>;

  using Serve = std::function<void(State&, Reconnecting&, Queue&, Finisher&)>;

  // `serve` takes from the queue and ends or puts back what it took; it must not throw.
  Workers(const Database& database, int workers, size_t max_queue, absl::Duration longest_wait,
          absl::Duration spare_after, Serve serve)
      : serve_(std::move(serve)),
        queue_(max_queue, longest_wait, spare_after),
        finisher_([this] { TellAway(); }) {
    for (int i = 0; i < std::max(1, workers); ++i) {
      threads_.emplace_back([this, &database] { Loop(database); });
    }
  }

  ~Workers() { Stop(); }

  void Start(Item item) {
    const absl::Status status = queue_.Push(item);
    if (!status.ok()) item.End(status);
  }

  QueueLoad load() const { return queue_.load(); }

  void Stop() {
    queue_.Stop();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    finisher_.Stop();
  }

 private:
  void Loop(const Database& database) {
    Reconnecting session(database, /*read_only=*/true);
    State state;
    while (queue_.Wait(absl::InfiniteDuration()) || !queue_.stopped()) {
      if (session.Get() != nullptr) {
        finisher_.SetTicking(false);
        const typename Queue::Serving serving(queue_);
        serve_(state, session, queue_, finisher_);
      } else {
        finisher_.SetTicking(true);
        if (queue_.stopped()) TellAway();
        queue_.Pause(session.NextPause());
      }
    }
  }

  void TellAway() {
    for (auto& waiting : queue_.TakeEnding())
      waiting.item.End(base::Refuse(errors::v1::UNAVAILABLE));
  }

  const Serve serve_;
  Queue queue_;
  Finisher finisher_;
  std::vector<std::thread> threads_;
};

template <class Item>
void EndLater(Finisher& finisher, std::vector<typename PatientQueue<Item>::Ended> ended) {
  if (ended.empty()) return;
  finisher.Post([ended = std::move(ended)]() mutable {
    for (auto& one : ended) one.item.End(std::move(one.status));
  });
}

// Where a row goes that was read: a place in a caller's answer.
using Place = std::vector<std::unique_ptr<Message>>*;

// What many lookups want, sorted by the statements that get it.
class Round {
 public:
  explicit Round(const Catalogue& catalogue) : catalogue_(catalogue) {}

  void Add(Lookup& lookup) {
    lookup.found.clear();
    lookup.found.resize(lookup.wants.size());
    for (size_t i = 0; i < lookup.wants.size(); ++i) {
      const Want& want = lookup.wants[i];
      if (want.query != nullptr) {
        AddList(want, &lookup.found[i]);
      } else {
        AddRow(want, &lookup.found[i]);
      }
    }
  }

  void Read(RowSource& source) {
    for (auto& [table, rows] : rows_) ReadRows(source, *table, rows);
    for (auto& entry : lists_) {
      const BoundQuery* const query = entry.first;
      Lists& lists = entry.second;
      source.LoadLists(
          *query, lists.wanted, /*ordered=*/true,
          [&] { return query->table().table().prototype().New(); },
          [&](size_t list, Message* row) { lists.places[list]->emplace_back(row); });
    }
  }

 private:
  struct Rows {
    std::vector<Segments> keys;
    absl::flat_hash_map<absl::string_view, std::vector<Place>> places;
  };
  struct Lists {
    std::vector<WantedList> wanted;
    std::vector<Place> places;
  };

  void AddRow(const Want& want, Place place) {
    const BoundTable& table = catalogue_.Of(*want.table);
    Segments key;
    if (!table.mapper().Split(want.name, key)) return;
    Rows& rows = rows_[&table];
    std::vector<Place>& places = rows.places[want.name];
    if (places.empty()) rows.keys.push_back(std::move(key));
    places.push_back(place);
  }

  void AddList(const Want& want, Place place) {
    const BoundQuery& query = catalogue_.Of(*want.query);
    std::optional<ListKey> key = query.KeyOf(want.name, want.values);
    if (!key.has_value() || want.limit <= 0) return;
    Lists& lists = lists_[&query];
    lists.wanted.push_back({*std::move(key), std::min(want.limit, kAll)});
    lists.places.push_back(place);
  }

  static void ReadRows(RowSource& source, const BoundTable& table, Rows& rows) {
    source.LoadRows(
        table, rows.keys, [&] { return table.table().prototype().New(); },
        [&](Message* read) {
          std::unique_ptr<Message> row(read);
          const std::vector<Place>& places = rows.places.at(table.mapper().NameOf(*row));
          for (size_t i = 1; i < places.size(); ++i) {
            places[i]->emplace_back(row->New())->CopyFrom(*row);
          }
          places[0]->push_back(std::move(row));
        });
  }

  const Catalogue& catalogue_;
  absl::flat_hash_map<const BoundTable*, Rows> rows_;
  absl::flat_hash_map<const BoundQuery*, Lists> lists_;
};

struct NoState {};
using LookupWorkers = Workers<WaitingLookup, NoState>;
using ListWorkers = Workers<WaitingRead, StatementsOfLists>;

// False when they have been put back too often.
bool PutBack(std::vector<LookupWorkers::Queue::Waiting>& taken, LookupWorkers::Queue& queue) {
  for (LookupWorkers::Queue::Waiting& waiting : taken) {
    if (++waiting.item.losses > kMostLosses) return false;
  }
  queue.PutBack(std::move(taken));
  return true;
}

void ServeLookups(const Catalogue& catalogue, size_t most, Reconnecting& session,
                  LookupWorkers::Queue& queue, Finisher& finisher) {
  std::vector<LookupWorkers::Queue::Ended> ended;
  std::vector<LookupWorkers::Queue::Waiting> taken = queue.Take(
      most, [](const WaitingLookup&, const WaitingLookup&) { return Joining::kTake; }, ended);
  EndLater<WaitingLookup>(finisher, std::move(ended));
  if (taken.empty()) return;
  absl::Status status;
  try {
    Round round(catalogue);
    for (auto& waiting : taken) round.Add(*waiting.item.lookup);
    SqlRows source(*session.Get());
    round.Read(source);
  } catch (const std::exception& error) {
    LogSqlError("lookups", error);
    const SqlFailure failure = Classify(error, session.Get()->connected());
    if (failure == SqlFailure::kLost) {
      session.Drop();
      if (PutBack(taken, queue)) return;
    }
    status = ToStatus(failure);
  }
  // Here and not on the finisher: what comes meanwhile makes the next batch larger.
  for (auto& waiting : taken) waiting.item.End(status);
}

void ServeList(const Catalogue& catalogue, absl::Duration longest, StatementsOfLists& statements,
               Reconnecting& session, ListWorkers::Queue& queue, Finisher& finisher) {
  std::vector<ListWorkers::Queue::Ended> ended;
  std::vector<ListWorkers::Queue::Waiting> taken = queue.Take(
      1, [](const WaitingRead&, const WaitingRead&) { return Joining::kStop; }, ended);
  EndLater<WaitingRead>(finisher, std::move(ended));
  for (auto& waiting : taken) {
    const absl::Time deadline = std::min(waiting.item.waits.deadline, absl::Now() + longest);
    ReadSession read(session, statements, catalogue, deadline);
    absl::Status status = waiting.item.read(read);
    finisher.Post([item = std::move(waiting.item), status = std::move(status)]() mutable {
      item.End(status);
    });
  }
}

}  // namespace

void row_reader_internal::WaitFor(absl::FunctionRef<void(std::function<void()> done)> start) {
  absl::Notification ended;
  start([&] { ended.Notify(); });
  ended.WaitForNotification();
}

class RowReader::Lookups : public LookupWorkers {
 public:
  Lookups(const Database& database, const RowReaderOptions& options)
      : Workers(database, options.lookup_workers, options.max_queue, options.longest_wait,
                kSpareAfter,
                [&catalogue = database.catalogue(), most = options.max_batch](
                    NoState&, Reconnecting& session, Queue& queue, Finisher& finisher) {
                  ServeLookups(catalogue, most, session, queue, finisher);
                }) {}
};

class RowReader::Lists : public ListWorkers {
 public:
  Lists(const Database& database, const RowReaderOptions& options)
      : Workers(database, options.list_workers, options.max_lists, options.longest_wait,
                absl::ZeroDuration(),
                [&catalogue = database.catalogue(), longest = options.longest_wait](
                    StatementsOfLists& statements, Reconnecting& session, Queue& queue,
                    Finisher& finisher) {
                  ServeList(catalogue, longest, statements, session, queue, finisher);
                }) {}
};

RowReader::RowReader(const Database& database, RowReaderOptions options)
    : lookups_(std::make_unique<Lookups>(database, options)),
      lists_(std::make_unique<Lists>(database, options)) {}

RowReader::~RowReader() { Stop(); }

QueueLoad RowReader::lookups_load() const { return lookups_->load(); }

QueueLoad RowReader::lists_load() const { return lists_->load(); }

void RowReader::StartLookup(Lookup& lookup) { lookups_->Start({.lookup = &lookup}); }

void RowReader::StartRead(std::function<absl::Status(ReadSession&)> read, Patience patience,
                          std::function<void(absl::Status)> done) {
  lists_->Start({.read = std::move(read), .waits = std::move(patience), .done = std::move(done)});
}

void RowReader::Stop() {
  lookups_->Stop();
  lists_->Stop();
}

}  // namespace pingan::db
