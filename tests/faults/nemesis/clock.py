"""The clock of the services and the edge, set while they run.

Limit: abseil of Debian 12, and gRPC with it, lets waits end by the time of day. When the clock is set back an hour, gRPC's
timers may stand still for an hour: channels do not connect again, deadlines of clients do not end calls. What is written
stays right; whoever sets a clock back restarts the services, and so does this.
"""

from faults.nemesis import fault

HOUR = 3600


@fault(longest=10.0, apart=True, works_on=True)
def clock_forward(field):
    """our clock an hour ahead, then right again and the services restarted"""
    field.set_clock(HOUR)
    yield "+1 h"
    field.set_clock(0)
    field.restart()


@fault(longest=10.0, apart=True, works_on=True)
def clock_back(field):
    """our clock an hour behind, then right again"""
    field.set_clock(-HOUR)
    yield "-1 h"
    field.set_clock(0)
