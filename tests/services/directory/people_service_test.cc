#include "services/directory/people_service.h"

#include "common/rpc/keys.h"
#include "services/directory/account_rules.h"
#include "tests/services/directory/people_server.h"

namespace pingan::directory {
namespace {

using test::IsOk;
using test::Refused;

class PeopleServiceTest : public PeopleServer {
 protected:
  absl::StatusOr<v1::Person> CreatePerson(const v1::Person& person, const rpc::Caller& caller,
                                          const std::string& request_id = "") {
    v1::CreatePersonRequest request;
    request.set_parent(kParent);
    *request.mutable_person() = person;
    request.set_request_id(request_id);
    return Ask(*people_, &v1::PeopleService::Stub::CreatePerson, request, caller);
  }
  absl::StatusOr<v1::ListPeopleResponse> ListPeople(const v1::ListPeopleRequest& request,
                                                    const rpc::Caller& caller) {
    return Ask(*people_, &v1::PeopleService::Stub::ListPeople, request, caller);
  }
  absl::StatusOr<v1::RevealPhoneResponse> RevealPhone(const std::string& name,
                                                      const rpc::Caller& caller,
                                                      const std::string& request_id = "") {
    v1::RevealPhoneRequest request;
    request.set_name(name);
    request.set_reason("通知活动改期");
    request.set_request_id(request_id);
    return Ask(*people_, &v1::PeopleService::Stub::RevealPhone, request, caller);
  }
  absl::StatusOr<v1::Person> ErasePerson(const std::string& name, const rpc::Caller& caller) {
    v1::ErasePersonRequest request;
    request.set_name(name);
    request.set_reason("本人要求");
    return Ask(*people_, &v1::PeopleService::Stub::ErasePerson, request, caller);
  }
  absl::StatusOr<v1::ListGrantsResponse> ListGrants(const rpc::Caller& caller,
                                                    const std::string& person = "",
                                                    const std::string& parent = kParent) {
    v1::ListGrantsRequest request;
    request.set_parent(parent);
    request.set_person(person);
    return Ask(*people_, &v1::PeopleService::Stub::ListGrants, request, caller);
  }
  std::vector<std::string> Names(const v1::ListPeopleResponse& response) {
    std::vector<std::string> names;
    for (const v1::Person& person : response.people()) names.push_back(person.name());
    return names;
  }
  v1::ListPeopleRequest InTown() {
    v1::ListPeopleRequest request;
    request.set_parent(kParent);
    return request;
  }
};

TEST_F(PeopleServiceTest, OthersSeeNamesAndPhonesMasked) {
  const auto entered = CreatePerson(Neighbour(), worker_);
  ASSERT_THAT(entered, IsOk());
  EXPECT_EQ(entered->display_name(), "王**");
  EXPECT_EQ(entered->phone(), "199****0041");
  for (const rpc::Caller& caller : {worker_, official_, city_official_}) {
    const auto seen = GetPerson(entered->name(), caller);
    ASSERT_THAT(seen, IsOk());
    EXPECT_EQ(seen->display_name(), "王**");
    EXPECT_EQ(seen->phone(), "199****0041");
  }
  for (const rpc::Caller& caller : {stranger_, leader_, admin_, clerk_elsewhere_, Person()}) {
    EXPECT_THAT(GetPerson(entered->name(), caller), Refused(errors::v1::NOT_FOUND));
  }
  EXPECT_THAT(GetPerson(entered->name(), Anyone()), Refused(errors::v1::NOT_SIGNED_IN));
}

TEST_F(PeopleServiceTest, TheSameRequestEntersOnePerson) {
  const std::string request_id = base::NewId(clock().Now());
  const auto first = CreatePerson(Neighbour(), worker_, request_id);
  const auto again = CreatePerson(Neighbour(), worker_, request_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_THAT(CreatePerson(Neighbour("张阿根"), worker_, request_id),
              Refused(errors::v1::REQUEST_ID_REUSED));
}

TEST_F(PeopleServiceTest, ListsShowWhomTheCallerMaySee) {
  const std::string near = CreatePerson(Neighbour(), worker_)->name();
  v1::Person other = Neighbour("张阿根", "19900000042");
  other.set_unit(kHuoju);
  const std::string far = CreatePerson(other, stranger_)->name();
  v1::Person employee = Neighbour("徐浩然", "");
  employee.set_kind(v1::EMPLOYEE);
  employee.clear_unit();
  employee.set_enterprise(kBofei);
  const std::string working = CreatePerson(employee, official_)->name();

  EXPECT_THAT(Names(*ListPeople(InTown(), official_)),
              ::testing::UnorderedElementsAre(near, far, working));
  EXPECT_THAT(Names(*ListPeople(InTown(), city_official_)),
              ::testing::UnorderedElementsAre(near, far, working));
  EXPECT_THAT(Names(*ListPeople(InTown(), worker_)), ::testing::ElementsAre(near));
  EXPECT_EQ(ListPeople(InTown(), worker_)->people(0).display_name(), "王**");
  for (const rpc::Caller& caller : {leader_, admin_, clerk_elsewhere_, Person()}) {
    EXPECT_THAT(ListPeople(InTown(), caller), Refused(errors::v1::FORBIDDEN));
  }
  v1::ListPeopleRequest request = InTown();
  request.set_unit(kHuoju);
  EXPECT_THAT(Names(*ListPeople(request, official_)), ::testing::ElementsAre(far));
  EXPECT_THAT(Names(*ListPeople(request, worker_)), ::testing::IsEmpty());
  request = InTown();
  request.set_enterprise(kBofei);
  EXPECT_THAT(Names(*ListPeople(request, official_)), ::testing::ElementsAre(working));
}

TEST_F(PeopleServiceTest, APhoneFindsItsPersonForThoseWhoMaySeeThem) {
  const std::string near = CreatePerson(Neighbour(), worker_)->name();
  v1::ListPeopleRequest request = InTown();
  request.set_phone(kPhone);
  EXPECT_THAT(Names(*ListPeople(request, worker_)), ::testing::ElementsAre(near));
  EXPECT_THAT(Names(*ListPeople(request, official_)), ::testing::ElementsAre(near));
  EXPECT_THAT(Names(*ListPeople(request, stranger_)), ::testing::IsEmpty());
  request.set_phone("19900000049");
  EXPECT_THAT(Names(*ListPeople(request, official_)), ::testing::IsEmpty());
}

TEST_F(PeopleServiceTest, ListsComeInPagesWithoutTheErased) {
  std::vector<std::string> entered;
  for (int i = 0; i < 5; ++i)
    entered.push_back(CreatePerson(Neighbour("王雨桐", ""), worker_)->name());
  ASSERT_THAT(ErasePerson(entered[1], official_), IsOk());
  entered.erase(entered.begin() + 1);
  std::sort(entered.begin(), entered.end());
  v1::ListPeopleRequest request = InTown();
  request.set_page_size(3);
  const auto first = ListPeople(request, worker_);
  ASSERT_EQ(first->people_size(), 3);
  request.set_page_token(first->next_page_token());
  const auto second = ListPeople(request, worker_);
  std::vector<std::string> listed = Names(*first);
  for (const std::string& name : Names(*second)) listed.push_back(name);
  EXPECT_EQ(listed, entered);
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(PeopleServiceTest, APhoneIsShownWholeAndLeavesATrailOnce) {
  const std::string name = CreatePerson(Neighbour(), worker_)->name();
  const std::string request_id = base::NewId(clock().Now());
  EXPECT_EQ(RevealPhone(name, worker_, request_id)->phone(), kPhone);
  EXPECT_EQ(RevealPhone(name, worker_, request_id)->phone(), kPhone);
  EXPECT_EQ(Sql("SELECT count(*) || reason FROM phone_reveals GROUP BY reason"), "1通知活动改期");
  EXPECT_EQ(WholeDatabase().find(kPhone), std::string::npos);
}

TEST_F(PeopleServiceTest, AChangeOfANeighbourNamesBoth) {
  v1::UpdatePersonRequest request;
  *request.mutable_person() = *CreatePerson(Neighbour(), worker_);
  request.mutable_person()->set_display_name("王语桐");
  request.mutable_update_mask()->add_paths("display_name");
  EXPECT_THAT(Ask(*people_, &v1::PeopleService::Stub::UpdatePerson, request, worker_), IsOk());
  EXPECT_EQ(
      Sql("SELECT actor || ' ' || principal FROM changes WHERE type LIKE '%v1.Person.updated'"),
      absl::StrCat(worker_.person, " ", request.person().name()));
  EXPECT_EQ(Facts(request.person().name()).display_name, "王语桐");
}

TEST_F(PeopleServiceTest, RegisteringIsAnsweredAgainForTheSameRequest) {
  const std::string token = SignIn(kPhone).access_token();
  const std::string request_id = base::NewId(clock().Now());
  const auto first = RegisterAs(token, "王雨桐", request_id);
  const auto again = RegisterAs(token, "王雨桐", request_id);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->person().name(), first->person().name());
  EXPECT_THAT(GetPersonWith(again->person().name(), again->access_token()), IsOk());
  EXPECT_THAT(RegisterAs(token), Refused(errors::v1::ALREADY_REGISTERED));
}

TEST_F(PeopleServiceTest, RegisteringTakesOverWhatAWorkerEntered) {
  const std::string entered = CreatePerson(Neighbour("王大爷"), worker_)->name();
  const auto registered = RegisterAs(SignIn(kPhone).access_token());
  ASSERT_THAT(registered, IsOk());
  EXPECT_EQ(registered->person().name(), entered);
  EXPECT_EQ(registered->person().display_name(), "王雨桐");
}

// A call that ended between the town's side and the account's.
TEST_F(PeopleServiceTest, AMembershipThatTheAccountNeverHeardOfIsMended) {
  const v1::SignInResponse session = SignIn(kPhone);
  const std::string name = RegisterAs(session.access_token())->person().name();
  Sql("DELETE FROM memberships");
  EXPECT_EQ(SignIn(kPhone).person(), "");
  EXPECT_THAT(RegisterAs(session.access_token()), Refused(errors::v1::ALREADY_REGISTERED));
  EXPECT_EQ(SignIn(kPhone).person(), name);
}

TEST_F(PeopleServiceTest, ErasingEndsSessionsAndForgetsTheLogin) {
  const v1::SignInResponse session = SignIn(kPhone);
  const auto registered = RegisterAs(session.access_token());
  const std::string name = registered->person().name();
  v1::ErasePersonRequest request;
  request.set_name(name);
  request.set_reason("本人要求");
  const auto erased =
      Call(*people_, &v1::PeopleService::Stub::ErasePerson, request, registered->access_token());
  ASSERT_THAT(erased, IsOk());
  EXPECT_TRUE(erased->erased());
  EXPECT_EQ(erased->display_name() + erased->phone(), "");
  EXPECT_THAT(Refresh(session.refresh_token()), Refused(errors::v1::SESSION_ENDED));
  for (const char* table : {"person_keys", "accounts", "logins", "memberships", "sessions"}) {
    EXPECT_EQ(Sql(absl::StrCat("SELECT count(*) FROM ", table)), "0") << table;
  }
  EXPECT_TRUE(GetPerson(name, official_)->erased());
  EXPECT_THAT(ErasePerson(name, official_), IsOk());
  // Whoever holds the old token is no account any more; whoever holds the phone may begin anew.
  EXPECT_THAT(RegisterAs(session.access_token()), Refused(errors::v1::SESSION_ENDED));
  EXPECT_NE(RegisterAs(SignIn(kPhone).access_token())->person().name(), name);
}

// A call that ended after the account was, or after its login.
TEST_F(PeopleServiceTest, ErasingOnceMoreForgetsWhatTheFirstCallLeft) {
  for (const char* ended : {"DELETE FROM memberships; DELETE FROM sessions; DELETE FROM accounts",
                            "DELETE FROM memberships; DELETE FROM sessions; DELETE FROM accounts; "
                            "DELETE FROM logins"}) {
    clock().Advance(absl::Minutes(2));
    const std::string name = RegisterAs(SignIn(kPhone).access_token())->person().name();
    Sql(ended);
    EXPECT_THAT(ErasePerson(name, official_), IsOk());
    for (const char* table : {"person_keys", "accounts", "logins", "memberships", "sessions"}) {
      EXPECT_EQ(Sql(absl::StrCat("SELECT count(*) FROM ", table)), "0") << table;
    }
  }
}

TEST_F(PeopleServiceTest, GrantsAreSeenByTheirHolderAndByThoseWhoGiveThem) {
  EXPECT_EQ(ListGrants(worker_)->grants_size(), 1);
  EXPECT_EQ(ListGrants(worker_, worker_.person)->grants_size(), 1);
  EXPECT_THAT(ListGrants(worker_, leader_.person), Refused(errors::v1::NOT_FOUND));
  EXPECT_EQ(ListGrants(official_)->grants_size(), 4);
  EXPECT_EQ(ListGrants(city_official_)->grants_size(), 4);
  EXPECT_EQ(ListGrants(official_, leader_.person)->grants(0).role(), v1::GRID_LEADER);
  // Administrators see the cities whose officials they appoint, and no town.
  EXPECT_EQ(ListGrants(admin_, "", "towns/330481000")->grants_size(), 1);
  EXPECT_EQ(ListGrants(admin_)->grants_size(), 0);
  EXPECT_EQ(ListGrants(clerk_elsewhere_)->grants_size(), 0);
  EXPECT_THAT(ListGrants(Account()), Refused(errors::v1::FORBIDDEN));
}

TEST_F(PeopleServiceTest, ServicesGetMaskedNamesAndNobodyElse) {
  const std::string near = CreatePerson(Neighbour(), worker_)->name();
  const std::string erased = CreatePerson(Neighbour("张阿根", ""), worker_)->name();
  ASSERT_THAT(ErasePerson(erased, official_), IsOk());
  v1::BatchGetMaskedNamesRequest request;
  request.set_parent(kParent);
  for (const std::string& name : {near, erased, NewPersonName()}) request.add_people(name);
  EXPECT_THAT(Ask(*people_, &v1::PeopleService::Stub::BatchGetMaskedNames, request, official_),
              Refused(errors::v1::FORBIDDEN));

  ASSERT_THAT(rpc::MakeServiceKeys(secrets(), {{.name = "event", .audiences = {"directory"}}}),
              IsOk());
  clock().Advance(absl::Seconds(2));
  const auto key = *rpc::SigningKeyFile::Open(rpc::ServiceKeyPath(secrets(), "event"));
  rpc::ServiceTokenSource tokens(*key, "services/event");
  grpc::ClientContext context;
  context.AddMetadata("x-pingan-service", "event");
  context.AddMetadata("authorization", absl::StrCat("Bearer ", tokens.TokenFor("services/directory",
                                                                               clock().Now())));
  v1::BatchGetMaskedNamesResponse response;
  const grpc::Status status = people_->BatchGetMaskedNames(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.masked_names_size(), 1);
  EXPECT_EQ(response.masked_names().at(near), "王**");
}

}  // namespace
}  // namespace pingan::directory
