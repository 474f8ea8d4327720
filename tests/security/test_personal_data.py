"""Names and phones of people stand nowhere in clear: not in a log of any part, not in any table, directory's own included.

Looked for are those of the demo, those of everybody whom the tests brought in, and those of some work done here, refused
calls among it. It is done when all other tests are over. The same look finds what is planted, so that it would find the rest.
"""

import json
import secrets

import pytest
from cluster import ClusterError
from demo_town.edge_client import Refused
from demo_town.town import TOWN
from faults import followed
from google.protobuf import text_format, wrappers_pb2
from security.personal import DemoPeople, found, found_in, forms, logs, readable, tables
from support.cast import knowing, new_id
from support.events import planned
from support.waiting import wait_until

DEMO = DemoPeople()
RESIDENT, RENAMED, NEIGHBOUR = "诸葛寻梅", "诸葛踏雪", "司马问竹"
FLUSHED = 30.0  # the edge writes its lines every ten seconds


class Work:
    """A day in a town: people sign in, register, are entered, sign up, are looked for and called; and mistakes."""

    def __init__(self, stack, town):
        self.stack, self.town, self.village = stack, town, town.villages[0]
        self.worker = town.worker()
        self.resident = town.newcomer(RESIDENT, unit=self.village)
        self.neighbour_phone, self.unknown_phone = town.cast.new_phone(), town.cast.new_phone()
        self.neighbour = self.worker.post(f"{town.path}/people", self.entry(), requestId=new_id())["name"]
        self.names = {RESIDENT, RENAMED, NEIGHBOUR}
        self.phones = {self.resident.phone, self.worker.phone, self.neighbour_phone, self.unknown_phone}
        self.sign_up()
        self.look_and_call()
        self.refused = self.make_mistakes()
        self.trace = self.wait_until_written()

    def entry(self, **more):
        known = {"kind": "RESIDENT", "displayName": NEIGHBOUR, "unit": self.village, "phone": self.neighbour_phone}
        return {**known, **more}

    def sign_up(self):
        roster = self.town.roster_of(self.town.publish(self.worker, planned([self.village])))
        knowing(lambda: self.resident.post(f"{roster}/signUps", {"requestId": new_id()}))
        body = {"person": self.neighbour, "requestId": new_id()}
        knowing(lambda: self.worker.post(f"{roster}/signUps", body))
        shown = {row["maskedName"] for row in self.worker.pages(f"{roster}/signUps", "signUps")}
        assert shown == {"诸**", "司**"}

    def look_and_call(self):
        people = f"{self.town.path}/people"
        assert len(self.worker.pages(people, "people", unit=self.village)) == 3
        assert len(self.worker.pages(people, "people", unit=self.village, phone=self.resident.phone)) == 1
        assert self.worker.pages(people, "people", unit=self.village, phone=self.unknown_phone) == []
        body = {"reason": "通知活动改期", "requestId": new_id()}
        shown = self.worker.post(f"/v1/{self.neighbour}:revealPhone", body)
        assert shown["phone"] == self.neighbour_phone
        own = f"/v1/{self.resident.person}"
        self.resident.post(f"{own}:update", {"displayName": RENAMED}, updateMask="displayName", requestId=new_id())
        assert self.resident.get(own)["displayName"] == RENAMED

    def make_mistakes(self):
        """[(path, status)] of calls that say somebody's name or phone and are refused for it."""
        people, sign_in = f"{self.town.path}/people", "/v1/auth:signIn"
        phone = self.resident.phone
        calls = [
            (people, self.entry(displayName=RESIDENT * 11)),
            (people, self.entry(displayName=RESIDENT, phone=phone)),
            (people, self.entry(phone=phone + "0")),
            (people, self.entry(nickname=NEIGHBOUR)),
            (people, self.entry(kind=NEIGHBOUR)),
            (people, self.entry(unit=phone)),
            (f"{people}:register", {"person": {"kind": "RESIDENT", "displayName": RENAMED}}),
            (f"{people}:register", {"person": {"kind": "RESIDENT", "displayName": RENAMED, "unit": NEIGHBOUR}}),
            (f"{people}?phone={self.neighbour_phone}&pageToken={phone}", None),
            (f"{people}?phone={self.neighbour_phone}&unknown={phone}", None),
            (sign_in, {"phone": phone, "code": "12345"}),
            (sign_in, {"phone": phone, "password": NEIGHBOUR * 4}),
            (sign_in, {"phone": f"{phone}x", "password": NEIGHBOUR * 4}),
            ("/v1/auth:sendCode", {"phone": f"+86{phone}"}),
            ("/v1/auth:refresh", {"refreshToken": phone, "requestId": new_id()}),
        ]
        session = {True: self.worker, False: self.resident}
        return [(path, self.status_of(session[path != f"{people}:register"], path, body)) for path, body in calls]

    def status_of(self, session, path, body):
        try:
            session.get(path) if body is None else session.post(path, body)
        except Refused as refusal:
            return refusal.http_status
        return 200

    def wait_until_written(self):
        """The trace of a last call, when the edge has written its line and all services have followed all there is."""
        trace = secrets.token_hex(16)
        headers = {"authorization": f"Bearer {self.worker.token()}", "traceparent": f"00-{trace}-{'1' * 16}-01"}
        assert self.town.edge.send("GET", f"/v1/{self.neighbour}", None, headers).status == 200
        wait_until(lambda: found({trace}, logs(self.stack)["edge.log"]), FLUSHED, "the edge's last line")
        followed.wait(self.stack, [self.town.code, TOWN])
        return trace


@pytest.fixture(scope="module")
def work(stack, town):
    return Work(stack, town)


@pytest.fixture(scope="module")
def words(work, cast):
    return DEMO.names | DEMO.phones | cast.names | cast.phones | work.names | work.phones


def test_all_others_are_over(request):
    files = [item.path for item in request.session.items]
    assert set(files[files.index(request.path) :]) == {request.path}


def test_mistakes_are_refused(work):
    assert {status for _, status in work.refused} <= {400, 401, 403, 404, 409}, work.refused


def test_the_demo_has_nobody_else(cast):
    """Phones are shown masked, and those of the demo begin with 1990000."""
    official = cast.demo("TOWN_OFFICIAL", f"towns/{TOWN}")
    people = official.pages(f"/v1/towns/{TOWN}/people", "people", pageSize=200)
    shown = {person["phone"] for person in people if person.get("phone", "").startswith("199")}
    assert shown == {f"{phone[:3]}****{phone[7:]}" for phone in DEMO.phones_in_town}


def test_no_log_has_them(stack, work, words):
    assert found_in(words, logs(stack).items()) == {}


def test_no_table_has_them(stack, work, words):
    """Who leads a unit is public by its nature: whoever stands in a duty may be read there and in directory's log."""
    leaders = {name for row in stack.rows("SELECT leader_name, substitute_name FROM directory.duties") for name in row}
    hits = {}
    for table, rows in tables(stack):
        allowed = leaders if table.startswith("directory.") else set()
        hits |= found_in(words - allowed, [(table, rows)])
    assert hits == {}


# --- that all of this would be seen


def test_what_is_planted_in_a_table_is_found(stack, town, work):
    """A phone in a title, which is text and in the bytes of the log, and a name in an address, which is bytes only."""
    phone, name = town.cast.new_phone(), "上官听松"
    place = {"address": f"{name}家门口"}
    town.roster_of(town.publish(work.worker, planned([work.village], title=f"联系{phone}", place=place)))
    hits = found_in({phone, name}, tables(stack))
    assert hits["event.events"] == hits["event.changes"] == {phone, name}
    assert phone in hits["volunteer.rosters"]
    assert all(table.startswith(("event.", "volunteer.")) for table in hits), hits


def test_what_is_planted_in_a_log_is_found(stack, town, work):
    """PostgreSQL repeats a statement that fails; the services and the edge write a caller's trace."""
    phone, name = town.cast.new_phone(), "上官听松"
    with pytest.raises(ClusterError):
        stack.rows(f"SELECT '{name} {phone}'::int")
    hits = found_in({phone, name, work.trace}, logs(stack).items())
    assert hits == {"postgres.log": {phone, name}, "edge.log": {work.trace}, "directory.log": {work.trace}}


@pytest.mark.parametrize("word", [RESIDENT, "19812345678"])
def test_every_form_is_found(word):
    message = wrappers_pb2.StringValue(value=word)
    written = {
        "plain": word,
        "JSON": json.dumps({"name": word}),
        "protobuf's text": text_format.MessageToString(message),
        "protobuf's text in a row": text_format.MessageToString(message, as_utf8=False).replace("\\", "\\\\"),
        "bytes in a row": f"1\t\\\\x{message.SerializeToString().hex()}\t2",
    }
    for how, text in written.items():
        assert found({word}, readable(text)) == {word}, how
    for form in forms(word):
        assert found({word}, b"x" + form + b"x") == {word}
        assert found({word}, form[:-1]) == set()
