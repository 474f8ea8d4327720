"""How each act of who_may.py on pairings, promises, lists and matches is done; as in acts.py. What a caller may not change
serves the next caller, too."""

from conformance.acts import act, path, verb
from demo_town.edge_client import as_bytes
from support.cast import new_id
from support.programme import HEADER, day, listing

# --- pairings


def on_pairing(what, state, verb_, **body):
    act("pairing", what)(
        lambda world, session: verb(session, world.pairing_in(state)["name"], verb_, **body)
    )


on_pairing("decline", "PROPOSED", "decline", reason="今年已有结对企业")
on_pairing("withdraw", "PROPOSED", "withdraw", reason="计划调整")
on_pairing("approve", "ACCEPTED", "approve", startDate=day(-30), endDate=day(300))
on_pairing("suspend", "ACTIVE", "suspend", reason="企业停产检修")
on_pairing("resume", "SUSPENDED", "resume")
on_pairing("end", "ACTIVE", "end", reason="企业搬离本镇街")

act("pairing", "read an active one")(lambda world, session: session.get(f"/v1/{world.paired()['name']}"))
act("pairing", "see its persons")(lambda world, session: session.get(f"/v1/{world.paired()['name']}"))
act("pairing", "read a proposed one")(
    lambda world, session: session.get(f"/v1/{world.pairing_in('PROPOSED')['name']}")
)
act("pairing", "list")(lambda world, session: session.get(f"{path(world)}/pairings"))
act("pairing", "list the idle")(lambda world, session: session.get(f"{path(world)}/pairings", idleDays=90))
act("pairing", "read the history")(
    lambda world, session: session.get(f"/v1/{world.paired()['name']}/transitions")
)


@act("pairing", "propose")
def propose(world, session):
    """The two have an open pairing already, which only those are told who might have proposed it."""
    world.paired()
    side = "enterprise" if session is world.manager else "unit"
    body = {"enterprise": world.enterprise, "unit": world.village, f"{side}Responsible": session.person}
    return session.post(f"{path(world)}/pairings", body, requestId=new_id())


@act("pairing", "accept")
def accept(world, session):
    return verb(session, world.pairing_in("PROPOSED")["name"], "accept", responsible=world.worker.person)


@act("pairing", "renew")
def renew(world, session):
    pairing = world.pairing_in("ACTIVE")
    end = world.town.official.get(f"/v1/{pairing['name']}")["endDate"]
    return verb(session, pairing["name"], "renew", endDate={**end, "year": end["year"] + 1})


# --- commitments

act("commitment", "read")(lambda world, session: session.get(f"/v1/{world.commitment()['name']}"))
act("commitment", "list the pairing's")(
    lambda world, session: session.get(f"/v1/{world.paired()['name']}/commitments")
)
act("commitment", "list the town's")(lambda world, session: session.get(f"{path(world)}/pairings/-/commitments"))
act("commitment", "list what counted")(
    lambda world, session: session.get(f"/v1/{world.commitment()['name']}/deeds")
)
act("commitment", "count the town's")(lambda world, session: session.get(f"{path(world)}/commitments:count"))
act("commitment", "end")(
    lambda world, session: verb(session, world.new_commitment()["name"], "end", reason="改为每季度一场")
)


@act("commitment", "promise")
def promise(world, session):
    body = {
        "mechanism": "PATROL",
        "measure": "HELD_EVENTS",
        "title": "每月一次联巡",
        "times": 1,
        "period": "MONTHLY",
    }
    return session.post(f"/v1/{world.paired()['name']}/commitments", body, requestId=new_id())


@act("commitment", "change")
def change_commitment(world, session):
    return session.post(
        f"/v1/{world.commitment()['name']}:update",
        {"title": "每月一场宣讲"},
        updateMask="title",
        requestId=new_id(),
    )


# --- lists

act("listing", "read categories")(lambda world, session: session.get("/v1/categories"))
act("listing", "list")(lambda world, session: session.get(f"{path(world)}/listings"))


def on_listing(what, state, verb_, **body):
    act("listing", what)(
        lambda world, session: verb(session, world.listing_in(state)["name"], verb_, **body)
    )


on_listing("publish draft", "DRAFT", "publish")
on_listing("withdraw", "PUBLISHED", "withdraw")
on_listing("close", "RELEASED", "close", reason="今年不再提供")


@act("listing", "release")
def release(world, session):
    fresh = world.new_listing("PUBLISHED") if session is world.manager else world.listing_in("PUBLISHED")
    return verb(session, fresh["name"], "release")


def read_listing(what, state):
    act("listing", what)(lambda world, session: session.get(f"/v1/{world.listing_in(state)['name']}"))


read_listing("read draft", "DRAFT")
read_listing("read published", "PUBLISHED")
read_listing("read released", "RELEASED")


def change_listing(what, state):
    act("listing", what)(
        lambda world, session: session.post(
            f"/v1/{world.listing_in(state)['name']}:update",
            {"description": "附检验标签"},
            updateMask="description",
            requestId=new_id(),
        )
    )


change_listing("change draft", "DRAFT")
change_listing("change published", "PUBLISHED")


@act("listing", "create")
def create_listing(world, session):
    world.paired()
    return session.post(f"{path(world)}/listings", listing(world.enterprise), requestId=new_id())


@act("listing", "import")
def import_listings(world, session):
    world.paired()
    row = f"{','.join(HEADER)}\n资源,物资设备,隐患联排,灭火器,,5,件,,,\n"
    body = {"party": world.enterprise, "csv": as_bytes(row.encode()), "validateOnly": True}
    return session.post(f"{path(world)}/listings:import", body)


act("listing", "see what fits it")(
    lambda world, session: session.get(f"/v1/{world.listing_in('PUBLISHED')['name']}:suggest")
)


@act("listing", "see what fits the party")
def suggest_for_party(world, session):
    world.paired()
    return session.get(f"{path(world)}/listings:suggestForParty", party=world.enterprise)


# --- matches


def on_match(what, state, verb_, **body):
    act("match", what)(lambda world, session: verb(session, world.match_in(state)["name"], verb_, **body))


on_match("accept", "PROPOSED", "accept")
on_match("decline", "PROPOSED", "decline", reason="已另有安排")
on_match("cancel", "ACCEPTED", "cancel", reason="活动改期")
on_match("deliver", "ACCEPTED", "deliver", quantity="2")
on_match("confirm", "DELIVERED", "confirm", quantity="2")
on_match("report a loss", "DELIVERED", "reportLoss", quantity="2", words="路上摔坏")
on_match("rate", "CONFIRMED", "rate", rating={"stars": 5})

act("match", "read")(lambda world, session: session.get(f"/v1/{world.match_in('PROPOSED')['name']}"))
act("match", "read its ledger")(
    lambda world, session: session.get(f"/v1/{world.match_in('ACCEPTED')['name']}/lines")
)
act("match", "list")(lambda world, session: session.get(f"{path(world)}/matches"))


@act("match", "close")
def close_match(world, session):
    match = world.new_match("ACCEPTED")["name"]
    verb(world.manager, match, "deliver", quantity="1")
    verb(world.worker, match, "confirm", quantity="1")
    return verb(session, match, "close", reason="其余不需要了")


@act("match", "propose")
def propose_match(world, session):
    """The two have been offered to each other already, which only the two are told."""
    match = world.match_in("PROPOSED")
    body = {"resource": match["resource"], "need": match["need"], "quantity": "2"}
    return session.post(f"{path(world)}/matches", body, requestId=new_id())


@act("match", "plan the town's")
def plan_matches(world, session):
    world.paired()
    return session.post(f"{path(world)}/matches:plan", {"validateOnly": True})
