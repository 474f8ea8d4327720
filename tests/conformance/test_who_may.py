"""Every act of every resource by every caller, against the table in who_may.py."""

import json

import pytest
from conformance import programme_acts  # noqa: F401 (keeps its acts in ACTS)
from conformance.acts import ACTS
from conformance.who_may import CALLERS, DENIED, HIDDEN, OK, READ_AS_OFFICIAL, SIGN_IN, TABLE, expected
from conformance.world import World
from demo_town.edge_client import Answer, Refused

# Something is there already: the caller might have made it, which is as good as done.
CODES = {5: HIDDEN, 6: OK, 7: DENIED, 16: SIGN_IN}
# Of what anybody may read, a field that only some see.
SHOWN_TO_SOME = {"see its uscc": "uscc", "see its persons": "enterpriseResponsible"}
CASES = [(row, caller) for row in TABLE for caller in CALLERS if expected(row, caller)]


@pytest.fixture(scope="module")
def world(cast, stack):
    return World(cast, stack.expired_token(cast))


def answer_of(world, row, caller):
    """OK, or what the caller was told instead."""
    try:
        answer = ACTS[row.resource, row.act](world, world.callers[caller])
    except Refused as refused:
        # Who is nobody in the town, or on the other side, is told so instead of that they may not.
        not_theirs = refused.reason in ("NOT_REGISTERED", "FOR_THE_OTHER_SIDE")
        return DENIED if not_theirs else CODES.get(refused.code, refused.reason), refused
    if isinstance(answer, Answer) and answer.status != 200:
        return CODES.get(json.loads(answer.body)["code"], "refused"), answer.body
    if row.act in SHOWN_TO_SOME:
        assert bool(answer.get(SHOWN_TO_SOME[row.act])) == (caller in row.who), answer
    return OK, answer


@pytest.mark.parametrize("row, caller", CASES, ids=[f"{r.resource}: {r.act}: {c}" for r, c in CASES])
def test_who_may(world, row, caller):
    got, answer = answer_of(world, row, caller)
    assert got == expected(row, caller), answer


def test_the_table_has_an_act_for_every_row_and_the_other_way_round():
    assert {(row.resource, row.act) for row in TABLE} == set(ACTS)


def test_names_are_masked_for_all_but_oneself(world):
    name = f"/v1/{world.resident.person}"
    own = world.resident.get(name)
    assert own["displayName"] == "王小明"
    assert own["phone"] == world.resident.phone[:3] + "****" + world.resident.phone[-4:]
    for caller in ("village worker", "official", "city official"):
        assert world.callers[caller].get(name)["displayName"] == "王**"
        assert "****" in world.callers[caller].get(name)["phone"]


def test_revealing_a_phone_needs_a_reason(world):
    with pytest.raises(Refused) as refused:
        world.worker.post(
            f"{'/v1/' + world.resident.person}:revealPhone",
            {"requestId": "11111111-1111-4111-8111-111111111111"},
        )
    assert refused.value.reason == "INVALID_FIELD" and "reason" in refused.value.fields
    revealed = ACTS["phone", "reveal the resident's"](world, world.worker)
    assert revealed["phone"] == world.resident.phone


def test_a_worker_lists_their_own_village_only(world):
    def listed(caller, **where):
        return {
            p["name"] for p in world.callers[caller].pages(f"{world.town.path}/people", "people", **where)
        }

    assert world.resident.person in listed("village worker")
    assert listed("village worker") == listed("official", unit=world.village)
    assert listed("other village's worker", unit=world.village) == set()


def test_all_but_officials_list_their_own_roles_only(world):
    for caller, session in world.callers.items():
        if session.person and caller not in READ_AS_OFFICIAL:
            grants = session.pages(f"{world.town.path}/grants", "grants")
            assert {grant["person"] for grant in grants} <= {session.person}, caller
