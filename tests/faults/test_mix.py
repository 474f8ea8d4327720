"""Faults at random under load, for three minutes; tests/faults/run does it for hours. The seed is in the log and set
by PINGAN_FAULTS_SEED."""

import pytest
from faults.mix import Siege, mix, possible, say
from faults.nemesis import FAULTS
from faults.nemesis.network import both_ways

SECONDS = 180


def test_every_fault_can_be_made_here(field):
    """What cannot be made, no mix has."""
    missing = sorted(set(FAULTS) - set(possible(field)))
    if missing:
        pytest.skip(f"no {', '.join(missing)}: needs root, mount and /dev/net/tun")


def test_a_mix_of_faults(field):
    """On one, two and three replicas of each service."""
    say(f"seed {field.seed}")
    made = []
    with Siege(field) as siege:
        for replicas in (1, 2, 3):
            field.stack.lay_out(replicas=replicas)
            made.append(mix(siege, SECONDS / 3))
        problems = siege.problems()
    print(siege.summary())
    assert problems == [], f"seed {field.seed}"
    assert sum(made) > 5, made


def test_a_replica_that_is_cut_off_in_mid_transaction_holds_up_nobody(field):
    """It has its towns' locks, and nobody tells PostgreSQL that it is gone."""
    if field.network is None:
        pytest.skip("needs root and /dev/net/tun")
    field.stack.lay_out(replicas=2)
    with Siege(field, towns=1) as siege:
        try:
            for service in ("event", "volunteer"):
                both_ways(field, service, "postgres", loss=1.0)
            siege.wait_for_progress()
        finally:
            field.network.heal()
        problems = siege.problems()
    assert problems == []


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
