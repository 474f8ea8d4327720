"""What must be true after whatever happened. Pure functions of journals and rows, each answering the problems it finds as
sentences; `verdict.py` asks a stack for the rows."""

import collections
import itertools

SHOWN = 5  # of many alike


def listed(what, things):
    things = list(things)
    if not things:
        return []
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return [f"{what}: {', '.join(map(str, things[:SHOWN]))}{more}"]


# --- a journal against its effects: [(seq, key)]


def exactly_once(attempts, effects):
    """What was acknowledged is there once, what was not is there once or not at all, and nothing else is there. An effect
    whose key is None can only be told by its answer: it must be of an attempt that got none."""
    found = collections.Counter(key for _, key in effects)
    unnamed = found.pop(None, 0)
    open_ones = sum(a.answer is None and not found[a.key] for a in attempts)
    attempted = {a.key for a in attempts}
    return [
        *listed("done and not asked for", [f"{unnamed} for {open_ones} without an answer"] if unnamed > open_ones else []),
        *listed("acknowledged and lost", (a.key for a in attempts if a.answer is not None and not found[a.key])),
        *listed("done more than once", (key for key, count in found.items() if count > 1)),
        *listed("done and not asked for", (key for key, count in found.items() if count and key not in attempted)),
    ]


def in_order(attempts, effects):
    """What was answered before something else was asked comes before it in the log."""
    times = {a.key: a for a in attempts}
    first_end, problems = None, []
    for _, key in sorted(effects, key=lambda effect: effect[0], reverse=True):
        attempt = times.get(key)
        if attempt is None:
            continue
        if first_end is not None and first_end.ended < attempt.began:
            problems.append(f"{first_end.key} was answered before {key} was asked")
        if attempt.ended is not None and (first_end is None or attempt.ended < first_end.ended):
            first_end = attempt
    return listed("out of order in the log", problems)


def same_answer(attempt, again):
    """A request that was answered is answered alike; of two answers, the fields that differ."""
    if attempt.answer is None:
        return []
    keys = attempt.answer.keys() | again.keys()
    differing = {k: (attempt.answer.get(k), again.get(k)) for k in keys if attempt.answer.get(k) != again.get(k)}
    return [f"{attempt.key} was answered otherwise before: {differing}"] if differing else []


# --- the log


def dense(heads):
    """(tenant, seq of its head, rows, different seqs, lowest, highest): every log counts from 1 to its head."""
    return listed(
        "a log with a gap",
        (
            f"{tenant} (head {head}, {rows} rows from {low} to {high})"
            for tenant, head, rows, different, low, high in heads
            if not rows == different == head or head and (low, high) != (1, head)
        ),
    )


# --- sums against their parts


def seats(rosters, sign_ups):
    """rosters {name: (capacity, confirmed, waiting)}, sign-ups [(roster, state)]. Nobody waits beside a free seat."""
    states = collections.Counter(sign_ups)
    problems = []
    for name, (capacity, confirmed, waiting) in rosters.items():
        seated, in_line = states[name, "CONFIRMED"], states[name, "WAITLISTED"]
        if seated > capacity:
            problems.append(f"{name} has {seated} confirmed for {capacity} seats")
        if (confirmed, waiting) != (seated, in_line):
            problems.append(f"{name} counts {confirmed} and {waiting}, its rows are {seated} and {in_line}")
        if in_line and seated < capacity:
            problems.append(f"{name} has a free seat and {in_line} waiting")
    strangers = {roster for roster, _ in states if roster not in rosters}
    return problems + listed("sign-ups without a roster", strangers)


def seats_over_time(changes):
    """changes [(roster, its capacity now) or (roster, person, their state now)] as the log has them: at no moment were more
    confirmed than there were seats."""
    capacity, confirmed = {}, collections.defaultdict(set)
    problems = []
    for roster, *change in changes:
        if len(change) == 1:
            (capacity[roster],) = change
            continue
        person, state = change
        (confirmed[roster].add if state == "CONFIRMED" else confirmed[roster].discard)(person)
        if len(confirmed[roster]) > capacity[roster]:
            problems.append(f"{roster} at {person}: {len(confirmed[roster])} for {capacity[roster]}")
    return listed("more confirmed than seats for a while", problems)


LINE_KINDS = ("COMMITTED", "DELIVERED", "CONFIRMED", "LOST", "CANCELLED")


def ledgers(listings, matches, lines):
    """listings {id: (direction, quantity, committed, delivered, confirmed, lost)}, matches {id: (resource, need, quantity,
    delivered, confirmed, lost, cancelled)}, lines [(match, kind, quantity)]: everything is the sum of its lines, and
    nothing is given away twice."""
    of_match = collections.defaultdict(collections.Counter)
    for match, kind, quantity in lines:
        of_match[match][kind] += quantity
    of_listing = collections.defaultdict(collections.Counter)
    problems = listed("lines without a match", (match for match in of_match if match not in matches))
    for name, (resource, need, quantity, *said) in matches.items():
        sums = of_match[name]
        if said != [sums[kind] for kind in LINE_KINDS[1:]]:
            problems.append(f"match {name} says {said}, its lines {dict(sums)}")
        if sums["COMMITTED"] not in (0, quantity):
            problems.append(f"match {name} of {quantity} committed {sums['COMMITTED']}")
        for listing in (resource, need):
            of_listing[listing].update(sums)
    for name, (direction, quantity, *said) in listings.items():
        sums = of_listing[name]
        committed = sums["COMMITTED"] - sums["CANCELLED"]
        if said != [committed, sums["DELIVERED"], sums["CONFIRMED"], sums["LOST"]]:
            problems.append(f"listing {name} says {said}, its matches {dict(sums)}")
        bound = committed - (sums["LOST"] if direction == "NEED" else 0)
        if bound > quantity:
            problems.append(f"listing {name} has {bound} committed of {quantity}")
    return problems


# --- rows against rows


def same_rows(what, source, copy):
    """The two hold the same rows, as often."""
    ours, theirs = collections.Counter(map(tuple, source)), collections.Counter(map(tuple, copy))
    return [
        *listed(f"{what}: missing", itertools.chain((ours - theirs).elements())),
        *listed(f"{what}: too much", itertools.chain((theirs - ours).elements())),
    ]
