"""Pairings, promises, lists and matches as tests make them."""

import datetime
import itertools
import threading

from demo_town.edge_client import Refused
from demo_town.town import uscc
from support.cast import at_once, knowing, new_id, refused
from support.events import past
from support.waiting import wait_until

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
NUMBERS = itertools.count(1)


def day(days=0):
    """So many days from today, as google.type.Date."""
    date = datetime.datetime.now(SHANGHAI).date() + datetime.timedelta(days=days)
    return {"year": date.year, "month": date.month, "day": date.day}


def iso(date):
    return f"{date['year']}-{date['month']:02d}-{date['day']:02d}"


def verb(session, name, what, **body):
    return session.post(f"/v1/{name}:{what}", {"requestId": new_id(), **body})


# --- pairings


def propose(session, town, enterprise, unit, side="enterprise", responsible=None):
    """A proposal by the side that the session acts for, once pairing has heard of all of them."""
    body = {"enterprise": enterprise, "unit": unit, f"{side}Responsible": responsible or session.person}
    return knowing(lambda: session.post(f"{town.path}/pairings", body, requestId=new_id()))


def pair_up(town, manager, worker, enterprise, unit, start=-100, end=265):
    """An active pairing of the two, proposed by the enterprise, from so many days before today to so many after."""
    pairing = propose(manager, town, enterprise, unit)
    knowing(lambda: verb(worker, pairing["name"], "accept", responsible=worker.person))
    return knowing(
        lambda: verb(town.official, pairing["name"], "approve", startDate=day(start), endDate=day(end))
    )


def promise(session, pairing, **more):
    body = {
        "mechanism": "RISK",
        "measure": "HELD_EVENTS",
        "eventKind": "TALK",
        "title": "每月一场平安大宣讲",
        "times": 1,
        "period": "MONTHLY",
        **more,
    }
    body = {key: value for key, value in body.items() if value is not None}
    return session.post(f"/v1/{pairing['name']}/commitments", body, requestId=new_id())


def fresh_enterprise(town, manager):
    """One more enterprise of which the manager is the manager, too, when pairing knows of both."""
    body = {"displayName": f"测试示例结对{next(NUMBERS)}有限公司", "uscc": uscc("92", next(NUMBERS))}
    name = town.official.post(f"{town.path}/enterprises", body, requestId=new_id())["name"]
    town.give_role(town.official, manager, "ENTERPRISE_MANAGER", name)
    proposal = {"enterprise": name, "unit": town.villages[0]}
    # Who may propose is asked before the responsible person, whom this lacks.
    wait_until(
        lambda: refused(
            lambda: manager.post(f"{town.path}/pairings", proposal, requestId=new_id()), "INVALID_FIELD"
        )
    )
    return name


def with_parties(town):
    """The town with a village and its worker, an enterprise and its manager, and another of each."""
    town.village, town.enterprise = town.villages[0], town.enterprises[0]
    town.village_worker, town.enterprise_manager = town.worker(), town.manager()
    town.other_worker = town.worker(town.villages[1])
    town.other_manager = town.manager(town.enterprises[1])
    return town


def with_pair(town):
    """The same, with village and enterprise paired and exchange aware of it and of all four."""
    with_parties(town)
    pair_up(town, town.enterprise_manager, town.village_worker, town.enterprise, town.village)
    shown = publish(town.enterprise_manager, town, town.enterprise)
    knowing(lambda: town.village_worker.get(f"/v1/{shown['name']}"))
    draft(town.other_worker, town, town.villages[1])
    draft(town.other_manager, town, town.enterprises[1])
    return town


def new_pairing(parties, **term):
    """An active pairing of the village with a fresh enterprise of the manager's."""
    enterprise = fresh_enterprise(parties, parties.enterprise_manager)
    return pair_up(
        parties, parties.enterprise_manager, parties.village_worker, enterprise, parties.village, **term
    )


def held(town, pairing, days_ago, **more):
    """An event that both held so many days ago, recorded late by the town."""
    date = (datetime.datetime.now(SHANGHAI) - datetime.timedelta(days=days_ago)).date()
    body = past([pairing["unit"], pairing["enterprise"]], date, **more)
    return knowing(
        lambda: town.official.post(f"{town.path}/events:recordHeld", dict(body, requestId=new_id()))
    )


# --- lists

# Columns of ImportListings.
HEADER = ["类型", "类别", "机制", "名称", "说明", "数量", "计量单位", "开始日期", "结束日期", "公开时间"]


def listing(party, direction="RESOURCE", **more):
    """Something of equipment; of which there are ten."""
    body = {
        "direction": direction,
        "party": party,
        "category": "EQUIPMENT",
        "mechanism": "HAZARD",
        "title": f"灭火器{next(NUMBERS)}号",
        "quantity": "10",
        "measure": "PIECES",
    }
    if direction == "NEED":
        body["releaseTime"] = f"{iso(day(7))}T01:00:00Z"
    body.update(more)
    return {key: value for key, value in body.items() if value is not None}


def draft(session, town, party, direction="RESOURCE", **more):
    body = listing(party, direction, **more)
    return knowing(lambda: session.post(f"{town.path}/listings", body, requestId=new_id()))


def publish(session, town, party, direction="RESOURCE", release=False, **more):
    """A published listing; with `release` one that the whole town sees."""
    made = verb(session, draft(session, town, party, direction, **more)["name"], "publish")
    return verb(session, made["name"], "release") if release else made


def resource(pair, release=False, **more):
    """A published resource of the enterprise of a town with_pair."""
    return publish(pair.enterprise_manager, pair, pair.enterprise, release=release, **more)


def need(pair, release=False, **more):
    """A published need of its village."""
    return publish(pair.village_worker, pair, pair.village, "NEED", release=release, **more)


# --- matches


def offer(session, town, resource=None, need=None, quantity=1, **more):
    """A proposal to give so many of the resource for the need; either may be left out when `more` says whom it is for."""
    body = {"quantity": str(quantity), **more}
    if resource:
        body["resource"] = resource["name"]
    if need:
        body["need"] = need["name"]
    return session.post(f"{town.path}/matches", body, requestId=new_id())


def agreed(pair, have, want, quantity):
    """A match of a resource and a need of the pair, proposed by the village and accepted by the enterprise."""
    match = offer(pair.village_worker, pair, have, want, quantity)
    return verb(pair.enterprise_manager, match["name"], "accept")


def lines(session, match):
    """The ledger of a match: [(kind, quantity)]."""
    rows = session.pages(f"/v1/{match['name']}/lines", "lines", pageSize=200)
    return [(row["kind"].removeprefix("LINE_"), int(row["quantity"])) for row in rows]


def sums(rows):
    """{kind: sum} of lines."""
    totals = dict.fromkeys(("COMMITTED", "DELIVERED", "CONFIRMED", "LOST", "CANCELLED"), 0)
    for kind, quantity in rows:
        totals[kind] += quantity
    return totals


def numbers(row, *fields):
    """Numbers of a row; 0 where JSON leaves it out."""
    return tuple(int(row.get(field, 0)) for field in fields)


def assert_sound(session, name, town):
    """The listing's numbers are what the ledgers of its matches say."""
    shown = session.get(f"/v1/{name}")
    rows = town.official.pages(f"{town.path}/matches", "matches", listing=name, pageSize=200)
    totals = sums([line for row in rows for line in lines(town.official, row)])
    committed = totals["COMMITTED"] - totals["CANCELLED"]
    said = numbers(shown, "committed", "delivered", "confirmed", "lost")
    assert said == (committed, totals["DELIVERED"], totals["CONFIRMED"], totals["LOST"]), shown
    again = totals["LOST"] if shown["direction"] == "NEED" else 0
    assert numbers(shown, "remaining") == (int(shown["quantity"]) - committed + again,), shown
    assert int(shown.get("remaining", 0)) >= 0
    confirmed = totals["CONFIRMED"]
    assert shown["fulfilment"] == (
        "COMPLETE" if confirmed >= int(shown["quantity"]) else "PARTIAL" if confirmed else "NOTHING"
    ), shown
    return shown


# --- all at once


def all_together(act, entries):
    """`act(session, thing)` of every (session, thing) in the same moment, each in a thread with a connection of its own;
    the answers or refusals, in order."""
    gate = threading.Barrier(len(entries))

    def one(entry):
        session, thing = entry
        session.token()
        session.get("/v1/categories")  # the connection is open
        gate.wait()
        try:
            return act(session, thing)
        except Refused as refusal:
            return refusal

    return at_once(one, entries, threads=len(entries))
