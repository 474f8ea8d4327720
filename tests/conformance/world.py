"""The people and things of the table in who_may.py: one fresh town, and somebody for every caller."""

from conformance.programme_world import ProgrammeWorld
from demo_town.edge_client import Session
from support.cast import knowing, new_id
from support.events import begun, past, planned


class Nobody:
    """A caller with a fixed authorization header, or none."""

    def __init__(self, edge, token=None):
        self.edge, self._token, self.person = edge, token, ""

    def token(self):
        return self._token

    get, post, pages = Session.get, Session.post, Session.pages


class World(ProgrammeWorld):
    def __init__(self, cast, expired_token):
        self.cast, self.edge = cast, cast.edge
        town = self.town = cast.new_town("规则街道")
        town.add_villages(3)
        town.add_enterprises(2)
        self.village, self.other_village, self.third_village = town.villages
        self.enterprise = town.enterprises[0]
        self.grid = town.add_grid()
        town.official.post(
            f"{town.path}/duties",
            {"unit": self.village, "leaderName": "沈建明", "startDate": {"year": 2026, "month": 1, "day": 1}},
            requestId=new_id(),
        )
        self.callers = {
            "resident": town.newcomer("王小明", unit=self.grid),
            "other resident": town.newcomer("张三", unit=self.other_village),
            "employee": town.newcomer("徐浩", kind="EMPLOYEE", enterprise=self.enterprise),
            "village worker": town.worker(self.village),
            "other village's worker": town.worker(self.other_village),
            "manager": town.manager(self.enterprise),
            "other manager": town.manager(town.enterprises[1]),
            "grid leader": town.with_role("GRID_LEADER", self.grid, unit=self.grid),
            "official": town.official,
            "other town's official": cast.new_town("邻近街道").official,
            "city official": cast.city_official,
            "platform admin": cast.admin,
            "no token": Nobody(self.edge),
            "expired token": Nobody(self.edge, expired_token),
        }
        self.resident = self.callers["resident"]
        self.worker = self.callers["village worker"]
        self.manager = self.callers["manager"]
        self.organisers = [self.village, self.enterprise]
        self._hours, self._grids = 1000, 0
        self.wait_for_roles()
        self.roster = self.new_roster()
        self.sign_up = knowing(lambda: self.resident.post(f"{self.roster}/signUps", {"requestId": new_id()}))
        self.held = town.official.post(
            f"{town.path}/events:recordHeld", dict(past(self.organisers, "2026-02-03"), requestId=new_id())
        )
        self.team = self.new_team()
        town.official.post(f"/v1/{self.team['name']}:approve", {"requestId": new_id()})

    def wait_for_roles(self):
        """Every service has heard of every role once the last one given works there."""
        for caller, organiser in (
            ("other manager", self.town.enterprises[1]),
            ("village worker", self.village),
            ("other village's worker", self.other_village),
            ("manager", self.enterprise),
        ):
            self.town.draft(self.callers[caller], planned([organiser]))
        roster = self.new_roster()
        for session in self.callers.values():
            if session.person.startswith(self.town.name):
                knowing(lambda: session.post(f"{roster}/signUps", {"requestId": new_id()}))
        knowing(lambda: self.callers["manager"].get(f"{roster}/signUps"))
        knowing(lambda: self.town.official.get(f"{roster}/signUps"))
        knowing(lambda: self.cast.city_official.get(f"{roster}/signUps"))

    def next_hours(self):
        """A time of its own for each event, so that no sign-ups overlap."""
        self._hours += 5
        return self._hours

    def next_grid(self):
        """(id, name) of a grid that is not there yet; a village has room for 99."""
        self._grids += 1
        village = (self.other_village, self.third_village)[self._grids // 99]
        return f"{village.rpartition('/')[2]}-{self._grids % 99 + 1:02d}", f"网格{self._grids}"

    def new_neighbour(self):
        """Somebody of the village without a phone."""
        body = {"kind": "RESIDENT", "displayName": "张阿婆", "unit": self.village}
        return self.worker.post(f"{self.town.path}/people", body, requestId=new_id())["name"]

    def new_draft(self):
        return self.worker.post(
            f"{self.town.path}/events",
            planned(self.organisers, hours_ahead=self.next_hours()),
            requestId=new_id(),
        )

    def new_published(self, event=None):
        event = event or planned(self.organisers, hours_ahead=self.next_hours())
        return self.town.publish(self.worker, event)

    def new_begun(self):
        return self.new_published(begun(self.organisers))

    def new_roster(self):
        return self.town.roster_of(self.new_published())

    def new_team(self):
        body = {"displayName": "平安宣讲队", "kind": "TALK_TEAM", "party": self.village}
        return knowing(lambda: self.worker.post(f"{self.town.path}/teams", body, requestId=new_id()))
