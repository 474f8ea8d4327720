"""What clients do while things break: the main job of each service, so that every write leaves an effect that its client and
turn can be told from."""

import uuid

from demo_town.edge_client import Refused
from faults.load import NOTHING
from support.cast import at_once, knowing, new_id, refused
from support.events import outcome, planned
from support.programme import offer, pair_up, publish, verb
from support.waiting import wait_until

SEATS = 2  # fewer than clients: most of those who sign up wait, and move up
NEIGHBOURS_EACH = 3
NEWCOMER = "吴迎新"  # a name that stands nowhere else


class Place:
    """A fresh town in which `clients` clients can do all of it, in the person of one village worker."""

    def __init__(self, cast, clients):
        self.clients = clients
        self.town = town = cast.new_town()
        town.add_villages(1)
        self.code, self.path, self.village = town.code, town.path, town.villages[0]
        self.worker = town.worker()
        event = town.publish(self.worker, planned(town.villages, capacity=SEATS))
        self.roster = town.roster_of(event)
        self.neighbours = at_once(lambda i: self.enter(f"居民{i}"), range(clients * NEIGHBOURS_EACH))
        # Once volunteer has heard of the last one, it knows all.
        last = {"person": self.enter("最后一位"), "requestId": new_id()}
        knowing(lambda: self.worker.post(f"{self.roster}/signUps", last))
        (self.enterprise,) = self.own_enterprises(1)
        self.pairing = pair_up(town, self.worker, self.worker, self.enterprise, self.village)["name"]

    def enter(self, name):
        body = {"kind": "RESIDENT", "displayName": name, "unit": self.village}
        return self.worker.post(f"{self.path}/people", body, requestId=new_id())["name"]

    def own_enterprises(self, count):
        """Enterprises of the worker's own, so that one person may act for both sides of everything; pairing knows."""
        return at_once(self.own, self.town.add_enterprises(count)[-count:])

    def own(self, enterprise):
        self.town.give_role(self.town.official, self.worker, "ENTERPRISE_MANAGER", enterprise)
        proposal = {"enterprise": enterprise, "unit": self.village}

        def lacks_the_enterprises():
            refusal = refused(
                lambda: self.worker.post(f"{self.path}/pairings", proposal, requestId=new_id()), "INVALID_FIELD"
            )
            return "pairing.enterprise_responsible" in refusal.fields

        wait_until(lacks_the_enterprises, what="the worker's role for the enterprise in pairing")
        return enterprise


class Work:
    """`effects(attempts)` is what the service's tables and log hold of it: [(seq, key of the attempt)]. The key is None where
    only the answer could tell it, and there was none, and a description where there is no such attempt. `insists`: see Load."""

    service = ""
    insists = False

    def __init__(self, stack, place):
        self.stack, self.place = stack, place
        self.speaker = place.worker

    def write(self, voice, client, turn, request_id):
        raise NotImplementedError

    def effects(self, attempts):
        raise NotImplementedError

    def untried(self):
        """What it was to bring about and did not, as sentences."""
        return []

    def log(self, columns, join, types, more="true"):
        """Rows of the change log, oldest first: seq and the columns, of changes that are also in the tables."""
        names = ", ".join(f"'pingan.{self.service}.v1.{name}'" for name in types)
        rows = self.stack.rows(
            f"SELECT c.seq, {columns} FROM {self.service}.changes c JOIN {self.service}.{join} "
            f"WHERE c.tenant = '{self.place.code}' AND c.type IN ({names}) AND {more} ORDER BY c.seq"
        )
        return [(int(seq), *rest) for seq, *rest in rows]


class EnterPeople(Work):
    """A new person each time, known by the name that the answer gives them."""

    service = "directory"

    def __init__(self, stack, place):
        super().__init__(stack, place)
        self.first = int(stack.rows(f"SELECT seq FROM directory.heads WHERE tenant = '{place.code}'")[0][0])

    def write(self, voice, client, turn, request_id):
        body = {"kind": "RESIDENT", "displayName": f"{NEWCOMER}{client}", "unit": self.place.village}
        return voice.post(f"{self.place.path}/people", body, requestId=request_id)

    def effects(self, attempts):
        keys = {a.answer["name"]: a.key for a in attempts if a.answer}
        rows = self.log(
            "c.name",
            "people p ON p.town = c.tenant AND c.name = format('towns/%s/people/%s', p.town, p.person)",
            ["Person.created"],
            f"c.seq > {self.first}",
        )
        return [(seq, keys.get(name)) for seq, name in rows]


class GiveAndRevokeRoles(Work):
    """Every client makes a neighbour of its own a worker of the village, and ends it."""

    service = "directory"
    insists = True

    def __init__(self, stack, place):
        super().__init__(stack, place)
        self.speaker = place.town.official
        self.grants = {}  # {(client, turn): name}

    def person(self, client):
        return self.place.neighbours[client * NEIGHBOURS_EACH]

    def write(self, voice, client, turn, request_id):
        if turn % 2 == 0:
            body = {"person": self.person(client), "role": "VILLAGE_WORKER", "scope": self.place.village}
            grant = voice.post(f"{self.place.path}/grants", body, requestId=request_id)
            self.grants[client, turn] = grant["name"]
            return grant
        return voice.post(f"/v1/{self.grants[client, turn - 1]}:revoke", {"requestId": request_id})

    def effects(self, attempts):
        turns = by_word(attempts, lambda a: (self.person(a.client).rpartition("/")[2], ("created", "revoked")[a.turn % 2]))
        people = {person for person, _ in turns}
        rows = self.log(
            "g.person, split_part(c.type, '.', 5)",
            "grants g ON g.town = c.tenant AND c.name = format('towns/%s/grants/%s', g.town, g.id)",
            ["Grant.created", "Grant.revoked"],
        )
        said = [(seq, (person, word), word) for seq, person, word in rows if person in people]
        return list(nth_turns(said, turns, lambda who, word: f"a role of {who[0]} {word}"))


class Titled(Work):
    """A new thing each time, known by its title."""

    def __init__(self, stack, place):
        super().__init__(stack, place)
        self.tag = f"负载{uuid.uuid4().hex}"

    def title(self, client, turn):
        return f"{self.tag}-{client}-{turn}"

    def titles(self, kind, table, name):
        rows = self.log("t.title", f"{table} t ON t.town = c.tenant AND c.name = {name}", [kind], f"t.title LIKE '{self.tag}-%'")
        for seq, title in rows:
            _, client, turn = title.rsplit("-", 2)
            yield seq, (int(client), int(turn))


class PlanAndPublish(Titled):
    """Every client plans an event, publishes it, which makes a roster, and cancels it or, the next, holds it, which ends that."""

    service = "event"
    insists = True
    words = ("created", "published", "cancelled or held")

    def __init__(self, stack, place):
        super().__init__(stack, place)
        # Begun, and not over, by any clock that is an hour apart.
        self.to_be_held = planned([place.village], hours_ahead=-2.0, hours=8.0)
        self.to_be_cancelled = planned([place.village], hours_ahead=24.0 * 365)
        self.events = {}  # {(client, which of its events): name}

    def write(self, voice, client, turn, request_id):
        which, step = divmod(turn, len(self.words))
        is_held = which % 2 == 1
        if step == 0:
            event = {**(self.to_be_held if is_held else self.to_be_cancelled), "title": self.title(client, which)}
            made = voice.post(f"{self.place.path}/events", event, requestId=request_id)
            self.events[client, which] = made["name"]
            return made
        name = self.events[client, which]
        if step == 1:
            return voice.post(f"/v1/{name}:publish", {"requestId": request_id})
        if is_held:
            return voice.post(f"/v1/{name}:hold", {"outcome": outcome(), "requestId": request_id})
        return voice.post(f"/v1/{name}:cancel", {"reason": "负载测试", "requestId": request_id})

    def effects(self, attempts):
        name = "format('towns/%s/events/%s', t.town, t.event)"
        for step, words in enumerate(self.words):
            for word in words.split(" or "):
                for seq, (client, which) in self.titles(f"Event.{word}", "events", name):
                    yield seq, (client, which * len(self.words) + step)


class Promise(Titled):
    """A new commitment of one pairing each time."""

    service = "pairing"

    def write(self, voice, client, turn, request_id):
        body = {
            "mechanism": "PATROL",
            "measure": "HELD_EVENTS",
            "title": self.title(client, turn),
            "times": 1,
            "period": "MONTHLY",
        }
        return voice.post(f"/v1/{self.place.pairing}/commitments", body, requestId=request_id)

    def effects(self, attempts):
        name = "format('towns/%s/pairings/%s/commitments/%s', t.town, t.pairing, t.commitment)"
        return list(self.titles("Commitment.created", "commitments", name))


class SuspendAndResume(Work):
    """The official suspends and resumes pairings, one for each client."""

    service = "pairing"
    insists = True
    words = ("suspended", "resumed")

    def __init__(self, stack, place):
        super().__init__(stack, place)
        self.speaker = place.town.official
        self.pairings = at_once(self.pair_up, place.own_enterprises(place.clients))

    def pair_up(self, enterprise):
        return pair_up(self.place.town, self.place.worker, self.place.worker, enterprise, self.place.village)["name"]

    def write(self, voice, client, turn, request_id):
        if turn % 2 == 0:
            return voice.post(f"/v1/{self.pairings[client]}:suspend", {"reason": "负载测试", "requestId": request_id})
        return voice.post(f"/v1/{self.pairings[client]}:resume", {"requestId": request_id})

    def effects(self, attempts):
        turns = by_word(attempts, lambda a: (self.pairings[a.client], self.words[a.turn % 2]))
        rows = self.log(
            "c.name, split_part(c.type, '.', 5)",
            "pairings p ON p.town = c.tenant AND c.name = format('towns/%s/pairings/%s', p.town, p.pairing)",
            [f"Pairing.{word}" for word in self.words],
        )
        return list(nth_turns(((seq, (name, word), word) for seq, name, word in rows), turns, lambda who, word: f"{word} of {who[0]}"))


def by_word(attempts, word):
    """{what an attempt says, of whom: the keys of those who said so, in order}"""
    turns = {}
    for attempt in sorted(attempts, key=lambda a: a.key):
        turns.setdefault(word(attempt), []).append(attempt.key)
    return turns


def nth_turns(rows, turns, describe):
    """Keys for rows of which each belongs to the next turn of whomever it names."""
    left = {who: list(keys) for who, keys in turns.items()}
    for seq, who, what in rows:
        keys = left.get(who)
        yield seq, keys.pop(0) if keys else describe(who, what)


class SignUpAndCancel(Work):
    """Every client signs neighbours of its own up and off again on one hot roster."""

    service = "volunteer"
    insists = True

    def person(self, client, turn):
        return self.place.neighbours[client * NEIGHBOURS_EACH + turn // 2 % NEIGHBOURS_EACH]

    def write(self, voice, client, turn, request_id):
        person = self.person(client, turn)
        if turn % 2 == 0:
            return voice.post(f"{self.place.roster}/signUps", {"person": person, "requestId": request_id})
        name = f"{self.place.roster}/signUps/{person.rpartition('/')[2]}"
        return voice.post(f"{name}:cancel", {"requestId": request_id})

    def effects(self, attempts):
        """By word and person: a client's words about one neighbour follow each other, so does what they did."""
        turns = by_word(attempts, lambda a: (self.person(*a.key).rpartition("/")[2], ("created", "cancelled")[a.turn % 2]))
        rows = self.log(
            "s.person, split_part(c.type, '.', 5)",
            "sign_ups s ON s.town = c.tenant AND c.name = format('towns/%s/rosters/%s/signUps/%s', s.town, s.roster, s.person)",
            ["SignUp.created", "SignUp.created_again", "SignUp.cancelled"],
            self.on_the_roster(),
        )
        mine = {person for person, _ in turns}
        said = [(seq, (person, verb.removesuffix("_again")), verb) for seq, person, verb in rows if person in mine]
        return list(nth_turns(said, turns, lambda who, verb: f"{verb} of {who[0]}"))

    def on_the_roster(self):
        return f"starts_with(c.name, '{self.place.roster.removeprefix('/v1/')}/')"

    def untried(self):
        moved_up = self.log("c.name", "heads h ON h.tenant = c.tenant", ["SignUp.promoted"], self.on_the_roster())
        return [] if moved_up else ["nobody moved up"]


class DeliverAndConfirm(Work):
    """Every client hands one over and confirms it, on a match of its own but of one hot resource."""

    service = "exchange"
    insists = True

    def __init__(self, stack, place):
        super().__init__(stack, place)
        self.resource = publish(place.worker, place.town, place.enterprise, release=True, quantity=str(10**6 * place.clients))
        self.matches = at_once(self.agree, range(place.clients))

    def agree(self, _):
        place = self.place
        need = publish(place.worker, place.town, place.village, "NEED", release=True, quantity=str(10**6))
        match = offer(place.worker, place.town, self.resource, need, quantity=10**6)
        return verb(place.worker, match["name"], "accept")["name"]

    def write(self, voice, client, turn, request_id):
        body = {"quantity": "1", "requestId": request_id}
        return voice.post(f"/v1/{self.matches[client]}:{('deliver', 'confirm')[turn % 2]}", body)

    def effects(self, attempts):
        turns = by_word(attempts, lambda a: (self.matches[a.client].rpartition("/")[2], str(2 + a.turn % 2)))
        matches = ", ".join(f"'{match.rpartition('/')[2]}'" for match in self.matches)
        rows = self.log(
            "l.match, l.kind, l.quantity",
            "lines l ON l.town = c.tenant AND c.name = format('towns/%s/matches/%s/lines/%s', l.town, l.match, l.line)",
            ["Line.written"],
            f"l.match IN ({matches}) AND l.kind <> 1",
        )
        said = [(seq, (match, kind), f"{quantity} of kind {kind}") for seq, match, kind, quantity in rows]
        return list(nth_turns(said, turns, lambda who, what: f"{what} in {who[0]}"))


class Contend(Work):
    """Clients want one each of what there are two of, and those who got one give it back. Who gets one is chance."""

    service = "exchange"
    insists = True
    words = ("proposed", "accepted", "cancelled")

    def __init__(self, stack, place):
        super().__init__(stack, place)
        self.resource = publish(place.worker, place.town, place.enterprise, release=True, quantity="2")
        self.needs = at_once(self.need, range(place.clients))
        self.matches = {}  # {(client, which of its wishes): name}
        self.missed = 0

    def need(self, _):
        return publish(self.place.worker, self.place.town, self.place.village, "NEED", release=True, quantity=str(10**6))

    def write(self, voice, client, turn, request_id):
        wish = (client, turn // len(self.words))
        try:
            return self.go_on(voice, wish, self.words[turn % len(self.words)], request_id)
        except Refused as refused:
            if refused.reason != "NOTHING_LEFT":
                raise
            self.missed += 1
            return NOTHING

    def go_on(self, voice, wish, word, request_id):
        if word == "proposed":
            body = {"resource": self.resource["name"], "need": self.needs[wish[0]]["name"], "quantity": "1"}
            match = voice.post(f"{self.place.path}/matches", body, requestId=request_id)
            self.matches[wish] = match["name"]
            return match
        if wish not in self.matches:
            return NOTHING
        if word == "accepted":
            return voice.post(f"/v1/{self.matches[wish]}:accept", {"requestId": request_id})
        return voice.post(f"/v1/{self.matches[wish]}:cancel", {"reason": "负载测试", "requestId": request_id})

    def effects(self, attempts):
        """Those whose proposal was never answered have no name that could tell them."""
        turns = {(name, word): (client, which * len(self.words) + step)
                 for (client, which), name in self.matches.items() for step, word in enumerate(self.words)}
        rows = self.log(
            "c.name, split_part(c.type, '.', 5)",
            "matches m ON m.town = c.tenant AND c.name = format('towns/%s/matches/%s', m.town, m.match)",
            [f"Match.{word}" for word in self.words],
            f"m.resource = '{self.resource['name'].rpartition('/')[2]}'",
        )
        return [(seq, turns.get((name, word))) for seq, name, word in rows]

    def untried(self):
        return [] if self.missed else ["everybody got one"]


ALL = (
    EnterPeople,
    GiveAndRevokeRoles,
    PlanAndPublish,
    SignUpAndCancel,
    Promise,
    SuspendAndResume,
    DeliverAndConfirm,
    Contend,
)
