"""Cost against the size of what is stored: the same question to a little and to much."""

import contextlib

from measures.stack import Stack

TOWNS = (10, 100, 1000)  # each with a thousand events
EVENTS_OF_A_TOWN = 1000
STORED = 10_000_000
LITTLE_STORED = 100_000
ROSTERS = 100_000


def lists(table):
    """ListEvents, a page of 50 by month, and activity numbers of a year: 1 million events against 10 thousand."""
    with contextlib.ExitStack() as opened:
        stacks = [opened.enter_context(Stack(towns=towns, services=["event"])) for towns in TOWNS]
        for stack in stacks:
            stack.seed("events", events=stack.towns * EVENTS_OF_A_TOWN)
        for load, name in (("list_events", "ListEvents, a page of 50 by month"),
                           ("count_held_events", "CountHeldEvents of a year by month")):
            for stack in stacks:
                stack.rate("event", load, 2000, in_flight=16)
                table.size(name, stack.towns * EVENTS_OF_A_TOWN, stack.cost("event", load, 6000, in_flight=16))
            table.compare(
                f"{name}, 1 million events in 1,000 towns, against 10 thousand in 10",
                lambda load=load: (stacks[-1].rate("event", load, 6000, in_flight=16),
                                   stacks[0].rate("event", load, 6000, in_flight=16)),
                least=0.8, goal=1.0)


def stored(table):
    """SignUp and a person's own sign-ups with 10 million stored, against a hundred thousand (lists) and none (sign-ups)."""
    towns = TOWNS[-1]
    with Stack(towns=towns, rows=ROSTERS, services=["volunteer"]) as little, \
            Stack(towns=towns, rows=ROSTERS, services=["volunteer"]) as full:
        full.seed("sign_ups", sign_ups=STORED, rows=ROSTERS)
        for stack in (little, full):
            stack.next = STORED  # beyond everybody who has signed up
            stack.sign_up(20000, in_flight=64)
        table.compare(
            "SignUp over 1,000 towns, 10 million stored, 64 in flight, against empty",
            lambda: (full.sign_up(20000, in_flight=64)["rate"], little.sign_up(20000, in_flight=64)["rate"]),
            least=0.8, goal=1.0)
        little.seed("sign_ups", sign_ups=LITTLE_STORED, rows=ROSTERS)
        stacks = {little: LITTLE_STORED, full: STORED}

        def own(stack):
            return {"in_flight": 16, "first": stacks[stack] // 10 - 6000}

        for stack, number in stacks.items():
            table.size("SignUp", number, stack.cost("volunteer", "sign_up", 20000, in_flight=64, **stack.newcomers(20000)))
            table.size("ListMySignUps of ten", number, stack.cost("volunteer", "list_my_sign_ups", 6000, **own(stack)))
        table.compare(
            "ListMySignUps of ten, 10 million stored, 16 in flight, against 100 thousand",
            lambda: tuple(stack.rate("volunteer", "list_my_sign_ups", 6000, **own(stack)) for stack in (full, little)),
            least=0.8, goal=1.0)
