"""kill -9 in mid-load, of each service and of PostgreSQL: what was acknowledged is there once, what was not is there once or
not at all, the change log has no gap, and replaying it gives the same tables. On a stack of the test's own.
"""

import os
import subprocess

import pytest
from demo_town.edge_client import Edge
from faults.load import Load, impatient
from support.cast import Cast, at_once, knowing, new_id
from support.events import planned
from support.stack import Stack, preset_folder
from support.waiting import wait_until

CLIENTS = 12
SERVICES = ("directory", "event", "volunteer")


@pytest.fixture(scope="module")
def own_stack():
    started = Stack.started()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def village(own_stack):
    town = Cast(own_stack).new_town()
    town.add_villages(1)
    town.village_worker = town.worker()
    town.roster = town.roster_of(town.publish(town.village_worker, planned(town.villages, capacity=5)))
    town.neighbours = at_once(
        lambda i: town.village_worker.post(
            f"{town.path}/people",
            {"kind": "RESIDENT", "displayName": f"居民{i}", "unit": town.villages[0]},
            requestId=new_id(),
        )["name"],
        range(40),
    )
    knowing(
        lambda: town.village_worker.post(
            f"{town.roster}/signUps", {"person": town.neighbours[0], "requestId": new_id()}
        )
    )
    return town


# --- what is written while something dies: (service that writes it, how)


def enter_person(village):
    def write(session, key, request_id):
        body = {"kind": "RESIDENT", "displayName": f"负载{key}", "unit": village.villages[0]}
        return session.post(f"{village.path}/people", body, requestId=request_id)

    return write


def plan_event(village):
    def write(session, key, request_id):
        return session.post(
            f"{village.path}/events", planned(village.villages, title=f"负载宣讲{key}"), requestId=request_id
        )

    return write


def sign_up_and_cancel(village):
    """Every client cycles through neighbours of its own on one hot roster."""

    def write(session, key, request_id):
        client, turn = map(int, key.split("-"))
        person = village.neighbours[1 + client * 3 + turn // 2 % 3]
        if turn % 2 == 0:
            return session.post(f"{village.roster}/signUps", {"person": person, "requestId": request_id})
        name = f"{village.roster.removeprefix('/v1/')}/signUps/{person.rpartition('/')[2]}"
        return session.post(f"/v1/{name}:cancel", {"requestId": request_id})

    return write


WRITES = {"directory": enter_person, "event": plan_event, "volunteer": sign_up_and_cancel}


def kill_service(stack, service):
    stack.kill(stack.pid(service))


def kill_postgres(stack, _):
    """The postmaster, and with it the backends that it cannot end any more."""
    pid = stack.cluster().pid()
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split()
    stack.kill(pid)
    wait_until(
        lambda: not any(os.path.exists(f"/proc/{child}") for child in children), 30, "the end of all backends"
    )


KILLS = {"service": kill_service, "postgres": kill_postgres}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("victim", KILLS)
def test_killed_in_mid_load(own_stack, village, service, victim):
    edge = Edge(own_stack.edge.address, patience=0.0, timeout=20.0)
    write = WRITES[service](village)
    load = Load([impatient(village.village_worker, edge) for _ in range(CLIENTS)], write)
    wait_until(lambda: load.acknowledged >= 100, 60, "a hundred writes before the kill")
    KILLS[victim](own_stack, service)
    own_stack.up()
    before = load.acknowledged
    wait_until(lambda: load.acknowledged >= before + 100, 60, "a hundred writes after it")
    load.finish()

    assert load.acknowledged_attempts() and len(load.attempts) > len(
        load.acknowledged_attempts()
    ), "the kill hurt nobody"
    check_answers(village, write, load)
    assert_dense(own_stack, service)
    assert_effects_once(own_stack, village, service, load)
    assert_replays(own_stack, service, village.code)


def check_answers(village, write, load):
    """Asked again with its request_id, an acknowledged write gives its answer, an unsure one is done now or was before."""
    for attempt in load.acknowledged_attempts():
        assert write(village.village_worker, attempt.key, attempt.request_id) == attempt.answer, attempt.key
    if "people" in str(load.acknowledged_attempts()[0].answer.get("name", "")) or "/events/" in str(
        load.acknowledged_attempts()[0].answer.get("name", "")
    ):
        for attempt in load.unsure_attempts():
            attempt.answer = write(village.village_worker, attempt.key, attempt.request_id)


def assert_dense(stack, service):
    """Every town's log counts from 1 to its head without a gap."""
    gaps = stack.rows(
        f"SELECT h.tenant, h.seq, count(c.seq), min(c.seq), max(c.seq), count(DISTINCT c.seq) FROM {service}.heads h "
        f"LEFT JOIN {service}.changes c ON c.tenant = h.tenant GROUP BY 1, 2 "
        "HAVING count(c.seq) <> h.seq OR (h.seq > 0 AND (min(c.seq) <> 1 OR max(c.seq) <> h.seq OR count(DISTINCT c.seq) <> h.seq))"
    )
    assert gaps == []
    assert int(stack.rows(f"SELECT count(*) FROM {service}.changes")[0][0]) > 0


def assert_effects_once(stack, village, service, load):
    if service == "volunteer":
        shown = village.edge.get(village.roster)
        rows = village.village_worker.pages(f"{village.roster}/signUps", "signUps", pageSize=200)
        confirmed = sum(r["state"] == "CONFIRMED" for r in rows)
        waiting = sum(r["state"] == "WAITLISTED" for r in rows)
        assert (shown["confirmed"], shown.get("waiting", 0)) == (confirmed, waiting)
        assert confirmed <= 5 and (confirmed == 5 or waiting == 0)
        assert len({r["person"] for r in rows}) == len(rows)
        return
    # Every write made one row: as many rows of the load as attempts, all of them asked again by now.
    made = {a.answer["name"] for a in load.attempts}
    assert len(made) == len(load.attempts)
    table, key = {"directory": ("people", "person"), "event": ("events", "event")}[service]
    ids = ",".join(f"'{name.rpartition('/')[2]}'" for name in made)
    assert int(
        stack.rows(
            f"SELECT count(*) FROM {service}.{table} WHERE town = '{village.code}' AND {key} IN ({ids})"
        )[0][0]
    ) == len(made)
    for attempt in load.attempts:
        assert village.official.get(f"/v1/{attempt.answer['name']}")["name"] == attempt.answer["name"]


def assert_replays(stack, service, town):
    """The service's own tool writes its log into empty tables and compares."""
    program = os.path.join(preset_folder(), "bin", service)
    conninfo = stack.home / "secrets" / "database" / f"{service}_owner"
    done = subprocess.run(
        [program, "replay", f"--database=@{conninfo}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
