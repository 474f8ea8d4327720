"""Chapter 7: an enterprise and a village pair for a term, promise something regular, and everybody sees who kept their word."""

import pytest
from support.cast import knowing, new_id, refused
from support.events import begun, outcome
from support.numbers import listed
from support.programme import (
    all_together,
    day,
    fresh_enterprise,
    held,
    iso,
    new_pairing,
    numbers,
    offer,
    promise,
    propose,
    publish,
    verb,
    with_parties,
)
from support.waiting import wait_until

LONGXING = "towns/330481003/units/330481003005"
ID = "0192f0c0-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def parties(town):
    """A village with its worker, an enterprise with its manager, and colleagues of both."""
    with_parties(town)
    town.neighbour = town.newcomer("王志愿", unit=town.village)
    town.employee = town.newcomer("徐安全", kind="EMPLOYEE", enterprise=town.enterprise)
    return town


def deeds(session, commitment):
    return session.pages(f"/v1/{commitment['name']}/deeds", "deeds")


def progress(session, commitment):
    return session.get(f"/v1/{commitment['name']}")["progress"]


def wait_for_deeds(session, commitment, expected):
    return wait_until(
        lambda: len(deeds(session, commitment)) == expected, what=f"{expected} deeds of {commitment['title']}"
    )


# --- a pairing from proposal to end


def test_one_side_proposes_the_other_accepts_the_town_approves(parties):
    manager, worker, official = parties.enterprise_manager, parties.village_worker, parties.official
    proposed = propose(manager, parties, parties.enterprise, parties.village)
    name = f"/v1/{proposed['name']}"
    assert (proposed["state"], proposed["open"], proposed["proposer"]) == (
        "PROPOSED",
        True,
        parties.enterprise,
    )
    outsider = parties.neighbour
    refused(lambda: outsider.get(name), "NOT_FOUND")
    refused(lambda: verb(manager, proposed["name"], "accept", responsible=manager.person), "FOR_THE_OTHER_SIDE")
    refused(
        lambda: verb(official, proposed["name"], "approve", startDate=day(-30), endDate=day(300)), "WRONG_STATE"
    )
    # Somebody who lives in the village may answer for it, somebody of the enterprise may not.
    refused(
        lambda: verb(worker, proposed["name"], "accept", responsible=parties.employee.person),
        "UNKNOWN_RESPONSIBLE",
    )
    accepted = knowing(
        lambda: verb(worker, proposed["name"], "accept", responsible=parties.neighbour.person)
    )
    assert accepted["state"] == "ACCEPTED"

    talk = promise(manager, accepted, unitResponsible=worker.person)
    inspection = promise(
        worker,
        accepted,
        mechanism="HAZARD",
        eventKind="INSPECTION",
        title="每季度一次安全排查",
        period="QUARTERLY",
        enterpriseResponsible=parties.employee.person,
    )
    assert "startDate" not in talk and "startDate" not in inspection

    approved = verb(official, proposed["name"], "approve", startDate=day(-100), endDate=day(265))
    assert (approved["state"], approved["terms"]) == ("ACTIVE", 1)
    assert (approved["startDate"], approved["endDate"]) == (day(-100), day(265))
    for commitment in (talk, inspection):
        shown = worker.get(f"/v1/{commitment['name']}")
        assert shown["startDate"] == day(-100) and "endDate" not in shown
    assert [c["title"] for c in manager.pages(f"{name}/commitments", "commitments")] == [
        talk["title"],
        inspection["title"],
    ]

    inside = worker.get(name)
    assert (inside["enterpriseResponsible"], inside["unitResponsible"]) == (
        manager.person,
        parties.neighbour.person,
    )
    assert (inside["enterpriseResponsibleMaskedName"], inside["unitResponsibleMaskedName"]) == ("周**", "王**")
    outside = outsider.get(name)
    assert (outside["enterprise"], outside["unit"], outside["state"]) == (
        parties.enterprise,
        parties.village,
        "ACTIVE",
    )
    assert not {key for key, value in outside.items() if "esponsible" in key and value}
    refused(lambda: outsider.get(f"{name}/commitments"), "FORBIDDEN", "NOT_FOUND")
    refused(lambda: outsider.get(f"{name}/transitions"), "FORBIDDEN", "NOT_FOUND")


def test_the_village_may_propose_as_well_and_a_second_open_pairing_is_refused(parties):
    manager, worker = parties.enterprise_manager, parties.village_worker
    enterprise = fresh_enterprise(parties, manager)
    first = propose(worker, parties, enterprise, parties.village, side="unit")
    refusal = refused(
        lambda: propose(manager, parties, enterprise, parties.village), "PAIRING_OPEN"
    )
    assert (refusal.code, refusal.http_status) == (6, 409) and "结对" in refusal.zh
    assert refusal.metadata["pairing"] == first["name"]
    withdrawn = verb(worker, first["name"], "withdraw", reason="填错了企业")
    assert (withdrawn["state"], withdrawn.get("open", False)) == ("WITHDRAWN", False)
    second = propose(manager, parties, enterprise, parties.village)
    declined = verb(worker, second["name"], "decline", reason="今年已有结对企业")
    assert (declined["state"], declined["reason"]) == ("DECLINED", "今年已有结对企业")
    assert propose(worker, parties, enterprise, parties.village, side="unit")["state"] == "PROPOSED"


def test_two_sides_that_propose_at_once_have_one_pairing(parties):
    manager, worker = parties.enterprise_manager, parties.village_worker
    enterprise = fresh_enterprise(parties, manager)

    def act(session, side):
        body = {"enterprise": enterprise, "unit": parties.village, f"{side}Responsible": session.person}
        return session.post(f"{parties.path}/pairings", body, requestId=new_id())

    answers = all_together(act, [(manager, "enterprise"), (worker, "unit")] * 6)
    assert sum(isinstance(a, dict) for a in answers) == 1
    assert {a.reason for a in answers if not isinstance(a, dict)} == {"PAIRING_OPEN"}
    rows = parties.official.pages(f"{parties.path}/pairings", "pairings", enterprise=enterprise)
    assert len(rows) == 1


def test_withdrawn_declined_or_approved_at_once_is_one_of_them(parties):
    manager, worker, official = parties.enterprise_manager, parties.village_worker, parties.official
    pairing = propose(manager, parties, fresh_enterprise(parties, manager), parties.village)
    verb(worker, pairing["name"], "accept", responsible=worker.person)
    acts = {
        "withdraw": {"reason": "计划调整"},
        "decline": {"reason": "人手不足"},
        "approve": {"startDate": day(-1), "endDate": day(300)},
    }
    answers = all_together(
        lambda session, what: verb(session, pairing["name"], what, **acts[what]),
        [(manager, "withdraw"), (worker, "decline"), (official, "approve")] * 4,
    )
    (won,) = [answer for answer in answers if isinstance(answer, dict)]
    assert {a.reason for a in answers if not isinstance(a, dict)} == {"WRONG_STATE"}
    assert official.get(f"/v1/{pairing['name']}")["state"] == won["state"]
    steps = official.pages(f"/v1/{pairing['name']}/transitions", "transitions")
    assert [step["toState"] for step in steps] == ["PROPOSED", "ACCEPTED", won["state"]]


def test_suspended_resumed_renewed_and_ended_and_the_history_tells_all_of_it(parties):
    manager, worker, official = parties.enterprise_manager, parties.village_worker, parties.official
    pairing = new_pairing(parties, start=-30, end=20)
    name = pairing["name"]
    commitment = promise(manager, pairing)
    assert commitment["startDate"] == day(0)
    for session in (manager, worker):
        refused(lambda: verb(session, name, "suspend", reason="企业停产"), "FORBIDDEN")
    suspended = verb(official, name, "suspend", reason="企业停产检修")
    assert (suspended["state"], suspended["reason"], suspended["open"]) == ("SUSPENDED", "企业停产检修", True)
    refused(lambda: verb(official, name, "renew", endDate=day(400)), "WRONG_STATE")
    refused(lambda: parties.neighbour.get(f"/v1/{name}"), "NOT_FOUND")
    verb(official, name, "resume")
    # What is renewed goes on after the running term.
    for too_early in (day(20), day(5)):
        assert (
            "end_date"
            in refused(lambda: verb(official, name, "renew", endDate=too_early), "INVALID_FIELD").fields
        )
    renewed = verb(official, name, "renew", endDate=day(385))
    assert (renewed["terms"], renewed["startDate"], renewed["endDate"]) == (2, day(-30), day(385))
    assert "reason" in refused(lambda: verb(worker, name, "end"), "INVALID_FIELD").fields
    ended = verb(worker, name, "end", reason="企业搬离本镇街")
    assert (ended["state"], ended["reason"], ended.get("open", False)) == ("ENDED", "企业搬离本镇街", False)
    over = worker.get(f"/v1/{commitment['name']}")
    assert (over["endDate"], over["endReason"]) == (day(0), "企业搬离本镇街")
    refused(
        lambda: worker.post(
            f"/v1/{commitment['name']}:update", {"title": "改名"}, updateMask="title", requestId=new_id()
        ),
        "COMMITMENT_OVER",
    )
    refused(lambda: promise(worker, pairing), "WRONG_STATE")
    refused(lambda: verb(worker, name, "end", reason="再结束一次"), "WRONG_STATE")

    steps = official.pages(f"/v1/{name}/transitions", "transitions", pageSize=3)
    assert [
        (s.get("fromState", "PAIRING_STATE_UNSPECIFIED"), s["toState"], s["actor"], s.get("reason", ""))
        for s in steps
    ] == [
        ("PAIRING_STATE_UNSPECIFIED", "PROPOSED", manager.person, ""),
        ("PROPOSED", "ACCEPTED", worker.person, ""),
        ("ACCEPTED", "ACTIVE", official.person, ""),
        ("ACTIVE", "SUSPENDED", official.person, "企业停产检修"),
        ("SUSPENDED", "ACTIVE", official.person, ""),
        ("ACTIVE", "ACTIVE", official.person, ""),
        ("ACTIVE", "ENDED", worker.person, "企业搬离本镇街"),
    ]
    assert [s.get("endDate") for s in steps] == [None, None, day(20), None, None, day(385), None]
    times = [s["createTime"] for s in steps]
    assert times == sorted(times)
    assert manager.pages(f"/v1/{name}/transitions", "transitions") == steps


@pytest.mark.parametrize(
    "start, end, field",
    [
        (1, 300, "start_date"),
        (-800, 300, "start_date"),
        (-30, -1, "end_date"),
        (-30, 365 * 6, "end_date"),
    ],
)
def test_a_term_that_cannot_be(parties, start, end, field):
    manager, worker = parties.enterprise_manager, parties.village_worker
    made = propose(manager, parties, fresh_enterprise(parties, manager), parties.village)
    verb(worker, made["name"], "accept", responsible=worker.person)
    refusal = refused(
        lambda: verb(parties.official, made["name"], "approve", startDate=day(start), endDate=day(end)),
        "INVALID_FIELD",
    )
    assert field in refusal.fields
    assert parties.official.get(f"/v1/{made['name']}")["state"] == "ACCEPTED"


@pytest.mark.parametrize("date", [{"year": 2026, "month": 2, "day": 30}, {"year": 2026}, {}, None])
def test_a_first_day_that_is_none(parties, date):
    manager, worker = parties.enterprise_manager, parties.village_worker
    made = propose(manager, parties, fresh_enterprise(parties, manager), parties.village)
    verb(worker, made["name"], "accept", responsible=worker.person)
    body = {"endDate": day(300)}
    if date is not None:
        body["startDate"] = date
    refusal = refused(lambda: verb(parties.official, made["name"], "approve", **body), "INVALID_FIELD")
    assert any(field.startswith("start_date") for field in refusal.fields)


def test_parties_that_are_none_are_refused_and_nobody_pairs_for_others(parties, cast):
    manager, worker = parties.enterprise_manager, parties.village_worker
    own = {"enterpriseResponsible": manager.person}

    def create(session, **body):
        return lambda: session.post(f"{parties.path}/pairings", {**own, **body}, requestId=new_id())

    retired = f"{parties.name}/units/{parties.code}999"
    refused(create(manager, enterprise=parties.enterprise, unit=retired), "UNKNOWN_PARTY")
    refused(create(manager, enterprise=parties.enterprise, unit=LONGXING), "UNKNOWN_PARTY")
    refused(
        create(manager, enterprise=parties.enterprises[1], unit=parties.villages[1]), "NOT_PARTY"
    )
    refused(create(parties.official, enterprise=parties.enterprise, unit=parties.village), "NOT_PARTY")
    wrong = create(manager, enterprise=parties.enterprise, unit=f"{parties.village}-01")
    assert "pairing.unit" in refused(wrong, "INVALID_FIELD").fields
    nobody = create(
        worker,
        enterprise=parties.enterprise,
        unit=parties.villages[0],
        enterpriseResponsible="",
        unitResponsible=f"{parties.name}/people/{ID}",
    )
    refused(nobody, "UNKNOWN_RESPONSIBLE")


# --- promises, and what becomes of them


def test_what_both_held_counts_by_itself_and_a_correction_corrects_it(parties):
    worker = parties.village_worker
    pairing = new_pairing(parties, start=-1)
    commitment = promise(parties.enterprise_manager, pairing, times=2)
    assert progress(worker, commitment)["standing"] == "NOT_DUE"
    event = parties.publish(worker, begun([pairing["unit"], pairing["enterprise"]]))
    verb(worker, event["name"], "hold", outcome=outcome())
    wait_for_deeds(worker, commitment, 1)
    shown = progress(worker, commitment)
    assert numbers(shown, "done", "periodsOver", "periodsKept") == (1, 0, 0)
    assert shown["periodStart"] == day(0)
    (deed,) = deeds(worker, commitment)
    assert (deed["source"], deed["title"], deed["measure"], deed["mechanism"], deed["eventKind"]) == (
        event["name"],
        event["title"],
        "HELD_EVENTS",
        "RISK",
        "TALK",
    )
    assert worker.get(f"/v1/{pairing['name']}")["lastDeedDate"] == deed["day"]

    # Of another mechanism after all: it counts for that one's promise instead.
    other = promise(worker, pairing, mechanism="INFORMATION", title="每月一场信息宣讲")
    correction = {"reason": "主题填错", "mechanism": "INFORMATION"}
    verb(worker, event["name"], "correct", correction=correction)
    wait_for_deeds(worker, commitment, 0)
    wait_for_deeds(worker, other, 1)
    verb(parties.official, event["name"], "correct", correction={"reason": "活动未开展", "notHeld": True})
    wait_for_deeds(worker, other, 0)
    assert numbers(progress(worker, other), "done") == (0,)


def test_kept_behind_and_not_due_are_told_by_the_periods_that_are_over(parties):
    worker, manager = parties.village_worker, parties.enterprise_manager
    enterprise = fresh_enterprise(parties, manager)
    pairing = propose(manager, parties, enterprise, parties.village)
    verb(worker, pairing["name"], "accept", responsible=worker.person)
    kept = promise(manager, pairing, title="每季度两场宣讲", times=2, period="QUARTERLY")
    behind = promise(worker, pairing, mechanism="HAZARD", eventKind="INSPECTION", title="每月一次排查")
    any_kind = promise(manager, pairing, eventKind=None, title="每年三场", times=3, period="YEARLY")
    verb(parties.official, pairing["name"], "approve", startDate=day(-100), endDate=day(265))
    for days_ago in (95, 60, 3):
        held(parties, pairing, days_ago)
    held(parties, pairing, 50, kind="INSPECTION", mechanism="HAZARD", title="安全排查")
    held(parties, pairing, 40, kind="PUBLICITY", title="设摊宣传")
    held(parties, {"unit": parties.village, "enterprise": parties.enterprise}, 30)  # another pair's
    held(parties, pairing, 130)  # before its start
    wait_for_deeds(worker, any_kind, 4)
    assert numbers(progress(worker, kept), "done", "periodsOver", "periodsKept") == (1, 1, 1)
    assert progress(worker, kept)["standing"] == "KEPT"
    shown = progress(worker, behind)
    assert (shown["standing"], *numbers(shown, "periodsOver", "periodsKept")) == ("BEHIND", 3, 1)
    assert progress(worker, any_kind)["standing"] == "NOT_DUE"
    for commitment, expected in ((kept, 3), (behind, 1), (any_kind, 4)):
        rows = deeds(worker, commitment)
        assert len(rows) == expected
        days = [iso(row["day"]) for row in rows]
        assert days == sorted(days)
        paged = worker.pages(f"/v1/{commitment['name']}/deeds", "deeds", pageSize=1)
        assert paged == rows


def test_what_is_promised_later_binds_from_that_day(parties):
    pairing = new_pairing(parties, start=-200)
    commitment = promise(parties.village_worker, pairing)
    event = held(parties, pairing, 20)
    wait_until(
        lambda: parties.village_worker.get(f"/v1/{pairing['name']}").get("lastDeedDate"), what=event["title"]
    )
    assert deeds(parties.village_worker, commitment) == []
    assert numbers(progress(parties.village_worker, commitment), "done", "periodsOver") == (0, 0)


def test_what_a_grid_does_counts_for_its_village(parties):
    worker, manager = parties.village_worker, parties.enterprise_manager
    grid = parties.add_grid()
    enterprise = fresh_enterprise(parties, manager)
    pairing = propose(manager, parties, enterprise, parties.village)
    verb(worker, pairing["name"], "accept", responsible=worker.person)
    talks = promise(worker, pairing)
    gifts = promise(
        manager, pairing, measure="DELIVERIES", eventKind=None, title="每月一批", mechanism="HAZARD"
    )
    verb(parties.official, pairing["name"], "approve", startDate=day(-10), endDate=day(300))
    event = held(parties, {"unit": grid, "enterprise": enterprise}, 2)
    resource = publish(manager, parties, enterprise)
    match = knowing(lambda: offer(worker, parties, resource, quantity=1, receiver=grid))
    verb(manager, match["name"], "accept")
    verb(manager, match["name"], "deliver", quantity="1")
    verb(worker, match["name"], "confirm", quantity="1")
    wait_for_deeds(worker, gifts, 1)
    wait_for_deeds(worker, talks, 1)
    rows = wait_until(lambda: listed(parties.official, parties.name, pairing=pairing["name"]))
    assert [row["event"] for row in rows] == [event["name"]]


def test_a_confirmed_delivery_counts_for_a_promise_to_give(parties):
    manager, worker = parties.enterprise_manager, parties.village_worker
    pairing = new_pairing(parties, start=0)
    commitment = promise(
        manager, pairing, mechanism="HAZARD", measure="DELIVERIES", eventKind=None, title="每年一批器材", period="YEARLY"
    )
    resource = knowing(lambda: publish(manager, parties, pairing["enterprise"]))
    match = knowing(lambda: offer(worker, parties, resource, quantity=4, receiver=pairing["unit"]))
    verb(manager, match["name"], "accept")
    verb(manager, match["name"], "deliver", quantity="3")
    assert deeds(worker, commitment) == []
    verb(worker, match["name"], "confirm", quantity="2")
    wait_for_deeds(worker, commitment, 1)
    (deed,) = deeds(manager, commitment)
    assert (deed["source"], deed["measure"], deed["mechanism"], deed["day"]) == (
        match["name"],
        "DELIVERIES",
        "HAZARD",
        day(0),
    )
    verb(worker, match["name"], "confirm", quantity="1")
    assert numbers(progress(worker, commitment), "done") == (1,)


def test_a_promise_is_not_rewritten(parties):
    worker = parties.village_worker
    pairing = new_pairing(parties)
    commitment = promise(worker, pairing)
    path = f"/v1/{commitment['name']}"

    def update(mask, **body):
        return worker.post(f"{path}:update", body, updateMask=mask, requestId=new_id())

    changed = update("title,unitResponsible", title="每月一场反诈宣讲", unitResponsible=parties.neighbour.person)
    assert (changed["title"], changed["unitResponsible"]) == ("每月一场反诈宣讲", parties.neighbour.person)
    for mask, body in (
        ("times", {"times": 5}),
        ("period", {"period": "YEARLY"}),
        ("mechanism", {"mechanism": "PATROL"}),
        ("startDate", {"startDate": day(-300)}),
        ("progress", {"progress": {"done": 9}}),
    ):
        refused(lambda: update(mask, **body), "INVALID_FIELD")
    refused(lambda: update("unitResponsible", unitResponsible=parties.employee.person), "UNKNOWN_RESPONSIBLE")
    ended = verb(worker, commitment["name"], "end", reason="改为每季度一场")
    assert (ended["endDate"], ended["endReason"]) == (day(0), "改为每季度一场")
    refused(lambda: verb(worker, commitment["name"], "end", reason="再来一次"), "COMMITMENT_OVER")


@pytest.mark.parametrize(
    "field, value",
    [
        ("times", 0),
        ("times", -1),
        ("times", 1001),
        ("title", "短"),
        ("title", "长" * 101),
        ("mechanism", "MECHANISM_UNSPECIFIED"),
        ("mechanism", 9),
        ("measure", 99),
        ("period", 0),
        ("period", -1),
        ("eventKind", 99),
        ("unitResponsible", "王雨桐"),
    ],
)
def test_a_promise_that_is_none_names_its_field(parties, field, value):
    pairing = cached_pairing(parties)
    refusal = refused(lambda: promise(parties.village_worker, pairing, **{field: value}), "INVALID_FIELD")
    snake = "".join("_" + c.lower() if c.isupper() else c for c in field)
    assert f"commitment.{snake}" in refusal.fields and refusal.zh


@pytest.mark.parametrize(
    "field, value",
    [("mechanism", "RISKS"), ("measure", "DEEDS"), ("period", "每月"), ("eventKind", "SPEECH"), ("times", 2**31)],
)
def test_a_promise_with_a_word_that_is_none(parties, field, value):
    pairing = cached_pairing(parties)
    refusal = refused(
        lambda: promise(parties.village_worker, pairing, **{field: value}), "MALFORMED_REQUEST", "INVALID_FIELD"
    )
    assert refusal.http_status == 400


def test_a_promise_to_give_has_no_kind_of_event(parties):
    pairing = cached_pairing(parties)
    refusal = refused(
        lambda: promise(parties.village_worker, pairing, measure="DELIVERIES", eventKind="TALK"), "INVALID_FIELD"
    )
    assert "commitment.event_kind" in refusal.fields


def cached_pairing(parties):
    if not hasattr(parties, "kept_pairing"):
        parties.kept_pairing = new_pairing(parties)
    return parties.kept_pairing
