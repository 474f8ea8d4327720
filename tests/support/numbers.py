"""Numbers and the lists behind them, read the way an official does."""

import csv
import io

from demo_town.edge_client import query_text

GROUPINGS = ("MONTH", "BY_MECHANISM", "BY_KIND", "BY_UNIT", "BY_ENTERPRISE", "BY_PAIRING")

COLUMNS = ("heldEvents", "talks", "otherEvents")


def count(session, town, group_by, **where):
    """({key: (held, talks, others, attendance)}, total as the same)."""
    answer = session.get(f"/v1/{town}/heldEvents:count", groupBy=group_by, **where)
    return {c["key"]: figures(c) for c in answer.get("counts", [])}, figures(answer.get("total", {}))


def figures(one):
    return tuple(one.get(c, 0) for c in COLUMNS) + (int(one.get("attendance", 0)),)


def listed(session, town, **where):
    """All rows behind a number, page by page."""
    return session.pages(f"/v1/{town}/heldEvents", "heldEvents", pageSize=100, **where)


def figures_of(rows):
    talks = sum(row["kind"] == "TALK" for row in rows)
    return len(rows), talks, len(rows) - talks, sum(row["attendance"] for row in rows)


def exported(session, town, **where):
    """The CSV export: (raw bytes, content type, rows as dicts)."""
    answer = session.edge.send(
        "GET",
        f"/v1/{town}/heldEvents:export" + query_text(where),
        None,
        {"authorization": f"Bearer {session.token()}"},
    )
    assert answer.status == 200, answer.body
    text = answer.body.decode("utf-8-sig")
    return (
        answer.body,
        answer.headers.get("content-type", ""),
        list(csv.DictReader(io.StringIO(text, newline=""))),
    )


def filter_of(grouping, key):
    """The filter that opens the list behind one row of a count."""
    return {
        "MONTH": {"monthFrom": key, "monthUntil": key},
        "BY_MECHANISM": {"mechanism": key},
        "BY_KIND": {"kind": key},
        "BY_UNIT": {"unit": key},
        "BY_ENTERPRISE": {"enterprise": key},
        "BY_PAIRING": {"pairing": key},
    }[grouping]
