"""Chapter 7, as the town sees it: who kept their word, what ends soon, what stands still, and the list behind every number."""

import pytest
from support.cast import refused
from support.numbers import count, exported, figures_of, listed
from support.programme import day, held, iso, new_pairing, numbers, verb, with_parties
from support.waiting import wait_until

DEMO = "towns/330481003"
LONGXING = f"{DEMO}/units/330481003005"


@pytest.fixture(scope="module")
def parties(town):
    return with_parties(town)


@pytest.fixture(scope="module")
def official(cast, stack):
    return cast.demo("TOWN_OFFICIAL", DEMO)


def test_what_expires_and_what_stands_still_is_listed(parties):
    soon, later = new_pairing(parties, start=-120, end=29), new_pairing(parties, start=-120, end=31)
    young = new_pairing(parties, start=-10)
    held(parties, later, 89)
    held(parties, soon, 91)

    def names(session=parties.official, **query):
        return {p["name"] for p in session.pages(f"{parties.path}/pairings", "pairings", **query)}

    expiring = names(expiringDays=30)
    assert soon["name"] in expiring and later["name"] not in expiring
    assert {soon["name"], later["name"]} <= names(expiringDays=31)
    wait_until(lambda: later["name"] not in names(idleDays=90), what="the event of 89 days ago")
    idle = names(idleDays=90)
    assert soon["name"] in idle and young["name"] not in idle
    refused(lambda: names(parties.village_worker, idleDays=90), "FORBIDDEN")
    verb(parties.official, soon["name"], "renew", endDate=day(400))
    assert soon["name"] not in names(expiringDays=30)
    held(parties, soon, 2)
    wait_until(lambda: soon["name"] not in names(idleDays=90), what="the event of two days ago")
    assert names(state="ACTIVE") >= {soon["name"], later["name"], young["name"]}
    assert names(parties.newcomer(), state="PROPOSED") == set()


def test_the_demo_towns_promises_counted_and_the_lists_behind(official):
    counted = official.get(f"/v1/{DEMO}/commitments:count")
    assert [c["mechanism"] for c in counted["counts"]] == [
        "ORGANIZATION",
        "RESOURCE",
        "INFORMATION",
        "HAZARD",
        "RISK",
        "PATROL",
        "MEDIATION",
        "ASSISTANCE",
    ]
    fields = ("commitments", "kept", "behind", "notDue")
    standings = {"kept": "KEPT", "behind": "BEHIND", "notDue": "NOT_DUE"}
    path = f"/v1/{DEMO}/pairings/-/commitments"
    for one in counted["counts"]:
        assert one["title"] and one["commitments"] > 0
        rows = official.pages(path, "commitments", mechanism=one["mechanism"], pageSize=50)
        assert len(rows) == one["commitments"]
        for field, standing in standings.items():
            behind = official.pages(path, "commitments", mechanism=one["mechanism"], standing=standing)
            assert len(behind) == one.get(field, 0), (one["mechanism"], standing)
            assert {row["progress"]["standing"] for row in behind} <= {standing}
    total = numbers(counted["total"], *fields)
    assert total == tuple(map(sum, zip(*(numbers(c, *fields) for c in counted["counts"]))))
    assert total[1] > 0 and total[2] > 0 and total[3] > 0, "some kept their word, some did not, some are new"


def test_the_demo_towns_pairings(official):
    rows = official.pages(f"/v1/{DEMO}/pairings", "pairings", pageSize=20)
    assert len(rows) == len({row["name"] for row in rows}) >= 56
    assert len({row["enterprise"] for row in rows}) == 47 and len({row["unit"] for row in rows}) == 17
    assert {row["state"] for row in rows} == {
        "PROPOSED",
        "ACCEPTED",
        "ACTIVE",
        "SUSPENDED",
        "ENDED",
        "DECLINED",
        "WITHDRAWN",
    }
    expiring = official.pages(f"/v1/{DEMO}/pairings", "pairings", expiringDays=30)
    assert len(expiring) == 2 and {row["state"] for row in expiring} == {"ACTIVE"}
    idle = official.pages(f"/v1/{DEMO}/pairings", "pairings", idleDays=90)
    assert idle and all("lastDeedDate" not in row or iso(row["lastDeedDate"]) <= iso(day(-90)) for row in idle)


def test_what_was_held_by_pairing_and_mechanism_is_the_list_behind(official):
    counts, _ = count(official, DEMO, "BY_PAIRING")
    names = {p["name"] for p in official.pages(f"/v1/{DEMO}/pairings", "pairings")}
    assert set(counts) <= names and len(counts) > 40
    for pairing, expected in sorted(counts.items(), key=lambda one: one[1])[-5:]:
        mechanisms, total = count(official, DEMO, "BY_MECHANISM", pairing=pairing)
        assert total == expected == tuple(map(sum, zip(*mechanisms.values())))
        for mechanism, figures in mechanisms.items():
            assert figures_of(listed(official, DEMO, pairing=pairing, mechanism=mechanism)) == figures
        assert len(exported(official, DEMO, pairing=pairing)[2]) == expected[0]


def test_a_party_counts_its_own_pairing_only(cast, stack, official):
    worker = cast.demo("VILLAGE_WORKER", DEMO)
    own = official.get(f"/v1/{DEMO}/pairings", unit=LONGXING, state="ACTIVE")["pairings"][0]
    mine, total = count(worker, DEMO, "BY_PAIRING", pairing=own["name"], unit=LONGXING)
    assert total == figures_of(listed(official, DEMO, pairing=own["name"]))
    assert set(mine) <= {own["name"]}
    refused(lambda: count(worker, DEMO, "BY_PAIRING"), "FORBIDDEN")
