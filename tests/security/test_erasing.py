"""A person who has a part in everything is erased: no answer shows their name, all numbers stay, and no key is left."""

import json

import pytest
from faults import followed
from security.personal import tables
from support.cast import knowing, new_id, refused
from support.events import begun, outcome, planned
from support.numbers import GROUPINGS, count, exported
from support.programme import pair_up, promise, verb

NAME, MASKED = "澹台迎春", "澹"


class Part:
    """What somebody has a part in: a worker who leads a team, stands for a pairing, signs up and enters others."""

    def __init__(self, stack, town):
        self.stack, self.town = stack, town
        village, enterprise = town.villages[0], town.enterprises[0]
        self.reader = town.worker()
        self.somebody = town.with_role("VILLAGE_WORKER", village, NAME, unit=village)
        body = {"kind": "RESIDENT", "displayName": "张阿婆", "unit": village}
        self.neighbour = self.somebody.post(f"{town.path}/people", body, requestId=new_id())["name"]
        pairing = pair_up(town, town.manager(), self.somebody, enterprise, village)
        promise(self.somebody, pairing)
        self.pairing = pairing["name"]
        team = {"displayName": "平安宣讲队", "kind": "TALK_TEAM", "party": village}
        self.team = knowing(lambda: self.somebody.post(f"{town.path}/teams", team, requestId=new_id()))["name"]
        verb(town.official, self.team, "approve")
        self.held, self.held_roster, seat = self.signed_up(begun([village, enterprise]))
        verb(self.reader, seat, "checkIn")
        verb(self.somebody, self.held, "hold", outcome=outcome())
        self.event, self.roster, _ = self.signed_up(planned([village]))
        self.person, self.person_id = self.somebody.person, self.somebody.person.rpartition("/")[2]
        ((self.account,),) = stack.rows(f"SELECT account FROM directory.person_keys WHERE person = '{self.person_id}'")

    def signed_up(self, event):
        """(event, path of its roster, sign-up) of an event for which both signed up."""
        made = self.town.publish(self.somebody, event)
        roster = self.town.roster_of(made)
        seat = knowing(lambda: self.somebody.post(f"{roster}/signUps", {"requestId": new_id()}))
        body = {"person": self.neighbour, "requestId": new_id()}
        knowing(lambda: self.somebody.post(f"{roster}/signUps", body))
        return made["name"], roster, seat["name"]

    def answers(self):
        """{what: text} of all that is told of the person, to an official of the town and to another worker."""
        path = self.town.path
        asked = {
            "person": f"/v1/{self.person}",
            "people": f"{path}/people?unit={self.town.villages[0]}",
            "grants": f"{path}/grants?person={self.person}&showRevoked=true",
            "seats held": f"{self.held_roster}/signUps",
            "seats": f"{self.roster}/signUps",
            "team": f"/v1/{self.team}",
            "members": f"/v1/{self.team}/members",
            "pairing": f"/v1/{self.pairing}",
            "pairings": f"{path}/pairings",
            "transitions": f"/v1/{self.pairing}/transitions",
            "promises": f"/v1/{self.pairing}/commitments",
            "event": f"/v1/{self.event}",
            "event held": f"/v1/{self.held}",
            "list held": f"{path}/heldEvents",
        }
        texts = {what: self.text(self.town.official, where) for what, where in asked.items()}
        of_worker = {"people", "seats", "seats held", "pairing", "pairings"}
        texts |= {f"{what} to a worker": self.text(self.reader, asked[what]) for what in of_worker}
        return {**texts, "export": exported(self.town.official, self.town.name)[0].decode()}

    @staticmethod
    def text(session, path):
        return json.dumps(session.get(path), ensure_ascii=False)

    def numbers(self):
        town, official = self.town, self.town.official
        told = {grouping: count(official, town.name, grouping) for grouping in GROUPINGS}
        told["town"] = town.edge.get(f"{town.path}/events:summarize") | {"asOfTime": ""}
        told["promises"] = official.get(f"{town.path}/commitments:count")
        told["rosters"] = [town.edge.get(roster) for roster in (self.held_roster, self.roster)]
        told["team"] = official.get(f"/v1/{self.team}")
        told["held"] = official.get(f"/v1/{self.held}")
        return told

    def ties(self):
        """Rows that tie the person to a human being, by table; keys as hexadecimal digits."""
        own, account = f"person = '{self.person_id}'", f"account = '{self.account}'"
        asked = {
            "person_keys": f"encode(wrapped_key, 'hex'), phone_index FROM directory.person_keys WHERE {own}",
            "personal_data": f"1 FROM directory.personal_data WHERE {own} AND sealed_name || sealed_phone <> ''",
            "memberships": f"account FROM directory.memberships WHERE {account}",
            "sessions": f"session FROM directory.sessions WHERE {account}",
            "logins": f"login FROM directory.logins WHERE {account}",
            "accounts": f"encode(wrapped_key, 'hex') FROM directory.accounts WHERE {account}",
        }
        return {table: self.stack.rows(f"SELECT {sql}") for table, sql in asked.items()}


@pytest.fixture(scope="module")
def part(stack, town):
    return Part(stack, town)


@pytest.fixture(scope="module")
def before(part):
    return {"answers": part.answers(), "numbers": part.numbers(), "ties": part.ties()}


@pytest.fixture(scope="module")
def erased(part, before):
    """The answer to ErasePerson."""
    answer = verb(part.town.official, part.person, "erase", reason="本人要求")
    followed.wait(part.stack, [part.town.code])
    return answer


def test_they_had_a_part_in_it(before):
    shown = {what for what, text in before["answers"].items() if MASKED in text}
    people = {"person", "people", "people to a worker"}
    seats = {"seats", "seats held", "seats to a worker", "seats held to a worker"}
    assert shown == people | seats | {"members", "pairing", "pairings", "pairing to a worker", "pairings to a worker"}
    assert all(before["ties"].values()), before["ties"]
    assert before["numbers"]["town"]["heldEvents"] == 1


def test_no_answer_shows_their_name(part, before, erased):
    assert erased["erased"] and not erased.get("displayName") and not erased.get("phone")
    after = part.answers()
    assert [what for what, text in after.items() if MASKED in text] == []
    # All the rest is there: only the erased person left a list.
    assert json.loads(after["person"])["erased"]
    for what in ("seats", "seats held", "members"):
        assert after[what].count('"name"') == before["answers"][what].count('"name"'), what
    assert after["export"] == before["answers"]["export"]


def test_numbers_are_as_they_were(part, before, erased):
    assert part.numbers() == before["numbers"]


def test_keys_and_index_are_gone(part, before, erased):
    assert part.ties() == {table: [] for table in before["ties"]}
    ((key, index),), ((account_key,),) = before["ties"]["person_keys"], before["ties"]["accounts"]
    # No copy of them in any table, the logs of changes and the stored answers among them.
    secrets = {"key": bytes.fromhex(key), "account's key": bytes.fromhex(account_key), "index": index.encode()}
    secrets["index as bytes"] = bytes.fromhex(index.replace("-", ""))
    assert [(table, what) for table, rows in tables(part.stack) for what, one in secrets.items() if one in rows] == []


def test_a_key_that_is_there_is_seen(part):
    """The same look, for somebody who was not erased."""
    person = part.reader.person.rpartition("/")[2]
    sql = f"SELECT encode(wrapped_key, 'hex'), phone_index FROM directory.person_keys WHERE person = '{person}'"
    ((key, index),) = part.stack.rows(sql)
    rows = next(rows for table, rows in tables(part.stack) if table == "directory.person_keys")
    assert bytes.fromhex(key) in rows and index.encode() in rows and bytes.fromhex(index.replace("-", "")) in rows


def test_their_session_is_over_and_their_phone_is_a_strangers(part, erased):
    body = {"refreshToken": part.somebody.refresh_token, "requestId": new_id()}
    refused(lambda: part.town.edge.post("/v1/auth:refresh", body), "SESSION_ENDED")
    again = part.town.cast.sign_in(part.somebody.phone)
    assert again.person == ""
    again.register(part.town.code, "新邻居", unit=part.town.villages[0])
    assert again.person != part.person
    assert part.town.official.get(f"/v1/{part.person}")["erased"]
