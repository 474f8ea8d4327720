"""Every list: page after page is the whole list, and a token serves the question it was given for, nothing else."""

import base64

import pytest
from demo_town.edge_client import Refused
from support.cast import refused
from support.descriptors import Api
from support.stack import api_descriptors

DEMO = "towns/330481003"

# List of the demo town -> (who asks, path, its rows' field, a filter that makes it another list).
LISTS = {
    "ListTowns": (None, "/v1/towns", "towns", {"city": "330481"}),
    "ListUnits": (None, f"/v1/{DEMO}/units", "units", {"kind": "COMMUNITY"}),
    "ListEnterprises": (
        "TOWN_OFFICIAL",
        f"/v1/{DEMO}/enterprises",
        "enterprises",
        {"unit": f"{DEMO}/units/330481003005"},
    ),
    "ListPlacements": ("TOWN_OFFICIAL", None, "placements", {}),
    "ListDuties": (None, f"/v1/{DEMO}/duties", "duties", {"unit": DEMO}),
    "ListPeople": ("TOWN_OFFICIAL", f"/v1/{DEMO}/people", "people", {"unit": f"{DEMO}/units/330481003005"}),
    "ListGrants": ("TOWN_OFFICIAL", f"/v1/{DEMO}/grants", "grants", {"showRevoked": True}),
    "ListEvents": ("TOWN_OFFICIAL", f"/v1/{DEMO}/events", "events", {"kind": "TALK"}),
    "ListCorrections": (None, None, "corrections", {}),
    "ListHeldEvents": ("TOWN_OFFICIAL", f"/v1/{DEMO}/heldEvents", "heldEvents", {"mechanism": "RISK"}),
    "ListSignUps": ("TOWN_OFFICIAL", None, "signUps", {"state": "CONFIRMED"}),
    "ListMySignUps": ("RESIDENT", f"/v1/{DEMO}/signUps:mine", "signUps", {}),
    "ListTeams": ("TOWN_OFFICIAL", f"/v1/{DEMO}/teams", "teams", {}),
    "ListMembers": ("TOWN_OFFICIAL", None, "members", {}),
    "ListPairings": ("TOWN_OFFICIAL", f"/v1/{DEMO}/pairings", "pairings", {"state": "ACTIVE"}),
    "ListTransitions": ("TOWN_OFFICIAL", None, "transitions", {}),
    "ListCommitments": (
        "TOWN_OFFICIAL",
        f"/v1/{DEMO}/pairings/-/commitments",
        "commitments",
        {"standing": "BEHIND"},
    ),
    "ListDeeds": ("TOWN_OFFICIAL", None, "deeds", {}),
    "ListListings": ("TOWN_OFFICIAL", f"/v1/{DEMO}/listings", "listings", {"direction": "NEED"}),
    "ListMatches": ("TOWN_OFFICIAL", f"/v1/{DEMO}/matches", "matches", {"state": "CONFIRMED"}),
    "ListLines": ("TOWN_OFFICIAL", None, "lines", {}),
}
# Tables of the API itself, which are never long.
NOT_PAGED = {"ListCategories"}


class Lists:
    """Asks the demo town. Lists below a row (path None) are asked of the first row that fits."""

    def __init__(self, cast, stack):
        self.edge = cast.edge
        self.sessions = {role: cast.demo(role, DEMO) for role in ("TOWN_OFFICIAL", "RESIDENT")}

    def path(self, name):
        official = self.sessions["TOWN_OFFICIAL"]
        if name == "ListPlacements":
            return f"/v1/{official.get(f'/v1/{DEMO}/enterprises')['enterprises'][0]['name']}/placements"
        if name in ("ListCorrections", "ListSignUps"):
            event = next(
                e
                for e in official.pages(f"/v1/{DEMO}/events", "events", state="PUBLISHED")
                if e.get("capacity")
            )
            return (
                f"/v1/{event['name']}/corrections"
                if name == "ListCorrections"
                else f"/v1/{event['name'].replace('/events/', '/rosters/')}/signUps"
            )
        below = {
            "ListTransitions": ("pairings", {"state": "SUSPENDED"}, "transitions"),
            "ListDeeds": ("pairings/-/commitments", {"standing": "KEPT"}, "deeds"),
            "ListLines": ("matches", {"state": "CONFIRMED"}, "lines"),
        }
        if name in below:
            parents, where, rows = below[name]
            found = official.get(f"/v1/{DEMO}/{parents}", **where)[parents.rpartition("/")[2]]
            return f"/v1/{found[0]['name']}/{rows}"
        return LISTS[name][1]

    def ask(self, name, **query):
        role, path, _, _ = LISTS[name]
        path = path or self.path(name)
        return self.sessions[role].get(path, **query) if role else self.edge.get(path, **query)


@pytest.fixture(scope="module")
def lists(cast, stack):
    return Lists(cast, stack)


def names(name, answer):
    return [row["name"] for row in answer.get(LISTS[name][2], [])]


def walk(lists, name, size, **query):
    rows, token = [], ""
    while True:
        answer = lists.ask(name, pageSize=size, pageToken=token, **query)
        assert len(names(name, answer)) <= size
        rows += names(name, answer)
        token = answer.get("nextPageToken", "")
        if not token:
            return rows


ASKED = pytest.mark.parametrize("name", [n for n in LISTS if n != "ListMembers"])
LONG = pytest.mark.parametrize(
    "name",
    [
        "ListTowns",
        "ListUnits",
        "ListEnterprises",
        "ListDuties",
        "ListPeople",
        "ListGrants",
        "ListEvents",
        "ListHeldEvents",
        "ListSignUps",
        "ListPairings",
        "ListCommitments",
        "ListListings",
        "ListMatches",
    ],
)


def test_every_list_method_is_here():
    api = Api(api_descriptors())
    assert set(LISTS) | NOT_PAGED == {m.name for m in api.methods if m.name.startswith("List")}


@ASKED
def test_pages_are_the_list(lists, name):
    rows = walk(lists, name, 7)
    assert rows == walk(lists, name, 100)
    assert len(rows) == len(set(rows))


@LONG
def test_a_page_has_a_default_and_a_greatest_size(lists, name):
    assert 0 < len(names(name, lists.ask(name))) <= 50
    assert 0 < len(names(name, lists.ask(name, pageSize=2**31 - 1))) <= 200


@ASKED
def test_a_negative_size_is_named(lists, name):
    assert "page_size" in refused(lambda: lists.ask(name, pageSize=-1), "INVALID_FIELD").fields


@ASKED
@pytest.mark.parametrize(
    "token", ["x", "AAAA", "%", "0" * 999, base64.urlsafe_b64encode(b"\x08\x01").decode(), "令牌"]
)
def test_a_token_that_nobody_gave_is_refused(lists, name, token):
    refusal = refused(lambda: lists.ask(name, pageToken=token), "INVALID_PAGE_TOKEN")
    assert refusal.http_status == 400 and refusal.zh


@LONG
def test_a_token_serves_only_the_list_it_was_given_for(lists, name):
    token = lists.ask(name, pageSize=1)["nextPageToken"]
    lists.ask(name, pageSize=2, pageToken=token)
    if LISTS[name][3]:
        refused(lambda: lists.ask(name, pageSize=1, pageToken=token, **LISTS[name][3]), "INVALID_PAGE_TOKEN")
    if LISTS[name][1] and LISTS[name][1].startswith(f"/v1/{DEMO}/"):
        other = LISTS[name][1].replace("330481003", "330481001")
        session = lists.sessions[LISTS[name][0]] if LISTS[name][0] else lists.edge
        with pytest.raises(Refused):
            session.get(other, pageSize=1, pageToken=token)


@LONG
def test_a_changed_token_is_refused_or_still_gives_rows_of_this_list(lists, name):
    """Tokens are positions, not rights: a forged one shows nothing that the caller may not read."""
    token = lists.ask(name, pageSize=1)["nextPageToken"]
    everything = set(walk(lists, name, 100))
    for i in range(0, len(token), max(1, len(token) // 12)):
        changed = token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :]
        try:
            assert set(names(name, lists.ask(name, pageSize=100, pageToken=changed))) <= everything
        except Refused as refusal:
            assert refusal.reason == "INVALID_PAGE_TOKEN"
