"""A load that remembers what was acknowledged: clients that write one thing after another with request ids of their own."""

import http.client
import threading

from demo_town.edge_client import Refused, Session
from support.cast import new_id

# No answer came; or the edge cannot say whether the service did it, or the service whether its database did.
NO_ANSWER = (OSError, http.client.HTTPException)
UNSURE_CODES = (1, 2, 4, 13, 14)


class Attempt:
    def __init__(self, client, turn):
        self.client, self.turn = client, turn
        self.request_id = new_id()
        self.answer = None


class Load:
    """`write(session, client, turn, request_id)` makes one write. A client that insists asks again with the same request id
    until it is answered, as real ones do; the others leave it and go on. Runs in threads until `finish`."""

    def __init__(self, sessions, write, insist):
        self.write = write
        self.insist = insist
        self.attempts = []
        self.acknowledged = 0
        self.surprises = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(i, s), daemon=True) for i, s in enumerate(sessions)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, client, session):
        turn = 0
        while not self._stop.is_set():
            attempt = Attempt(client, turn)
            turn += 1
            with self._lock:
                self.attempts.append(attempt)
            try:
                while not self._try(session, attempt) and self.insist:
                    pass
            except Refused as refused:
                self.surprises.append(refused)
                return

    def _try(self, session, attempt):
        """Whether it was acknowledged. A refusal that is none of a fault is a surprise."""
        try:
            attempt.answer = self.write(session, attempt.client, attempt.turn, attempt.request_id)
        except NO_ANSWER:
            session.edge.close()
        except Refused as refused:
            if refused.code not in UNSURE_CODES:
                raise
        if attempt.answer is None:
            self._stop.wait(0.1)
            return False
        with self._lock:
            self.acknowledged += 1
        return True

    def finish(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"
        assert not self.surprises, self.surprises[0]

    def answered(self):
        return [a for a in self.attempts if a.answer is not None]

    def unanswered(self):
        return [a for a in self.attempts if a.answer is None]


def impatient(session, edge):
    """The same person, whose client does not try again by itself."""
    twin = Session.__new__(Session)
    twin.__dict__.update(session.__dict__)
    twin.edge = edge
    return twin
