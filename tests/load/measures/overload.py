"""More calls than the database can take: what is done is still done in time, and the rest is told so at once."""

from statistics import median

from measures.stack import ECHO, Stack
from measures.table import ROUNDS

DEADLINE = 1000  # ms
SECONDS = 12
DONE, REFUSED = "0", "8"  # OK, RESOURCE_EXHAUSTED
NONE = {"p99": 0}
# The database made slow on purpose: every transaction that writes holds its town's head this long.
SLOW = """
CREATE FUNCTION volunteer.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NULL; END';
CREATE TRIGGER slow AFTER UPDATE ON volunteer.heads FOR EACH STATEMENT EXECUTE FUNCTION volunteer.slow();
"""


def overload(table):
    """SignUp at three times what the database can take, in an open loop."""
    with Stack(services=["volunteer", ECHO], flags=["--max_batch=64"]) as stack:
        echo = stack.rate(ECHO, "echo", 200000, in_flight=64)
        stack.psql("-c", SLOW)
        stack.sign_up(5000, in_flight=64)
        peak = stack.sign_up(12000, in_flight=256)["rate"]
        table.add("the peak, SignUp at 64 a transaction and 20 ms more each, against the bare echo", peak, echo, most=0.2)
        rounds = [stack.sign_up(int(peak * 3 * SECONDS), rate=peak * 3, deadline_ms=DEADLINE) for _ in range(ROUNDS)]
        table.add("at three times the peak: goodput, against the peak", median(r["rate"] for r in rounds), peak, least=0.9)
        table.add("accepted calls, 99.9 % answered within, against their deadline",
                  median(r["statuses"][DONE]["p999"] for r in rounds), DEADLINE, "ms", most=1)
        table.add("refusals, 99 % answered within, against 10 ms",
                  median(r["statuses"].get(REFUSED, NONE)["p99"] for r in rounds), 10, "ms", most=1)
        counts = [(status, seen["count"]) for r in rounds for status, seen in r["statuses"].items()]
        table.add("calls neither done nor refused as OVERLOADED, against all",
                  sum(count for status, count in counts if status not in (DONE, REFUSED)),
                  sum(count for _, count in counts), "calls", most=0.001)
