"""How each act of who_may.py is done. Every function takes the world and the caller's session and makes one call that is
valid but for who makes it; what it changes is made fresh for it."""

from demo_town.edge_client import as_bytes
from demo_town.town import uscc
from support.cast import new_id
from support.events import outcome, past, planned

ACTS = {}


def act(resource, what):
    def keep(function):
        ACTS[resource, what] = function
        return function

    return keep


def verb(session, name, what, **body):
    return session.post(f"/v1/{name}:{what}", {"requestId": new_id(), **body})


def path(world):
    return world.town.path


# --- directory

act("town", "read")(lambda world, session: session.get(path(world)))
act("unit", "read")(lambda world, session: session.get(f"/v1/{world.village}"))
act("duty", "list")(lambda world, session: session.get(f"{path(world)}/duties"))
act("duty", "locate")(lambda world, session: session.get(f"{path(world)}/duties:locate", unit=world.grid))
act("enterprise", "read")(lambda world, session: session.get(f"/v1/{world.enterprise}"))


@act("town", "open another")
def open_town(world, session):
    # Taken already: whoever may open towns is told so, which is as good as done.
    return session.post("/v1/towns", {"displayName": "测试街道"}, townId=world.town.code, requestId=new_id())


@act("unit", "create")
def create_unit(world, session):
    unit, name = world.next_grid()
    return session.post(
        f"{path(world)}/units", {"kind": "GRID", "displayName": name}, unitId=unit, requestId=new_id()
    )


@act("unit", "rename")
def rename_unit(world, session):
    return session.post(
        f"/v1/{world.grid}:update", {"displayName": "第一网格"}, updateMask="displayName", requestId=new_id()
    )


@act("unit", "merge")
def merge_unit(world, session):
    unit = create_unit(world, world.town.official)
    return verb(session, unit["name"], "merge", successor=world.grid)


@act("duty", "create")
def create_duty(world, session):
    unit = create_unit(world, world.town.official)
    body = {"unit": unit["name"], "leaderName": "朱国强", "startDate": {"year": 2026, "month": 1, "day": 1}}
    return session.post(f"{path(world)}/duties", body, requestId=new_id())


@act("enterprise", "see its uscc")
def see_uscc(world, session):
    """Whether the code is among what the caller reads is what counts here."""
    return session.get(f"/v1/{world.enterprise}")


@act("enterprise", "change its phone")
def change_phone(world, session):
    return session.post(
        f"/v1/{world.enterprise}:update",
        {"officePhone": "0573-00000002"},
        updateMask="officePhone",
        requestId=new_id(),
    )


@act("enterprise", "rename")
def rename_enterprise(world, session):
    return session.post(
        f"/v1/{world.enterprise}:update",
        {"displayName": f"测试示例{world.next_hours()}号有限公司"},
        updateMask="displayName",
        requestId=new_id(),
    )


@act("enterprise", "move")
def move_enterprise(world, session):
    body = {"displayName": "测试示例搬迁有限公司", "uscc": uscc("91", 4000 + world.next_hours())}
    made = world.town.official.post(f"{path(world)}/enterprises", body, requestId=new_id())
    return verb(
        session,
        made["name"],
        "move",
        unit=world.third_village,
        startDate={"year": 2099, "month": 1, "day": 1},
    )


@act("enterprise", "import")
def import_enterprises(world, session):
    csv = "名称,统一社会信用代码\n".encode()
    return session.post(
        f"{path(world)}/enterprises:import",
        {"csv": as_bytes(csv + f"测试示例,{uscc('91', 4999)}\n".encode()), "validateOnly": True},
    )


# --- people

act("person", "read the resident")(lambda world, session: session.get(f"/v1/{world.resident.person}"))
act("person", "list the town's")(lambda world, session: session.get(f"{path(world)}/people"))
act("person", "list the village's")(
    lambda world, session: session.get(f"{path(world)}/people", unit=world.village)
)
act("grant", "list the town's")(lambda world, session: session.get(f"{path(world)}/grants"))


@act("person", "change the resident")
def change_resident(world, session):
    return session.post(
        f"/v1/{world.resident.person}:update",
        {"displayName": "王小明"},
        updateMask="displayName",
        requestId=new_id(),
    )


@act("phone", "reveal the resident's")
def reveal_phone(world, session):
    return verb(session, world.resident.person, "revealPhone", reason="通知活动改期")


def candidate(world):
    """Somebody who takes part in no other row."""
    if not hasattr(world, "candidate"):
        world.candidate = world.town.newcomer("候选人")
    return world.candidate


@act("grant", "make a village worker")
def make_worker(world, session):
    return world.town.give_role(session, candidate(world), "VILLAGE_WORKER", world.third_village)


@act("grant", "make a town official")
def make_official(world, session):
    return world.town.give_role(session, candidate(world), "TOWN_OFFICIAL", world.town.name)


@act("grant", "revoke")
def revoke_grant(world, session):
    neighbour = world.new_neighbour()
    grant = world.town.official.post(
        f"{path(world)}/grants",
        {"person": neighbour, "role": "VILLAGE_WORKER", "scope": world.third_village},
        requestId=new_id(),
    )
    return verb(session, grant["name"], "revoke")


# --- events

act("event", "read published")(lambda world, session: session.get(f"/v1/{world.held['name']}"))
act("event", "read draft")(lambda world, session: session.get(f"/v1/{world.new_draft()['name']}"))
act("event", "publish draft")(lambda world, session: verb(session, world.new_draft()["name"], "publish"))
act("event", "cancel published")(
    lambda world, session: verb(session, world.new_published()["name"], "cancel", reason="天气原因")
)
act("event", "hold")(
    lambda world, session: verb(session, world.new_begun()["name"], "hold", outcome=outcome())
)


@act("event", "plan")
def plan(world, session):
    return session.post(f"{path(world)}/events", planned(world.organisers), requestId=new_id())


@act("event", "change published")
def change_published(world, session):
    return session.post(
        f"/v1/{world.new_published()['name']}:update",
        {"title": "改后的标题"},
        updateMask="title",
        requestId=new_id(),
    )


@act("event", "change draft")
def change_draft(world, session):
    return session.post(
        f"/v1/{world.new_draft()['name']}:update",
        {"title": "改后的标题"},
        updateMask="title",
        requestId=new_id(),
    )


@act("event", "record late")
def record_late(world, session):
    return session.post(
        f"{path(world)}/events:recordHeld", dict(past(world.organisers, "2026-03-03"), requestId=new_id())
    )


@act("event", "correct")
def correct(world, session):
    return verb(session, world.held["name"], "correct", correction={"reason": "人数更正", "attendance": 31})


# --- rosters and teams

act("roster", "read")(lambda world, session: session.get(world.roster))
act("roster", "list names")(lambda world, session: session.get(f"{world.roster}/signUps"))
act("roster", "read the resident's place")(lambda world, session: session.get(f"/v1/{world.sign_up['name']}"))
act("roster", "sign up oneself")(
    lambda world, session: session.post(f"{world.new_roster()}/signUps", {"requestId": new_id()})
)
act("team", "read")(lambda world, session: session.get(f"/v1/{world.team['name']}"))
act("team", "read a pending one")(lambda world, session: session.get(f"/v1/{world.new_team()['name']}"))
act("team", "list members")(lambda world, session: session.get(f"/v1/{world.team['name']}/members"))
act("team", "approve")(lambda world, session: verb(session, world.new_team()["name"], "approve"))


@act("roster", "sign up the resident")
def sign_up_resident(world, session):
    return session.post(
        f"{world.new_roster()}/signUps", {"person": world.resident.person, "requestId": new_id()}
    )


@act("roster", "cancel the resident's")
def cancel_resident(world, session):
    made = world.resident.post(f"{world.new_roster()}/signUps", {"requestId": new_id()})
    return verb(session, made["name"], "cancel")


@act("roster", "record attendance")
def record_attendance(world, session):
    """Of nobody: who may say so is asked before what they say."""
    roster = world.town.roster_of(world.new_begun())
    return session.post(f"{roster}/signUps:recordAttendance", {"requestId": new_id()})


@act("team", "accept a member")
def accept_member(world, session):
    team = world.new_team()
    verb(world.town.official, team["name"], "approve")
    member = verb(world.callers["other resident"], team["name"], "join")
    return verb(session, member["name"], "accept")


# --- numbers


def numbers(world, session, what="heldEvents:count", **where):
    return session.get(f"{path(world)}/{what}", **where)


act("numbers", "town totals")(lambda world, session: numbers(world, session, groupBy="MONTH"))
act("numbers", "the village's")(
    lambda world, session: numbers(world, session, groupBy="BY_UNIT", unit=world.village)
)
act("numbers", "the enterprise's")(
    lambda world, session: numbers(world, session, groupBy="BY_ENTERPRISE", enterprise=world.enterprise)
)
act("numbers", "by pairing")(lambda world, session: numbers(world, session, groupBy="BY_PAIRING"))
act("numbers", "the enterprise's by pairing")(
    lambda world, session: numbers(world, session, groupBy="BY_PAIRING", enterprise=world.enterprise)
)
act("numbers", "list the town's")(lambda world, session: numbers(world, session, "heldEvents"))
act("numbers", "export the town's")(
    lambda world, session: session.edge.send(
        "GET",
        f"{path(world)}/heldEvents:export",
        None,
        {"authorization": f"Bearer {session.token()}"} if session.token() else {},
    )
)
