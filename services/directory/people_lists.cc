#include "services/directory/people_lists.h"

#include <utility>
#include <vector>

#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/directory/people_tables.h"

namespace pingan::directory {
namespace {

// One page by id over the primary key, or people_by_unit, people_by_enterprise or
// person_keys_by_phone where they are asked for. $3: sees the whole town, $4: units whose people
// the caller sees otherwise.
constexpr char kPeopleSql[] = R"sql(
SELECT {p.columns} FROM people p
WHERE p.town = $1 AND NOT p.erased AND p.person > $2::uuid
  AND ($3::bool OR EXISTS (SELECT FROM unnest($4::text[]) u WHERE p.unit = u OR starts_with(p.unit, u || '-')))
  AND ($5::text = '' OR p.unit = $5 OR starts_with(p.unit, $5 || '-'))
  AND ($6::uuid IS NULL OR p.enterprise = $6)
  AND ($7::uuid IS NULL OR p.person = (SELECT k.person FROM person_keys k WHERE k.town = $1 AND k.phone_index = $7))
ORDER BY p.person LIMIT $8::int)sql";

// One page by id, which grows with time; of one person over grants_of_person.
constexpr char kGrantsSql[] = R"sql(
SELECT {columns} FROM grants
WHERE town = $1 AND id > $2::uuid AND ($3::uuid IS NULL OR person = $3) AND (active OR $4::bool)
ORDER BY id LIMIT $5::int)sql";

std::vector<std::string> VillagesOf(const service::Roles& roles) {
  std::vector<std::string> villages;
  for (const v1::Grant& grant : roles.grants()) {
    if (grant.role() == v1::VILLAGE_WORKER) villages.push_back(grant.scope());
  }
  return villages;
}

}  // namespace

absl::StatusOr<v1::ListPeopleResponse> ReadPeople(const v1::ListPeopleRequest& request,
                                                  const rpc::Page& page,
                                                  const std::string& phone_index,
                                                  const service::Roles& roles,
                                                  db::ReadSession& session) {
  ASSIGN_OR_RETURN(
      std::vector<v1::Person> people,
      session.Rows(kPeople, kPeopleSql,
                   {base::TownOf(request.parent()), page.KeyOr(0, rpc::kFirstId),
                    roles.ReadsAsOfficialOf(request.parent()), VillagesOf(roles), request.unit(),
                    db::IdOrNull(request.enterprise()), db::IdOrNull(phone_index), page.size + 1}));
  v1::ListPeopleResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, people));
  for (v1::Person& person : people) *response.add_people() = std::move(person);
  return response;
}

absl::StatusOr<v1::ListGrantsResponse> ReadGrants(const v1::ListGrantsRequest& request,
                                                  const rpc::Page& page, const std::string& person,
                                                  db::ReadSession& session) {
  ASSIGN_OR_RETURN(std::vector<v1::Grant> grants,
                   session.Rows(kGrants, kGrantsSql,
                                {base::TownOf(request.parent()), page.KeyOr(0, rpc::kFirstId),
                                 db::IdOrNull(person), request.show_revoked(), page.size + 1}));
  v1::ListGrantsResponse response;
  response.set_next_page_token(rpc::EndPage(request, page, grants));
  for (v1::Grant& grant : grants) *response.add_grants() = std::move(grant);
  return response;
}

}  // namespace pingan::directory
