"""The load and the verdict of tests/faults, on the cluster: clients that try again as a phone does, and so must not notice
that pods come and go."""

import collections
import threading
import time

from demo_town.edge_client import Refused
from faults import verdict
from faults.load import NO_ANSWER, UNSURE_CODES, Voice
from faults.mix import Siege
from kubectl import wait_for_rollout

# Seconds for which an ordinary client asks again, with the same request id. A call that was with a pod which is gone, network
# and all, hangs until the edge misses it, a quarter of a minute at the most.
TRIES_FOR = 30.0
PAUSE = 0.02      # between calls of one client: what is tried here is going on, not speed


class Phone(Voice):
    """Asks again when there was no answer, or one that says so; counts why."""

    def __init__(self, person, siege):
        super().__init__(person)
        self.siege = siege

    def post(self, path, body=None, **query):
        self.siege.ended.wait(PAUSE)
        give_up = time.monotonic() + self.siege.tries_for
        while True:
            try:
                return super().post(path, body, **query)
            except (*NO_ANSWER, Refused) as problem:
                if is_final(problem) or time.monotonic() > give_up:
                    raise
                self.siege.count(problem)
            self.edge.close()
            self.siege.ended.wait(0.25)


def is_final(problem):
    return isinstance(problem, Refused) and problem.code not in UNSURE_CODES


def reason_of(problem):
    if isinstance(problem, Refused):
        return f"{problem.http_status} {problem.reason or problem.message}"
    return type(problem).__name__


class ClusterSiege(Siege):
    """Two clients for the work of each service."""

    def __init__(self, field):
        self.tries_for = TRIES_FOR
        self.retries = collections.Counter()  # why phones asked again
        self._lock = threading.Lock()
        self.ended = threading.Event()
        super().__init__(field, towns=1, clients=2)
        # The capacity of an event may be lowered below those who are confirmed, which the checker of seats does not know:
        # what the demo or a test did before is none of ours.
        self._known = verdict.seats(field.stack)

    def voice(self, person):
        return Phone(person, self)

    def count(self, problem):
        with self._lock:
            self.retries[reason_of(problem)] += 1

    def problems(self):
        return [problem for problem in super().problems() if problem not in self._known]

    def failures(self):
        """What phones did not get by asking again."""
        return sum((load.failures for load in self.loads), start=collections.Counter())


class Field:
    """The installation, as a siege wants it."""

    def __init__(self, installed):
        self.stack = installed

    def whole(self):
        wait_for_rollout()
