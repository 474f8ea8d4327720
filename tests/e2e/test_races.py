"""Many real clients at once, each with a connection of its own: what must happen once happens once."""

import threading

import pytest
from demo_town.edge_client import Refused
from support.cast import at_once, knowing, new_id
from support.events import planned
from support.waiting import wait_until

CLIENTS = 24


@pytest.fixture(scope="module")
def crowd(town):
    """A village worker and two dozen residents whom volunteer knows."""
    town.village_worker = town.worker()
    town.crowd = town.residents(CLIENTS)
    roster = new_roster(town, capacity=CLIENTS)
    at_once(lambda s: knowing(lambda: s.post(f"{roster}/signUps", {"requestId": new_id()})), town.crowd)
    return town


HOURS = iter(range(1000, 10**6, 4))


def new_roster(town, **more):
    return town.roster_of(
        town.publish(town.village_worker, planned([town.villages[0]], hours_ahead=next(HOURS), **more))
    )


def all_together(act, sessions):
    """Every session acts in the same moment; the answers, or the refusals, in order."""
    gate = threading.Barrier(len(sessions))

    def one(session):
        session.token()
        session.get("/v1/towns/330481003")  # the connection is open
        gate.wait()
        try:
            return act(session)
        except Refused as refusal:
            return refusal

    return at_once(one, sessions, threads=len(sessions))


def sign_up(roster):
    return lambda session: session.post(f"{roster}/signUps", {"requestId": new_id()})


def rows(town, roster):
    return town.village_worker.pages(f"{roster}/signUps", "signUps", pageSize=200)


def assert_sound(town, roster, capacity):
    """Counters are their sums, no seat is given twice, and nobody waits beside a free seat."""
    shown, listed = town.edge.get(roster), rows(town, roster)
    confirmed = [r for r in listed if r["state"] == "CONFIRMED"]
    waiting = [r for r in listed if r["state"] == "WAITLISTED"]
    assert (shown.get("confirmed", 0), shown.get("waiting", 0)) == (len(confirmed), len(waiting))
    assert len(confirmed) <= capacity
    assert not waiting or len(confirmed) == capacity
    assert len({r["rank"] for r in listed}) == len({r["person"] for r in listed}) == len(listed)
    return confirmed, waiting


@pytest.mark.parametrize("attempt", range(3))
def test_the_last_seat_goes_to_exactly_one(crowd, attempt):
    roster = new_roster(crowd, capacity=1)
    answers = all_together(sign_up(roster), crowd.crowd)
    assert [a["state"] for a in answers].count("CONFIRMED") == 1
    confirmed, waiting = assert_sound(crowd, roster, 1)
    assert len(waiting) == CLIENTS - 1
    assert sorted(int(a["position"]) for a in answers if a["state"] == "WAITLISTED") == list(
        range(1, CLIENTS)
    )


@pytest.mark.parametrize("attempt", range(3))
def test_simultaneous_cancellations_promote_as_many_in_order(crowd, attempt):
    roster = new_roster(crowd, capacity=8)
    made = [sign_up(roster)(session) for session in crowd.crowd]
    leaving = crowd.crowd[:8]
    names = {session.person: m["name"] for session, m in zip(crowd.crowd, made)}
    all_together(lambda s: s.post(f"/v1/{names[s.person]}:cancel", {"requestId": new_id()}), leaving)
    confirmed, waiting = assert_sound(crowd, roster, 8)
    assert [r["person"] for r in confirmed] == [s.person for s in crowd.crowd[8:16]]
    assert [r["person"] for r in waiting] == [s.person for s in crowd.crowd[16:]]


def test_signing_up_and_cancelling_at_once_keeps_the_count(crowd):
    roster = new_roster(crowd, capacity=5)

    def in_and_out(session):
        made = sign_up(roster)(session)
        for _ in range(4):
            session.post(f"/v1/{made['name']}:cancel", {"requestId": new_id()})
            made = sign_up(roster)(session)
        return made

    answers = all_together(in_and_out, crowd.crowd)
    assert not any(isinstance(a, Refused) for a in answers), [a for a in answers if isinstance(a, Refused)][
        :1
    ]
    confirmed, waiting = assert_sound(crowd, roster, 5)
    assert len(confirmed) + len(waiting) == CLIENTS


def test_raising_the_capacity_while_people_sign_up(crowd):
    event = crowd.publish(
        crowd.village_worker, planned([crowd.villages[0]], hours_ahead=next(HOURS), capacity=2)
    )
    roster = crowd.roster_of(event)
    worker = crowd.village_worker
    raises = threading.Thread(
        target=lambda: [
            worker.post(
                f"/v1/{event['name']}:update", {"capacity": c}, updateMask="capacity", requestId=new_id()
            )
            for c in (4, 7, 11)
        ]
    )
    raises.start()
    all_together(sign_up(roster), crowd.crowd)
    raises.join()
    wait_until(lambda: crowd.edge.get(roster).get("confirmed") == 11)
    assert_sound(crowd, roster, 11)


def test_a_double_tap_of_everybody_is_one_sign_up_each(crowd):
    roster = new_roster(crowd, capacity=100)
    ids = {s.person: new_id() for s in crowd.crowd}
    taps = crowd.crowd * 2
    answers = all_together(lambda s: s.post(f"{roster}/signUps", {"requestId": ids[s.person]}), taps)
    for first, second in zip(answers[:CLIENTS], answers[CLIENTS:]):
        assert first == second
    assert len(assert_sound(crowd, roster, 100)[0]) == CLIENTS


def test_a_role_given_twice_at_once_is_one_role(crowd):
    newcomer = crowd.newcomer()
    body = {"person": newcomer.person, "role": "VILLAGE_WORKER", "scope": crowd.villages[1]}

    def give(_):
        return crowd.official.post(f"{crowd.path}/grants", body, requestId=new_id())

    gate = threading.Barrier(8)

    def one(_):
        gate.wait()
        try:
            return give(_)
        except Refused as refusal:
            return refusal

    answers = at_once(one, range(8), threads=8)
    assert all(isinstance(a, dict) or a.reason == "ALREADY_EXISTS" for a in answers), answers
    grants = crowd.official.pages(f"{crowd.path}/grants", "grants", person=newcomer.person)
    assert len(grants) == 1


def test_a_member_accepted_twice_at_once_is_one_member(crowd):
    team = knowing(
        lambda: crowd.village_worker.post(
            f"{crowd.path}/teams",
            {"displayName": "平安宣讲队", "kind": "TALK_TEAM", "party": crowd.villages[0]},
            requestId=new_id(),
        )
    )
    knowing(lambda: crowd.official.post(f"/v1/{team['name']}:approve", {"requestId": new_id()}))
    member = crowd.crowd[0].post(f"/v1/{team['name']}:join", {"requestId": new_id()})
    gate = threading.Barrier(8)

    def accept(_):
        gate.wait()
        try:
            return crowd.village_worker.post(f"/v1/{member['name']}:accept", {"requestId": new_id()})
        except Refused as refusal:
            return refusal

    answers = at_once(accept, range(8), threads=8)
    assert sum(isinstance(a, dict) for a in answers) == 1
    assert {a.reason for a in answers if isinstance(a, Refused)} == {"WRONG_STATE"}
    assert crowd.official.get(f"/v1/{team['name']}")["size"] == 2


def test_an_event_is_published_once_by_either_organiser(crowd):
    manager = crowd.manager()
    draft = crowd.draft(
        crowd.village_worker, planned([crowd.villages[0], crowd.enterprises[0]], hours_ahead=next(HOURS))
    )
    knowing(lambda: manager.get(f"/v1/{draft['name']}"))
    answers = all_together(
        lambda s: s.post(f"/v1/{draft['name']}:publish", {"requestId": new_id()}),
        [crowd.village_worker, manager] * 4,
    )
    assert sum(isinstance(a, dict) for a in answers) == 1
    assert {a.reason for a in answers if isinstance(a, Refused)} == {"WRONG_STATE"}
