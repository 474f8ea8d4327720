"""Load, faults, rest, verdict: what single faults, mixes and mutants have in common."""

import contextlib
import random
import sys
import time

from demo_town.edge_client import UNAUTHENTICATED
from faults import followed, verdict, workloads
from faults.field import RECOVERY
from faults.load import UNSURE_CODES, Load, Voice
from faults.nemesis import FAULTS
from support.cast import Cast
from support.waiting import wait_until

CLIENTS = 4  # for each kind of work in each town
TOWNS = 2
RISE = 20  # writes of every kind of work that show that it goes on


def say(*words):
    print(time.strftime("%H:%M:%S"), *words, file=sys.stderr, flush=True)


class Siege:
    """A field under load."""

    def __init__(self, field, towns=TOWNS, clients=CLIENTS, patience=0.0):
        self.field = field
        self.patience = patience
        cast = Cast(field.stack)
        self.places = [workloads.Place(cast, clients) for _ in range(towns)]
        self.works = [work(field.stack, place) for place in self.places for work in workloads.ALL]
        self.loads = []

    def __enter__(self):
        self.loads = [self.load(work) for work in self.works]
        self.wait_for_progress(60)
        return self

    def __exit__(self, *_):
        for load in self.loads:
            load.stop()

    def load(self, work):
        voices = [Voice(work.speaker, self.patience) for _ in range(work.place.clients)]
        return Load(work, voices, self.is_of_a_fault)

    def is_of_a_fault(self, refused):
        """Whether an ordinary client asks again."""
        return refused.code in UNSURE_CODES or refused.code == UNAUTHENTICATED and self.field.clock_was_set

    def wait_for_progress(self, seconds=RECOVERY):
        """Every kind of work in every town is acknowledged again and again."""
        before = [load.acknowledged for load in self.loads]

        def lagging():
            return [type(l.work).__name__ for l, was in zip(self.loads, before) if l.acknowledged < was + RISE and not l.surprises]

        wait_until(lambda: not lagging() or self.explain(lagging()), seconds, "work that goes on after a fault")
        self.wait_for_followers(seconds)

    def wait_for_followers(self, seconds=RECOVERY):
        """All followers get as far as the logs are now."""
        followed.wait(self.field.stack, [place.code for place in self.places], seconds)

    def explain(self, lagging):
        raise AssertionError(f"{lagging} stand still; latest failures: {[dict(load.failures) for load in self.loads]}")

    def under(self, names, seconds):
        """Makes these faults at once, for so long, and mends them."""
        with contextlib.ExitStack() as lasting:
            for name in names:
                say(f"{name}: {lasting.enter_context(FAULTS[name].act(self.field))}")
            wait_out(seconds)
            if all(FAULTS[name].works_on for name in names):
                self.wait_for_progress()
        self.field.whole()
        self.wait_for_progress()

    def problems(self):
        """Ends the load and judges."""
        for load in self.loads:
            load.finish()
        self.field.whole()
        found = []
        for load in self.loads:
            found += verdict.of_load(load)
        return found + self.field.died + verdict.of_stack(self.field.stack)

    def summary(self):
        """What was done and refused, by kind of work."""
        lines = []
        for work in workloads.ALL:
            loads = [load for load in self.loads if isinstance(load.work, work)]
            failures = sum((load.failures for load in loads), start=type(loads[0].failures)())
            lines.append(
                f"{work.__name__} of {work.service}: {sum(len(l.attempts) for l in loads)} attempts, {sum(l.acknowledged for l in loads)} acknowledged; "
                f"not answered: {dict(failures.most_common(6))}"
            )
        return "\n".join(lines)


def wait_out(seconds):
    """A fault lasts so long: this is the length of the fault, not a wait for anything."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(0.5, left))


def possible(field):
    return [name for name, fault in FAULTS.items() if fault.possible(field)]


def draw(names, chance):
    """One fault, or two or three that may be together, and for how long."""
    drawn = chance.sample(names, chance.choice([1, 1, 2, 3]))
    together = [name for name in drawn if not FAULTS[name].apart]
    drawn = together or drawn[:1]
    return drawn, chance.uniform(0.3, 1.0) * min(FAULTS[name].longest for name in drawn)


def mix(siege, seconds):
    """Faults at random, each followed by proof that work goes on, until the time is over."""
    end = time.monotonic() + seconds
    chance, made = random.Random(siege.field.seed), 0
    while time.monotonic() < end:
        names, lasting = draw(possible(siege.field), chance)
        siege.under(names, min(lasting, max(0.3, end - time.monotonic())))
        made += len(names)
    return made
