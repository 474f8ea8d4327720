"""The town is the tenant: what is asked for under another town's name is not there, whoever asks."""

import pytest
from conformance.world import World
from demo_town.edge_client import Refused
from support.cast import new_id, refused
from support.events import planned
from support.programme import listing

DEMO = "towns/330481003"


@pytest.fixture(scope="module")
def world(cast, stack):
    return World(cast, stack.expired_token(cast))


def moved(name, town):
    """The same row's name under another town."""
    return f"{town}/{name.split('/', 2)[2]}"


def test_a_row_is_not_found_under_another_towns_name(world, cast):
    other = world.callers["other town's official"]
    elsewhere = other.person.rsplit("/people/", 1)[0]
    member = world.worker.get(f"/v1/{world.team['name']}/members")["members"][0]
    grant = world.worker.grant["name"]
    for name in (
        world.enterprise,
        world.resident.person,
        world.held["name"],
        world.roster.removeprefix("/v1/"),
        world.sign_up["name"],
        world.team["name"],
        world.paired()["name"],
        world.commitment()["name"],
        world.listing_in("RELEASED")["name"],
        world.match_in("ACCEPTED")["name"],
    ):
        for session in (other, cast.city_official, cast.admin, world.town.official):
            refused(lambda: session.get(f"/v1/{moved(name, elsewhere)}"), "NOT_FOUND")
    for session in (other, cast.city_official):
        refused(
            lambda: session.post(f"/v1/{moved(grant, elsewhere)}:revoke", {"requestId": new_id()}),
            "NOT_FOUND",
            "FORBIDDEN",
        )
        refused(
            lambda: session.post(f"/v1/{moved(member['name'], elsewhere)}:accept", {"requestId": new_id()}),
            "NOT_FOUND",
        )


def test_an_official_of_another_town_cannot_touch_a_row_here(world):
    other = world.callers["other town's official"]
    for path, body in (
        (f"/v1/{world.held['name']}:correct", {"correction": {"reason": "乱改", "attendance": 1}}),
        (f"/v1/{world.worker.grant['name']}:revoke", {}),
        (f"/v1/{world.resident.person}:erase", {"reason": "乱删"}),
        (f"/v1/{world.team['name']}:approve", {}),
        (f"/v1/{world.pairing_in('PROPOSED')['name']}:accept", {"responsible": world.worker.person}),
        (f"/v1/{world.pairing_in('ACTIVE')['name']}:suspend", {"reason": "乱停"}),
        (f"/v1/{world.commitment()['name']}:end", {"reason": "乱停"}),
        (f"/v1/{world.listing_in('RELEASED')['name']}:close", {"reason": "乱停"}),
        (f"/v1/{world.match_in('PROPOSED')['name']}:accept", {}),
        (f"{world.town.path}/matches:plan", {}),
        (f"{world.town.path}/units:import", {"csv": "Y29kZSxuYW1lCg=="}),
    ):
        refused(
            lambda: other.post(path, {**body, "requestId": new_id()}),
            "NOT_FOUND",
            "FORBIDDEN",
            "NOT_ORGANISER",
            "NOT_PARTY",
        )


def test_organisers_and_scopes_of_another_town_are_refused(world):
    foreign = f"{DEMO}/units/330481003005"
    own_and_foreign = planned([world.village, foreign])
    refused(
        lambda: world.worker.post(f"{world.town.path}/events", own_and_foreign, requestId=new_id()),
        "UNKNOWN_ORGANISER",
    )
    refused(
        lambda: world.town.give_role(world.town.official, world.resident, "VILLAGE_WORKER", foreign),
        "INVALID_FIELD",
        "FORBIDDEN",
        "NOT_FOUND",
    )
    pairing = {"enterprise": world.enterprise, "unit": foreign, "enterpriseResponsible": world.manager.person}
    for path, body in (("pairings", pairing), ("listings", listing(foreign))):
        refused(
            lambda: world.manager.post(f"{world.town.path}/{path}", body, requestId=new_id()),
            "UNKNOWN_PARTY",
            "NOT_PARTY",
        )
    body = {"kind": "RESIDENT", "displayName": "外人", "unit": foreign}
    refused(
        lambda: world.worker.post(f"{world.town.path}/people", body, requestId=new_id()),
        "INVALID_FIELD",
        "FORBIDDEN",
        "NOT_FOUND",
    )


def test_a_query_parameter_does_not_move_a_write_to_another_town(world):
    """The query beats the path at the edge; what the message says is what is judged."""
    other = world.callers["other town's official"]
    elsewhere = other.person.rsplit("/people/", 1)[0]
    before = world.town.official.pages(f"{world.town.path}/units", "units")
    for parameter in ("parent", "%70arent"):
        with pytest.raises(Refused) as refusal:
            other.edge.call(
                "POST",
                f"/v1/{elsewhere}/units?{parameter}={world.town.name}&unitId={world.town.code}099&requestId={new_id()}",
                {"kind": "COMMUNITY", "displayName": "偷换社区"},
                token=other.token(),
            )
        assert refusal.value.http_status in (400, 403, 404)
    assert world.town.official.pages(f"{world.town.path}/units", "units") == before
