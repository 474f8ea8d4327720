"""The clock of the services and the edge, set while they run."""

from faults.nemesis import fault

HOUR = 3600


@fault(longest=10.0, apart=True, works_on=True)
def clock_forward(field):
    """our clock an hour ahead, then right again"""
    field.set_clock(HOUR)
    yield "+1 h"
    field.set_clock(0)


@fault(longest=10.0, apart=True, works_on=True)
def clock_back(field):
    """our clock an hour behind, then right again"""
    field.set_clock(-HOUR)
    yield "-1 h"
    field.set_clock(0)
