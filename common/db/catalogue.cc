#include "common/db/catalogue.h"

#include <cstdio>
#include <cstdlib>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/db/field_access.h"
#include "google/protobuf/timestamp.pb.h"

namespace pingan::db {
namespace {

// "$1::text[], $2::uuid[]"
std::string Unnest(const std::vector<const Column*>& columns) {
  std::string list;
  for (size_t i = 0; i < columns.size(); ++i) {
    absl::StrAppend(&list, i == 0 ? "$" : ", $", i + 1, "::", columns[i]->ParameterType());
  }
  return list;
}

std::string Names(const std::vector<const Column*>& columns) {
  return absl::StrJoin(columns, ", ", [](std::string* out, const Column* c) { *out += c->Sql(); });
}

// "t.town = k.town AND t.event = k.event"
std::string Join(const std::vector<const Column*>& columns) {
  return absl::StrJoin(columns, " AND ", [](std::string* out, const Column* c) {
    absl::StrAppend(out, c->Sql("t"), " = ", c->Sql("k"));
  });
}

std::vector<const Column*> KeyColumns(const RowMapper& mapper) {
  std::vector<const Column*> key;
  for (size_t i = 0; i < mapper.key_size(); ++i) key.push_back(&mapper.columns()[i]);
  return key;
}

// The field of a stored column, if the row has both and it is of the wanted kind.
const FieldDescriptor* KeptColumn(const RowMapper& mapper, absl::string_view name, Codec codec) {
  const Column* column = mapper.Find(name);
  return column != nullptr && column->key < 0 && column->codec == codec ? column->field : nullptr;
}

[[noreturn]] void Mistake(const std::string& what) {
  std::fprintf(stderr, "common/db: %s\n", what.c_str());
  std::abort();
}

}  // namespace

absl::StatusOr<std::unique_ptr<BoundTable>> BoundTable::Bind(const Table& table,
                                                             const std::vector<ColumnFact>& facts,
                                                             size_t number) {
  ASSIGN_OR_RETURN(RowMapper mapper, RowMapper::Bind(table, facts));
  if (const std::optional<Kept>& kept = table.options().kept; kept.has_value()) {
    const Column* since = mapper.Find(kept->since);
    if (since == nullptr || since->codec != Codec::kTime ||
        table.options().logged != Logged::kEphemeral) {
      return absl::FailedPreconditionError(absl::StrCat(
          table.name(), ": rows are kept since a time, and are not logged: ", kept->since));
    }
  }
  return std::unique_ptr<BoundTable>(new BoundTable(table, std::move(mapper), number));
}

BoundTable::BoundTable(const Table& table, RowMapper mapper, size_t number)
    : table_(table),
      mapper_(std::move(mapper)),
      number_(number),
      sql_name_(absl::StrCat("\"", table.name(), "\"")) {
  const std::vector<const Column*> key = KeyColumns(mapper_);
  std::vector<const Column*> all;
  for (const Column& column : mapper_.columns()) all.push_back(&column);
  const std::string unnested_key = absl::StrCat("unnest(", Unnest(key), ") AS k(", Names(key), ")");

  find_ = {absl::StrCat("find_", name()),
           absl::StrCat("SELECT ", mapper_.SelectList("t"), " FROM ", unnested_key, " JOIN ",
                        sql_name(), " t ON ", Join(key))};
  remove_ = {absl::StrCat("remove_", name()), absl::StrCat("DELETE FROM ", sql_name(), " t USING ",
                                                           unnested_key, " WHERE ", Join(key))};
  const std::string values =
      absl::StrJoin(all, ", ", [](std::string* out, const Column* c) { *out += c->Unnested("k"); });
  insert_ = {absl::StrCat("insert_", name()),
             absl::StrCat("INSERT INTO ", sql_name(), " (", Names(all), ") SELECT ", values,
                          " FROM unnest(", Unnest(all), ") AS k(", Names(all), ")")};

  create_time_ = KeptColumn(mapper_, "create_time", Codec::kTime);
  update_time_ = KeptColumn(mapper_, "update_time", Codec::kTime);
  etag_ = KeptColumn(mapper_, "etag", Codec::kText);
  mechanism_ = KeptColumn(mapper_, "mechanism", Codec::kNumber);
}

Statement BoundTable::Update(uint64_t changed) const {
  std::vector<const Column*> columns = KeyColumns(mapper_);
  const std::vector<const Column*> key = columns;
  std::string set;
  for (size_t i = mapper_.key_size(); i < mapper_.columns().size(); ++i) {
    if ((changed >> i & 1) == 0) continue;
    const Column& column = mapper_.columns()[i];
    columns.push_back(&column);
    absl::StrAppend(&set, set.empty() ? "" : ", ", column.Sql(), " = ", column.Unnested("k"));
  }
  return {absl::StrCat("update_", name(), "_", absl::Hex(changed)),
          absl::StrCat("UPDATE ", sql_name(), " t SET ", set, " FROM unnest(", Unnest(columns),
                       ") AS k(", Names(columns), ") WHERE ", Join(key))};
}

absl::StatusOr<std::unique_ptr<BoundQuery>> BoundQuery::Bind(const Query& query,
                                                             const BoundTable& table,
                                                             size_t number) {
  auto bound = std::unique_ptr<BoundQuery>(new BoundQuery(query, table, number));
  const RowMapper& mapper = table.mapper();
  const auto error = [&](absl::string_view column, absl::string_view what) {
    return absl::FailedPreconditionError(
        absl::StrCat("a query of table ", table.name(), ": column ", column, " ", what));
  };
  bound->equal_.push_back(&mapper.columns()[0]);
  for (const std::string& name : query.options().equal) {
    const Column* column = mapper.Find(name);
    if (column == nullptr) return error(name, "is missing");
    if (!RowMapper::HasOrder(*column) && column->codec != Codec::kText)
      return error(name, "cannot be compared");
    bound->equal_.push_back(column);
  }
  for (const std::string& name : query.options().order) {
    const Column* column = mapper.Find(name);
    if (column == nullptr) return error(name, "is missing");
    bound->order_.push_back(column);
  }
  for (const size_t index : mapper.primary_key()) {
    const Column* column = &mapper.columns()[index];
    if (!absl::c_linear_search(bound->equal_, column)) bound->order_.push_back(column);
  }
  for (const Column* column : bound->order_) {
    if (!RowMapper::HasOrder(*column))
      return error(column->name, "cannot be sorted by: a text needs COLLATE \"C\"");
  }
  if (!query.options().floor.empty()) {
    bound->floor_ = mapper.Find(query.options().floor);
    if (bound->floor_ == nullptr) return error(query.options().floor, "is missing");
    if (!RowMapper::HasOrder(*bound->floor_))
      return error(query.options().floor, "cannot be a floor");
  }
  if (!query.options().only.empty()) {
    bound->only_ = mapper.Find(query.options().only);
    if (bound->only_ == nullptr) return error(query.options().only, "is missing");
    if (bound->only_->codec != Codec::kBool) return error(query.options().only, "is not boolean");
  }
  bound->WriteStatements();
  return bound;
}

void BoundQuery::WriteStatements() {
  const RowMapper& mapper = table_.mapper();
  std::vector<const Column*> arguments = equal_;
  std::string names = Names(equal_);
  std::string where = Join(equal_);
  if (floor_ != nullptr) {
    arguments.push_back(floor_);
    names += ", floor_";
    absl::StrAppend(&where, " AND ", floor_->Sql("t"), " > k.floor_");
  }
  if (only_ != nullptr) absl::StrAppend(&where, " AND ", only_->Sql("t"));
  for (const Column* column : arguments) types_.push_back(column->wire);
  types_.push_back(WireType::kBigint);
  const absl::string_view direction = query_.options().descending ? " DESC" : "";
  const std::string order =
      absl::StrJoin(order_, ", ", [&](std::string* out, const Column* column) {
        absl::StrAppend(out, column->Sql("t"), direction);
      });
  const std::string stem = absl::StrCat("list_", table_.name(), "_", number_);
  whole_ = {stem, absl::StrCat("SELECT k.n_, ", mapper.SelectList("t"), " FROM unnest(",
                               Unnest(arguments), ") WITH ORDINALITY AS k(", names, ", n_) JOIN ",
                               table_.sql_name(), " t ON ", where)};
  cut_ = {stem + "_cut",
          absl::StrCat("SELECT k.n_, ", mapper.SelectList("r"), " FROM unnest(", Unnest(arguments),
                       ", $", arguments.size() + 1, "::bigint[]) WITH ORDINALITY AS k(", names,
                       ", most_, n_) CROSS JOIN LATERAL (SELECT t.* FROM ", table_.sql_name(),
                       " t WHERE ", where, " ORDER BY ", order, " LIMIT k.most_) r")};
}

std::optional<ListKey> BoundQuery::KeyOf(absl::string_view within, Values values) const {
  if (values.size() + 1 != whole_types().size()) {
    Mistake(absl::StrCat("a query of ", table_.name(), " takes ", whole_types().size() - 1,
                         " values, not ", values.size()));
  }
  const absl::string_view tenant = TenantOf(within);
  const RowMapper& mapper = table_.mapper();
  ListKey key;
  if (!mapper.AppendEqual(*equal_[0], Value(tenant), tenant, key.equal)) return std::nullopt;
  key.equal += '\0';
  for (size_t i = 1; i < equal_.size(); ++i) {
    if (!mapper.AppendEqual(*equal_[i], values[i - 1], tenant, key.equal)) return std::nullopt;
    key.equal += '\0';
  }
  if (has_floor() && !mapper.AppendEqual(*floor_, values.back(), tenant, key.floor))
    return std::nullopt;
  return key;
}

bool BoundQuery::EqualOf(const Message& row, const Segments& key, std::string& equal) const {
  if (only_ != nullptr && !row.GetReflection()->GetBool(row, only_->field)) return false;
  for (const Column* column : equal_) {
    if (!table_.mapper().AppendEqual(*column, row, key, equal)) return false;
    equal += '\0';
  }
  return true;
}

bool BoundQuery::AboveFloor(const Message& row, const Segments& key, const ListKey& list) const {
  if (!has_floor()) return true;
  std::string value;
  if (!table_.mapper().AppendEqual(*floor_, row, key, value)) return false;
  std::string order;
  std::string floor;
  table_.mapper().AppendOrder(*floor_, value, order);
  table_.mapper().AppendOrder(*floor_, list.floor, floor);
  return order > floor;
}

std::string BoundQuery::OrderOf(const Message& row, const Segments& key) const {
  std::string order;
  for (const Column* column : order_) table_.mapper().AppendOrder(*column, row, key, order);
  if (query_.options().descending) {
    for (char& byte : order) byte = static_cast<char>(~byte);
  }
  return order;
}

void BoundQuery::AppendKey(const ListKey& key, ArrayParameters& out) const {
  absl::string_view rest = key.equal;
  while (!rest.empty()) {
    const size_t end = rest.find('\0');
    out.Next().Text(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  if (has_floor()) out.Next().Text(key.floor);
}

absl::StatusOr<std::unique_ptr<Catalogue>> Catalogue::Bind(const Tables& tables,
                                                           const Facts& facts) {
  auto catalogue = std::unique_ptr<Catalogue>(new Catalogue());
  for (const Table* table : tables) {
    ASSIGN_OR_RETURN(auto bound,
                     BoundTable::Bind(*table, facts(table->name()), catalogue->tables_.size()));
    if (!catalogue->by_message_.emplace(table->prototype().GetDescriptor(), bound.get()).second) {
      return absl::FailedPreconditionError(absl::StrCat("two tables hold ", bound->message()));
    }
    if (catalogue->by_table_.size() <= table->number())
      catalogue->by_table_.resize(table->number() + 1);
    catalogue->by_table_[table->number()] = bound.get();
    catalogue->tables_.push_back(std::move(bound));
  }
  catalogue->by_query_.resize(Query::All().size());
  for (const auto& table : catalogue->tables_) {
    for (const Query* query : Query::All()) {
      if (&query->table() != &table->table()) continue;
      ASSIGN_OR_RETURN(auto bound, BoundQuery::Bind(*query, *table, table->queries_.size()));
      catalogue->by_query_[query->number()] = bound.get();
      table->queries_.push_back(std::move(bound));
    }
  }
  return catalogue;
}

const BoundTable& Catalogue::Of(const Table& table) const {
  const BoundTable* bound = table.number() < by_table_.size() ? by_table_[table.number()] : nullptr;
  if (bound == nullptr)
    Mistake(absl::StrCat("the database was opened without table ", table.name()));
  return *bound;
}

const BoundQuery& Catalogue::Of(const Query& query) const {
  const BoundQuery* bound = query.number() < by_query_.size() ? by_query_[query.number()] : nullptr;
  if (bound == nullptr)
    Mistake(absl::StrCat("the database was opened without table ", query.table().name()));
  return *bound;
}

const BoundTable* Catalogue::Of(const google::protobuf::Descriptor* message) const {
  const auto found = by_message_.find(message);
  return found == by_message_.end() ? nullptr : found->second;
}

const BoundTable* Catalogue::OfMessage(absl::string_view full_name) const {
  for (const auto& table : tables_) {
    if (table->message() == full_name) return table.get();
  }
  return nullptr;
}

}  // namespace pingan::db
