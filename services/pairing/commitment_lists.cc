#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/base/calendar.h"
#include "common/base/enum_words.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/pairing/commitment_progress.h"
#include "services/pairing/pairing_lists.h"
#include "services/pairing/pairing_tables.h"

namespace pingan::pairing {
namespace {

// What binds today, of the whole town.
#define PINGAN_BINDING "c.start_date IS NOT NULL AND c.end_date IS NULL "

// One page by (pairing, commitment) over the primary key, of one pairing $3 or, where it is NULL,
// of those that bind today; $6 and $7: mechanism and standing.
constexpr char kCommitmentsSql[] =
    "SELECT {c.columns} FROM commitments c JOIN pairings p ON p.town = c.town AND p.pairing = "
    "c.pairing " PINGAN_PROGRESS
    "WHERE c.town = $1 AND (c.pairing = $3::uuid OR $3::uuid IS NULL AND " PINGAN_BINDING
    ") AND (c.pairing, c.commitment) > ($4::uuid, $5::uuid) "
    "AND ($6::int = 0 OR c.mechanism = $6) AND ($7::int = 0 OR g.standing = $7) "
    "ORDER BY c.pairing, c.commitment LIMIT $8::int";

constexpr char kProgressSql[] =
    "SELECT c.commitment, g.periods, g.kept, g.standing, g.first, g.next - 1, (SELECT count(*) "
    "FROM " PINGAN_DEEDS_OF_COMMITMENT
    "AND d.day >= g.first AND d.day < g.next), c.end_date IS NULL FROM commitments c JOIN pairings "
    "p "
    "ON p.town = c.town AND p.pairing = c.pairing " PINGAN_PROGRESS
    "WHERE c.town = $1 AND c.pairing = ANY ($3::uuid[]) AND c.commitment = ANY ($4::uuid[])";

constexpr char kDeedsSql[] =
    "SELECT {d.columns} FROM commitments c JOIN pairings p ON p.town = c.town AND p.pairing = "
    "c.pairing, " PINGAN_DEEDS_OF_COMMITMENT
    "AND c.town = $1 AND c.pairing = $2::uuid AND c.commitment = $3::uuid "
    "AND d.day >= c.start_date AND (c.end_date IS NULL OR d.day <= c.end_date) "
    "AND (d.day, d.deed) > ($4::date, $5::uuid) ORDER BY d.day, d.deed LIMIT $6::int";

constexpr char kCountsSql[] =
    "SELECT c.mechanism, count(*), count(*) FILTER (WHERE g.standing = 2), "
    "count(*) FILTER (WHERE g.standing = 3), count(*) FILTER (WHERE g.standing = 1) "
    "FROM commitments c JOIN pairings p ON p.town = c.town AND p.pairing = "
    "c.pairing " PINGAN_PROGRESS "WHERE c.town = $1 AND " PINGAN_BINDING "GROUP BY c.mechanism";

constexpr char kAnyPairing[] = "-";

void SetDay(absl::string_view text, google::type::Date* date) {
  if (const auto day = base::ParseDay(text); day.has_value()) *date = base::ToDate(*day);
}

// From a row of kProgressSql.
void ReadProgress(const db::Record& row, v1::Progress& progress) {
  progress.set_periods_over(static_cast<int32_t>(row.Integer(1)));
  progress.set_periods_kept(static_cast<int32_t>(row.Integer(2)));
  progress.set_standing(static_cast<v1::Standing>(row.Integer(3)));
  if (row.IsNull(4) || !row.Flag(7)) return;
  SetDay(row.Text(4), progress.mutable_period_start());
  SetDay(row.Text(5), progress.mutable_period_end());
  progress.set_done(static_cast<int32_t>(row.Integer(6)));
}

void Add(const v1::CommitmentCount& count, v1::CommitmentCount& total) {
  total.set_commitments(total.commitments() + count.commitments());
  total.set_kept(total.kept() + count.kept());
  total.set_behind(total.behind() + count.behind());
  total.set_not_due(total.not_due() + count.not_due());
}

}  // namespace

absl::Status FillProgress(absl::Span<v1::Commitment* const> commitments,
                          const google::type::Date& today, db::ReadSession& session) {
  if (commitments.empty()) return absl::OkStatus();
  std::map<std::string, v1::Progress*> by_id;
  std::vector<std::string> pairings;
  std::vector<std::string> ids;
  for (v1::Commitment* commitment : commitments) {
    pairings.emplace_back(base::Segment(commitment->name(), "pairings"));
    ids.emplace_back(base::LastSegment(commitment->name()));
    by_id[ids.back()] = commitment->mutable_progress();
  }
  return session.Records(
      kProgressSql, {base::TownOf(commitments[0]->name()), today, pairings, ids},
      [&](const db::Record& row) { ReadProgress(row, *by_id[std::string(row.Text(0))]); });
}

absl::StatusOr<v1::ListCommitmentsResponse> ReadCommitments(
    const v1::ListCommitmentsRequest& request, const rpc::Page& page,
    const google::type::Date& today, db::ReadSession& session) {
  const absl::string_view pairing = base::LastSegment(request.parent());
  ASSIGN_OR_RETURN(
      std::vector<v1::Commitment> commitments,
      session.Rows(kCommitments, kCommitmentsSql,
                   {base::TownOf(request.parent()), today,
                    pairing == kAnyPairing ? db::Value(std::nullopt) : db::Value(pairing),
                    page.KeyOr(0, rpc::kFirstId), page.KeyOr(1, rpc::kFirstId), request.mechanism(),
                    request.standing(), page.size + 1}));
  v1::ListCommitmentsResponse response;
  response.set_next_page_token(
      rpc::EndPage(request, page, commitments, [](const v1::Commitment& last) {
        return std::vector<std::string>{std::string(base::Segment(last.name(), "pairings")),
                                        std::string(base::LastSegment(last.name()))};
      }));
  std::vector<v1::Commitment*> shown;
  for (v1::Commitment& commitment : commitments) {
    shown.push_back(response.add_commitments());
    *shown.back() = std::move(commitment);
  }
  RETURN_IF_ERROR(FillProgress(shown, today, session));
  return response;
}

absl::StatusOr<v1::ListDeedsResponse> ReadDeeds(const v1::ListDeedsRequest& request,
                                                const rpc::Page& page, db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Deed> deeds,
      session.Rows(kDeeds, kDeedsSql,
                   {base::TownOf(request.parent()), base::Segment(request.parent(), "pairings"),
                    base::LastSegment(request.parent()), page.KeyOr(0, rpc::kFirstDay),
                    page.KeyOr(1, rpc::kFirstId), page.size + 1}));
  v1::ListDeedsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, deeds, [](const v1::Deed& last) {
    return std::vector<std::string>{base::FormatDay(last.day()),
                                    std::string(base::Segment(last.name(), "deeds"))};
  }));
  for (v1::Deed& deed : deeds) *response.add_deeds() = std::move(deed);
  return response;
}

absl::StatusOr<v1::CountCommitmentsResponse> CountCommitments(absl::string_view town,
                                                              const google::type::Date& today,
                                                              db::ReadSession& session) {
  v1::CountCommitmentsResponse response;
  for (int mechanism = event::v1::Mechanism_MIN + 1; mechanism <= event::v1::Mechanism_MAX;
       ++mechanism) {
    v1::CommitmentCount& count = *response.add_counts();
    count.set_mechanism(static_cast<event::v1::Mechanism>(mechanism));
    count.set_title(base::WordOf(count.mechanism()));
  }
  RETURN_IF_ERROR(
      session.Records(kCountsSql, {base::TownOf(town), today}, [&](const db::Record& row) {
        const int place = static_cast<int>(row.Integer(0)) - 1;
        if (place < 0 || place >= response.counts_size()) return;
        v1::CommitmentCount& count = *response.mutable_counts(place);
        count.set_commitments(static_cast<int32_t>(row.Integer(1)));
        count.set_kept(static_cast<int32_t>(row.Integer(2)));
        count.set_behind(static_cast<int32_t>(row.Integer(3)));
        count.set_not_due(static_cast<int32_t>(row.Integer(4)));
        Add(count, *response.mutable_total());
      }));
  response.mutable_total()->set_title("合计");
  return response;
}

}  // namespace pingan::pairing
