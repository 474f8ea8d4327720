#include "common/changes/apply_changes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/changes/follower.h"

namespace pingan::changes {

Received Unpack(v1::Change change, const Handlers::Entry& entry) {
  std::unique_ptr<google::protobuf::Message> row(entry.prototype->New());
  if (!row->ParseFromString(change.body())) row = nullptr;
  change.clear_body();
  return {std::move(change), &entry, std::move(row)};
}

ApplyChanges::ApplyChanges(const std::string& source, std::string tenant_of_all, int64_t from,
                           int64_t up_to, std::vector<Received> changes)
    : cursor_(absl::StrCat("tenants/", tenant_of_all, "/cursors/", source)),
      from_(from),
      up_to_(up_to),
      changes_(std::move(changes)) {
  tenant = std::move(tenant_of_all);
  method = absl::StrCat("follow/", source);
  for (const Received& received : changes_) {
    if (received.entry->wants == nullptr) return;
  }
  wants.push_back(db::Want::ForRow(kCursors, cursor_));
  for (const Received& received : changes_) {
    if (received.row != nullptr) received.entry->wants(received.change, *received.row, wants);
  }
}

absl::Status ApplyChanges::Decide(db::UnitOfWork& work) {
  refused_ = -1;
  applied_ = 0;
  const v1::StoredCursor* cursor = work.FindOrNull(kCursors, cursor_);
  const int64_t at = cursor == nullptr ? 0 : cursor->seq();
  reached_ = std::max(at, up_to_);
  lost_ = at < from_;
  if (lost_ || up_to_ <= at) return absl::OkStatus();
  for (size_t i = 0; i < changes_.size(); ++i) {
    if (changes_[i].change.seq() <= at) continue;
    if (absl::Status status = Apply(changes_[i], work); !status.ok()) {
      refused_ = static_cast<int>(i);
      return status;
    }
    ++applied_;
  }
  if (cursor != nullptr) {
    work.Change(*cursor, "moved").set_seq(up_to_);
  } else {
    v1::StoredCursor first;
    first.set_name(cursor_);
    first.set_seq(up_to_);
    work.Insert(kCursors, std::move(first), "moved");
  }
  return absl::OkStatus();
}

absl::Status ApplyChanges::Apply(const Received& received, db::UnitOfWork& work) {
  if (received.row == nullptr) {
    return absl::InternalError(
        absl::StrCat("the body of a ", received.change.type(), " is not of its message"));
  }
  return received.entry->apply(received.change, *received.row, work);
}

}  // namespace pingan::changes
