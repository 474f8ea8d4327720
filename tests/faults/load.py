"""A load that remembers what was acknowledged: each client writes one thing after another with request ids of its own and
keeps the answer, or that there was none."""

import http.client
import threading

from demo_town.edge_client import Refused, Session
from support.cast import new_id

UNSURE = (OSError, http.client.HTTPException)
# The edge could not say whether the service did it, or the service could not whether its database did.
UNSURE_CODES = (4, 14, 2, 13)


class Attempt:
    def __init__(self, key, request_id):
        self.key, self.request_id = key, request_id
        self.answer = None
        self.refused = None


class Load:
    """`write(session, key, request_id)` makes one write; keys are never used twice. Runs in threads until `finish`."""

    def __init__(self, sessions, write):
        self.write = write
        self.attempts = []
        self.acknowledged = 0
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self._run, args=(i, s), daemon=True) for i, s in enumerate(sessions)
        ]
        for thread in self.threads:
            thread.start()

    def _run(self, number, session):
        turn = 0
        while not self._stop.is_set():
            attempt = Attempt(f"{number}-{turn}", new_id())
            turn += 1
            with self._lock:
                self.attempts.append(attempt)
            try:
                attempt.answer = self.write(session, attempt.key, attempt.request_id)
                with self._lock:
                    self.acknowledged += 1
            except UNSURE as problem:
                attempt.refused = problem
                session.edge.close()
                self._stop.wait(0.02)
            except Refused as refused:
                attempt.refused = refused
                if refused.code not in UNSURE_CODES:
                    raise
                self._stop.wait(0.02)

    def finish(self):
        self._stop.set()
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"

    def acknowledged_attempts(self):
        return [a for a in self.attempts if a.answer is not None]

    def unsure_attempts(self):
        return [a for a in self.attempts if a.answer is None]


def impatient(session, edge):
    """The same person, whose client does not try again by itself."""
    twin = Session.__new__(Session)
    twin.__dict__.update(session.__dict__)
    twin.edge = edge
    return twin
