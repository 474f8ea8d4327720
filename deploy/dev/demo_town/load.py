"""Loads the demo town through the edge. Every step looks at what is there and asks with a request id that is the same
each time, so a second run changes nothing and a run after a kill goes on where the first one ended."""

import datetime
import sys
import threading
import time

from . import history, logins, planned, town
from .edge_client import Refused, Session, as_bytes, parse_time
from .history import SHANGHAI, unit
from .programme import Programme
from .repeating import at_once, request_id, soon
from .town import CITY, EMPTY_TOWN, TOWN

RESIDENTS_PER_VILLAGE = 24
EMPLOYEES = 24

# What the town must answer in the end.
FIGURES = {"villages": 17, "enterprises": 47, "heldEvents": 346, "talks": 260, "otherEvents": 86}


class Loader:
    """`admin` is (phone, password); `say` prints a line of progress."""

    def __init__(self, edge, codes, admin, say):
        self.edge, self.codes, self.say = edge, codes, say
        self.admin_login = admin
        self.sessions = {}

    def run(self):
        self.admin = Session(self.edge, self.admin_login[0], password=self.admin_login[1])
        self.open_towns()
        self.appoint_officials()
        self.official = self.sessions[logins.TOWN_OFFICIAL.phone]
        self.bring_in_units()
        self.bring_in_enterprises()
        self.name_leaders()
        self.sign_in_all()
        self.bring_in_people()
        self.record_history()
        self.announce()
        Programme(self).run()
        self.check_figures()

    # --- the town and those who run it

    def open_towns(self):
        for code, name in (
            (CITY, town.CITY_NAME),
            (TOWN, town.TOWN_NAME),
            (EMPTY_TOWN, town.EMPTY_TOWN_NAME),
        ):
            if self.find(f"/v1/towns/{code}") is None:
                self.admin.post(
                    "/v1/towns", {"displayName": name}, townId=code, requestId=request_id("town", code)
                )
        opened = parse_time(self.edge.get(f"/v1/towns/{TOWN}")["createTime"])
        self.opened = opened.astimezone(SHANGHAI).date()
        self.say(f"{town.CITY_NAME}: {town.TOWN_NAME} and {town.EMPTY_TOWN_NAME}")

    def find(self, path):
        try:
            return self.edge.get(path)
        except Refused as refused:
            if refused.code == 5:
                return None
            raise

    def appoint_officials(self):
        self.sign_in(logins.CITY_OFFICIAL)
        self.grant(self.admin, logins.CITY_OFFICIAL, logins.CITY_OFFICIAL.scope)
        city = self.sessions[logins.CITY_OFFICIAL.phone]
        for login in (logins.TOWN_OFFICIAL, logins.EMPTY_TOWN_OFFICIAL):
            self.sign_in(login)
            self.grant(city, login, login.scope)

    def sign_in(self, login, enterprise=""):
        """A session of the login, registered in its town."""
        session = Session(self.edge, login.phone, codes=self.codes)
        if not session.person:
            session.register(
                login.town,
                login.name,
                login.kind,
                login.unit,
                enterprise,
                request_id("register", login.phone),
            )
        session.town = login.town
        self.sessions[login.phone] = session

    def grant(self, giver, login, scope):
        person = self.sessions[login.phone].person
        path = f"/v1/towns/{login.town}/grants"
        if not any(
            g["role"] == login.role and g["scope"] == scope
            for g in giver.pages(path, "grants", person=person)
        ):
            giver.post(
                path,
                {"person": person, "role": login.role, "scope": scope},
                requestId=request_id("grant", login.phone, login.role),
            )

    def sign_in_all(self):
        def enter(login):
            enterprise = self.enterprise_names.get(login.enterprise, "")
            self.sign_in(login, enterprise)
            if login.role:
                self.grant(self.official, login, self.enterprise_names.get(login.scope, login.scope))

        at_once(enter, logins.IN_TOWN)
        self.say(f"{len(logins.ALL)} logins")

    # --- units, enterprises, duties

    def bring_in_units(self):
        report = self.official.post(
            f"/v1/towns/{TOWN}/units:import",
            {"csv": as_bytes(town.units_csv()), "requestId": request_id("units")},
        )
        self.refuse_rejects(report)
        there = {u["name"] for u in self.official.pages(f"/v1/towns/{TOWN}/units", "units", pageSize=200)}
        for code, kind, name in town.EXTRA_UNITS:
            if unit(code) not in there:
                self.official.post(
                    f"/v1/towns/{TOWN}/units",
                    {"kind": kind, "displayName": name},
                    unitId=code,
                    requestId=request_id("unit", code),
                )
        self.say("17 villages and communities, an industrial community, grids")

    def bring_in_enterprises(self):
        csv = town.enterprises_csv(town.enterprises())
        report = self.official.post(
            f"/v1/towns/{TOWN}/enterprises:import",
            {"csv": as_bytes(csv), "requestId": request_id("enterprises")},
        )
        self.refuse_rejects(report)
        rows = self.official.pages(f"/v1/towns/{TOWN}/enterprises", "enterprises", pageSize=200)
        self.enterprise_names = {row["displayName"]: row["name"] for row in rows}
        self.say(f"{len(rows)} enterprises")

    @staticmethod
    def refuse_rejects(report):
        rejected = [row for row in report["rows"] if row["outcome"] == "REJECTED"]
        if rejected:
            raise RuntimeError(f"the import refused {len(rejected)} rows, the first: {rejected[0]}")

    def name_leaders(self):
        there = {d["unit"] for d in self.official.pages(f"/v1/towns/{TOWN}/duties", "duties", pageSize=200)}
        begin = self.opened - datetime.timedelta(days=400)
        start = {"year": begin.year, "month": begin.month, "day": begin.day}

        def name(duty):
            led, leader, substitute, phone = duty
            body = {
                "unit": led,
                "leaderName": leader,
                "substituteName": substitute,
                "officePhone": phone,
                "startDate": start,
            }
            self.official.post(f"/v1/towns/{TOWN}/duties", body, requestId=request_id("duty", led))

        duties = town.duties()
        at_once(name, [duty for duty in duties if duty[0] not in there])
        self.say(f"{len(duties)} leaders on duty, one post vacant")

    # --- people

    def bring_in_people(self):
        """Neighbours without a login, entered by their village's worker, and employees, entered by the town."""
        self.neighbours = {}
        for turn, login in enumerate(logins.VILLAGE_WORKERS):
            worker = self.sessions[login.phone]
            people = neighbours(turn, login)
            self.neighbours[login.phone] = self.enter(
                worker, people, ("resident", login.scope), unit=login.scope
            )
        self.enter(self.official, employees(list(self.enterprise_names.values())), ("employee",))
        self.say(f"{RESIDENTS_PER_VILLAGE * len(self.neighbours) + EMPLOYEES} residents and employees")

    def enter(self, session, people, what, **where):
        """Resource names of people without a login there, who are entered when fewer than wanted are found."""

        def found():
            rows = session.pages(f"/v1/towns/{TOWN}/people", "people", pageSize=200, **where)
            kind = people[0]["kind"]
            return [row["name"] for row in rows if not row.get("registered") and row["kind"] == kind]

        names = found()
        if len(names) < len(people):
            at_once(
                lambda i: session.post(f"/v1/towns/{TOWN}/people", people[i], requestId=request_id(*what, i)),
                range(len(people)),
            )
            names = found()
        return names

    # --- events

    def record_history(self):
        path = f"/v1/towns/{TOWN}/heldEvents"
        there = {
            (day_of(row["day"]), row["title"])
            for row in soon(lambda: self.official.pages(path, "heldEvents", pageSize=200))
        }
        wanted = [
            r
            for r in history.held_events(self.opened, self.enterprise_names)
            if (r["day"], r["title"]) not in there
        ]
        done = [346 - len(wanted)]

        def record(request):
            body = {key: request[key] for key in ("event", "outcome", "reason")}
            body["requestId"] = request_id("held", request["number"], self.opened)
            soon(lambda: self.official.post(f"/v1/towns/{TOWN}/events:recordHeld", body))
            done[0] += 1
            if done[0] % 100 == 0:
                self.say(f"{done[0]} of 346 held events")

        at_once(record, wanted)
        self.say("346 held events, 260 of them talks")

    def announce(self):
        today = datetime.datetime.now(SHANGHAI).date()
        bofei = self.enterprise_names[town.BOFEI]
        for login, sign_ups, event in planned.events(today, bofei):
            self.announce_event(self.sessions[login.phone], event, sign_ups)
        worker = self.sessions[planned.LONGXING.phone]
        if not any(
            e.get("coBuildingDay")
            for e in worker.pages(f"/v1/towns/{TOWN}/events", "events", kind="INSPECTION", state="PUBLISHED")
        ):
            for day, organisers, events in planned.co_building_days(today, bofei):
                self.announce_day(worker, day, organisers, events)
        self.say("announced events with sign-ups, and the next co-building days")

    def announce_event(self, session, event, sign_ups):
        path = f"/v1/towns/{TOWN}/events"
        there = [
            e
            for state in ("DRAFT", "PUBLISHED", "HELD", "CANCELLED")
            for e in soon(
                lambda: session.pages(path, "events", kind=event["kind"], state=state, pageSize=200)
            )
            if e["title"] == event["title"] and not e.get("lateReason")
        ]
        made = (
            there[0]
            if there
            else soon(
                lambda: session.post(
                    path, event, requestId=request_id("event", event["title"], event["startTime"])
                )
            )
        )
        if event["title"] == planned.DRAFT:
            return
        if made["state"] == "DRAFT":
            made = session.post(
                f"/v1/{made['name']}:publish", {"requestId": request_id("publish", made["name"])}
            )
        if made["state"] == "PUBLISHED" and sign_ups:
            self.fill(made["name"].replace("/events/", "/rosters/"), sign_ups)

    def fill(self, roster, sign_ups):
        """Neighbours of the three workers in turns, in the order of the waiting list."""
        counts = soon(lambda: self.edge.get(f"/v1/{roster}"))
        taken = counts.get("confirmed", 0) + counts.get("waiting", 0)
        turns = [
            (phone, people[i])
            for i in range(RESIDENTS_PER_VILLAGE)
            for phone, people in self.neighbours.items()
        ]
        if taken < sign_ups:
            at_once(
                lambda turn: soon(
                    lambda: self.sessions[turn[0]].post(
                        f"/v1/{roster}/signUps",
                        {"person": turn[1], "requestId": request_id("sign up", roster, turn[1])},
                    )
                ),
                turns[:sign_ups],
            )

    def announce_day(self, worker, day, organisers, events):
        body = {
            "coBuildingDay": {
                "day": {"year": day.year, "month": day.month, "day": day.day},
                "organisers": organisers,
            },
            "events": events,
            "requestId": request_id("co-building day", day),
        }
        made = soon(lambda: worker.post(f"/v1/towns/{TOWN}/coBuildingDays", body))
        worker.post(f"/v1/{made['name']}:publish", {"requestId": request_id("publish", made["name"])})

    # --- the end

    def check_figures(self):
        """Names of units and enterprises reach event through the change log: the figures may come a moment later."""
        deadline = time.monotonic() + 20
        while True:
            summary = self.edge.get(f"/v1/towns/{TOWN}/events:summarize")
            answers = {key: summary.get(key, 0) for key in FIGURES}
            if answers == FIGURES:
                self.say(summary["text"])
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"the town answers {answers} instead of {FIGURES}")
            threading.Event().wait(0.2)


def neighbours(turn, login):
    """People whom the village's worker enters; the `turn`-th of the workers."""
    return [
        {"kind": "RESIDENT", "displayName": town.person_name(turn * 40 + i), "unit": login.scope}
        for i in range(RESIDENTS_PER_VILLAGE)
    ]


def employees(enterprises):
    """People whom the town enters, in the first eight enterprises."""
    return [
        {
            "kind": "EMPLOYEE",
            "displayName": town.person_name(500 + i),
            "enterprise": enterprises[i % 8],
            "phone": f"199000010{i:02d}",
        }
        for i in range(EMPLOYEES)
    ]


def day_of(date):
    return datetime.date(date["year"], date["month"], date["day"])


def say(line):
    print(f"demo: {line}", file=sys.stderr, flush=True)
