"""Cost against the size of what is stored: the same question to a little and to much."""

from measures.stack import Stack

LITTLE, MUCH = 10, 1000  # towns, each with a thousand events
EVENTS_OF_A_TOWN = 1000
STORED = 10_000_000
ROSTERS = 100_000


def lists(table):
    """ListEvents, a page of 50 by month, and activity numbers of a year: 1 million events against 10 thousand."""
    with Stack(towns=LITTLE, services=["event"]) as little, Stack(towns=MUCH, services=["event"]) as much:
        for stack in (little, much):
            stack.seed("events", events=stack.towns * EVENTS_OF_A_TOWN)
        for load, name in (("list_events", "ListEvents, a page of 50 by month"),
                           ("count_held_events", "CountHeldEvents of a year by month")):
            for stack in (little, much):
                stack.rate("event", load, 2 * MUCH, in_flight=16)
            table.compare(
                f"{name}, 1 million events in 1,000 towns, against 10 thousand in 10",
                lambda load=load: (much.rate("event", load, 6000, in_flight=16),
                                   little.rate("event", load, 6000, in_flight=16)),
                least=0.8, goal=1.0)


def stored(table):
    """SignUp and a person's own sign-ups with 10 million stored, against a hundred thousand (lists) and none (sign-ups)."""
    with Stack(towns=MUCH, rows=ROSTERS, services=["volunteer"]) as empty, \
            Stack(towns=MUCH, rows=ROSTERS, services=["volunteer"]) as full:
        sizes = {empty: 0, full: STORED}
        full.seed("sign_ups", sign_ups=STORED, rows=ROSTERS)
        for stack in sizes:
            stack.next = STORED  # beyond everybody who has signed up
            stack.sign_up(20000, in_flight=64)
        table.compare(
            "SignUp over 1,000 towns, 10 million stored, 64 in flight, against empty",
            lambda: (full.sign_up(20000, in_flight=64)["rate"], empty.sign_up(20000, in_flight=64)["rate"]),
            least=0.8, goal=1.0)
        empty.seed("sign_ups", sign_ups=100_000, rows=ROSTERS)

        def own(stack, people):
            return stack.rate("volunteer", "list_my_sign_ups", 6000, in_flight=16, first=people - 6000)

        table.compare(
            "ListMySignUps of ten, 10 million stored, 16 in flight, against 100 thousand",
            lambda: (own(full, STORED // 10), own(empty, 100_000 // 10)),
            least=0.8, goal=1.0)
