"""Chapter 6: what was held. The demo town answers its exact figures; every number opens the list behind it."""

import pytest
from support.cast import knowing, new_id, refused
from support.events import past
from support.numbers import GROUPINGS, count, exported, figures_of, filter_of, listed

DEMO = "towns/330481003"
FIGURES = {"villages": 17, "enterprises": 47, "heldEvents": 346, "talks": 260, "otherEvents": 86}


@pytest.fixture(scope="module")
def official(cast, stack):
    return cast.demo("TOWN_OFFICIAL", DEMO)


def test_the_demo_town_answers_its_figures_to_anyone(edge):
    summary = edge.get(f"/v1/{DEMO}/events:summarize")
    assert {key: summary[key] for key in FIGURES} == FIGURES
    for number in FIGURES.values():
        assert str(number) in summary["text"]
    assert summary["asOfTime"]


def test_the_demo_town_has_as_many_villages_and_enterprises_as_it_says(official):
    units = official.pages(f"/v1/{DEMO}/units", "units", pageSize=100)
    assert sum(u["kind"] in ("VILLAGE", "COMMUNITY") for u in units) == 17
    enterprises = official.pages(f"/v1/{DEMO}/enterprises", "enterprises", pageSize=20)
    assert len(enterprises) == len({e["uscc"] for e in enterprises}) == 47
    assert all("示例" in e["displayName"] or "博菲电气" in e["displayName"] for e in enterprises)
    assert all(e["uscc"][2:8] == "999999" for e in enterprises)


def test_all_eight_mechanisms_and_twelve_months_and_everybody_took_part(official):
    mechanisms, _ = count(official, DEMO, "BY_MECHANISM")
    assert len(mechanisms) == 8
    months, _ = count(official, DEMO, "MONTH")
    assert len(months) >= 12
    units, _ = count(official, DEMO, "BY_UNIT")
    assert len(units) == 17
    enterprises, _ = count(official, DEMO, "BY_ENTERPRISE")
    assert len(enterprises) == 47


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_the_total_is_the_summary_in_every_grouping(official, grouping):
    counts, total = count(official, DEMO, grouping)
    assert total[:3] == (346, 260, 86)
    if grouping in ("MONTH", "BY_MECHANISM", "BY_KIND"):
        assert tuple(map(sum, zip(*counts.values()))) == total
    assert list(counts) == sorted(counts) or grouping in ("BY_MECHANISM", "BY_KIND")


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_every_number_opens_the_list_behind_it(official, grouping):
    counts, _ = count(official, DEMO, grouping)
    for key, expected in counts.items():
        assert figures_of(listed(official, DEMO, **filter_of(grouping, key))) == expected, key


def test_filters_combine_alike_in_count_list_and_export(official):
    units, _ = count(official, DEMO, "BY_UNIT")
    where = {"unit": max(units, key=units.get), "kind": "TALK", "mechanism": "RISK"}
    _, total = count(official, DEMO, "MONTH", **where)
    rows = listed(official, DEMO, **where)
    assert figures_of(rows) == total and total[0] > 0
    assert len(exported(official, DEMO, **where)[2]) == total[0]


def test_the_export_is_the_list(official):
    raw, content_type, lines = exported(official, DEMO)
    assert raw.startswith(b"\xef\xbb\xbf") and b"\r\n" in raw
    assert content_type.startswith("text/csv")
    rows = listed(official, DEMO)
    assert len(lines) == len(rows) == 346
    title = next(column for column in lines[0] if "名称" in column or "标题" in column or "主题" in column)
    attendance = next(column for column in lines[0] if "人" in column)
    assert [(line[title], int(line[attendance])) for line in lines] == [
        (row["title"], row["attendance"]) for row in rows
    ]


def test_the_list_is_by_day_earliest_first(official):
    days = [(r["day"]["year"], r["day"]["month"], r["day"]["day"]) for r in listed(official, DEMO)]
    assert days == sorted(days)


def test_totals_are_open_and_parties_see_their_own_only(cast, edge, stack, official):
    town = edge.get(f"/v1/{DEMO}/heldEvents:count", groupBy="MONTH")
    assert town["total"]["heldEvents"] == 346
    for grouping in ("BY_UNIT", "BY_ENTERPRISE"):
        refused(
            lambda: edge.get(f"/v1/{DEMO}/heldEvents:count", groupBy=grouping), "NOT_SIGNED_IN", "FORBIDDEN"
        )
    worker = cast.demo("VILLAGE_WORKER", DEMO)
    own = f"{DEMO}/units/330481003005"
    mine, total = count(worker, DEMO, "BY_UNIT", unit=own)
    assert total == figures_of(listed(worker, DEMO, unit=own))
    assert total[0] == count(official, DEMO, "BY_UNIT", unit=own)[1][0] > 0
    refused(lambda: listed(worker, DEMO, unit=f"{DEMO}/units/330481003200"), "FORBIDDEN")
    refused(lambda: listed(worker, DEMO), "FORBIDDEN")
    refused(lambda: edge.get(f"/v1/{DEMO}/heldEvents"), "NOT_SIGNED_IN", "TOKEN_REJECTED")


def test_a_fresh_towns_numbers_follow_what_is_held_there(cast):
    town = cast.new_town()
    villages, enterprises = town.add_villages(2), town.add_enterprises(2)
    grid = town.add_grid()
    plans = [
        ([villages[0], enterprises[0]], "2026-03-05", "TALK", "RISK", 40),
        ([villages[0]], "2026-03-09", "INSPECTION", "HAZARD", 8),
        ([villages[1], enterprises[0]], "2026-04-01", "TALK", "INFORMATION", 25),
        ([grid], "2026-04-20", "PATROL_ROUND", "PATROL", 6),
        ([town.name], "2026-05-02", "TALK", "RISK", 90),
    ]
    for organisers, day, kind, mechanism, heads in plans:
        body = past(organisers, day, kind=kind, mechanism=mechanism, attendance=heads)
        knowing(lambda: town.official.post(f"{town.path}/events:recordHeld", dict(body, requestId=new_id())))
    summary = town.edge.get(f"{town.path}/events:summarize")
    assert [summary.get(k, 0) for k in FIGURES] == [2, 2, 5, 3, 2]
    months, total = count(town.official, town.name, "MONTH")
    assert total == (5, 3, 2, 169)
    assert months == {"2026-03": (2, 1, 1, 48), "2026-04": (2, 1, 1, 31), "2026-05": (1, 1, 0, 90)}
    by_enterprise, _ = count(town.official, town.name, "BY_ENTERPRISE")
    assert by_enterprise == {enterprises[0]: (2, 2, 0, 65)}
    for grouping in GROUPINGS:
        counts, _ = count(town.official, town.name, grouping)
        for key, expected in counts.items():
            assert figures_of(listed(town.official, town.name, **filter_of(grouping, key))) == expected, (
                grouping,
                key,
            )
    narrow, total = count(town.official, town.name, "MONTH", monthFrom="2026-04", monthUntil="2026-04")
    assert (list(narrow), total[0]) == (["2026-04"], 2)
