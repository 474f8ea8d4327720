#include "services/directory/duty_rules.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/calendar.h"
#include "common/base/errors.h"
#include "common/base/ids.h"
#include "common/base/status_macros.h"
#include "services/directory/directory_errors.h"
#include "services/directory/directory_tables.h"
#include "services/directory/people_tables.h"
#include "services/directory/town_rules.h"
#include "services/directory/unit_rules.h"

namespace pingan::directory {
namespace {

using base::CompareDates;
using google::type::Date;
using v1::Duty;

// Whether `duty` is over before `day`.
bool EndsBefore(const Duty& duty, const Date& day) {
  return duty.has_end_date() && CompareDates(duty.end_date(), day) < 0;
}

bool Overlap(const Duty& a, const Duty& b) {
  return !EndsBefore(a, b.start_date()) && !EndsBefore(b, a.start_date());
}

absl::Status CheckEnd(const Duty& duty, absl::string_view field) {
  if (!EndsBefore(duty, duty.start_date())) return absl::OkStatus();
  return base::RefuseField(field, "结束日期不能早于开始日期");
}

absl::Status LeadsAlone(const Duty& duty, db::UnitOfWork& work) {
  for (const Duty* other : work.List(kDutiesOf, work.tenant(), db::kAll, duty.unit())) {
    if (other->name() != duty.name() && Overlap(*other, duty)) return DutyOverlaps(*other);
  }
  return absl::OkStatus();
}

// The post is the town's own or that of a live unit.
absl::Status CheckPost(absl::string_view unit, absl::string_view town, db::UnitOfWork& work) {
  return unit == town ? absl::OkStatus() : FindLiveUnit(unit, work).status();
}

absl::Status CheckLeader(const std::string& leader, db::UnitOfWork& work) {
  if (leader.empty()) return absl::OkStatus();
  if (base::TownOf(leader) != work.tenant()) return db::RowNotFound(leader);
  ASSIGN_OR_RETURN(const v1::Person& person, work.Find(kPeople, leader));
  return person.erased() ? db::RowNotFound(leader) : absl::OkStatus();
}

}  // namespace

const Duty* DutyOn(const Date& day, const std::vector<Duty>& duties) {
  for (const Duty& duty : duties) {
    if (CompareDates(duty.start_date(), day) <= 0 && !EndsBefore(duty, day)) return &duty;
  }
  return nullptr;
}

std::vector<std::string> PostsAbove(absl::string_view place) {
  std::vector<std::string> posts;
  const std::string town = absl::StrCat("towns/", base::TownOf(place));
  for (std::string unit(place); !unit.empty() && unit != town; unit = ParentUnitOf(unit))
    posts.push_back(unit);
  posts.push_back(town);
  return posts;
}

absl::StatusOr<Duty> DecideCreateDuty(const v1::CreateDutyRequest& request,
                                      const rpc::Caller& caller, db::UnitOfWork& work) {
  RETURN_IF_ERROR(MayRunTown(request.parent(), caller, work));
  Duty duty = request.duty();
  RETURN_IF_ERROR(CheckEnd(duty, "duty.end_date"));
  RETURN_IF_ERROR(CheckPost(duty.unit(), request.parent(), work));
  RETURN_IF_ERROR(CheckLeader(duty.leader(), work));
  duty.set_name(absl::StrCat(request.parent(), "/duties/", work.NewId()));
  RETURN_IF_ERROR(LeadsAlone(duty, work));
  return work.Insert(kDuties, std::move(duty), "created");
}

absl::StatusOr<Duty> DecideEndDuty(const v1::EndDutyRequest& request, const rpc::Caller& caller,
                                   db::UnitOfWork& work) {
  ASSIGN_OR_RETURN(const Duty& found, work.Find(kDuties, request.name()));
  RETURN_IF_ERROR(MayRunTown(absl::StrCat("towns/", work.tenant()), caller, work));
  Duty& duty = work.Change(found, "ended");
  *duty.mutable_end_date() = request.end_date();
  RETURN_IF_ERROR(CheckEnd(duty, "end_date"));
  RETURN_IF_ERROR(LeadsAlone(duty, work));
  return duty;
}

}  // namespace pingan::directory
