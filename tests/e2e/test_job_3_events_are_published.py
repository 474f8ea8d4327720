"""Chapter 3: a village and an enterprise plan a talk and the monthly 平安共建日, and publish them."""

import datetime

import pytest
from demo_town.edge_client import as_time
from support.cast import knowing, new_id, refused
from support.events import now, planned


@pytest.fixture(scope="module")
def pair(town):
    """A village with its worker and an enterprise with its manager."""
    town.pair = [town.villages[0], town.enterprises[0]]
    town.village_worker = town.worker()
    town.enterprise_manager = town.manager()
    return town


def test_a_draft_is_seen_by_its_organisers_and_the_town_only(pair):
    draft = pair.draft(pair.village_worker, planned(pair.pair))
    assert draft["state"] == "DRAFT"
    path = f"/v1/{draft['name']}"
    assert pair.village_worker.get(path) == draft
    assert knowing(lambda: pair.enterprise_manager.get(path)) == draft
    assert pair.official.get(path) == draft
    refused(lambda: pair.edge.get(path), "NOT_FOUND")
    refused(lambda: pair.newcomer().get(path), "NOT_FOUND")
    refused(lambda: pair.edge.get(f"{path}/corrections"), "NOT_FOUND")
    assert pair.official.get(f"{path}/corrections").get("corrections", []) == []
    in_public = pair.edge.get(f"{pair.path}/events", state="DRAFT")
    assert in_public.get("events", []) == []


def test_either_organiser_publishes_and_then_anyone_reads_it(pair):
    draft = pair.draft(pair.village_worker, planned(pair.pair, capacity=40))
    published = knowing(
        lambda: pair.enterprise_manager.post(f"/v1/{draft['name']}:publish", {"requestId": new_id()})
    )
    assert published["state"] == "PUBLISHED"
    shown = pair.edge.get(f"/v1/{draft['name']}")
    assert (shown["title"], shown["capacity"], shown["mechanism"]) == (draft["title"], 40, "RISK")
    roster = pair.edge.get(pair.roster_of(draft))
    assert (roster["state"], roster["capacity"], roster.get("confirmed", 0)) == ("OPEN", 40, 0)


def test_publishing_twice_is_a_wrong_state_that_says_what_is_allowed(pair):
    event = pair.publish(pair.village_worker, planned(pair.pair))
    refusal = refused(
        lambda: pair.village_worker.post(f"/v1/{event['name']}:publish", {"requestId": new_id()}),
        "WRONG_STATE",
    )
    assert refusal.code == 9
    assert (refusal.metadata["state"], refusal.metadata["allowed"]) == ("PUBLISHED", "update,hold,cancel")
    assert "已发布" in refusal.zh and "登记开展" in refusal.zh


def test_what_is_missing_for_publishing_is_named(pair):
    event = planned(pair.pair)
    del event["place"]
    draft = pair.draft(pair.village_worker, event)
    refusal = refused(
        lambda: pair.village_worker.post(f"/v1/{draft['name']}:publish", {"requestId": new_id()}),
        "EVENT_INCOMPLETE",
    )
    assert "地点" in refusal.zh


def test_a_published_event_is_changed_with_a_post_as_wechat_must(pair):
    event = pair.publish(pair.village_worker, planned(pair.pair))
    changed = pair.village_worker.post(
        f"/v1/{event['name']}:update",
        {"title": "反诈平安大宣讲（改到二楼）", "etag": event["etag"]},
        updateMask="title",
        requestId=new_id(),
    )
    assert changed["title"] == "反诈平安大宣讲（改到二楼）"
    assert changed["place"] == event["place"]
    assert changed["etag"] != event["etag"]
    refused(
        lambda: pair.village_worker.post(
            f"/v1/{event['name']}:update",
            {"title": "旧的改动", "etag": event["etag"]},
            updateMask="title",
            requestId=new_id(),
        ),
        "STALE_ETAG",
    )


def test_a_patch_says_the_same_as_the_post(pair):
    event = pair.publish(pair.village_worker, planned(pair.pair))
    changed = pair.edge.call(
        "PATCH",
        f"/v1/{event['name']}",
        {"capacity": 55},
        {"updateMask": "capacity"},
        pair.village_worker.token(),
    )
    assert changed["capacity"] == 55 and changed["title"] == event["title"]


def test_nobody_plans_for_others(pair):
    stranger = pair.with_role("VILLAGE_WORKER", pair.villages[1], unit=pair.villages[1])
    knowing(lambda: stranger.post(f"{pair.path}/events", planned([pair.villages[1]]), requestId=new_id()))
    refused(
        lambda: stranger.post(f"{pair.path}/events", planned([pair.villages[0]]), requestId=new_id()),
        "NOT_ORGANISER",
    )
    resident = pair.newcomer()
    refused(
        lambda: resident.post(f"{pair.path}/events", planned([pair.villages[0]]), requestId=new_id()),
        "NOT_ORGANISER",
        "FORBIDDEN",
    )


def test_an_official_cancels_with_a_reason_and_everybody_sees_it(pair):
    event = pair.publish(pair.village_worker, planned(pair.pair))
    cancelled = pair.official.post(
        f"/v1/{event['name']}:cancel", {"reason": "台风预警，活动取消", "requestId": new_id()}
    )
    assert (cancelled["state"], cancelled["cancelReason"]) == ("CANCELLED", "台风预警，活动取消")
    assert pair.edge.get(f"/v1/{event['name']}")["state"] == "CANCELLED"
    refused(
        lambda: pair.official.post(
            f"/v1/{event['name']}:cancel", {"reason": "再次取消", "requestId": new_id()}
        ),
        "WRONG_STATE",
    )


def day_of(start):
    return (start + datetime.timedelta(hours=8)).date()


def co_building_day(organisers, days_ahead):
    morning = (now() + datetime.timedelta(days=days_ahead)).replace(hour=1, minute=0, second=0, microsecond=0)

    def event(kind, mechanism, hours, title):
        start = morning + datetime.timedelta(hours=hours)
        return {
            "kind": kind,
            "mechanism": mechanism,
            "title": title,
            "place": {"address": "厂区北门"},
            "capacity": 20,
            "startTime": as_time(start),
            "endTime": as_time(start + datetime.timedelta(hours=2)),
        }

    day = day_of(morning)
    return {
        "coBuildingDay": {
            "day": {"year": day.year, "month": day.month, "day": day.day},
            "organisers": organisers,
        },
        "events": [
            event("PUBLICITY", "INFORMATION", 5, "平安宣传"),
            event("INSPECTION", "HAZARD", 0, "安全排查"),
            event("PATROL_ROUND", "PATROL", 9, "治安巡防"),
        ],
        "requestId": new_id(),
    }


def test_a_co_building_day_is_three_events_published_together(pair):
    days = f"{pair.path}/coBuildingDays"
    day = knowing(lambda: pair.village_worker.post(days, co_building_day(pair.pair, 20)))
    drafts = [pair.village_worker.get(f"/v1/{name}") for name in day["events"]]
    assert [d["kind"] for d in drafts] == ["INSPECTION", "PATROL_ROUND", "PUBLICITY"]
    assert {d["state"] for d in drafts} == {"DRAFT"}
    assert {d["coBuildingDay"] for d in drafts} == {day["name"]}
    assert all(d["organisers"] == pair.pair for d in drafts)
    pair.village_worker.post(f"/v1/{day['name']}:publish", {"requestId": new_id()})
    assert [pair.edge.get(f"/v1/{name}")["state"] for name in day["events"]] == ["PUBLISHED"] * 3
    assert pair.edge.get(f"/v1/{day['name']}") == day


def test_a_co_building_day_is_planned_once_and_has_each_kind_once(pair):
    days = f"{pair.path}/coBuildingDays"
    body = co_building_day(pair.pair, 48)
    knowing(lambda: pair.village_worker.post(days, body))
    refused(lambda: pair.village_worker.post(days, dict(body, requestId=new_id())), "DAY_ALREADY_PLANNED")
    twice = co_building_day(pair.pair, 49)
    twice["events"][1]["kind"] = "PUBLICITY"
    assert "events[1].kind" in refused(lambda: pair.village_worker.post(days, twice), "INVALID_FIELD").fields
    other_day = co_building_day(pair.pair, 49)
    other_day["coBuildingDay"]["day"]["year"] += 1
    refused(lambda: pair.village_worker.post(days, other_day), "INVALID_FIELD")


def test_the_calendar_filters_by_unit_enterprise_mechanism_kind_state_and_time(pair, cast):
    town = cast.new_town()
    town.add_villages(2)
    town.add_enterprises(2)
    first, second = town.worker(town.villages[0]), town.worker(town.villages[1])
    a = town.publish(first, planned([town.villages[0], town.enterprises[0]], hours_ahead=24))
    b = town.publish(
        second, planned([town.villages[1]], kind="MEETING", mechanism="ORGANIZATION", hours_ahead=48)
    )
    c = town.draft(first, planned([town.villages[0]], kind="TRAINING", mechanism="HAZARD", hours_ahead=72))

    def names(session, **query):
        rows = (session or town.edge).get(f"{town.path}/events", **query).get("events", [])
        return [row["name"] for row in rows]

    assert names(None) == [a["name"], b["name"]]
    assert names(first) == [a["name"], b["name"], c["name"]]
    assert names(town.official) == [a["name"], b["name"], c["name"]]
    assert names(None, unit=town.villages[0]) == [a["name"]]
    assert names(None, enterprise=town.enterprises[0]) == [a["name"]]
    assert names(None, mechanism="ORGANIZATION") == [b["name"]]
    assert names(None, kind="TALK") == [a["name"]]
    assert names(town.official, state="DRAFT") == [c["name"]]
    assert names(None, startTimeFrom=b["startTime"]) == [b["name"]]
    assert names(None, startTimeUntil=b["startTime"]) == [a["name"]]
