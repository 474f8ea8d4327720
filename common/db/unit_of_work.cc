#include "common/db/unit_of_work.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/db/row_cache.h"

namespace pingan::db {

absl::Status RowNotFound(absl::string_view name) {
  return base::Refuse(errors::v1::NOT_FOUND, {{"resource", std::string(name)}});
}

absl::Time UnitOfWork::now() const { return rows_.now(); }
const google::protobuf::Timestamp& UnitOfWork::now_timestamp() const {
  return rows_.now_timestamp();
}
const std::string& UnitOfWork::tenant() const { return rows_.command().tenant; }
const std::string& UnitOfWork::actor() const { return rows_.command().actor; }
const std::string& UnitOfWork::principal() const { return rows_.command().principal; }
std::string UnitOfWork::NewId() { return base::NewId(rows_.now()); }

const google::protobuf::Message* UnitOfWork::FindRow(const Table& table, absl::string_view name) {
  return rows_.Find(rows_.catalogue().Of(table), name);
}

std::vector<const google::protobuf::Message*> UnitOfWork::ListRows(const Query& query,
                                                                   absl::string_view within,
                                                                   int64_t limit, Values values) {
  return rows_.List(rows_.catalogue().Of(query), within, limit, values);
}

google::protobuf::Message& UnitOfWork::ChangeRow(const google::protobuf::Message& row,
                                                 absl::string_view name, absl::string_view verb) {
  return rows_.Change(row, name, verb);
}

google::protobuf::Message& UnitOfWork::InsertRow(const Table& table,
                                                 std::unique_ptr<google::protobuf::Message> row,
                                                 absl::string_view verb) {
  return rows_.Insert(rows_.catalogue().Of(table), std::move(row), verb);
}

void UnitOfWork::DeleteRow(const google::protobuf::Message& row, absl::string_view name) {
  rows_.Delete(row, name);
}

}  // namespace pingan::db
