"""kill -9 of each service and of PostgreSQL in mid-load, and SIGSTOP of each service: what was acknowledged is there once, what
was not is there once or not at all, the change log has no gap, and replaying it gives the same tables. On a stack of the
tests' own.
"""

import pytest
from dev_stack.settings import SERVICES
from faults.mix import Siege, wait_out
from faults.nemesis.processes import stopped

STANDSTILL = 1.0  # seconds


@pytest.fixture(scope="module")
def siege(field):
    with Siege(field, towns=1) as made:
        yield made


def test_each_service_and_the_database_hurt_in_mid_load(field, siege):
    for service in SERVICES:
        killed = field.stack.pid(service)
        field.kill(service)
        field.whole()
        assert field.stack.pid(service) != killed
        siege.wait_for_progress()
        with stopped([field.stack.pid(service)]):
            wait_out(STANDSTILL)
        field.whole()
        siege.wait_for_progress()
    killed = field.stack.cluster().pid()
    field.kill_postmaster()
    field.whole()
    assert field.stack.cluster().pid() not in (None, killed)
    siege.wait_for_progress()
    assert siege.problems() == []


def test_a_process_that_ends_by_itself_is_told_of(field):
    """No crash hides behind the faults."""
    field.stack.kill(field.stack.pid("pairing"))
    field.whole()
    told = [words.split("\n")[0] for words in field.died]
    field.died.clear()
    assert told == ["pairing ended by itself. Its last words:"]
