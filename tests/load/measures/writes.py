"""Writing: sign-ups and acceptances, against the same transaction done singly, and hot rows against spread ones."""

from measures.stack import ECHO, Stack

ACCEPTS = 15000
ROUNDS_OF_ACCEPTS = 8


def sign_up_one(table):
    """SignUp over 1,000 events of one town, against pgbench doing the whole transaction singly over 4 connections."""
    sign_ups(table, "SignUp, one town", 1, 4, ((64, 10, 15), (256, 13, 20)))


def sign_up_many(table):
    """The same over 100 towns, against pgbench with 8 connections."""
    sign_ups(table, "SignUp, 100 towns", 100, 8, ((64, 3.5, 5), (256, 5, 8)))


def sign_ups(table, name, towns, clients, wanted):
    with Stack(towns=towns, services=["volunteer"]) as stack:
        stack.sign_up(5000, in_flight=64)
        for in_flight, least, goal in wanted:
            table.compare(
                f"{name}, {in_flight} in flight, against pgbench with {clients} connections",
                lambda: (stack.sign_up(30000, in_flight=in_flight)["rate"], stack.pgbench(clients)),
                least=least, goal=goal)


def hot(table):
    """One event with 10,000 waiting, against 1,000 events of one town."""
    with Stack(services=["volunteer"]) as spread, Stack(capacity=50, rows=1, services=["volunteer"]) as one:
        spread.sign_up(5000, in_flight=64)
        one.sign_up(10050, in_flight=64)
        for in_flight in (64, 256):
            table.compare(
                f"SignUp, one event with 10,000 waiting, {in_flight} in flight, against 1,000 events",
                lambda: (one.sign_up(20000, in_flight=in_flight)["rate"],
                         spread.sign_up(20000, in_flight=in_flight)["rate"]),
                least=1.0, goal=1.3)


def listings(table):
    """GetListing against the bare echo; AcceptMatch with all matches on one listing against 1,000 listings."""
    matches = ACCEPTS * ROUNDS_OF_ACCEPTS
    with Stack(matches=matches, services=["exchange", ECHO]) as spread, \
            Stack(rows=1, matches=matches, services=["exchange"]) as one:
        def accept(stack, calls, in_flight):
            return stack.rate("exchange", "accept_match", calls, in_flight=in_flight, first=stack.take(calls))

        for stack in (spread, one):
            accept(stack, 2000, 64)
            stack.rate("exchange", "get_listing", 2000, in_flight=64)
        for in_flight in (64, 256):
            table.compare(
                f"GetListing, {in_flight} in flight, against the bare echo",
                lambda: (spread.rate("exchange", "get_listing", 60000, in_flight=in_flight),
                         spread.rate(ECHO, "echo", 100000, in_flight=in_flight)))
            table.compare(
                f"AcceptMatch, all on one listing, {in_flight} in flight, against 1,000 listings",
                lambda: (accept(one, ACCEPTS, in_flight), accept(spread, ACCEPTS, in_flight)),
                least=1.0)
