"""A service that nobody asks, or hardly anybody: its memory, its wake-ups, its start, and the calls in its quiet."""

import pathlib
import re
import time

from measures.stack import SERVICES, Stack

STARTING = 50  # seconds: workers that read lists connect when they are needed first, by chores one after the other
WATCHED = 40  # seconds
SELDOM = 1.05  # seconds from call to call: gRPC's pollers by themselves wait for one and then sleep for a tenth


def quiet(table):
    """GetEvent when nobody has asked for a while."""
    with Stack(services=["event"]) as stack:
        calls = 60
        stack.rate("event", "get_event", calls, in_flight=1)  # tokens and rows are known
        answered = stack.load("event", "get_event", calls, rate=1 / SELDOM)["statuses"]["0"]
        table.add("GetEvent in the quiet, 99 %, against 50 ms", answered["p99"], 50, "ms", most=1)


def idle(table):
    """Memory, wake-ups and start of services that nobody asks, all of them up."""
    with Stack(services=SERVICES) as stack:
        time.sleep(STARTING)
        before = {service: wake_ups(stack, service) for service in SERVICES}
        time.sleep(WATCHED)
        for service in SERVICES:
            process = stack.processes[service]
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            memory = int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024
            table.add(f"{service} idle: memory, against 40 MB", memory, 40, "MB", most=1, goal=0.625)
            woken = (wake_ups(stack, service) - before[service]) / WATCHED
            table.add(f"{service} idle: wake-ups, against 5 a second", woken, 5, most=1)
            table.add(f"{service} ready after its start, against half a second", process.ready_seconds, 0.5, "s", most=1)


def wake_ups(stack, service):
    """How often its threads have waited so far: each wait ended is one wake-up."""
    count = 0
    for task in pathlib.Path(f"/proc/{stack.processes[service].pid}/task").iterdir():
        count += int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text()).group(1))
    return count
