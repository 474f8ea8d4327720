"""Chapter 2: roles are given, and everybody can ask who answers for a place today."""

import datetime

import pytest
from support.cast import knowing, new_id, refused
from support.events import planned
from support.waiting import wait_until


def today(days=0):
    day = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8))).date() + datetime.timedelta(
        days=days
    )
    return {"year": day.year, "month": day.month, "day": day.day}


def name_leader(town, unit, leader, start=-10, **more):
    body = {"unit": unit, "leaderName": leader, "startDate": today(start), **more}
    return town.official.post(f"{town.path}/duties", body, requestId=new_id())


def locate(town, **place):
    return town.edge.get(f"{town.path}/duties:locate", **place)


@pytest.fixture(scope="module")
def led_town(town):
    """Leaders for the town and its first village; a grid below it whose post is vacant."""
    village = town.villages[0]
    town.grid = town.official.post(
        f"{town.path}/units",
        {"kind": "GRID", "displayName": "第一网格"},
        unitId=village.rpartition("/")[2] + "-01",
        requestId=new_id(),
    )["name"]
    name_leader(town, town.name, "顾海峰")
    name_leader(town, village, "沈建明", officePhone="0573-00000001")
    return town


def test_the_leader_of_an_enterprise_is_its_villages(led_town):
    answer = locate(led_town, enterprise=led_town.enterprises[0])
    assert answer["duty"]["leaderName"] == "沈建明"
    assert answer["duty"]["officePhone"] == "0573-00000001"
    assert answer.get("vacantUnits", []) == []


def test_a_vacant_post_hands_up_to_the_next_level(led_town):
    answer = locate(led_town, unit=led_town.grid)
    assert answer["duty"]["unit"] == led_town.villages[0]
    assert answer["vacantUnits"] == [led_town.grid]


def test_a_village_without_a_leader_hands_up_to_the_town(led_town):
    answer = locate(led_town, unit=led_town.villages[1])
    assert answer["duty"]["leaderName"] == "顾海峰"
    assert answer["vacantUnits"] == [led_town.villages[1]]


def test_a_duty_that_ended_yesterday_is_vacant_today(led_town):
    grid = led_town.official.post(
        f"{led_town.path}/units",
        {"kind": "GRID", "displayName": "第二网格"},
        unitId=led_town.villages[0].rpartition("/")[2] + "-02",
        requestId=new_id(),
    )["name"]
    duty = name_leader(led_town, grid, "朱国强")
    assert locate(led_town, unit=grid)["duty"]["leaderName"] == "朱国强"
    led_town.official.post(f"/v1/{duty['name']}:end", {"endDate": today(-1), "requestId": new_id()})
    answer = locate(led_town, unit=grid)
    assert (answer["duty"]["leaderName"], answer["vacantUnits"]) == ("沈建明", [grid])


def test_one_leader_at_a_time(led_town):
    refused(lambda: name_leader(led_town, led_town.villages[0], "徐志刚", start=0), "DUTY_OVERLAPS")


def test_nobody_at_any_level_is_said_so(cast):
    bare = cast.new_town()
    bare.add_villages(1)
    assert refused(lambda: locate(bare, unit=bare.villages[0]), "NO_DUTY").http_status == 404


def test_moving_an_enterprise_moves_who_answers_for_it_and_keeps_the_history(led_town):
    enterprise = led_town.enterprises[1]
    led_town.official.post(
        f"/v1/{enterprise}:move", {"unit": led_town.villages[0], "startDate": today(), "requestId": new_id()}
    )
    assert locate(led_town, enterprise=enterprise)["duty"]["leaderName"] == "沈建明"
    placements = led_town.official.pages(f"/v1/{enterprise}/placements", "placements")
    assert [p["unit"] for p in placements][:1] == [led_town.villages[0]]


def test_roles_are_given_from_above_and_only_below_ones_own(led_town, cast):
    worker = led_town.worker()
    neighbour = led_town.newcomer()
    # A worker gives nobody a role; an official gives none as high as their own.
    refused(
        lambda: led_town.give_role(worker, neighbour, "VILLAGE_WORKER", led_town.villages[0]), "FORBIDDEN"
    )
    refused(
        lambda: led_town.give_role(led_town.official, neighbour, "TOWN_OFFICIAL", led_town.name), "FORBIDDEN"
    )
    refused(
        lambda: led_town.give_role(led_town.official, neighbour, "CITY_OFFICIAL", "towns/330481000"),
        "FORBIDDEN",
        "INVALID_FIELD",
    )
    grant = led_town.give_role(cast.city_official, neighbour, "TOWN_OFFICIAL", led_town.name)
    assert grant["active"]
    grants = led_town.official.pages(f"{led_town.path}/grants", "grants", person=worker.person)
    assert [(g["role"], g["scope"]) for g in grants] == [("VILLAGE_WORKER", led_town.villages[0])]


def test_a_revoked_role_stops_working_within_five_seconds(led_town):
    worker = led_town.worker()
    event = planned([led_town.villages[0]])
    knowing(lambda: worker.post(f"{led_town.path}/events", event, requestId=new_id()))
    led_town.official.post(f"/v1/{worker.grant['name']}:revoke", {"requestId": new_id()})

    def is_refused():
        return refused(
            lambda: worker.post(f"{led_town.path}/events", event, requestId=new_id()),
            "NOT_ORGANISER",
            "FORBIDDEN",
        )

    wait_until(is_refused, 5)
    shown = led_town.official.pages(
        f"{led_town.path}/grants", "grants", person=worker.person, showRevoked=True
    )
    assert [(g["active"], "revokeTime" in g) for g in shown] == [(False, True)]
    assert led_town.official.pages(f"{led_town.path}/grants", "grants", person=worker.person) == []
