"""What ends: a role that was taken back, a session whose refresh token two people have."""

import uuid

import pytest
from demo_town.edge_client import Refused
from support.cast import at_once, knowing, new_id, refused
from support.events import planned
from support.programme import listing, propose
from support.waiting import wait_until

SECONDS = 5  # within which a revoked role stops working everywhere


@pytest.fixture(scope="module")
def manned(town):
    """The town with one worker whose role every service has acted on."""
    town.village_worker = town.worker()
    return town


def works_of(town, worker):
    """{service: something that only the worker's role allows}, each done anew every time."""
    village = town.villages[0]
    roster = town.roster_of(town.publish(worker, planned([village])))
    return {
        "directory": lambda: worker.get(f"{town.path}/people", unit=village),
        "event": lambda: worker.post(f"{town.path}/events", planned([village]), requestId=new_id()),
        "volunteer": lambda: worker.get(f"{roster}/signUps"),
        "pairing": lambda: propose_new(town, worker),
        "exchange": lambda: worker.post(f"{town.path}/listings", listing(village), requestId=new_id()),
    }


def propose_new(town, worker):
    """A proposal of a pairing, taken back at once so that another can be made."""
    made = propose(worker, town, town.enterprises[0], town.villages[0], side="unit")
    worker.post(f"/v1/{made['name']}:withdraw", {"reason": "计划调整", "requestId": new_id()})


def test_a_revoked_role_stops_working_in_every_service(manned):
    worker = manned.village_worker
    works = works_of(manned, worker)
    for work in works.values():
        knowing(work)
    manned.official.post(f"/v1/{worker.grant['name']}:revoke", {"requestId": new_id()})
    # The token is as good as before; what it may do is asked anew each time.
    assert worker.get(f"/v1/{worker.person}")["name"] == worker.person
    waiting = {
        "directory": works["directory"],
        "event": works["event"],
        "volunteer": works["volunteer"],
        "pairing": lambda: worker.post(
            f"{manned.path}/pairings",
            {
                "enterprise": manned.enterprises[0],
                "unit": manned.villages[0],
                "unitResponsible": worker.person,
            },
            requestId=new_id(),
        ),
        "exchange": works["exchange"],
    }
    at_once(lambda work: wait_until(lambda: is_refused(work), SECONDS, "the end of the role"), waiting.values())
    for service, work in waiting.items():
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
