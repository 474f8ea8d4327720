#include "common/db/table.h"

#include <atomic>

namespace pingan::db {
namespace {

// Declarations are made before main(), on one thread, in an order that the linker chooses.
size_t NextTable() {
  static std::atomic<size_t> tables{0};
  return tables++;
}

std::vector<const Query*>& Queries() {
  static auto& queries = *new std::vector<const Query*>();
  return queries;
}

}  // namespace

Table::Table(TableOptions options, const google::protobuf::Message& prototype)
    : options_(std::move(options)), prototype_(prototype), number_(NextTable()) {}

Query::Query(const Table& table, QueryOptions options)
    : table_(table), options_(std::move(options)), number_(Queries().size()) {
  Queries().push_back(this);
}

const std::vector<const Query*>& Query::All() { return Queries(); }

absl::string_view TenantOf(absl::string_view name_or_tenant) {
  const size_t first = name_or_tenant.find('/');
  if (first == name_or_tenant.npos) return name_or_tenant;
  const absl::string_view rest = name_or_tenant.substr(first + 1);
  return rest.substr(0, rest.find('/'));
}

}  // namespace pingan::db
