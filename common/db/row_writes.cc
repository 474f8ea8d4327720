#include "common/db/row_writes.h"

#include <cstdint>
#include <utility>

namespace pingan::db {
namespace {

void AppendKey(const CachedRow& row, ArrayParameters& out) {
  for (const absl::string_view segment : row.key) out.Next().Text(segment);
}

void Insert(Session& session, const BoundTable& table, const std::vector<const CachedRow*>& rows) {
  const RowMapper& mapper = table.mapper();
  ArrayParameters parameters(mapper.wire_types(), 20 * rows.size());
  for (const CachedRow* row : rows) {
    for (const Column& column : mapper.columns())
      mapper.Append(column, *row->live, row->key, parameters.Next());
  }
  session.Run(table.insert(), std::move(parameters).Take());
}

// The columns, as bits, in which a row differs from the database, beside those in `known`.
uint64_t Differing(const RowMapper& mapper, const CachedRow& row, uint64_t known) {
  uint64_t bits = 0;
  for (size_t i = mapper.key_size(); i < mapper.columns().size(); ++i) {
    if ((known >> i & 1) == 0 && !mapper.Same(mapper.columns()[i], *row.base, *row.live))
      bits |= uint64_t{1} << i;
  }
  return bits;
}

void Update(Session& session, const BoundTable& table, const std::vector<const CachedRow*>& rows) {
  const RowMapper& mapper = table.mapper();
  uint64_t changed = 0;
  for (const CachedRow* row : rows) changed |= Differing(mapper, *row, changed);
  if (changed == 0) return;
  std::vector<WireType> types(mapper.key_wire_types().begin(), mapper.key_wire_types().end());
  for (size_t i = mapper.key_size(); i < mapper.columns().size(); ++i) {
    if ((changed >> i & 1) != 0) types.push_back(mapper.wire_types()[i]);
  }
  ArrayParameters parameters(types, 20 * rows.size());
  for (const CachedRow* row : rows) {
    AppendKey(*row, parameters);
    for (size_t i = mapper.key_size(); i < mapper.columns().size(); ++i) {
      if ((changed >> i & 1) != 0)
        mapper.Append(mapper.columns()[i], *row->live, row->key, parameters.Next());
    }
  }
  session.Run(table.Update(changed), std::move(parameters).Take());
}

void Delete(Session& session, const BoundTable& table, const std::vector<const CachedRow*>& rows) {
  ArrayParameters parameters(table.mapper().key_wire_types(), 20 * rows.size());
  for (const CachedRow* row : rows) AppendKey(*row, parameters);
  session.Run(table.remove(), std::move(parameters).Take());
}

}  // namespace

void WriteTable(Session& session, const BoundTable& table, const RowCache::Writes& writes) {
  if (!writes.deletes.empty()) Delete(session, table, writes.deletes);
  if (!writes.updates.empty()) Update(session, table, writes.updates);
  if (!writes.inserts.empty()) Insert(session, table, writes.inserts);
}

}  // namespace pingan::db
