"""More calls than the database can take: what is done is still done in time, and the rest is told so at once."""

from measures.stack import Stack

DEADLINE = 1000  # ms
SECONDS = 12
# The database made slow on purpose: every transaction that writes holds its town's head this long.
SLOW = """
CREATE FUNCTION volunteer.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END';
CREATE TRIGGER slow AFTER UPDATE ON volunteer.heads FOR EACH STATEMENT EXECUTE FUNCTION volunteer.slow();
"""


def overload(table):
    """SignUp at three times what the database can take, in an open loop."""
    with Stack(services=["event", "volunteer"], flags=["--max_batch=64"]) as stack:
        echo = stack.rate("event", "echo", 200000, in_flight=64)
        stack.psql("-c", SLOW)
        stack.sign_up(5000, in_flight=64)
        peak = stack.sign_up(12000, in_flight=256)["rate"]
        table.add("the peak, SignUp at 64 a transaction and 20 ms more each, against the bare echo", peak, echo, most=0.2)
        result = stack.sign_up(int(peak * 3 * SECONDS), rate=peak * 3, deadline_ms=DEADLINE)
        statuses = result["statuses"]
        done, refused = statuses["0"], statuses.get("8", {"count": 0, "p50": 0, "p99": 0})
        others = {status: seen["count"] for status, seen in statuses.items() if status not in "08"}
        table.add("at three times the peak: goodput, against the peak", result["rate"], peak, least=0.9)
        table.add("accepted calls, 99.9 % answered within, against their deadline", done["p999"], DEADLINE, "ms", most=1)
        table.add("refusals, 99 % answered within, against 10 ms", refused["p99"], 10, "ms", most=1)
        table.add("calls neither done nor refused as OVERLOADED, against all", sum(others.values()),
                  sum(seen["count"] for seen in statuses.values()), "calls", most=0.001)
