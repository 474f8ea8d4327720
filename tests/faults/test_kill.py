"""kill -9 in mid-load, of each service and of PostgreSQL: what was acknowledged is there once, what was not is there once or
not at all, the change log has no gap, and replaying it gives the same tables. On a stack of the tests' own.
"""

import pytest
from dev_stack.settings import SERVICES
from faults.mix import Siege


@pytest.fixture(scope="module")
def siege(field):
    with Siege(field, towns=1) as made:
        yield made


def test_each_service_and_the_database_killed_in_mid_load(field, siege):
    for service in SERVICES:
        killed = field.stack.pid(service)
        field.stack.kill(killed)
        field.whole()
        assert field.stack.pid(service) != killed
        siege.wait_for_progress()
    killed = field.stack.cluster().pid()
    field.kill_postmaster()
    field.whole()
    assert field.stack.cluster().pid() not in (None, killed)
    siege.wait_for_progress()
    assert siege.problems() == []
