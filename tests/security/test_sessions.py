"""What ends: a role that was taken back, a session whose refresh token two people have."""

import uuid

import pytest
from demo_town.edge_client import Refused
from demo_town.town import CITY
from dev_stack.settings import SERVICES
from support.cast import at_once, knowing, new_id, refused
from support.events import planned
from support.programme import listing, verb
from support.waiting import wait_until

SECONDS = 5  # within which a revoked role stops working everywhere
OF_TOWNS = ("TOWN_OFFICIAL", "CITY_OFFICIAL")


def holder(town, role):
    """Somebody new who holds the role over the town, or over what is first in it, and who gave it."""
    if role in OF_TOWNS:
        home, giver = (town.code, town.cast.city_official) if role == "TOWN_OFFICIAL" else (CITY, town.cast.admin)
        session = town.cast.newcomer(home, "陆观澜")
        grant = {"person": session.person, "role": role, "scope": f"towns/{home}"}
        session.grant = giver.post(f"/v1/towns/{home}/grants", grant, requestId=new_id())
        return session, giver
    if role == "GRID_LEADER":
        grid = town.add_grid()
        return town.with_role(role, grid, unit=grid), town.official
    return town.manager(town.enterprises[1]) if role == "ENTERPRISE_MANAGER" else town.worker(), town.official


# What only the role allows, in every service that knows it: {service: something done anew every time}.


def works_of_worker(town, worker):
    village = town.villages[0]
    proposal = {"enterprise": town.enterprises[0], "unit": village, "unitResponsible": worker.person}
    return {
        "directory": lambda: worker.get(f"{town.path}/people", unit=village),
        **works_of_party(town, worker, village, proposal),
    }


def works_of_manager(town, manager):
    enterprise = town.enterprises[1]
    phone = {"officePhone": "0573-00000002"}
    proposal = {"enterprise": enterprise, "unit": town.villages[0], "enterpriseResponsible": manager.person}
    return {
        "directory": lambda: manager.post(
            f"/v1/{enterprise}:update", phone, updateMask="officePhone", requestId=new_id()
        ),
        **works_of_party(town, manager, enterprise, proposal),
    }


def works_of_party(town, session, party, proposal):
    roster = town.roster_of(town.publish(session, planned([party])))
    return {
        "event": lambda: session.post(f"{town.path}/events", planned([party]), requestId=new_id()),
        "volunteer": lambda: session.get(f"{roster}/signUps"),
        "pairing": lambda: propose_new(town, session, proposal),
        "exchange": lambda: session.post(f"{town.path}/listings", listing(party), requestId=new_id()),
    }


def propose_new(town, session, proposal):
    """A proposal of a pairing, taken back at once so that another can be made."""
    made = session.post(f"{town.path}/pairings", proposal, requestId=new_id())
    verb(session, made["name"], "withdraw", reason="计划调整")


def works_of_grid_leader(town, leader):
    resident = town.newcomer("王小明", unit=leader.grant["scope"]).person
    return {"directory": lambda: verb(leader, resident, "revealPhone", reason="通知活动改期")}


def works_of_official(town, official):
    """Of the town and of its city."""
    roster = town.roster_of(town.publish(town.worker(), planned([town.villages[0]])))
    return {
        "directory": lambda: official.get(f"{town.path}/people"),
        "event": lambda: official.get(f"{town.path}/heldEvents"),
        "volunteer": lambda: official.get(f"{roster}/signUps"),
        "pairing": lambda: official.get(f"{town.path}/commitments:count"),
        "exchange": lambda: official.get(f"{town.path}/listings:suggestForParty", party=town.enterprises[0]),
    }


WORKS = {
    "VILLAGE_WORKER": works_of_worker,
    "ENTERPRISE_MANAGER": works_of_manager,
    "GRID_LEADER": works_of_grid_leader,
    "TOWN_OFFICIAL": works_of_official,
    "CITY_OFFICIAL": works_of_official,
}


@pytest.mark.parametrize("role", WORKS)
def test_a_revoked_role_stops_working_in_every_service(town, role):
    session, giver = holder(town, role)
    works = WORKS[role](town, session)
    assert set(works) == (set(SERVICES) if role != "GRID_LEADER" else {"directory"})
    for work in works.values():
        knowing(work)
    giver.post(f"/v1/{session.grant['name']}:revoke", {"requestId": new_id()})
    # The token is as good as before; what it may do is asked anew each time.
    assert session.get(f"/v1/{session.person}")["name"] == session.person
    at_once(lambda work: wait_until(lambda: is_refused(work), SECONDS, "the end of the role"), works.values())
    for service, work in works.items():
        assert is_refused(work), service


def is_refused(work):
    try:
        work()
    except Refused as refusal:
        assert refusal.http_status in (403, 404), refusal
        return True
    return False


# --- refresh tokens


@pytest.fixture
def session(cast):
    return cast.sign_in(cast.new_phone())


def refresh(session, token, request_id=None):
    body = {"refreshToken": token, "requestId": request_id or new_id()}
    return session.edge.post("/v1/auth:refresh", body)["refreshToken"]


def is_over(session, token):
    refused(lambda: refresh(session, token), "SESSION_ENDED")


def test_one_request_id_gets_one_successor_however_often_at_once(session):
    request_id, first = new_id(), session.refresh_token
    successors = set(at_once(lambda _: refresh(session, first, request_id), range(8)))
    assert len(successors) == 1 and first not in successors
    refresh(session, successors.pop())


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_second_use_ends_all_of_the_family(session, steps):
    stolen = newest = session.refresh_token
    for _ in range(steps):
        newest = refresh(session, newest)
    is_over(session, stolen)
    is_over(session, newest)


def test_of_two_users_at_once_at_most_one_goes_on_and_not_for_long(session):
    stolen = session.refresh_token

    def use(_):
        try:
            return refresh(session, stolen)
        except Refused as refusal:
            assert refusal.reason == "SESSION_ENDED", refusal
            return None

    for successor in filter(None, at_once(use, range(8))):
        is_over(session, successor)


def test_the_request_id_of_an_older_step_is_a_second_use(session):
    request_id, first = new_id(), session.refresh_token
    third = refresh(session, refresh(session, first, request_id))
    refused(lambda: refresh(session, first, request_id), "SESSION_ENDED")
    is_over(session, third)


def test_a_token_that_nobody_made_ends_no_session(session):
    good = session.refresh_token
    for position in range(0, len(good), 7):
        bad = good[:position] + ("A" if good[position] != "A" else "B") + good[position + 1 :]
        refused(lambda bad=bad: refresh(session, bad), "SESSION_ENDED", "INVALID_FIELD")
        session.edge.post("/v1/auth:signOut", {"refreshToken": bad})
    assert refresh(session, good) != good


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(session):
    refused(lambda: refresh(session, session.access_token), "SESSION_ENDED", "INVALID_FIELD")
    refused(
        lambda: session.edge.get(f"/v1/towns/330481003/people/{uuid.uuid4()}", token=session.refresh_token),
        "TOKEN_REJECTED",
    )
