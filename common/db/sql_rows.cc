#include "common/db/sql_rows.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace pingan::db {

void SqlRows::LoadRows(const BoundTable& table, const std::vector<Segments>& keys, Make make,
                       absl::FunctionRef<void(google::protobuf::Message*)> take) {
  ArrayParameters parameters(table.mapper().key_wire_types(), 20 * keys.size());
  for (const Segments& key : keys) {
    for (const absl::string_view segment : key) parameters.Next().Text(segment);
  }
  const pqxx::result rows = session_.Run(table.find(), std::move(parameters).Take());
  for (const auto& row : rows) {
    google::protobuf::Message* message = make();
    table.mapper().Read(row, 0, *message);
    take(message);
  }
}

void SqlRows::LoadLists(const BoundQuery& query, const std::vector<WantedList>& lists, bool ordered,
                        Make make,
                        absl::FunctionRef<void(size_t list, google::protobuf::Message*)> take) {
  const bool whole =
      !ordered && std::all_of(lists.begin(), lists.end(),
                              [](const WantedList& list) { return list.limit >= kAll; });
  ArrayParameters parameters(whole ? query.whole_types() : query.cut_types(), 20 * lists.size());
  for (const WantedList& list : lists) {
    query.AppendKey(list.key, parameters);
    if (!whole) parameters.Next().Number(list.limit);
  }
  const pqxx::result rows =
      session_.Run(whole ? query.whole() : query.cut(), std::move(parameters).Take());
  for (const auto& row : rows) {
    google::protobuf::Message* message = make();
    query.table().mapper().Read(row, 1, *message);
    take(static_cast<size_t>(std::atoll(row[0].c_str())) - 1, message);
  }
}

}  // namespace pingan::db
