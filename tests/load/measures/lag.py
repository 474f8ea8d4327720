"""How soon another service knows what was published."""

from measures.stack import Stack

TOWNS, RATE, SECONDS = 100, 500, 15


def publish(table):
    """From the answer of a publish until a sign-up works in volunteer: 500 publishes a second over 100 towns."""
    with Stack(towns=TOWNS, services=["event", "volunteer"]) as stack:
        calls = RATE * SECONDS
        first = 10 * stack.rows
        stack.seed("drafts", drafts=calls + TOWNS, first=first)
        options = {"then_port": stack.ports["volunteer"], "then_load": "sign_up_published"}
        stack.load("event", "publish_event", TOWNS, rate=RATE, first=first, **options)
        result = stack.load("event", "publish_event", calls, rate=RATE, first=first + TOWNS, **options)
        worked = result["then"]["worked"]["statuses"]["0"]
        table.add("from a publish until a sign-up works, 99 %, against 50 ms", worked["p99"], 50, "ms", most=1, goal=0.4)
        table.add("the same, half of them", worked["p50"], 50, "ms", most=1)
        table.add("sign-ups asked for, against publishes", result["then"]["asked"], calls, "calls")
