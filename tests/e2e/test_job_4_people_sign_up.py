"""Chapter 4: residents and employees register with phone and code and sign up on their phones: plain JSON POSTs."""

import datetime
import itertools
import threading

import pytest
from demo_town.edge_client import Session, as_time
from support.cast import at_once, knowing, new_id, refused
from support.events import now, planned
from support.waiting import wait_until


@pytest.fixture(scope="module")
def people(town):
    """The village's worker, and 42 residents who registered with phone and code."""
    town.village_worker = town.worker()
    town.crowd = town.residents(42)
    return town


# An hour of its own for every talk that does not name one, so that no sign-ups overlap.
FREE_HOURS = itertools.count(2000, 4)


def talk(people, **more):
    """A published talk of the village; the path of its roster."""
    more.setdefault("hours_ahead", next(FREE_HOURS))
    event = people.publish(people.village_worker, planned([people.villages[0]], **more))
    return people.roster_of(event)


def sign_up(session, roster, person=None, request_id=None):
    body = {"requestId": request_id or new_id()}
    if person:
        body["person"] = person
    return knowing(lambda: session.post(f"{roster}/signUps", body))


def cancel(session, sign_up_):
    return session.post(f"/v1/{sign_up_['name']}:cancel", {"requestId": new_id()})


def counts(people, roster):
    shown = people.edge.get(roster)
    return shown.get("confirmed", 0), shown.get("waiting", 0)


def test_forty_have_a_seat_the_41st_waits_and_moves_up_when_one_cancels(people):
    roster = talk(people, capacity=40)
    answers = at_once(lambda session: sign_up(session, roster), people.crowd[:40])
    assert {a["state"] for a in answers} == {"CONFIRMED"}
    assert sorted(int(a["rank"]) for a in answers) == list(range(1, 41))

    waiting = sign_up(people.crowd[40], roster)
    assert (waiting["state"], waiting["position"]) == ("WAITLISTED", 1)
    second = sign_up(people.crowd[41], roster)
    assert (second["state"], second["position"]) == ("WAITLISTED", 2)
    assert counts(people, roster) == (40, 2)

    cancelled = cancel(people.crowd[7], answers[7])
    assert cancelled["state"] == "SIGN_UP_CANCELLED"
    assert people.crowd[40].get(f"/v1/{waiting['name']}")["state"] == "CONFIRMED"
    assert people.crowd[41].get(f"/v1/{second['name']}")["position"] == 1
    assert counts(people, roster) == (40, 1)
    listed = people.village_worker.pages(f"{roster}/signUps", "signUps", state="CONFIRMED")
    assert len(listed) == 40


def test_a_double_tap_signs_up_once(people):
    roster = talk(people)
    resident = people.crowd[0]
    sign_up(resident, roster)  # volunteer has heard of the resident now
    other = people.crowd[1]
    together = threading.Barrier(2)

    def tap(request_id):
        together.wait()
        return other.post(f"{roster}/signUps", {"requestId": request_id})

    taps = at_once(tap, [new_id(), new_id()], threads=2)
    assert taps[0]["name"] == taps[1]["name"] and taps[0]["rank"] == taps[1]["rank"]
    assert counts(people, roster) == (2, 0)


def test_a_retry_with_the_same_request_id_gets_the_first_answer(people):
    roster, request_id = talk(people), new_id()
    resident = people.crowd[2]
    first = sign_up(resident, roster, request_id=request_id)
    assert resident.post(f"{roster}/signUps", {"requestId": request_id}) == first
    cancel(resident, first)
    # The first answer again, not a second sign-up.
    assert resident.post(f"{roster}/signUps", {"requestId": request_id}) == first
    assert counts(people, roster) == (0, 0)


def test_another_body_with_the_same_request_id_is_refused(people):
    request_id, resident = new_id(), people.crowd[2]
    sign_up(resident, talk(people), request_id=request_id)
    other = talk(people)
    refusal = refused(
        lambda: resident.post(f"{other}/signUps", {"requestId": request_id}), "REQUEST_ID_REUSED"
    )
    assert refusal.code == 3


def test_two_events_at_the_same_hour_overlap(people):
    evening, same_evening = talk(people, hours_ahead=200), talk(
        people, hours_ahead=201, title="消防平安大宣讲"
    )
    after = talk(people, hours_ahead=203, title="之后的宣讲")
    resident = people.crowd[3]
    first = sign_up(resident, evening)
    refusal = refused(lambda: resident.post(f"{same_evening}/signUps", {"requestId": new_id()}), "OVERLAPS")
    assert any(
        value in (first["name"], first["name"].rpartition("/signUps/")[0], "反诈平安大宣讲")
        or "宣讲" in value
        for value in refusal.metadata.values()
    ), refusal.metadata
    assert sign_up(resident, after)["state"] == "CONFIRMED"
    cancel(resident, first)
    assert sign_up(resident, same_evening)["state"] == "CONFIRMED"


def test_a_worker_signs_up_a_neighbour_without_a_phone_and_both_names_stand_on_it(people):
    roster = talk(people)
    worker = people.village_worker
    neighbour = worker.post(
        f"{people.path}/people",
        {"kind": "RESIDENT", "displayName": "张阿婆", "unit": people.villages[0]},
        requestId=new_id(),
    )
    assert not neighbour.get("registered")
    made = sign_up(worker, roster, neighbour["name"])
    assert (made["person"], made["signedUpBy"]) == (neighbour["name"], worker.person)
    row = wait_until(
        lambda: next(
            r for r in worker.pages(f"{roster}/signUps", "signUps") if r["person"] == neighbour["name"]
        )
    )
    assert (row["maskedName"], row["signedUpByMaskedName"]) == ("张**", "沈**")


def test_nobody_else_signs_up_for_others(people):
    roster = talk(people)
    other_worker = people.worker(people.villages[1])
    neighbour = people.crowd[4]
    sign_up(other_worker, roster)  # known to volunteer
    for session in (other_worker, people.crowd[5], people.official):
        refused(
            lambda: session.post(f"{roster}/signUps", {"person": neighbour.person, "requestId": new_id()}),
            "FORBIDDEN",
            "NOT_FOUND",
        )
    assert counts(people, roster) == (1, 0)


def test_the_window_is_kept(people):
    resident = people.crowd[6]
    opens = as_time(now() + datetime.timedelta(hours=1))
    early = talk(people, signUpOpenTime=opens, hours_ahead=300)
    refused(lambda: resident.post(f"{early}/signUps", {"requestId": new_id()}), "NOT_OPEN_YET")
    late = talk(people, hours_ahead=310, signUpCloseTime=as_time(now() - datetime.timedelta(minutes=1)))
    refused(lambda: resident.post(f"{late}/signUps", {"requestId": new_id()}), "CLOSED")


def test_only_the_organisers_people_when_the_event_says_so(people):
    roster = talk(people, audience="ORGANISERS", hours_ahead=320)
    outsider = people.newcomer(unit=people.villages[1])
    assert sign_up(people.crowd[8], roster)["state"] == "CONFIRMED"
    wait_until(
        lambda: refused(lambda: outsider.post(f"{roster}/signUps", {"requestId": new_id()}), "NOT_ELIGIBLE")
    )


def test_a_cancelled_event_takes_nobody_and_frees_everybody(people):
    event = people.publish(people.village_worker, planned([people.villages[0]], hours_ahead=330))
    roster = people.roster_of(event)
    resident = people.crowd[9]
    made = sign_up(resident, roster)
    people.village_worker.post(
        f"/v1/{event['name']}:cancel", {"reason": "讲师生病，改期", "requestId": new_id()}
    )
    wait_until(lambda: resident.get(f"/v1/{made['name']}")["state"] == "SIGN_UP_CANCELLED")
    assert people.edge.get(roster)["state"] == "EVENT_OFF"
    refused(lambda: people.crowd[10].post(f"{roster}/signUps", {"requestId": new_id()}), "EVENT_CANCELLED")


def test_more_seats_promote_in_order_and_fewer_drop_nobody(people):
    event = people.publish(people.village_worker, planned([people.villages[0]], hours_ahead=340, capacity=2))
    roster = people.roster_of(event)
    made = [sign_up(session, roster) for session in people.crowd[11:16]]
    assert [m["state"] for m in made] == ["CONFIRMED"] * 2 + ["WAITLISTED"] * 3

    def set_capacity(capacity):
        people.village_worker.post(
            f"/v1/{event['name']}:update", {"capacity": capacity}, updateMask="capacity", requestId=new_id()
        )

    set_capacity(4)
    wait_until(lambda: counts(people, roster) == (4, 1))
    states = [session.get(f"/v1/{m['name']}")["state"] for session, m in zip(people.crowd[11:16], made)]
    assert states == ["CONFIRMED"] * 4 + ["WAITLISTED"]
    set_capacity(1)
    wait_until(lambda: people.edge.get(roster)["capacity"] == 1)
    assert counts(people, roster) == (4, 1)
    cancel(people.crowd[11], made[0])
    assert counts(people, roster) == (3, 1)


def test_a_moved_event_flags_the_overlap_it_makes_and_moves_nobody(people):
    event = people.publish(people.village_worker, planned([people.villages[0]], hours_ahead=400))
    other = people.publish(people.village_worker, planned([people.villages[0]], hours_ahead=420))
    resident = people.crowd[16]
    one, two = sign_up(resident, people.roster_of(event)), sign_up(resident, people.roster_of(other))
    times = {"startTime": event["startTime"], "endTime": event["endTime"]}
    people.village_worker.post(
        f"/v1/{other['name']}:update", times, updateMask="startTime,endTime", requestId=new_id()
    )
    wait_until(lambda: resident.get(f"/v1/{two['name']}").get("hasOverlap"))
    assert [resident.get(f"/v1/{m['name']}")["state"] for m in (one, two)] == ["CONFIRMED", "CONFIRMED"]


def test_my_sign_ups_and_my_own_place(people):
    resident = people.newcomer()
    near, far = talk(people, hours_ahead=500), talk(people, hours_ahead=600)
    made = [sign_up(resident, near), sign_up(resident, far)]
    mine = resident.get(f"{people.path}/signUps:mine")["signUps"]
    assert [m["name"] for m in mine] == [made[1]["name"], made[0]["name"]]
    assert resident.get(near)["ownSignUp"]["name"] == made[0]["name"]
    assert "ownSignUp" not in people.edge.get(near)


def test_codes_are_single_use_and_unknown_phones_answer_alike(people, stack):
    phone = people.cast.new_phone()
    offset = stack.codes.size()
    unknown = people.edge.post("/v1/auth:sendCode", {"phone": phone})
    assert list(unknown) == ["expireTime"]
    code = stack.codes.wait_for(phone, offset)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    first = refused(
        lambda: people.edge.post("/v1/auth:signIn", {"phone": phone, "code": wrong}), "CODE_WRONG"
    )
    never = refused(
        lambda: people.edge.post("/v1/auth:signIn", {"phone": people.cast.new_phone(), "code": wrong}),
        "CODE_WRONG",
    )
    assert (first.zh, first.message, first.http_status) == (never.zh, never.message, 401)
    assert people.edge.post("/v1/auth:signIn", {"phone": phone, "code": code})["accessToken"]
    refused(lambda: people.edge.post("/v1/auth:signIn", {"phone": phone, "code": code}), "CODE_WRONG")


def test_five_wrong_tries_spend_a_code(people, stack):
    phone = people.cast.new_phone()
    offset = stack.codes.size()
    people.edge.post("/v1/auth:sendCode", {"phone": phone})
    code = stack.codes.wait_for(phone, offset)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        refused(lambda: people.edge.post("/v1/auth:signIn", {"phone": phone, "code": wrong}), "CODE_WRONG")
    refused(lambda: people.edge.post("/v1/auth:signIn", {"phone": phone, "code": code}), "CODE_WRONG")


def test_a_refresh_token_rotates_and_a_stolen_one_ends_the_session(people):
    session = Session(people.edge, people.cast.new_phone(), codes=people.cast.codes)
    old, request_id = session.refresh_token, new_id()
    first = people.edge.post("/v1/auth:refresh", {"refreshToken": old, "requestId": request_id})
    again = people.edge.post("/v1/auth:refresh", {"refreshToken": old, "requestId": request_id})
    assert again["refreshToken"] == first["refreshToken"] != old
    refused(
        lambda: people.edge.post("/v1/auth:refresh", {"refreshToken": old, "requestId": new_id()}),
        "SESSION_ENDED",
    )
    refused(
        lambda: people.edge.post(
            "/v1/auth:refresh", {"refreshToken": first["refreshToken"], "requestId": new_id()}
        ),
        "SESSION_ENDED",
    )
    people.edge.post("/v1/auth:signOut", {"refreshToken": first["refreshToken"]})
