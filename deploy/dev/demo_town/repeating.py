"""What makes loading repeatable: request ids that are the same each time, and trying again while word gets round."""

import concurrent.futures
import threading
import time
import uuid

from .edge_client import Refused

NAMESPACE = uuid.UUID("6f1f9a4e-57c5-5c0f-9a80-330481003000")
AT_ONCE = 8

# What a service answers while it has not heard yet of a role, a person, a party or a pairing that was just made.
NOT_HEARD_YET = (
    "FORBIDDEN",
    "NOT_FOUND",
    "NOT_ORGANISER",
    "UNKNOWN_ORGANISER",
    "NOT_REGISTERED",
    "NOT_ELIGIBLE",
    "NOT_PARTY",
    "FOR_THE_OTHER_SIDE",
    "UNKNOWN_PARTY",
    "UNKNOWN_RESPONSIBLE",
)


def request_id(*what):
    return str(uuid.uuid5(NAMESPACE, "/".join(str(w) for w in what)))


def at_once(act, items):
    """`act` of every item in a few threads; the answers in order. The first exception ends it."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            return [done.result() for done in [pool.submit(act, item) for item in items]]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def soon(act, seconds=20.0):
    """What `act` answers, tried again while a role or a name that was just given has not reached the service yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return act()
        except Refused as refused:
            if refused.reason not in NOT_HEARD_YET or time.monotonic() > deadline:
                raise
        threading.Event().wait(0.1)
