#include "common/db/read_session.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/base/timestamps.h"
#include "common/db/reconnecting.h"
#include "common/db/session.h"
#include "common/db/sql_errors.h"
#include "common/db/wire_text.h"

namespace pingan::db {
namespace {

class PqxxRecord final : public Record {
 public:
  explicit PqxxRecord(const pqxx::row& row) : row_(row) {}
  bool IsNull(int column) const override { return row_[column].is_null(); }
  absl::string_view Text(int column) const override {
    const pqxx::field field = row_[column];
    return field.is_null() ? absl::string_view() : absl::string_view(field.c_str(), field.size());
  }

 private:
  const pqxx::row& row_;
};

// A statement timeout that covers what is left of a deadline. Steps, because each change costs a
// round trip.
absl::Duration TimeoutFor(absl::Duration left) {
  for (const absl::Duration step :
       {absl::Milliseconds(300), absl::Seconds(1), absl::Seconds(3), absl::Seconds(10)}) {
    if (left <= step) return step;
  }
  return absl::Seconds(30);
}

}  // namespace

int64_t Record::Integer(int column) const {
  return std::strtoll(std::string(Text(column)).c_str(), nullptr, 10);
}
bool Record::Flag(int column) const { return Text(column) == "t"; }
double Record::Number(int column) const {
  return std::strtod(std::string(Text(column)).c_str(), nullptr);
}

absl::Time Record::Time(int column) const {
  if (IsNull(column)) return absl::InfinitePast();
  google::protobuf::Timestamp time;
  ParseTimestamp(Text(column), time);
  return base::FromTimestamp(time);
}

std::string Record::Bytes(int column) const { return ParseBytea(Text(column)); }
std::vector<std::string> Record::Texts(int column) const { return ParseArray(Text(column)); }

const Statement& StatementsOfLists::Of(const BoundTable* table, absl::string_view sql) {
  const auto [found, made] = statements_.try_emplace({table, std::string(sql)});
  Statement& statement = found->second;
  if (!made) return statement;
  statement.name = absl::StrCat("select_", statements_.size());
  statement.sql = std::string(sql);
  const size_t end = sql.find("columns}");
  const size_t start = end == sql.npos ? sql.npos : sql.rfind('{', end);
  if (table != nullptr && start != sql.npos) {
    const absl::string_view alias = sql.substr(start + 1, end - start - 1);  // "" or "e."
    const std::string list = table->mapper().SelectList(alias.substr(0, alias.find('.')));
    statement.sql = absl::StrCat(sql.substr(0, start), list, sql.substr(end + 8));
  }
  return statement;
}

absl::StatusOr<pqxx::result> ReadSession::Run(const BoundTable* table, absl::string_view sql,
                                              Values parameters) {
  const Statement& statement = statements_.Of(table, sql);
  std::vector<std::string> texts;
  std::vector<const char*> pointers;
  for (const Value& value : parameters) texts.push_back(value.ToParameter());
  for (size_t i = 0; i < texts.size(); ++i)
    pointers.push_back(parameters[i].is_null() ? nullptr : texts[i].c_str());

  // A statement is complete in itself, so one that met a broken connection is run again on a new
  // one, once.
  for (bool again : {true, false}) {
    const absl::Duration left = deadline_ - absl::Now();
    if (left <= absl::ZeroDuration()) return base::Refuse(errors::v1::DEADLINE_EXCEEDED);
    Session* session = session_.Get();
    if (session == nullptr) return base::Refuse(errors::v1::UNAVAILABLE);
    try {
      session->SetStatementTimeout(TimeoutFor(left));
      return session->Run(statement, pointers);
    } catch (const std::exception& error) {
      LogSqlError("a list", error);
      const SqlFailure failure = Classify(error, session->connected());
      if (failure == SqlFailure::kLost) session_.Drop();
      if (failure != SqlFailure::kLost || !again) return ToStatus(failure);
    }
  }
  return base::Refuse(errors::v1::UNAVAILABLE);
}

absl::Status ReadSession::ReadRows(const Table& table, absl::string_view sql, Values parameters,
                                   absl::FunctionRef<google::protobuf::Message&()> next) {
  const BoundTable& bound = catalogue_.Of(table);
  ASSIGN_OR_RETURN(const pqxx::result rows, Run(&bound, sql, parameters));
  for (const auto& row : rows) bound.mapper().Read(row, 0, next());
  return absl::OkStatus();
}

absl::Status ReadSession::Records(absl::string_view sql, Values parameters,
                                  absl::FunctionRef<void(const Record&)> take) {
  ASSIGN_OR_RETURN(const pqxx::result rows, Run(nullptr, sql, parameters));
  for (const auto& row : rows) take(PqxxRecord(row));
  return absl::OkStatus();
}

}  // namespace pingan::db
