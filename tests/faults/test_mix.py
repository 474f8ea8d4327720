"""Faults at random under load, for at most three minutes; tests/faults/run does it for hours. The seed is in the log and set
by PINGAN_FAULTS_SEED."""

import pytest
from faults.mix import Siege, mix, say

SECONDS = 130


def test_a_mix_of_faults(field):
    say(f"seed {field.seed}")
    with Siege(field) as siege:
        assert mix(siege, SECONDS) > 5
        problems = siege.problems()
    print(siege.summary())
    assert problems == [], f"seed {field.seed}"


@pytest.mark.parametrize("replicas", (2, 3))
def test_rolling_restart_of_all_services_under_load(field, replicas):
    """Nothing fails that an ordinary client's retry would not hide."""
    field.stack.lay_out(replicas=replicas)
    with Siege(field, towns=1, patience=10.0) as siege:
        field.roll()
        siege.wait_for_progress()
        problems = siege.problems()
    assert problems == []
    assert [dict(load.failures) for load in siege.loads if load.failures] == []
