#include "services/volunteer/volunteer_lists.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/volunteer/volunteer_tables.h"

namespace pingan::volunteer {
namespace {

// Over the primary key of one roster's rows by index sign_ups_in_line; a roster's list is read by
// rank.
constexpr char kSignUpsSql[] = R"sql(
SELECT {columns} FROM sign_ups WHERE town = $1 AND roster = $2::uuid AND ($3::int = 0 OR state = $3)
  AND rank > $4::bigint ORDER BY rank LIMIT $5::int)sql";

// Over the primary key by person.
constexpr char kMySignUpsSql[] = R"sql(
SELECT {s.columns} FROM sign_ups s WHERE s.town = $1 AND s.person = $2::uuid
  AND (s.start_time, s.roster) < ($3::timestamptz, $4::uuid) ORDER BY s.start_time DESC, s.roster DESC LIMIT $5::int)sql";

// $2: the person, $3: rosters. Of each: its id and title, those waiting up to the person's rank,
// whether another live sign-up of the person overlaps.
constexpr char kAboutSql[] = R"sql(
SELECT s.roster, r.title,
  CASE s.state WHEN 2 THEN (SELECT count(*) FROM sign_ups w
    WHERE w.town = s.town AND w.roster = s.roster AND w.state = 2 AND w.rank <= s.rank) END,
  EXISTS (SELECT FROM sign_ups o WHERE o.town = s.town AND o.person = s.person AND o.roster <> s.roster
    AND o.state IN (1, 2) AND o.end_time > s.start_time AND o.start_time < s.end_time)
FROM sign_ups s JOIN rosters r ON r.town = s.town AND r.roster = s.roster
WHERE s.town = $1 AND s.person = $2::uuid AND s.roster = ANY($3::uuid[]))sql";

constexpr char kTeamsSql[] = R"sql(
SELECT {columns} FROM teams WHERE town = $1 AND team > $2::uuid ORDER BY team LIMIT $3::int)sql";

constexpr char kMembersSql[] = R"sql(
SELECT {columns} FROM members WHERE town = $1 AND team = $2::uuid AND state IN (1, 2) AND person > $3::uuid
ORDER BY person LIMIT $4::int)sql";

}  // namespace

absl::StatusOr<v1::ListSignUpsResponse> ReadSignUps(const v1::ListSignUpsRequest& request,
                                                    const rpc::Page& page,
                                                    db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::SignUp> rows,
      session.Rows(kSignUps, kSignUpsSql,
                   {base::TownOf(request.parent()), base::LastSegment(request.parent()),
                    static_cast<int>(request.state()), page.KeyOr(0, "0"), page.size + 1}));
  v1::ListSignUpsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, rows, [](const v1::SignUp& last) {
    return std::vector<std::string>{absl::StrCat(last.rank())};
  }));
  for (v1::SignUp& row : rows) *response.add_sign_ups() = std::move(row);
  return response;
}

absl::Status Complete(absl::Span<v1::SignUp* const> sign_ups, db::ReadSession& session) {
  if (sign_ups.empty()) return absl::OkStatus();
  std::map<std::string, v1::SignUp*> by_roster;
  std::vector<std::string> rosters;
  for (v1::SignUp* sign_up : sign_ups) {
    rosters.emplace_back(base::Segment(sign_up->name(), "rosters"));
    by_roster[rosters.back()] = sign_up;
  }
  return session.Records(
      kAboutSql,
      {base::TownOf(sign_ups[0]->name()), base::LastSegment(sign_ups[0]->name()), rosters},
      [&](const db::Record& about) {
        v1::SignUp& sign_up = *by_roster[std::string(about.Text(0))];
        sign_up.set_title(std::string(about.Text(1)));
        if (sign_up.state() == v1::WAITLISTED) {
          sign_up.set_position(static_cast<int32_t>(about.Integer(2)));
        }
        if (sign_up.state() == v1::CONFIRMED || sign_up.state() == v1::WAITLISTED) {
          sign_up.set_has_overlap(about.Flag(3));
        }
      });
}

absl::StatusOr<v1::ListMySignUpsResponse> ReadSignUpsOf(absl::string_view person,
                                                        const v1::ListMySignUpsRequest& request,
                                                        const rpc::Page& page,
                                                        db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::SignUp> rows,
      session.Rows(kSignUps, kMySignUpsSql,
                   {base::TownOf(request.parent()), base::LastSegment(person),
                    page.KeyOr(0, rpc::kLastMoment), page.KeyOr(1, rpc::kLastId), page.size + 1}));
  v1::ListMySignUpsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, rows, [](const v1::SignUp& last) {
    return std::vector<std::string>{db::Value(last.start_time()).ToParameter(),
                                    std::string(base::Segment(last.name(), "rosters"))};
  }));
  std::vector<v1::SignUp*> shown;
  for (v1::SignUp& row : rows) {
    shown.push_back(response.add_sign_ups());
    *shown.back() = std::move(row);
  }
  RETURN_IF_ERROR(Complete(shown, session));
  return response;
}

absl::StatusOr<v1::ListTeamsResponse> ReadTeams(const v1::ListTeamsRequest& request,
                                                const rpc::Page& page, db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Team> rows,
      session.Rows(kTeams, kTeamsSql,
                   {base::TownOf(request.parent()), page.KeyOr(0, rpc::kFirstId), page.size + 1}));
  v1::ListTeamsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, rows));
  for (v1::Team& row : rows) *response.add_teams() = std::move(row);
  return response;
}

absl::StatusOr<v1::ListMembersResponse> ReadMembers(const v1::ListMembersRequest& request,
                                                    const rpc::Page& page,
                                                    db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Member> rows,
      session.Rows(kMembers, kMembersSql,
                   {base::TownOf(request.parent()), base::LastSegment(request.parent()),
                    page.KeyOr(0, rpc::kFirstId), page.size + 1}));
  v1::ListMembersResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, rows));
  for (v1::Member& row : rows) *response.add_members() = std::move(row);
  return response;
}

}  // namespace pingan::volunteer
