"""Waiting for a condition, with a deadline, instead of sleeping and hoping."""

import threading
import time


def wait_until(condition, seconds=10.0, what="", pause=0.05):
    """The first true answer of `condition`; AssertionError with its last answer or error when there is none in time."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except (AssertionError, LookupError, OSError) as problem:
            last = problem
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what or condition}; last: {last!r}")
        threading.Event().wait(pause)
