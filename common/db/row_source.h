// Where a unit of work gets its rows from.
#ifndef PINGAN_COMMON_DB_ROW_SOURCE_H_
#define PINGAN_COMMON_DB_ROW_SOURCE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "common/db/catalogue.h"
#include "google/protobuf/message.h"

namespace pingan::db {

// A list to be read: its key, and how many of its first rows.
struct WantedList {
  ListKey key;
  int64_t limit;
};

// Rows are handed over one by one into messages that the caller makes: `make` gives an empty
// message of the table, which is filled before `take` is called. May throw; what was handed over
// until then is void.
class RowSource {
 public:
  using Make = absl::FunctionRef<google::protobuf::Message*()>;

  virtual ~RowSource() = default;

  // The rows of these keys that exist, each once, in no order. Names are of the table and all
  // different.
  virtual void LoadRows(const BoundTable& table, const std::vector<Segments>& keys, Make make,
                        absl::FunctionRef<void(google::protobuf::Message*)> take) = 0;
  // The first `limit` rows of each list, with the list's place in `lists`; rows of one list in its
  // order unless `ordered` is false. A row may be in several lists.
  virtual void LoadLists(const BoundQuery& query, const std::vector<WantedList>& lists,
                         bool ordered, Make make,
                         absl::FunctionRef<void(size_t list, google::protobuf::Message*)> take) = 0;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_ROW_SOURCE_H_
