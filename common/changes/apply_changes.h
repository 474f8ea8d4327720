// The command that takes a run of one town's changes in: their effects and the town's cursor, in
// one unit of work.
#ifndef PINGAN_COMMON_CHANGES_APPLY_CHANGES_H_
#define PINGAN_COMMON_CHANGES_APPLY_CHANGES_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/changes/handlers.h"
#include "common/db/command.h"
#include "common/db/unit_of_work.h"
#include "google/protobuf/message.h"
#include "pingan/changes/v1/changes.pb.h"

namespace pingan::changes {

// A change as it was received, with its row out of the bytes.
struct Received {
  v1::Change change;
  const Handlers::Entry* entry = nullptr;
  std::unique_ptr<google::protobuf::Message> row;  // null: the body is not of its message
};

// `name` as in handlers.h; the entry must be there.
Received Unpack(v1::Change change, const Handlers::Entry& entry);

// What does not move the cursor of a town forward by exactly its own changes has no effect:
//   - changes up to the stored cursor took effect before, through this replica or another: they are
//   skipped;
//   - a stored cursor before `from` means that changes are missing between: lost() is true and
//   nothing is written.
class ApplyChanges final : public db::Command {
 public:
  // Takes the cursor from `from` to `up_to`; `changes` are all wanted ones between, in order.
  ApplyChanges(const std::string& source, std::string tenant, int64_t from, int64_t up_to,
               std::vector<Received> changes);

  absl::Status Decide(db::UnitOfWork& work) override;
  // Without request id there are no replays: the cursor is what tells.
  std::string Hash() const override { return ""; }
  std::string SerializeAnswer() const override { return ""; }
  bool ParseAnswer(absl::string_view) override { return true; }

  std::vector<Received>& changes() { return changes_; }

  // After an answer:
  bool lost() const { return lost_; }
  // How far the stored cursor is now.
  int64_t reached() const { return reached_; }
  // How many of the changes took effect by this command; they are the last ones.
  size_t applied() const { return applied_; }
  // Which change was refused by its handler; -1: none.
  int refused() const { return refused_; }

 private:
  absl::Status Apply(const Received& received, db::UnitOfWork& work);

  const std::string cursor_;
  const int64_t from_;
  const int64_t up_to_;
  std::vector<Received> changes_;
  bool lost_ = false;
  int64_t reached_ = 0;
  size_t applied_ = 0;
  int refused_ = -1;
};

}  // namespace pingan::changes

#endif  // PINGAN_COMMON_CHANGES_APPLY_CHANGES_H_
