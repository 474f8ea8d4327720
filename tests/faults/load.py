"""A load that keeps a journal: clients that write one thing after another with request ids of their own, and what each was
answered, when."""

import collections
import http.client
import threading
import time

from demo_town.edge_client import UNAUTHENTICATED, Edge, Refused
from support.cast import new_id

# No answer came; or the edge cannot say whether the service did it, or the service whether its database did:
# DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE.
NO_ANSWER = (OSError, http.client.HTTPException)
UNSURE_CODES = (4, 8, 14)
NOTHING = {}  # the answer of what had no effect, and should not have any


class Attempt:
    """One thing that a client wanted: asked from `began` on, perhaps often, answered at `ended` or never."""

    def __init__(self, client, turn):
        self.client, self.turn = client, turn
        self.key = (client, turn)
        self.request_id = new_id()
        self.began = time.monotonic()
        self.ended = None
        self.answer = None


class Voice:
    """A person as one of many clients: a connection of its own, and the person's token. Tries nothing again by itself
    unless it is patient."""

    def __init__(self, person, patience=0.0, timeout=20.0):
        self.person = person
        self.edge = Edge(person.edge.address, patience, timeout)

    def post(self, path, body=None, **query):
        token = self.person.token()
        try:
            return self.edge.post(path, body, token=token, **query)
        except Refused as refused:
            if refused.code == UNAUTHENTICATED:
                self.person.distrust(token)
            raise


class Load:
    """`work.write(voice, client, turn, request_id)` makes one write. A client of work that `insists` asks again with the
    same request id until it is answered, as real ones do; the others leave it and go on. A refusal that `is_of_a_fault` is
    no answer, any other ends its client. Runs in threads until `finish`."""

    def __init__(self, work, voices, is_of_a_fault):
        self.work = work
        self._is_of_a_fault = is_of_a_fault
        self.attempts = []
        self.acknowledged = 0
        self.failures = collections.Counter()  # why calls were not answered
        self.surprises = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(i, voice), daemon=True) for i, voice in enumerate(voices)
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, client, voice):
        turn = 0
        while not self._stop.is_set():
            attempt = Attempt(client, turn)
            turn += 1
            with self._lock:
                self.attempts.append(attempt)
            try:
                while not self._try(voice, attempt) and self.work.insists and not self._stop.is_set():
                    pass
            except Exception as problem:  # a client that died must not go unnoticed
                self.surprises.append((attempt.key, problem))
                return

    def _try(self, voice, attempt):
        """Whether it was acknowledged."""
        try:
            answer = self.work.write(voice, attempt.client, attempt.turn, attempt.request_id)
        except NO_ANSWER as problem:
            voice.edge.close()
            self._failed(type(problem).__name__)
            return False
        except Refused as refused:
            if not self._is_of_a_fault(refused):
                raise
            self._failed(f"{refused.http_status} {refused.reason or refused.message}")
            return False
        attempt.answer, attempt.ended = answer, time.monotonic()
        with self._lock:
            self.acknowledged += answer != NOTHING
        return True

    def _failed(self, why):
        with self._lock:
            self.failures[why] += 1
        self._stop.wait(0.1)

    def stop(self):
        self._stop.set()

    def finish(self):
        self.stop()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a client hangs"

    def answered(self):
        return [a for a in self.attempts if a.answer not in (None, NOTHING)]

    def unanswered(self):
        return [a for a in self.attempts if a.answer is None]
