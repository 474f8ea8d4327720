"""Who sees and changes what, as data: resource, act, who may, and what everybody else is told.

`world.py` says who these callers are; `acts.py` says how each act is done. What the caller may not read answers NOT_FOUND,
what they may read but not change PERMISSION_DENIED; without a valid token, UNAUTHENTICATED where one is needed.
"""

from typing import NamedTuple

OK, DENIED, HIDDEN, SIGN_IN = "OK", "PERMISSION_DENIED", "NOT_FOUND", "UNAUTHENTICATED"

# All but the last two are signed in. `village` and `enterprise` organise the event of the table together; the resident
# lives in the village, the employee works at the enterprise.
CALLERS = (
    "resident",
    "other resident",
    "employee",
    "village worker",
    "other village's worker",
    "manager",
    "other manager",
    "grid leader",
    "official",
    "other town's official",
    "city official",
    "platform admin",
    "no token",
    "expired token",
)
SIGNED_IN = set(CALLERS) - {"no token", "expired token"}
ANYONE = SIGNED_IN | {"no token"}

PARTIES = {"village worker", "manager"}
WORKERS = frozenset({"village worker", "other village's worker"})
READ_AS_OFFICIAL = {"official", "city official"}
INSIDE = PARTIES | READ_AS_OFFICIAL
# Whoever acts for a party of the town.
ALL_PARTIES = PARTIES | {"other village's worker", "other manager"}
# People of the town, whatever their role.
TOWNSPEOPLE = SIGNED_IN - {"other town's official", "city official", "platform admin"}


class Row(NamedTuple):
    resource: str
    act: str
    who: set
    others: str
    # Callers of whom the rules say nothing here.
    unsaid: frozenset = frozenset()
    # What somebody without a token is told: of an open method the same as others.
    nobody: str = SIGN_IN
    # Callers who may read it, where others may not, and are told that they may not do this.
    readers: frozenset = frozenset()


TABLE = [
    Row("town", "read", ANYONE, SIGN_IN),
    Row("town", "open another", {"platform admin"}, DENIED),
    Row("unit", "read", ANYONE, SIGN_IN),
    Row("unit", "create", {"official"}, DENIED),
    Row("unit", "rename", {"official"}, DENIED),
    Row("unit", "merge", {"platform admin"}, DENIED),
    Row("duty", "list", ANYONE, SIGN_IN),
    Row("duty", "locate", ANYONE, SIGN_IN),
    Row("duty", "create", {"official"}, DENIED),
    Row("enterprise", "read", SIGNED_IN, SIGN_IN),
    Row("enterprise", "see its uscc", {"manager", "village worker"} | READ_AS_OFFICIAL, OK),
    Row("enterprise", "change its phone", {"manager", "official"}, DENIED),
    Row("enterprise", "rename", {"official"}, DENIED),
    Row("enterprise", "move", {"official"}, DENIED),
    Row("enterprise", "import", {"official"}, DENIED),
    Row(
        "person",
        "read the resident",
        {"resident", "village worker"} | READ_AS_OFFICIAL,
        HIDDEN,
        frozenset({"grid leader"}),
    ),
    Row(
        "person",
        "change the resident",
        {"resident", "village worker"},
        HIDDEN,
        frozenset({"grid leader"} | READ_AS_OFFICIAL),
    ),
    # A worker's list is of their own village, whatever they ask for.
    Row("person", "list the town's", READ_AS_OFFICIAL, DENIED, WORKERS),
    Row(
        "person",
        "list the village's",
        {"village worker"} | READ_AS_OFFICIAL,
        DENIED,
        frozenset({"grid leader"}) | WORKERS,
    ),
    Row(
        "phone",
        "reveal the resident's",
        {"village worker", "grid leader", "official"},
        HIDDEN,
        frozenset({"resident", "city official"}),
    ),
    # Everybody else lists their own.
    Row("grant", "list the town's", READ_AS_OFFICIAL, DENIED, frozenset(SIGNED_IN - READ_AS_OFFICIAL)),
    Row("grant", "make a village worker", {"official"}, DENIED),
    Row("grant", "make a town official", {"city official"}, DENIED),
    Row("grant", "revoke", {"official"}, HIDDEN, frozenset({"city official", "platform admin"})),
    Row("event", "read published", ANYONE, SIGN_IN),
    Row("event", "read draft", PARTIES | READ_AS_OFFICIAL, HIDDEN, nobody=HIDDEN),
    Row("event", "plan", PARTIES, DENIED),
    Row("event", "change published", PARTIES, DENIED),
    Row("event", "change draft", PARTIES, HIDDEN, frozenset(READ_AS_OFFICIAL)),
    Row("event", "publish draft", PARTIES, HIDDEN, frozenset(READ_AS_OFFICIAL)),
    Row("event", "cancel published", PARTIES | {"official"}, DENIED),
    Row("event", "hold", PARTIES, DENIED),
    Row("event", "record late", PARTIES | {"official"}, DENIED),
    Row("event", "correct", PARTIES | {"official"}, DENIED),
    Row("roster", "read", ANYONE, SIGN_IN),
    Row("roster", "list names", PARTIES | READ_AS_OFFICIAL, DENIED),
    Row(
        "roster",
        "read the resident's place",
        {"resident", "village worker", "manager"} | READ_AS_OFFICIAL,
        HIDDEN,
    ),
    Row("roster", "sign up oneself", TOWNSPEOPLE, DENIED),
    Row(
        "roster",
        "sign up the resident",
        {"village worker"},
        HIDDEN,
        frozenset({"resident"} | READ_AS_OFFICIAL),
    ),
    Row(
        "roster",
        "cancel the resident's",
        {"resident", "village worker"},
        HIDDEN,
        readers=frozenset({"manager"} | READ_AS_OFFICIAL),
    ),
    Row("roster", "record attendance", PARTIES, DENIED),
    Row("team", "read", SIGNED_IN, SIGN_IN),
    Row("team", "read a pending one", SIGNED_IN, SIGN_IN),
    Row("team", "list members", {"village worker"} | READ_AS_OFFICIAL, DENIED),
    Row("team", "approve", {"official"}, DENIED),
    Row("team", "accept a member", {"village worker"}, DENIED),
    Row("numbers", "town totals", ANYONE, SIGN_IN),
    Row("numbers", "the village's", {"village worker"} | READ_AS_OFFICIAL, DENIED, nobody=DENIED),
    Row("numbers", "the enterprise's", {"manager"} | READ_AS_OFFICIAL, DENIED, nobody=DENIED),
    Row("numbers", "list the town's", READ_AS_OFFICIAL, DENIED),
    Row("numbers", "export the town's", READ_AS_OFFICIAL, DENIED),
    Row("numbers", "by pairing", READ_AS_OFFICIAL, DENIED, nobody=DENIED),
    Row("numbers", "the enterprise's by pairing", {"manager"} | READ_AS_OFFICIAL, DENIED, nobody=DENIED),
    Row("pairing", "read an active one", SIGNED_IN, SIGN_IN),
    Row("pairing", "see its persons", INSIDE, OK),
    Row("pairing", "read a proposed one", INSIDE, HIDDEN),
    Row("pairing", "list", SIGNED_IN, SIGN_IN),
    Row("pairing", "list the idle", READ_AS_OFFICIAL, DENIED),
    Row("pairing", "read the history", INSIDE, DENIED),
    Row("pairing", "propose", PARTIES, DENIED),
    Row("pairing", "accept", {"village worker"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("pairing", "decline", {"village worker"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("pairing", "withdraw", {"manager"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("pairing", "approve", {"official"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("pairing", "suspend", {"official"}, DENIED),
    Row("pairing", "resume", {"official"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("pairing", "renew", {"official"}, DENIED),
    Row("pairing", "end", PARTIES, DENIED),
    Row("commitment", "read", INSIDE, HIDDEN),
    Row("commitment", "list the pairing's", INSIDE, DENIED),
    Row("commitment", "list the town's", READ_AS_OFFICIAL, DENIED),
    Row("commitment", "list what counted", INSIDE, HIDDEN),
    Row("commitment", "count the town's", READ_AS_OFFICIAL, DENIED),
    Row("commitment", "promise", PARTIES, DENIED),
    Row("commitment", "change", PARTIES, HIDDEN, readers=frozenset(INSIDE)),
    Row("commitment", "end", PARTIES, HIDDEN, readers=frozenset(INSIDE)),
    Row("listing", "read categories", ANYONE, SIGN_IN),
    Row("listing", "read draft", {"manager"} | READ_AS_OFFICIAL, HIDDEN),
    Row("listing", "read published", INSIDE, HIDDEN),
    Row("listing", "read released", ALL_PARTIES | READ_AS_OFFICIAL, HIDDEN),
    Row("listing", "list", SIGNED_IN, SIGN_IN),
    Row("listing", "create", {"manager"}, DENIED),
    Row("listing", "import", {"manager"}, DENIED),
    Row("listing", "change draft", {"manager"}, HIDDEN, readers=frozenset(READ_AS_OFFICIAL)),
    Row("listing", "publish draft", {"manager"}, HIDDEN, readers=frozenset(READ_AS_OFFICIAL)),
    Row("listing", "change published", {"manager"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("listing", "release", {"manager"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("listing", "withdraw", {"manager"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("listing", "close", {"manager"}, HIDDEN, readers=frozenset(ALL_PARTIES | READ_AS_OFFICIAL)),
    Row("listing", "see what fits it", INSIDE, HIDDEN),
    Row("listing", "see what fits the party", {"manager"} | READ_AS_OFFICIAL, DENIED),
    Row("match", "read", INSIDE, HIDDEN),
    Row("match", "list", SIGNED_IN, SIGN_IN),
    Row("match", "read its ledger", INSIDE, HIDDEN),
    Row("match", "propose", PARTIES, HIDDEN, readers=frozenset(ALL_PARTIES | READ_AS_OFFICIAL)),
    Row("match", "accept", {"village worker"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("match", "decline", {"village worker"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("match", "cancel", PARTIES, HIDDEN, readers=frozenset(INSIDE)),
    Row("match", "deliver", {"manager"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("match", "confirm", {"village worker"}, HIDDEN, readers=frozenset(INSIDE)),
    Row("match", "report a loss", PARTIES, HIDDEN, readers=frozenset(INSIDE)),
    Row("match", "close", PARTIES, HIDDEN, readers=frozenset(INSIDE)),
    Row("match", "rate", PARTIES, HIDDEN, readers=frozenset(INSIDE)),
    Row("match", "plan the town's", {"official"}, DENIED),
]


def expected(row, caller):
    """What the table allows this caller to be told; None when it says nothing of them."""
    if caller in row.unsaid:
        return None
    if caller == "expired token":
        return SIGN_IN
    if caller in row.who:
        return OK
    if caller in row.readers:
        return DENIED
    if caller == "no token":
        return row.nobody
    return row.others
