"""tests/faults/run: mixes and single faults by command."""

import argparse
import random
import signal
import sys

from faults.field import Field
from faults.mix import Siege, mix, possible, say
from faults.nemesis import FAULTS


def main():
    parser = argparse.ArgumentParser(prog="tests/faults/run")
    parser.add_argument("faults", nargs="*", help="these alone; without any: a mix of all")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long a mix lasts")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--times", type=int, default=3, help="how often each of the named faults is made")
    parser.add_argument("--replicas", type=int, default=1, help="of each service; 0: one, two and three in turns")
    parser.add_argument("--clients", type=int, default=4, help="for each kind of work in each town")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for fault in FAULTS.values():
            print(f"{fault.name:24} {fault.says}")
        return
    unknown = [name for name in options.faults if name not in FAULTS]
    if unknown:
        parser.error(f"no fault {', '.join(unknown)}; --list shows them")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack is stopped
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    say(f"seed {seed}")
    field = Field(seed)
    try:
        sys.exit(1 if problems(field, options) else 0)
    finally:
        field.stop()


def problems(field, options):
    say("faults:", " ".join(possible(field)))
    if options.replicas > 1:
        field.stack.lay_out(replicas=options.replicas)
    with Siege(field, clients=options.clients) as siege:
        if options.faults:
            for name in options.faults * options.times:
                siege.under([name], FAULTS[name].longest)
        elif options.replicas:
            say(f"{mix(siege, options.seconds)} faults")
        else:
            for replicas in (1, 2, 3):
                say(f"{replicas} of each service")
                field.stack.lay_out(replicas=replicas)
                say(f"{mix(siege, options.seconds / 3)} faults")
        say("the load ends; checking")
        found = siege.problems()
    print(siege.summary())
    print("\n".join(found) or "everything acknowledged is there once, and nothing is half there")
    return found


if __name__ == "__main__":
    main()
