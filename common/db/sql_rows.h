// Rows out of PostgreSQL: one statement per table or query, whatever the number of rows.
#ifndef PINGAN_COMMON_DB_SQL_ROWS_H_
#define PINGAN_COMMON_DB_SQL_ROWS_H_

#include <vector>

#include "common/db/row_source.h"
#include "common/db/session.h"

namespace pingan::db {

// Reads in the session's transaction, or without one. Throws as Session does.
class SqlRows final : public RowSource {
 public:
  explicit SqlRows(Session& session) : session_(session) {}

  void LoadRows(const BoundTable& table, const std::vector<Segments>& keys, Make make,
                absl::FunctionRef<void(google::protobuf::Message*)> take) override;
  void LoadLists(const BoundQuery& query, const std::vector<WantedList>& lists, bool ordered,
                 Make make,
                 absl::FunctionRef<void(size_t list, google::protobuf::Message*)> take) override;

 private:
  Session& session_;
};

}  // namespace pingan::db

#endif  // PINGAN_COMMON_DB_SQL_ROWS_H_
