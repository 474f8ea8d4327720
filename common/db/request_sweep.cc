#include "common/db/request_sweep.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/timestamps.h"
#include "common/db/session.h"
#include "common/db/wire_text.h"

namespace pingan::db {
namespace {

// Old rows are found by the block range index on create_time, and deleted by key.
const Statement kSweep = {"sweep_requests",
                          "DELETE FROM requests r USING (SELECT tenant, actor, request_id FROM "
                          "requests WHERE create_time < $1::timestamptz "
                          "LIMIT $2::bigint) o WHERE r.tenant = o.tenant AND r.actor = o.actor AND "
                          "r.request_id = o.request_id"};

}  // namespace

int64_t SweepRequests(Session& session, absl::Time before, int limit) {
  std::string time;
  AppendTimestamp(base::ToTimestamp(before), time);
  return static_cast<int64_t>(
      session.Run(kSweep, std::vector<std::string>{time, absl::StrCat(limit)}).affected_rows());
}

}  // namespace pingan::db
