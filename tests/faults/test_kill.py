"""kill -9 of each service and of PostgreSQL in mid-load, and SIGSTOP of each service: what was acknowledged is there once, what
was not is there once or not at all, the change log has no gap, and replaying it gives the same tables. On a stack of the
tests' own.
"""

import os
import signal

import pytest
from dev_stack.settings import SERVICES
from dev_stack.up import is_ready
from faults.mix import Siege, wait_out
from faults.nemesis.processes import stopped
from support.stack import is_alive
from support.waiting import wait_until

STANDSTILL = 1.0  # seconds


@pytest.fixture(scope="module")
def siege(field):
    with Siege(field, towns=1) as made:
        yield made


def test_nobody_waits_for_a_database_that_stands_still(field, siege):
    """No service goes on being ready, and who is asked to end does not wait before it refuses calls."""
    (asked_to_end,) = field.stack.parts().replicas["exchange"]
    pid = field.stack.pid("exchange")
    log = field.stack.home / "logs" / "exchange.log"
    everybody = [r.address() for replicas in field.stack.parts().replicas.values() for r in replicas]
    drained = log.read_text().count('"draining"')
    with stopped([field.stack.cluster().pid(), *(child for child, _ in field.children_of_postmaster())]):
        wait_until(lambda: not any(map(is_ready, everybody)), 60, "services that are not ready")
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: log.read_text().count('"draining"') > drained, 60, "the service that drains")
    wait_until(lambda: not is_alive(pid), 60, "its end")
    asked_to_end.process.stop()  # takes it from the list
    asked_to_end.start()
    field.whole()
    siege.wait_for_progress()


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
