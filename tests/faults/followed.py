"""Every copy that a service keeps of another's rows, and the rows it is a copy of."""

from dev_stack.settings import SERVICES
from faults import checker
from support.waiting import wait_until

FOLLOWS = {
    "event": ("directory", "pairing"),
    "volunteer": ("event", "directory"),
    "pairing": ("directory", "event", "exchange"),
    "exchange": ("directory", "pairing"),
}

# table: (columns, who keeps a copy of directory's)
MIRRORS = {
    "towns": ("town, display_name", ("event",)),
    "grants": ("town, id, person, role, scope, active", ("event", "volunteer", "pairing", "exchange")),
    "units": ("town, unit, kind, successor", ("event", "pairing", "exchange")),
    "enterprises": ("town, enterprise", ("event", "pairing", "exchange")),
}

# An enterprise and a unit that both organised a held event, or of which one gave the other something that arrived. A grid
# counts as the village it lies in.
DEEDS = """
SELECT h.town, h.event, split_part(e, '/', 4), left(split_part(u, '/', 4), 12), format('towns/%s/events/%s', h.town, h.event),
  1, h.mechanism, h.kind, h.title, h.day::text
FROM event.held_events h, unnest(h.organisers) e, unnest(h.organisers) u
WHERE h.counted AND e LIKE '%/enterprises/%' AND u LIKE '%/units/%'
UNION
SELECT m.town, m.match, split_part(e, '/', 4), left(split_part(u, '/', 4), 12), format('towns/%s/matches/%s', m.town, m.match),
  2, m.mechanism, 0, m.title, (m.confirm_time AT TIME ZONE 'Asia/Shanghai')::date::text
FROM exchange.matches m, LATERAL (SELECT CASE WHEN m.giver LIKE '%/enterprises/%' THEN m.giver ELSE m.receiver END AS e,
  CASE WHEN m.giver LIKE '%/enterprises/%' THEN m.receiver ELSE m.giver END AS u) parties
WHERE m.confirmed > 0 AND e LIKE '%/enterprises/%' AND u LIKE '%/units/%'
"""

COPIES = {
    "pairing.people": (
        "SELECT town, person, unit, coalesce(enterprise::text, ''), erased FROM directory.people",
        "SELECT town, person, unit, split_part(enterprise, '/', 4), erased FROM pairing.people",
    ),
    "volunteer.people": (
        "SELECT town, person, unit, coalesce(enterprise::text, ''), erased FROM directory.people",
        "SELECT town, person, unit, split_part(enterprise, '/', 4), erased FROM volunteer.people",
    ),
    "event.pairings": (
        "SELECT town, pairing, enterprise, unit, start_date, end_date FROM pairing.pairings",
        "SELECT town, pairing, enterprise, unit, start_date, end_date FROM event.pairings",
    ),
    "exchange.pairings": (
        "SELECT town, pairing, enterprise, unit, state FROM pairing.pairings",
        "SELECT town, pairing, split_part(enterprise, '/', 4), unit, state FROM exchange.pairings",
    ),
    "volunteer.rosters": (
        "SELECT town, event, title, organisers, start_time, end_time, sign_up_open_time, sign_up_close_time, audience, "
        "capacity, state - 1, CASE WHEN state = 2 THEN etag END FROM event.events WHERE state <> 1 AND late_reason = ''",
        "SELECT town, roster, title, organisers, start_time, end_time, sign_up_open_time, sign_up_close_time, audience, "
        "capacity, state, CASE WHEN state = 1 THEN event_revision END FROM volunteer.rosters",
    ),
    "pairing.deeds": (
        DEEDS,
        "SELECT town, deed, enterprise, unit, source, measure, mechanism, event_kind, title, day::text FROM pairing.deeds",
    ),
    "names in event.units": ("SELECT town, unit, display_name FROM directory.units", "SELECT town, unit, display_name FROM event.units"),
    "names in event.enterprises": (
        "SELECT town, enterprise, display_name FROM directory.enterprises",
        "SELECT town, enterprise, display_name FROM event.enterprises",
    ),
}


def all_copies():
    """{what: (the source's rows, the copy's rows)} as SQL."""
    copies = dict(COPIES)
    for table, (columns, services) in MIRRORS.items():
        for service in services:
            copies[f"{service}.{table}"] = tuple(f"SELECT {columns} FROM {owner}.{table}" for owner in ("directory", service))
    for service, sources in FOLLOWS.items():
        for source in sources:
            copies[f"how far {service} followed {source}"] = (
                f"SELECT tenant, seq FROM {source}.heads WHERE tenant ~ '^[0-9]{{9}}$' AND seq > 0",
                f"SELECT tenant, seq FROM {service}.cursors WHERE source = '{source}'",
            )
    return copies


def logs(stack, towns):
    """{(source, town): how long its log is}"""
    named = ", ".join(f"'{town}'" for town in towns)
    sources = sorted({source for followed in FOLLOWS.values() for source in followed})
    rows = stack.rows(
        " UNION ALL ".join(f"SELECT '{s}', tenant, seq FROM {s}.heads WHERE tenant IN ({named})" for s in sources)
    )
    return {(source, town): int(seq) for source, town, seq in rows}


def behind(stack, lengths):
    """Who has not yet followed logs as far as they were."""
    rows = stack.rows(
        " UNION ALL ".join(f"SELECT '{service}', source, tenant, seq FROM {service}.cursors" for service in FOLLOWS)
    )
    reached = {(service, source, town): int(seq) for service, source, town, seq in rows}
    return [
        f"{service} followed {source} in {town} to {reached.get((service, source, town), 0)} of {length}"
        for (source, town), length in lengths.items()
        for service, sources in FOLLOWS.items()
        if source in sources and reached.get((service, source, town), 0) < length
    ]


def wait(stack, towns, seconds=10.0):
    """Until every service has followed the others' logs of these towns as far as they are now."""
    lengths = logs(stack, towns)

    def caught_up():
        late = behind(stack, lengths)
        assert not late, "; ".join(late)
        return True

    wait_until(caught_up, seconds, "followers")


def problems(stack):
    found = []
    for what, (source, copy) in all_copies().items():
        # One statement, so both are seen at one moment.
        rows = stack.rows(f"SELECT 's', a::text FROM ({source}) a UNION ALL SELECT 'c', b::text FROM ({copy}) b")
        sides = {"s": [], "c": []}
        for side, *row in rows:
            sides[side].append(row)
        found += checker.same_rows(what, sides["s"], sides["c"])
    return found


assert set(FOLLOWS) < set(SERVICES)
