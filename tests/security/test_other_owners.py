"""Ids of others: every method that changes something, on a thing of somebody else and of another town, by everybody who may
not do it and by somebody who may do everything elsewhere; and every method that reads. The owner's own call works afterwards,
so nothing happened before."""

import json
import re
import uuid

import pytest
from conformance.test_replay import METHODS as WRITES
from conformance.test_replay import snake
from conformance.who_may import SIGNED_IN
from conformance.world import World
from conformance.writes import WITH_SECRETS, Writes
from demo_town.edge_client import Refused
from security.may import MAY
from security.reads import CLOSED, HIDDEN, OWN, SHOWN, method_of
from support.cast import knowing, new_id
from support.descriptors import SERVICES, Api
from support.events import planned
from support.stack import api_descriptors

API = Api(api_descriptors())
BY_NAME = {m.name: m for m in API.methods}
NEIGHBOURS = ("other resident", "other village's worker", "other manager")
# Refusals that say that the caller has no part in the thing, beside NOT_FOUND and PERMISSION_DENIED.
NO_PART = {"NOT_REGISTERED", "FOR_THE_OTHER_SIDE"}
# Of a thing that is named in a request: there is no such thing here.
UNKNOWN = NO_PART | {
    "INVALID_FIELD",
    "UNKNOWN_ORGANISER",
    "UNKNOWN_PARTY",
    "UNKNOWN_RESPONSIBLE",
    "NOT_ELIGIBLE",
    "UNKNOWN_UNIT",
}


@pytest.fixture(scope="module")
def world(cast, stack):
    made = World(cast, stack.expired_token(cast))
    made.writes = Writes(made)
    return made


@pytest.fixture(scope="module")
def lord(world):
    """Somebody who may do everything in another town: its official, a village's worker and an enterprise's manager."""
    town = world.cast.new_town("邻近街道")
    town.add_villages(1)
    town.add_enterprises(1)
    session = town.official
    for role, scope in (("VILLAGE_WORKER", town.villages[0]), ("ENTERPRISE_MANAGER", town.enterprises[0])):
        town.give_role(session, session, role, scope)
        town.draft(session, planned([scope]))
    session.home = town
    return session


def refusal_of(act, reasons=NO_PART):
    """What it was refused with; AssertionError when it was done, or refused for another reason."""
    try:
        answer = act()
    except Refused as refusal:
        assert refusal.http_status in (403, 404) or refusal.reason in reasons, refusal
        return refusal
    raise AssertionError(f"was done: {answer}")


def do(call, session=None, path=None, body=None, query=""):
    """The call with something changed."""
    session = session or call.session
    sent = dict(call.body if body is None else body)
    asked = dict(call.query or {})
    (sent if call.query is None else asked)["requestId"] = new_id()
    target = (path or call.path) + (f"?{query}" if query else "")
    if query:
        target += "".join(f"&{key}={value}" for key, value in asked.items())
        asked = None
    return session.edge.call("POST", target, sent, asked, session.token())


def moved(content, there, here):
    """The same with names of things here under another town's name; their ids stay."""
    text = json.dumps(content, ensure_ascii=False)
    return json.loads(text.replace(f"{here.name}/", f"{there.name}/").replace(f'{here.name}"', f'{there.name}"'))


def names_a_thing(path):
    """Beyond the town: /v1/towns/1/things/2..."""
    return len(path.split("/")) > 5


def test_every_write_is_here():
    assert set(MAY) == set(WRITES)


@pytest.mark.parametrize("method", WRITES)
def test_things_of_others(world, lord, method):
    call = getattr(world.writes, snake(method))()
    try_as_others(world, lord, method, call)
    try_moved(world, lord, call)
    try_by_query(world, lord, method, call)
    call.do_once()


@pytest.mark.parametrize("method", [method for method, callers in MAY.items() if len(callers) > 1])
def test_who_may_has_a_part_in_it(world, method):
    """So the table leaves nobody untried who may not. As things stand some are refused for other reasons."""
    for caller in MAY[method]:
        try:
            do(getattr(world.writes, snake(method))(), world.callers[caller])
        except Refused as refusal:
            assert refusal.http_status not in (403, 404) and refusal.reason not in NO_PART, (caller, refusal)


def try_as_others(world, lord, method, call):
    refusal_of(lambda: do(call, lord))
    for caller in SIGNED_IN - MAY[method]:
        refusal_of(lambda caller=caller: do(call, world.callers[caller]))


def try_moved(world, lord, call):
    """The thing's id under the town in which the caller may do everything; and things of here in what is said there."""
    path = moved(call.path, lord.home, world.town)
    if path == call.path:
        return
    if names_a_thing(path):
        refusal_of(lambda: do(call, lord, path), UNKNOWN)
        refusal_of(lambda: do(call, lord, path, moved(call.body, lord.home, world.town)), UNKNOWN)
    elif moved(call.body, lord.home, world.town) != call.body:
        refusal_of(lambda: do(call, lord, path), UNKNOWN)


def try_by_query(world, lord, method, call):
    """The query beats the path at the edge; only what the message says is judged."""
    path = moved(call.path, lord.home, world.town)
    for query in said_again(method, call.path):
        refusal_of(lambda query=query: do(call, lord, path, query=query), UNKNOWN | {"MALFORMED_REQUEST"})


def said_again(method, path):
    """What the path says of a thing or of what holds it, as queries in three spellings."""
    field = re.search(r"\{([a-z_.]+)=", BY_NAME[method].bindings[-1].path)
    if not field:
        return []
    field = field.group(1)
    name = re.sub(r":[A-Za-z]+$", "", path.removeprefix("/v1/"))
    if field == "parent":
        name = name.rpartition("/")[0]
    return [f"{spelling}={name}" for spelling in {field, f"%{ord(field[0]):x}{field[1:]}", camel(field)}]


def camel(field):
    return re.sub(r"_([a-z])", lambda found: found.group(1).upper(), field)


def test_registering_and_revealing_are_for_ones_own_town(world, lord):
    body = {"person": {"kind": "RESIDENT", "displayName": "外人", "unit": world.village}, "requestId": new_id()}
    refusal_of(lambda: lord.post(f"{lord.home.path}/people:register", body), {"INVALID_FIELD", "ALREADY_REGISTERED"})
    for session in (lord, *(world.callers[caller] for caller in NEIGHBOURS)):
        for name in (world.resident.person, moved(world.resident.person, lord.home, world.town)):
            reveal = {"reason": "通知活动改期", "requestId": new_id()}
            refusal_of(lambda: session.post(f"/v1/{name}:revealPhone", reveal))


# --- reads


def outsiders(world, lord, stranger):
    return {"lord": lord, "stranger": stranger, "other resident": world.callers["other resident"]}


def test_every_read_is_here():
    listed = {method_of(what) for what in (*SHOWN, *HIDDEN, *CLOSED, *OWN)}
    writes = {*WRITES, *WITH_SECRETS, "SendCode", "SignIn", "SignOut", "SetPassword"}
    assert listed == {m.name for m in API.methods if m.policy.access != SERVICES} - writes


@pytest.mark.parametrize("what", SHOWN)
def test_what_anybody_may_read(world, lord, stranger, what):
    path = SHOWN[what](world)
    for who, session in outsiders(world, lord, stranger).items():
        assert session.get(path) is not None, who


@pytest.mark.parametrize("what", HIDDEN)
def test_what_is_hidden_is_as_if_it_were_not_there(world, lord, stranger, what):
    name = HIDDEN[what](world)
    nowhere = re.sub(r"[0-9a-f-]{36}(?=(:\w+|/[a-z]\w*)?$)", str(uuid.uuid4()), name)
    assert nowhere != name
    knowing(lambda: world.town.official.get(f"/v1/{name}"))
    for session in outsiders(world, lord, stranger).values():
        said = refusal_of(lambda: session.get(f"/v1/{name}"))
        of_none = refusal_of(lambda: session.get(f"/v1/{nowhere}"))
        assert said.http_status == 404
        assert shape(said, name) == shape(of_none, nowhere)


def shape(refusal, name):
    """All of a refusal but the name that was asked for."""
    ids = name.removesuffix("/deeds").removesuffix("/lines").partition(":")[0]
    text = json.dumps([refusal.code, refusal.message, refusal.details], ensure_ascii=False)
    return text.replace(ids, "?").replace(ids.rpartition("/")[2], "?")


@pytest.mark.parametrize("what", CLOSED)
def test_what_is_closed(world, lord, stranger, what):
    path = CLOSED[what](world)
    knowing(lambda: status_of(world.town.official, path))
    for session in outsiders(world, lord, stranger).values():
        refusal_of(lambda: status_of(session, path))


def status_of(session, path):
    """As get, for answers that are no JSON, too."""
    answer = session.edge.send("GET", path, None, {"authorization": f"Bearer {session.token()}"})
    if answer.status != 200:
        raise Refused("GET", path, answer)
    return [answer]


# What not everybody may read, as paths.
GUARDED = {
    **{what: lambda w, name=name: f"/v1/{name(w)}" for what, name in HIDDEN.items()},
    **CLOSED,
    **{what: lambda w, listed=listed: listed(w)[0] for what, listed in OWN.items()},
}


@pytest.mark.parametrize("what", GUARDED)
def test_the_query_does_not_lead_elsewhere(world, lord, what):
    """Under a path of the lord's own, things here asked for by the query: it is refused, or answered as without the query, or
    as when they are asked for openly."""
    here, _, more = GUARDED[what](world).partition("?")
    own = moved(here, lord.home, world.town)
    answers = {None, *(body_of(lord, f"{path}?{more}") for path in (own, here))}
    for query in said_again(method_of(what), here):
        assert body_of(lord, f"{own}?{more}&{query}") in answers


def body_of(session, path):
    """None when it was refused."""
    try:
        return status_of(session, path)[0].body
    except Refused as refusal:
        assert refusal.http_status in (400, 403, 404), refusal
        return None


@pytest.mark.parametrize("what", OWN)
def test_lists_of_ones_own(world, lord, stranger, what):
    for make in (world.pairing_in, world.match_in):
        make("PROPOSED")
    for state in ("DRAFT", "PUBLISHED"):
        world.listing_in(state)
    path, field = OWN[what](world)
    for session in outsiders(world, lord, stranger).values():
        for row in session.pages(path, field):
            mine = session.person in (row.get("person"), row.get("principal"))
            assert mine or row.get("state") in ("ACTIVE", "ENDED"), row


def test_a_filter_does_not_widen_a_list(world, lord, stranger):
    """Asking for somebody else's by name."""
    for session in outsiders(world, lord, stranger).values():
        grants = f"{world.town.path}/grants"
        refusal_of(lambda: session.get(grants, person=world.worker.person, showRevoked=True))
        for query in ({"unit": world.village}, {"phone": world.resident.phone}):
            refusal_of(lambda query=query: session.get(f"{world.town.path}/people", **query))
