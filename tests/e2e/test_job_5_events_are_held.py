"""Chapter 5: events are held; then nothing is rewritten, a correction stands beside the original, history comes late."""

import datetime

import pytest
from support.cast import knowing, new_id, refused
from support.events import begun, now, outcome, past, planned


@pytest.fixture(scope="module")
def village(town):
    town.village_worker = town.worker()
    town.crowd = town.residents(4)
    return town


def hold(session, event, **more):
    body = {"outcome": outcome(), "requestId": new_id(), **more}
    return session.post(f"/v1/{event['name']}:hold", body)


def held_row(town, event):
    rows = town.official.pages(f"{town.path}/heldEvents", "heldEvents")
    return next((row for row in rows if row["event"] == event["name"]), None)


def test_attendance_is_taken_and_the_held_event_says_who_had_signed_up_and_who_came(village):
    event = village.publish(village.village_worker, begun([village.villages[0]]))
    roster = village.roster_of(event)
    made = [knowing(lambda s=s: s.post(f"{roster}/signUps", {"requestId": new_id()})) for s in village.crowd]
    checked = village.village_worker.post(f"/v1/{made[0]['name']}:checkIn", {"requestId": new_id()})
    assert checked["checkInTime"]
    answer = village.village_worker.post(
        f"{roster}/signUps:recordAttendance",
        {"attended": [made[1]["person"]], "absent": [made[2]["person"]], "requestId": new_id()},
    )
    assert {s["person"]: s["state"] for s in answer["signUps"]} == {
        made[1]["person"]: "ATTENDED",
        made[2]["person"]: "NO_SHOW",
    }

    held = hold(village.village_worker, event)
    assert held["state"] == "HELD"
    assert (
        held["outcome"]["attendance"],
        held["outcome"]["signedUp"],
        held["outcome"]["signedUpAttended"],
    ) == (36, 4, 2)
    assert village.edge.get(roster)["state"] == "FROZEN"
    for session, sign_up in zip(village.crowd, made):
        refused(
            lambda: session.post(f"/v1/{sign_up['name']}:cancel", {"requestId": new_id()}),
            "ROSTER_FROZEN",
            "WRONG_STATE",
        )
    late = village.newcomer(unit=village.villages[0])
    refused(lambda: late.post(f"{roster}/signUps", {"requestId": new_id()}), "ROSTER_FROZEN", "CLOSED")


def test_an_event_that_has_not_begun_was_not_held(village):
    event = village.publish(village.village_worker, planned([village.villages[0]], hours_ahead=5))
    refused(lambda: hold(village.village_worker, event), "NOT_YET_HELD")
    roster = village.roster_of(event)
    assert village.edge.get(roster)["state"] == "OPEN", "the refused hold must not freeze the roster"


def test_a_held_event_is_never_rewritten(village):
    event = village.publish(village.village_worker, begun([village.villages[0]]))
    held = hold(village.village_worker, event)
    for what in (
        lambda: village.village_worker.post(
            f"/v1/{event['name']}:update", {"title": "改写"}, updateMask="title", requestId=new_id()
        ),
        lambda: village.village_worker.post(
            f"/v1/{event['name']}:cancel", {"reason": "想取消", "requestId": new_id()}
        ),
        lambda: hold(village.village_worker, event),
        lambda: village.village_worker.post(f"/v1/{event['name']}:publish", {"requestId": new_id()}),
    ):
        assert refused(what, "WRONG_STATE").metadata["state"] == "HELD"
    assert village.edge.get(f"/v1/{event['name']}") == held


def test_a_correction_stands_beside_the_original_and_numbers_follow_it(village):
    event = village.publish(village.village_worker, begun([village.villages[0]]))
    held = hold(village.village_worker, event)
    correction = village.village_worker.post(
        f"/v1/{event['name']}:correct",
        {
            "correction": {"reason": "签到表漏数一页", "attendance": 63, "mechanism": "INFORMATION"},
            "requestId": new_id(),
        },
    )
    assert correction["corrector"] == village.village_worker.person
    assert (correction["attendance"], correction["mechanism"]) == (63, "INFORMATION")

    shown = village.edge.get(f"/v1/{event['name']}")
    assert (shown["outcome"], shown["mechanism"], shown["corrections"]) == (held["outcome"], "RISK", 1)
    row = held_row(village, event)
    assert (row["attendance"], row["mechanism"], row["corrected"]) == (63, "INFORMATION", True)
    listed = village.edge.get(f"/v1/{event['name']}/corrections")["corrections"]
    assert [c["reason"] for c in listed] == ["签到表漏数一页"]


def test_what_was_not_held_after_all_counts_nowhere_and_stays_so(village):
    event = village.publish(village.village_worker, begun([village.villages[0]]))
    hold(village.village_worker, event)
    before = village.edge.get(f"{village.path}/events:summarize")["heldEvents"]
    village.official.post(
        f"/v1/{event['name']}:correct",
        {"correction": {"reason": "误点，活动未开展", "notHeld": True}, "requestId": new_id()},
    )
    assert village.edge.get(f"{village.path}/events:summarize")["heldEvents"] == before - 1
    assert held_row(village, event) is None
    # Setting another fact right says nothing about whether it was held.
    village.official.post(
        f"/v1/{event['name']}:correct",
        {"correction": {"reason": "人数更正", "attendance": 12}, "requestId": new_id()},
    )
    assert village.edge.get(f"{village.path}/events:summarize")["heldEvents"] == before - 1


def test_a_correction_needs_a_fact_a_reason_and_a_past_day(village):
    event = village.publish(village.village_worker, begun([village.villages[0]]))
    hold(village.village_worker, event)
    tomorrow = (now() + datetime.timedelta(days=2)).date()

    def correct(**correction):
        return refused(
            lambda: village.village_worker.post(
                f"/v1/{event['name']}:correct", {"correction": correction, "requestId": new_id()}
            ),
            "INVALID_FIELD",
        ).fields

    assert "correction" in " ".join(correct(reason="什么也没有"))
    assert "correction.reason" in correct(attendance=5)
    assert "correction.day" in correct(
        reason="日期写错", day={"year": tomorrow.year, "month": tomorrow.month, "day": tomorrow.day}
    )
    assert "correction.attendance" in correct(reason="人数写错", attendance=0)


def test_a_draft_is_not_corrected(village):
    draft = village.draft(village.village_worker, planned([village.villages[0]]))
    refused(
        lambda: village.village_worker.post(
            f"/v1/{draft['name']}:correct",
            {"correction": {"reason": "还没开展", "attendance": 5}, "requestId": new_id()},
        ),
        "WRONG_STATE",
    )


def test_history_is_recorded_late_with_its_true_date_and_says_so(village):
    request = past([village.villages[0]], "2025-12-03")
    held = knowing(
        lambda: village.village_worker.post(
            f"{village.path}/events:recordHeld", dict(request, requestId=new_id())
        )
    )
    assert (held["state"], held["lateReason"]) == ("HELD", request["reason"])
    row = held_row(village, held)
    assert (row["late"], row["day"]) == (True, {"year": 2025, "month": 12, "day": 3})
    assert village.edge.get(f"/v1/{held['name']}")["lateReason"]


def test_a_late_evening_belongs_to_its_day_in_shanghai(village):
    request = past([village.villages[0]], "2026-01-31")
    request["event"].update(startTime="2026-01-31T16:30:00Z", endTime="2026-01-31T18:00:00Z")
    held = village.official.post(f"{village.path}/events:recordHeld", dict(request, requestId=new_id()))
    assert held_row(village, held)["day"] == {"year": 2026, "month": 2, "day": 1}


def test_the_future_is_not_recorded_as_history(village):
    request = past([village.villages[0]], (now() + datetime.timedelta(days=3)).date())
    refused(
        lambda: village.official.post(f"{village.path}/events:recordHeld", dict(request, requestId=new_id())),
        "NOT_IN_PAST",
    )


def test_only_parties_and_officials_record_history(village):
    stranger = village.worker(village.villages[1])
    knowing(
        lambda: stranger.post(f"{village.path}/events", planned([village.villages[1]]), requestId=new_id())
    )
    body = dict(past([village.villages[0]], "2026-01-10"), requestId=new_id())
    refused(lambda: stranger.post(f"{village.path}/events:recordHeld", body), "NOT_ORGANISER", "FORBIDDEN")


def test_what_the_system_says_itself_is_not_taken_from_a_client(village):
    event = planned(
        [village.villages[0]],
        state="HELD",
        lateReason="假的",
        corrections=7,
        cancelReason="假的",
        outcome={"attendance": 9, "summary": "假的结果"},
        createTime="2020-01-01T00:00:00Z",
    )
    draft = village.draft(village.village_worker, event)
    assert draft["state"] == "DRAFT"
    assert not draft.get("lateReason") and not draft.get("corrections") and not draft.get("cancelReason")
    assert "outcome" not in draft and draft["createTime"] > "2026"
    request = past([village.villages[0]], "2026-02-02")
    request["outcome"].update(signedUp=99, signedUpAttended=98)
    held = village.official.post(f"{village.path}/events:recordHeld", dict(request, requestId=new_id()))
    assert not held["outcome"].get("signedUp") and not held["outcome"].get("signedUpAttended")
