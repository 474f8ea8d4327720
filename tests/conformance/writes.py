"""A valid call of every method that changes something. Each maker gives a new call every time it is asked, so two of them
are the same method with different bodies."""

import datetime
import random

from conformance.call import Call
from conformance.programme_writes import ProgrammeWrites
from demo_town.edge_client import as_bytes
from demo_town.town import uscc
from support.cast import knowing, new_id
from support.events import now, outcome, past, planned

START = {"year": 2026, "month": 1, "day": 1}


class Writes(ProgrammeWrites):
    """`world` is the one of who_may.py."""

    def __init__(self, world):
        self.world = world
        self.town, self.official, self.worker = world.town, world.town.official, world.worker
        self.path = world.town.path
        self._number = 0
        self._towns = random.SystemRandom().randrange(1000)

    def number(self):
        self._number += 1
        return self._number

    def verb(self, session, name, what, **body):
        return Call(session, f"/v1/{name}:{what}", body)

    # --- directory

    def create_town(self):
        number = (self._towns + self.number()) % 1000
        return Call(
            self.world.cast.admin, "/v1/towns", {"displayName": "试验街道"}, {"townId": f"330482{number:03d}"}
        )

    def create_unit(self):
        unit, name = self.world.next_grid()
        return Call(
            self.official, f"{self.path}/units", {"kind": "GRID", "displayName": name}, {"unitId": unit}
        )

    def made_unit(self):
        return self.create_unit().do(new_id())["name"]

    def update_unit(self):
        return Call(
            self.official,
            f"/v1/{self.world.grid}:update",
            {"displayName": f"网格{self.number()}号"},
            {"updateMask": "displayName"},
        )

    def merge_unit(self):
        return self.verb(self.world.cast.admin, self.made_unit(), "merge", successor=self.world.grid)

    def import_units(self):
        row = f"{self.town.code}{500 + self.number()},试验{self._number}社区居委会,{self.town.code},试验街道"
        return Call(
            self.official,
            f"{self.path}/units:import",
            {"csv": as_bytes(f"code,name,streetCode,streetName\n{row}\n".encode())},
        )

    def create_enterprise(self):
        body = {
            "displayName": f"试验示例{self.number()}有限公司",
            "uscc": uscc("91", 6000 + self._number),
            "unit": self.world.third_village,
        }
        return Call(self.official, f"{self.path}/enterprises", body, {})

    def update_enterprise(self):
        return Call(
            self.official,
            f"/v1/{self.world.enterprise}:update",
            {"address": f"海昌路{self.number()}号"},
            {"updateMask": "address"},
        )

    def move_enterprise(self):
        made = self.create_enterprise().do(new_id())["name"]
        return self.verb(
            self.official,
            made,
            "move",
            unit=self.world.village,
            startDate={"year": 2099, "month": 1, "day": 1},
        )

    def import_enterprises(self):
        row = f"试验示例{self.number()}厂,{uscc('91', 8000 + self._number)}"
        return Call(
            self.official,
            f"{self.path}/enterprises:import",
            {"csv": as_bytes(f"name,uscc\n{row}\n".encode())},
        )

    def create_duty(self):
        return Call(
            self.official,
            f"{self.path}/duties",
            {"unit": self.made_unit(), "leaderName": "朱国强", "startDate": START},
            {},
        )

    def end_duty(self):
        made = self.create_duty().do(new_id())["name"]
        return self.verb(self.official, made, "end", endDate={"year": 2026, "month": 2, "day": 1})

    # --- people

    def create_person(self):
        return Call(
            self.worker,
            f"{self.path}/people",
            {"kind": "RESIDENT", "displayName": f"居民{self.number()}", "unit": self.world.village},
            {},
        )

    def made_person(self):
        return self.create_person().do(new_id())["name"]

    def update_person(self):
        return Call(
            self.worker,
            f"/v1/{self.made_person()}:update",
            {"displayName": f"改名{self.number()}"},
            {"updateMask": "displayName"},
        )

    def erase_person(self):
        return self.verb(self.official, self.made_person(), "erase", reason="本人要求")

    def create_grant(self):
        return Call(
            self.official,
            f"{self.path}/grants",
            {"person": self.made_person(), "role": "VILLAGE_WORKER", "scope": self.world.third_village},
            {},
        )

    def revoke_grant(self):
        return self.verb(self.official, self.create_grant().do(new_id())["name"], "revoke")

    # --- events

    def create_event(self):
        return Call(
            self.worker,
            f"{self.path}/events",
            planned(self.world.organisers, title=f"试验宣讲{self.number()}"),
            {},
        )

    def update_event(self):
        return Call(
            self.worker,
            f"/v1/{self.world.new_draft()['name']}:update",
            {"title": f"改后{self.number()}"},
            {"updateMask": "title"},
        )

    def publish_event(self):
        return self.verb(self.worker, self.world.new_draft()["name"], "publish")

    def hold_event(self):
        return self.verb(self.worker, self.world.new_begun()["name"], "hold", outcome=outcome())

    def cancel_event(self):
        return self.verb(self.worker, self.world.new_published()["name"], "cancel", reason="天气原因")

    def correct_event(self):
        return self.verb(
            self.worker,
            self.world.held["name"],
            "correct",
            correction={"reason": "人数更正", "attendance": 40 + self.number()},
        )

    def record_held_event(self):
        return Call(
            self.worker,
            f"{self.path}/events:recordHeld",
            past(self.world.organisers, f"2026-04-{self.number() % 28 + 1:02d}"),
        )

    def create_co_building_day(self):
        date = (now() + datetime.timedelta(days=100 + self.number())).date()
        day, text = {"year": date.year, "month": date.month, "day": date.day}, date.isoformat()
        event = {
            "kind": "INSPECTION",
            "mechanism": "HAZARD",
            "title": "安全排查",
            "place": {"address": "厂区"},
            "startTime": f"{text}T01:00:00Z",
            "endTime": f"{text}T03:00:00Z",
        }
        return Call(
            self.worker,
            f"{self.path}/coBuildingDays",
            {"coBuildingDay": {"day": day, "organisers": [self.world.village]}, "events": [event]},
        )

    def publish_co_building_day(self):
        return self.verb(self.worker, self.create_co_building_day().do(new_id())["name"], "publish")

    # --- volunteer

    def create_sign_up(self):
        return Call(self.world.resident, f"{self.world.new_roster()}/signUps", {})

    def made_sign_up(self, roster=None):
        roster = roster or self.world.new_roster()
        return self.world.resident.post(f"{roster}/signUps", {"requestId": new_id()})

    def cancel_sign_up(self):
        return self.verb(self.world.resident, self.made_sign_up()["name"], "cancel")

    def begun_sign_up(self):
        """A person of their own each time: all these events go on at the same hour."""
        roster = self.town.roster_of(self.world.new_begun())
        body = {"person": self.made_person(), "requestId": new_id()}
        return roster, knowing(lambda: self.worker.post(f"{roster}/signUps", body))

    def check_in(self):
        return self.verb(self.worker, self.begun_sign_up()[1]["name"], "checkIn")

    def record_attendance(self):
        roster, sign_up = self.begun_sign_up()
        return Call(self.worker, f"{roster}/signUps:recordAttendance", {"attended": [sign_up["person"]]})

    def create_team(self):
        return Call(
            self.worker,
            f"{self.path}/teams",
            {"displayName": f"试验队{self.number()}", "kind": "SERVICE_TEAM", "party": self.world.village},
            {},
        )

    def approve_team(self):
        return self.verb(self.official, self.world.new_team()["name"], "approve")

    def working_team(self):
        team = self.world.new_team()["name"]
        self.verb(self.official, team, "approve").do(new_id())
        return team

    def join_team(self):
        return self.verb(self.world.resident, self.working_team(), "join")

    def accept_member(self):
        return self.verb(self.worker, self.join_team().do(new_id())["name"], "accept")

    def reject_member(self):
        return self.verb(self.worker, self.join_team().do(new_id())["name"], "reject")

    def leave_team(self):
        joined = self.join_team().do(new_id())["name"]
        self.verb(self.worker, joined, "accept").do(new_id())
        return self.verb(self.world.resident, joined.rpartition("/members/")[0], "leave")


# Methods whose answer holds a secret keep none for a replay; sign-in tests ask for them.
WITH_SECRETS = {"Register", "RevealPhone", "Refresh"}
