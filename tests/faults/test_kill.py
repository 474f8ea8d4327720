"""kill -9 in mid-load, of each service and of PostgreSQL: what was acknowledged is there once, what was not is there once or
not at all, the change log has no gap, and replaying it gives the same tables. On a stack of the test's own.
"""

import os
import subprocess
import uuid

import pytest
from demo_town.edge_client import Edge
from faults.load import Load, impatient
from support.cast import Cast, at_once, knowing, new_id, refused
from support.events import planned
from support.programme import assert_sound, numbers, offer, pair_up, publish, verb
from support.stack import Stack, is_alive, preset_folder
from support.waiting import wait_until

CLIENTS = 12
SEATS = 5


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
    town.roster = town.roster_of(town.publish(town.village_worker, planned(town.villages, capacity=SEATS)))

    def enter(name):
        body = {"kind": "RESIDENT", "displayName": name, "unit": town.villages[0]}
        return town.village_worker.post(f"{town.path}/people", body, requestId=new_id())["name"]

    town.neighbours = at_once(lambda i: enter(f"居民{i}"), range(CLIENTS * SignUpAndCancel.neighbours_each))
    # Once volunteer has heard of the last one, it knows all.
    last = {"person": enter("最后一位"), "requestId": new_id()}
    knowing(lambda: town.village_worker.post(f"{town.roster}/signUps", last))
    return town


# --- what is written while something dies, and what must be there afterwards


class EnterPeople:
    """directory: a new person each time."""

    insists = False

    def __init__(self, stack, village):
        self.stack, self.village = stack, village
        self.before = self.count()

    def count(self):
        return int(
            self.stack.rows(f"SELECT count(*) FROM directory.people WHERE town = '{self.village.code}'")[0][0]
        )

    def write(self, session, client, turn, request_id):
        body = {"kind": "RESIDENT", "displayName": f"负载{client}", "unit": self.village.villages[0]}
        return session.post(f"{self.village.path}/people", body, requestId=request_id)

    def check_unanswered(self, load):
        made = self.count() - self.before
        assert len(load.answered()) <= made <= len(load.attempts)

    def check_all(self, load):
        names = {a.answer["name"] for a in load.attempts}
        assert len(names) == len(load.attempts) == self.count() - self.before
        listed = self.village.official.pages(f"{self.village.path}/people", "people", pageSize=200)
        assert names <= {person["name"] for person in listed}


class PlanEvents:
    """event: a new draft each time, known by its title."""

    insists = False

    def __init__(self, stack, village):
        self.stack, self.village = stack, village
        self.tag = f"负载{uuid.uuid4().hex}"

    def title(self, client, turn):
        return f"{self.tag}-{client}-{turn}"

    def counts(self):
        rows = self.stack.rows(
            f"SELECT title, count(*) FROM event.events WHERE town = '{self.village.code}' "
            f"AND title LIKE '{self.tag}-%' GROUP BY title"
        )
        return {title: int(count) for title, count in rows}

    def write(self, session, client, turn, request_id):
        event = planned(self.village.villages, title=self.title(client, turn))
        event.update(startTime="2027-06-01T06:00:00Z", endTime="2027-06-01T08:00:00Z")
        return session.post(f"{self.village.path}/events", event, requestId=request_id)

    def check_unanswered(self, load):
        counts = self.counts()
        assert all(counts.get(self.title(a.client, a.turn)) == 1 for a in load.answered())
        assert all(counts.get(self.title(a.client, a.turn), 0) <= 1 for a in load.unanswered())

    def check_all(self, load):
        assert self.counts() == {self.title(a.client, a.turn): 1 for a in load.attempts}
        for attempt in load.attempts[:: max(1, len(load.attempts) // 50)]:
            shown = self.village.official.get(f"/v1/{attempt.answer['name']}")
            assert shown["title"] == self.title(attempt.client, attempt.turn)


class SignUpAndCancel:
    """volunteer: every client signs neighbours of its own up and off again on one hot roster, and insists."""

    insists = True
    neighbours_each = 3

    def __init__(self, _, village):
        self.village = village

    def person(self, client, turn):
        return self.village.neighbours[client * self.neighbours_each + turn // 2 % self.neighbours_each]

    def sign_up_name(self, person):
        return f"{self.village.roster.removeprefix('/v1/')}/signUps/{person.rpartition('/')[2]}"

    def write(self, session, client, turn, request_id):
        person = self.person(client, turn)
        if turn % 2 == 0:
            return session.post(f"{self.village.roster}/signUps", {"person": person, "requestId": request_id})
        return session.post(f"/v1/{self.sign_up_name(person)}:cancel", {"requestId": request_id})

    def check_unanswered(self, load):
        assert load.unanswered() == []

    def check_all(self, load):
        """The last word of each client about each neighbour stands, and counters are their sums."""
        shown = self.village.edge.get(self.village.roster)
        listed = self.village.village_worker.pages(f"{self.village.roster}/signUps", "signUps", pageSize=200)
        rows = {row["person"]: row for row in listed}
        assert len(rows) == len(listed)
        states = [row["state"] for row in listed]
        confirmed, waiting = states.count("CONFIRMED"), states.count("WAITLISTED")
        assert (shown.get("confirmed", 0), shown.get("waiting", 0)) == (confirmed, waiting)
        assert confirmed <= SEATS and (confirmed == SEATS or waiting == 0)
        for attempt in sorted(load.attempts, key=lambda a: a.turn, reverse=True):
            row = rows.pop(self.person(attempt.client, attempt.turn), None)
            if row is not None:
                assert (row["state"] == "SIGN_UP_CANCELLED") == bool(attempt.turn % 2), row


def partner(village):
    """An enterprise of the village worker's own, so that one person may act for both sides of everything; pairing knows."""
    if not village.enterprises:
        worker, (enterprise,) = village.village_worker, village.add_enterprises(1)
        village.give_role(village.official, worker, "ENTERPRISE_MANAGER", enterprise)
        proposal = {"enterprise": enterprise, "unit": village.villages[0]}

        def lacks_the_enterprises():
            refusal = refused(
                lambda: worker.post(f"{village.path}/pairings", proposal, requestId=new_id()), "INVALID_FIELD"
            )
            return "pairing.enterprise_responsible" in refusal.fields

        wait_until(lacks_the_enterprises, what="the worker's role for the enterprise in pairing")
    return village.enterprises[0]


class Promise:
    """pairing: a new commitment each time, known by its title."""

    insists = False

    def __init__(self, stack, village):
        self.stack, self.village = stack, village
        self.tag = f"负载{uuid.uuid4().hex}"
        worker = village.village_worker
        if not hasattr(village, "pairing"):
            village.pairing = pair_up(village, worker, worker, partner(village), village.villages[0])

    def title(self, client, turn):
        return f"{self.tag}-{client}-{turn}"

    def counts(self):
        rows = self.stack.rows(
            f"SELECT title, count(*) FROM pairing.commitments WHERE town = '{self.village.code}' "
            f"AND title LIKE '{self.tag}-%' GROUP BY title"
        )
        return {title: int(count) for title, count in rows}

    def write(self, session, client, turn, request_id):
        body = {
            "mechanism": "PATROL",
            "measure": "HELD_EVENTS",
            "title": self.title(client, turn),
            "times": 1,
            "period": "MONTHLY",
        }
        return session.post(f"/v1/{self.village.pairing['name']}/commitments", body, requestId=request_id)

    def check_unanswered(self, load):
        counts = self.counts()
        assert all(counts.get(self.title(a.client, a.turn)) == 1 for a in load.answered())
        assert all(counts.get(self.title(a.client, a.turn), 0) <= 1 for a in load.unanswered())

    def check_all(self, load):
        assert self.counts() == {self.title(a.client, a.turn): 1 for a in load.attempts}


class DeliverAndConfirm:
    """exchange: every client hands one over and confirms it, on a match of its own but of one hot resource, and insists."""

    insists = True

    def __init__(self, _, village):
        self.village, worker = village, village.village_worker
        self.resource = publish(worker, village, partner(village), release=True, quantity=str(10**6 * CLIENTS))
        self.matches = at_once(self.agree, range(CLIENTS))

    def agree(self, _):
        worker, receiver = self.village.village_worker, self.village.villages[0]
        need = publish(worker, self.village, receiver, "NEED", release=True, quantity=str(10**6))
        match = offer(worker, self.village, self.resource, need, quantity=10**6)
        return verb(worker, match["name"], "accept")["name"]

    def write(self, session, client, turn, request_id):
        body = {"quantity": "1", "requestId": request_id}
        return session.post(f"/v1/{self.matches[client]}:{('deliver', 'confirm')[turn % 2]}", body)

    def check_unanswered(self, load):
        assert load.unanswered() == []

    def check_all(self, load):
        """Every match has a line for each word of its client, and the resource is the sum of all."""
        worker = self.village.village_worker
        for client, match in enumerate(self.matches):
            turns = [a.turn for a in load.attempts if a.client == client]
            shown = worker.get(f"/v1/{match}")
            said = [sum(turn % 2 == half for turn in turns) for half in (0, 1)]
            assert numbers(shown, "delivered", "confirmed") == tuple(said)
        assert_sound(worker, self.resource["name"], self.village)


WORK = {
    "directory": EnterPeople,
    "event": PlanEvents,
    "volunteer": SignUpAndCancel,
    "pairing": Promise,
    "exchange": DeliverAndConfirm,
}


PIDS = {
    "service": lambda stack, service: stack.pid(service),
    "postgres": lambda stack, _: stack.cluster().pid(),
}


def kill(stack, pid):
    """The process, and waits for those that cannot go on without it: the backends of a postmaster."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    stack.kill(pid)
    wait_until(
        lambda: not any(is_alive(int(child)) for child in found.stdout.split()), 30, "the end of all children"
    )


@pytest.mark.parametrize("service", WORK)
@pytest.mark.parametrize("victim", PIDS)
def test_killed_in_mid_load(own_stack, village, service, victim):
    work = WORK[service](own_stack, village)
    edge = Edge(own_stack.edge.address, patience=0.0, timeout=20.0)
    load = Load([impatient(village.village_worker, edge) for _ in range(CLIENTS)], work.write, work.insists)
    wait_until(lambda: load.acknowledged >= 100, 60, "a hundred writes before the kill")
    killed = PIDS[victim](own_stack, service)
    kill(own_stack, killed)
    own_stack.up()
    assert PIDS[victim](own_stack, service) not in (None, killed)
    before = load.acknowledged
    wait_until(lambda: load.acknowledged >= before + 100, 60, "a hundred writes after it")
    load.finish()

    work.check_unanswered(load)

    def ask_again(attempt):
        """What was done answers as it did, and what was not is done now."""
        answer = work.write(village.village_worker, attempt.client, attempt.turn, attempt.request_id)
        assert attempt.answer is None or differing(attempt.answer, answer) == {}
        attempt.answer = answer

    at_once(ask_again, load.attempts)
    work.check_all(load)
    assert_dense(own_stack, service)
    assert_replays(own_stack, service)


def differing(first, second):
    """The fields in which two answers differ, with both values."""
    keys = first.keys() | second.keys()
    return {key: (first.get(key), second.get(key)) for key in keys if first.get(key) != second.get(key)}


def assert_dense(stack, service):
    """Every tenant's log counts from 1 to its head without a gap."""
    gaps = stack.rows(
        f"SELECT h.tenant, h.seq, count(c.seq), min(c.seq), max(c.seq) FROM {service}.heads h "
        f"LEFT JOIN {service}.changes c ON c.tenant = h.tenant GROUP BY h.tenant, h.seq "
        "HAVING count(DISTINCT c.seq) <> h.seq OR h.seq > 0 AND (min(c.seq) <> 1 OR max(c.seq) <> h.seq)"
    )
    assert gaps == []
    assert int(stack.rows(f"SELECT count(*) FROM {service}.changes")[0][0]) > 0


def assert_replays(stack, service):
    """The service's own tool writes its log into empty tables and finds them equal."""
    schema = f"{service}_replayed"
    owner = stack.home / "secrets" / "database" / f"{service}_owner"
    program = os.path.join(preset_folder(), "bin", service)
    command = [program, "replay", f"--database=@{owner}", f"--replay_schema={schema}"]
    stack.rows(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    stack.rows(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tables are equal" in done.stdout
