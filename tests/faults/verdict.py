"""Asks a stack for the rows that the checker judges."""

import os
import subprocess

from demo_town.edge_client import Refused
from dev_stack.settings import SERVICES
from faults import checker, followed
from faults.load import NOTHING
from faults.workloads import NEWCOMER
from security.personal import DemoPeople, found_in, logs
from support.cast import at_once
from support.descriptors import Api
from support.stack import api_descriptors, preset_folder
from support.waiting import wait_until

ASKED_AGAIN = 400  # of the answered; all of the unanswered are


def of_load(load):
    """The journal of one load against what is there: as it was left, and once more when everything was asked again."""
    work = load.work
    problems = [f"{key} ended its client: {surprise}" for key, surprise in load.surprises] + work.untried()
    problems += judge(load) + asked_again(load)
    return [f"{type(work).__name__} of {work.service}: {problem}" for problem in problems]


def asked_again(load):
    work, problems = load.work, []

    def ask_again(attempt):
        try:
            answer = work.write(work.speaker, attempt.client, attempt.turn, attempt.request_id)
        except Refused as refusal:
            return [f"refused when asked again: {refusal}"]
        differing = checker.same_answer(attempt, answer)
        attempt.answer = answer
        return differing

    answered = load.answered()
    sample = answered[:: max(1, len(answered) // ASKED_AGAIN)]
    for differing in at_once(ask_again, load.unanswered() + sample):
        problems += differing
    return problems + judge(load)


def judge(load):
    effective = [attempt for attempt in load.attempts if attempt.answer != NOTHING]
    effects = list(load.work.effects(load.attempts))
    return checker.exactly_once(effective, effects) + checker.in_order(effective, effects)


def of_stack(stack):
    """All that must be true of a stack that has come to rest."""
    problems = wait_for_followers(stack)
    for service in SERVICES:
        problems += [f"{service}: {problem}" for problem in checker.dense(heads(stack, service))]
        problems += replay(stack, service)
    problems += seats(stack) + seats_over_time(stack) + ledgers(stack) + half_there(stack)
    return problems + named_in_logs(stack)


def wait_for_followers(stack, seconds=60):
    """What is not equal after so long is not equal."""
    found = [None]

    def equal():
        found[0] = followed.problems(stack)
        return not found[0]

    try:
        wait_until(equal, seconds)
    except AssertionError:
        pass
    return found[0]


def heads(stack, service):
    rows = stack.rows(
        f"SELECT h.tenant, h.seq, count(c.seq), count(DISTINCT c.seq), coalesce(min(c.seq), 0), coalesce(max(c.seq), 0) "
        f"FROM {service}.heads h FULL JOIN {service}.changes c ON c.tenant = h.tenant GROUP BY h.tenant, h.seq"
    )
    assert rows, f"{service} has no log"
    return [(tenant, *(int(number or 0) for number in numbers)) for tenant, *numbers in rows]


def replay(stack, service):
    """The service's own tool writes its log into empty tables and finds them equal."""
    schema = f"{service}_replayed"
    owner = stack.home / "secrets" / "database" / f"{service}_owner"
    program = os.path.join(preset_folder(), "bin", service)
    command = [program, "replay", f"--database=@{owner}", f"--replay_schema={schema}"]
    stack.rows(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    stack.rows(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    if done.returncode == 0 and "tables are equal" in done.stdout:
        return []
    return [f"{service}: its log does not give its tables: {done.stdout[-2000:]}{done.stderr[-2000:]}"]


SIGN_UP_STATES = "CASE state WHEN 1 THEN 'CONFIRMED' WHEN 2 THEN 'WAITLISTED' ELSE '' END"


def seats(stack):
    rosters = stack.rows("SELECT town || '/' || roster, capacity, confirmed, waiting FROM volunteer.rosters WHERE state = 1")
    sign_ups = stack.rows(
        f"SELECT s.town || '/' || s.roster, {SIGN_UP_STATES.replace('state', 's.state')} FROM volunteer.sign_ups s "
        "JOIN volunteer.rosters r USING (town, roster) WHERE r.state = 1"
    )
    return checker.seats({name: tuple(map(int, numbers)) for name, *numbers in rosters}, map(tuple, sign_ups))


def seats_over_time(stack):
    api = Api(api_descriptors())
    rows = stack.rows(
        "SELECT type, encode(body, 'hex') FROM volunteer.changes "
        r"WHERE type ~ '\.(Roster|SignUp)\.\w+$' ORDER BY tenant, seq"
    )
    assert rows, "nobody has signed up"

    def change(kind, body):
        message = api.new(kind.rpartition(".")[0])
        message.ParseFromString(bytes.fromhex(body))
        roster, _, person = message.name.partition("/signUps/")
        if not person:
            return roster, message.capacity
        return roster, person, type(message).DESCRIPTOR.fields_by_name["state"].enum_type.values_by_number[message.state].name

    return checker.seats_over_time(change(*row) for row in rows)


def ledgers(stack):
    listings = stack.rows(
        "SELECT format('towns/%s/listings/%s', town, listing), CASE direction WHEN 2 THEN 'NEED' ELSE 'RESOURCE' END, "
        "quantity, committed, delivered, confirmed, lost FROM exchange.listings"
    )
    matches = stack.rows(
        "SELECT match, 'towns/' || town || '/listings/' || resource, 'towns/' || town || '/listings/' || need, "
        "quantity, delivered, confirmed, lost, cancelled FROM exchange.matches"
    )
    lines = stack.rows("SELECT match, kind, sum(quantity) FROM exchange.lines GROUP BY match, kind")
    return checker.ledgers(
        {name: (direction, *map(int, numbers)) for name, direction, *numbers in listings},
        {name: (resource, need, *map(int, numbers)) for name, resource, need, *numbers in matches},
        [(match, checker.LINE_KINDS[int(kind) - 1], int(quantity)) for match, kind, quantity in lines],
    )


# What one command writes into two tables is in both.
PAIRS = {
    "people and their sealed data": (
        "SELECT town, person FROM directory.people WHERE NOT erased",
        "SELECT town, person FROM directory.personal_data",
    ),
    "people and their keys": (
        "SELECT town, person FROM directory.people WHERE NOT erased",
        "SELECT town, person FROM directory.person_keys",
    ),
    "held events and what is counted": (
        "SELECT town, event FROM event.events WHERE state = 3",
        "SELECT town, event FROM event.held_events",
    ),
    "sign-ups and when their rosters are": (
        "SELECT town, roster, person, start_time, end_time FROM volunteer.sign_ups WHERE state IN (1, 2)",
        "SELECT s.town, s.roster, s.person, r.start_time, r.end_time FROM volunteer.sign_ups s "
        "JOIN volunteer.rosters r USING (town, roster) WHERE s.state IN (1, 2)",
    ),
    "pairings and their last step": (
        "SELECT town, pairing, state FROM pairing.pairings",
        # By the log: ids follow the clock, which was set.
        "SELECT DISTINCT ON (t.town, t.pairing) t.town, t.pairing, t.to_state FROM pairing.transitions t "
        "JOIN pairing.changes c ON c.tenant = t.town AND c.name = format("
        "'towns/%s/pairings/%s/transitions/%s', t.town, t.pairing, t.transition) "
        "ORDER BY t.town, t.pairing, c.seq DESC",
    ),
}


def half_there(stack):
    problems = []
    for what, (one, other) in PAIRS.items():
        problems += checker.same_rows(what, stack.rows(one), stack.rows(other))
    return problems


def named_in_logs(stack):
    """Names and phones of people, in what services, edge and PostgreSQL said of all that failed."""
    demo = DemoPeople()
    words = demo.names | demo.phones | {NEWCOMER}
    return [f"{file} names {', '.join(sorted(found))}" for file, found in found_in(words, logs(stack).items()).items()]
