"""The people of the tests: accounts with invented phones, officials who open fresh towns, roles in them."""

import concurrent.futures
import csv
import io
import itertools
import random
import uuid

from demo_town.edge_client import Refused, Session, as_bytes
from demo_town.repeating import NOT_HEARD_YET
from demo_town.town import uscc
from support.waiting import wait_until

AT_ONCE = 8


def new_id():
    """A request id of one's own."""
    return str(uuid.uuid4())


def at_once(act, items, threads=AT_ONCE):
    """`act` of every item in so many threads; the answers in order. The first exception ends it."""
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        try:
            return [one.result() for one in [pool.submit(act, item) for item in items]]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


class Cast:
    """Signs people in and opens towns. `admin` and `city_official` are the demo's; `phones` and `names` are all that it made."""

    def __init__(self, stack):
        self.stack = stack
        self.edge = stack.edge
        self.codes = stack.codes
        self._phones = itertools.count(random.SystemRandom().randrange(10**5) * 1000)
        self._town_ids = itertools.count(random.SystemRandom().randrange(600))
        self._demo = {}
        self.phones, self.names = set(), set()
        self.admin = Session(self.edge, *stack.admin_login())
        self.city_official = self.demo("CITY_OFFICIAL")

    def demo(self, role, town=None):
        """The session of a demo login; each is opened once, because a phone gets few codes."""
        phone = self.stack.login(role, town)["phone"]
        if phone not in self._demo:
            self._demo[phone] = self.sign_in(phone)
        return self._demo[phone]

    def sign_in(self, phone, town=""):
        """A session by one-time code."""
        return Session(self.edge, phone, town, codes=self.codes)

    def new_phone(self):
        phone = f"198{next(self._phones) % 10**8:08d}"
        self.phones.add(phone)
        return phone

    def newcomer(self, town, name, **where):
        """Somebody with a new account who registers in the town."""
        session = self.sign_in(self.new_phone())
        self.names.add(name)
        session.register(town, name, **where)
        return session

    def new_town(self, name="测试街道"):
        """A fresh town of the demo's city, with an official who signed in. Real towns there have codes below 330481400."""
        while True:
            code = f"330481{400 + next(self._town_ids) % 600}"
            try:
                self.admin.post("/v1/towns", {"displayName": name}, townId=code, requestId=new_id())
            except Refused as refused:
                if refused.reason != "ALREADY_EXISTS":
                    raise
                continue
            return Town(self, code)


class Town:
    """A fresh town: `official` runs it. Everything else is made when a test asks for it."""

    def __init__(self, cast, code):
        self.cast, self.edge, self.code = cast, cast.edge, code
        self.name = f"towns/{code}"
        self.path = f"/v1/towns/{code}"
        self.official = self.newcomer("测试干部")
        self.give_role(cast.city_official, self.official, "TOWN_OFFICIAL", self.name)
        self.villages, self.enterprises = [], []

    # --- who and what there is

    def add_villages(self, count=2):
        """Imports so many communities; their resource names."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["code", "name", "streetCode", "streetName"])
        for i in range(count):
            writer.writerow([f"{self.code}{i + 1:03d}", f"测试{i + 1}社区居委会", self.code, "测试街道"])
        report = self.official.post(
            f"{self.path}/units:import", {"csv": as_bytes(text.getvalue().encode()), "requestId": new_id()}
        )
        assert report["created"] == count, report
        self.villages = [f"{self.name}/units/{self.code}{i + 1:03d}" for i in range(count)]
        return self.villages

    def add_grid(self):
        """Enters the first grid of the first community; its resource name."""
        number = self.villages[0].rpartition("/")[2] + "-01"
        body = {"kind": "GRID", "displayName": "第一网格"}
        return self.official.post(f"{self.path}/units", body, unitId=number, requestId=new_id())["name"]

    def add_enterprises(self, count=2):
        """Enters so many more enterprises, in turns in the villages; the resource names of all."""
        first = len(self.enterprises)
        for i in range(first, first + count):
            body = {"displayName": f"测试示例第{i + 1}有限公司", "uscc": uscc("91", 3000 + i)}
            if self.villages:
                body["unit"] = self.villages[i % len(self.villages)]
            made = self.official.post(f"{self.path}/enterprises", body, requestId=new_id())
            self.enterprises.append(made["name"])
        return self.enterprises

    def newcomer(self, name="王小明", **where):
        """Somebody with a new account who registers here."""
        return self.cast.newcomer(self.code, name, **where)

    def residents(self, count, **where):
        """So many newcomers, each a resident of the first village unless told otherwise."""
        where = where or ({"unit": self.villages[0]} if self.villages else {})
        return at_once(lambda i: self.newcomer(f"居民{i}号", **where), range(count))

    def give_role(self, giver, session, role, scope):
        return giver.post(
            f"{self.path}/grants",
            {"person": session.person, "role": role, "scope": scope},
            requestId=new_id(),
        )

    def with_role(self, role, scope, name="李组织", **where):
        """A newcomer who holds the role."""
        session = self.newcomer(name, **where)
        session.grant = self.give_role(self.official, session, role, scope)
        return session

    def worker(self, village=None):
        village = village or self.villages[0]
        return self.with_role("VILLAGE_WORKER", village, "沈佩芬", unit=village)

    def manager(self, enterprise=None):
        enterprise = enterprise or self.enterprises[0]
        return self.with_role(
            "ENTERPRISE_MANAGER", enterprise, "周明远", kind="EMPLOYEE", enterprise=enterprise
        )

    # --- events

    def draft(self, session, event):
        """Plans an event once event knows of the session's role and of the organisers."""
        return knowing(lambda: session.post(f"{self.path}/events", event, requestId=new_id()))

    def publish(self, session, event):
        made = self.draft(session, event)
        return session.post(f"/v1/{made['name']}:publish", {"requestId": new_id()})

    def roster_of(self, event):
        """The path of the event's roster, once volunteer knows it."""
        path = f"/v1/{event['name'].replace('/events/', '/rosters/')}"
        wait_until(lambda: knowing(lambda: self.edge.get(path)), what="the roster")
        return path


def knowing(act, seconds=10.0):
    """What `act` answers once the service has heard of what it needs."""

    def attempt():
        try:
            return [act()]
        except Refused as refused:
            if refused.reason in NOT_HEARD_YET:
                raise AssertionError(str(refused)) from refused
            raise

    return wait_until(attempt, seconds)[0]


def refused(act, *reasons):
    """Asserts that `act` is refused with one of the reasons; the refusal."""
    try:
        answer = act()
    except Refused as refusal:
        assert refusal.reason in reasons, f"refused with {refusal.reason}, not {reasons}: {refusal}"
        return refusal
    raise AssertionError(f"was not refused with {reasons}: {answer}")
