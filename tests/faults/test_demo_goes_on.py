"""The demo town, killed while it is loaded and started again: the same figures as if nothing had happened. A further run
changes nothing. On a stack of the test's own."""

import os
import subprocess

import pytest
from demo_town.edge_client import Edge, Refused
from support.stack import ROOT, Stack
from support.waiting import wait_until

DEMO = "/v1/towns/330481003"
FIGURES = {"villages": 17, "enterprises": 47, "heldEvents": 346, "talks": 260, "otherEvents": 86}


@pytest.fixture(scope="module")
def bare_stack():
    started = Stack.started(demo=False)
    yield started
    started.stop()


def load(stack):
    command = [os.path.join(ROOT, "deploy/dev/demo")]
    for name, value in (
        ("edge", stack.edge.address),
        ("admin", stack.home / "secrets" / "admin.json"),
        ("codes", stack.home / "codes"),
        ("logins", stack.home / "logins.json"),
    ):
        command += [f"--{name}", str(value)]
    return subprocess.Popen(command)


def held(edge):
    try:
        return edge.get(f"{DEMO}/events:summarize").get("heldEvents", 0)
    except Refused:
        return 0


def everything(stack):
    """How many rows each table of the town has, but for those that signing in leaves."""
    tables = {
        "directory": ("units", "enterprises", "placements", "duties", "people", "grants"),
        "event": ("events", "held_events", "co_building_days"),
        "volunteer": ("rosters", "sign_ups"),
        "pairing": ("pairings", "transitions", "commitments"),
        "exchange": ("listings", "matches", "lines"),
    }
    return {
        (service, table): int(
            stack.rows(f"SELECT count(*) FROM {service}.{table} WHERE town = '330481003'")[0][0]
        )
        for service, names in tables.items()
        for table in names
    }


def test_a_killed_run_goes_on_and_a_further_one_changes_nothing(bare_stack):
    edge = Edge(bare_stack.edge.address, patience=5)
    first = load(bare_stack)
    wait_until(lambda: held(edge) >= 60, 120, "sixty held events")
    first.kill()
    first.wait()
    assert held(edge) < 346, "the demo was quicker than the kill"

    assert load(bare_stack).wait() == 0
    summary = edge.get(f"{DEMO}/events:summarize")
    assert {key: summary[key] for key in FIGURES} == FIGURES

    wait_until(
        lambda: everything(bare_stack)["volunteer", "rosters"] == 11,
        what="a roster for every announced event",
    )
    before = everything(bare_stack)
    os.remove(bare_stack.home / "logins.json")  # or it would see at once that it is complete
    assert load(bare_stack).wait() == 0
    assert everything(bare_stack) == before
