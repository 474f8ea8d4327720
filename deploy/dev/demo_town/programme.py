"""Loads the co-building programme itself: who acts for each party, pairings with what they promised, lists, matches.

Everything that is there is taken for what it is: a step that it already went, or went past, is not taken again."""

import collections
import datetime

from . import lists, logins, pairs, town
from .history import SHANGHAI, held_events, short_name, unit
from .logins import Login
from .repeating import at_once, request_id, soon
from .town import TOWN

PATH = f"/v1/towns/{TOWN}"


class Programme:
    """`loader` has signed in the demo's logins and recorded the history."""

    def __init__(self, loader):
        self.loader, self.official, self.say = loader, loader.official, loader.say
        self.names = loader.enterprise_names
        self.today = datetime.datetime.now(SHANGHAI).date()
        rows = town.enterprises()
        self.enterprises = [self.names[row["name"]] for row in rows]
        # resource name of a party -> the session of its manager or worker
        self.sessions = {}

    def run(self):
        self.bring_in_parties()
        self.pair_up()
        self.bring_in_lists()
        self.match_up()
        self.settle()

    # --- who acts for the parties

    def bring_in_parties(self):
        """A manager for each enterprise, a worker for each village; those of `logins` are there already."""
        for login in logins.VILLAGE_WORKERS + logins.MANAGERS:
            self.sessions[self.names.get(login.scope, login.scope)] = self.loader.sessions[login.phone]

        def enter(entry):
            scope, login = entry
            self.loader.sign_in(login, self.names.get(login.enterprise, ""))
            self.loader.grant(self.official, login, scope)
            self.sessions[scope] = self.loader.sessions[login.phone]

        entries = [entry for entry in party_logins(self.names) if entry[0] not in self.sessions]
        at_once(enter, entries)
        self.say(f"somebody for each of {len(self.sessions)} parties")

    # --- pairings

    def pair_up(self):
        wanted = pairs.all_pairs(self.names)
        there = {(p["enterprise"], p["unit"]): p for p in self.pairings()}
        held = collections.defaultdict(list)
        for request in held_events(self.loader.opened, self.names):
            held[tuple(request["event"]["organisers"])].append(request)
        at_once(
            lambda pair: self.bring_on(pair, there.get(pair.key), held[pair.unit, pair.enterprise]), wanted
        )
        count = len(self.pairings())
        if count < pairs.PAIRINGS:
            raise RuntimeError(f"the town answers {count} pairings instead of {pairs.PAIRINGS}")
        self.say(f"{count} pairings")

    def pairings(self):
        return soon(lambda: self.official.pages(f"{PATH}/pairings", "pairings", pageSize=200))

    def bring_on(self, pair, made, held):
        """A pairing from wherever it is to where it belongs."""
        proposing, accepting = self.sessions[pair.proposing()], self.sessions[pair.accepting()]
        start, end = pair.term(self.today)
        if made is None:
            side = "enterprise" if pair.proposer == "enterprise" else "unit"
            body = {"enterprise": pair.enterprise, "unit": pair.unit, f"{side}Responsible": proposing.person}
            made = soon(
                lambda: proposing.post(f"{PATH}/pairings", body, requestId=request_id("pairing", *pair.key))
            )
        if pair.state in ("DECLINED", "WITHDRAWN"):
            verb = {"DECLINED": "decline", "WITHDRAWN": "withdraw"}[pair.state]
            session = accepting if verb == "decline" else proposing
            return self.move(session, made, "PROPOSED", verb, reason=pair.reason)
        if pair.state == "PROPOSED":
            return made
        made = self.move(accepting, made, "PROPOSED", "accept", responsible=accepting.person)
        if made["state"] == "ACCEPTED":
            self.promise(proposing, made, pair, pairs.commitments(pair, start, held))
        if pair.state == "ACCEPTED":
            return made
        made = self.move(
            self.official, made, "ACCEPTED", "approve", startDate=date_of(start), endDate=date_of(end)
        )
        if made.get("terms", 0) < pair.terms:
            later = end + datetime.timedelta(days=365)
            made = self.move(self.official, made, "ACTIVE", "renew", endDate=date_of(later))
        if made["state"] == "ACTIVE" and pair.number in pairs.GIVING:
            self.promise(proposing, made, pair, [pairs.GIVING[pair.number]])
        if pair.state == "SUSPENDED":
            made = self.move(self.official, made, "ACTIVE", "suspend", reason=pair.reason)
        if pair.state == "ENDED":
            made = self.move(proposing, made, "ACTIVE", "end", reason=pair.reason)
        return made

    def move(self, session, pairing, state, verb, **body):
        """Takes the step when the pairing is in this state; otherwise it went past it."""
        if pairing["state"] != state:
            return pairing
        body["requestId"] = request_id(verb, pairing["name"], self.today)
        return soon(lambda: session.post(f"/v1/{pairing['name']}:{verb}", body))

    def promise(self, session, pairing, pair, commitments):
        path = f"/v1/{pairing['name']}/commitments"
        there = {c["title"] for c in soon(lambda: session.pages(path, "commitments"))}
        for commitment in commitments:
            if commitment["title"] not in there:
                body = {
                    **commitment,
                    "enterpriseResponsible": self.sessions[pair.enterprise].person,
                    "unitResponsible": self.sessions[pair.unit].person,
                }
                session.post(path, body, requestId=request_id("promise", path, commitment["title"]))

    # --- lists and matches

    def party(self, key):
        return self.enterprises[key] if isinstance(key, int) else unit(f"{TOWN}{key}")

    def listings(self):
        """{title: listing} of those of the demo."""
        rows = soon(lambda: self.official.pages(f"{PATH}/listings", "listings", pageSize=200))
        wanted = {(entry[4], self.party(entry[1])) for entry in lists.LISTINGS}
        return {row["title"]: row for row in rows if (row["title"], row["party"]) in wanted}

    def bring_in_lists(self):
        there = self.listings()

        def bring_in(entry):
            session, title, goal = self.sessions[self.party(entry[1])], entry[4], entry[9]
            made = there.get(title)
            if made is None:
                body = self.listing(entry)
                made = soon(
                    lambda: session.post(
                        f"{PATH}/listings", body, requestId=request_id("listing", title, self.today)
                    )
                )
            if goal != "DRAFT" and made["state"] == "DRAFT":
                made = self.verb(session, made, "publish")
            if goal == "RELEASED" and made["state"] == "PUBLISHED" and not made.get("released"):
                self.verb(session, made, "release")

        at_once(bring_in, lists.LISTINGS)
        self.say(f"{len(lists.LISTINGS)} resources and needs on the parties' lists")

    def listing(self, entry):
        direction, party, category, mechanism, title, description, quantity, measure, window, _ = entry
        body = {
            "direction": direction,
            "party": self.party(party),
            "category": category,
            "mechanism": mechanism,
            "title": title,
            "description": description,
            "quantity": str(quantity),
            "measure": measure,
        }
        if window:
            first, last = (self.today + datetime.timedelta(days=days) for days in window)
            body.update(startDate=date_of(first), endDate=date_of(last))
        if direction == "NEED":
            release = self.today + datetime.timedelta(days=7)
            body["releaseTime"] = f"{release.isoformat()}T09:00:00+08:00"
        return body

    def verb(self, session, row, what, **body):
        body["requestId"] = request_id(what, row["name"])
        return soon(lambda: session.post(f"/v1/{row['name']}:{what}", body))

    def match_up(self):
        listings = self.listings()
        rows = self.official.pages(f"{PATH}/matches", "matches", pageSize=200)
        there = {(row.get("resource", ""), row.get("need", ""), row["receiver"]): row for row in rows}

        def bring_on(entry):
            resource, need, proposer, quantity, words, steps = entry
            match = {"quantity": str(quantity), "words": words}
            match["resource"] = listings[resource]["name"]
            match["giver"] = listings[resource]["party"]
            if need:
                match["need"] = listings[need]["name"]
                match["receiver"] = listings[need]["party"]
            else:
                match["receiver"] = self.party(lists.ASKING[resource])
            sessions = {side: self.sessions[match[side]] for side in (lists.GIVER, lists.RECEIVER)}
            made = there.get((match["resource"], match.get("need", ""), match["receiver"]))
            if made is None:
                name = request_id("match", resource, need, listings[resource]["name"])
                made = soon(lambda: sessions[proposer].post(f"{PATH}/matches", match, requestId=name))
            self.take_steps(made, sessions, steps)

        at_once(bring_on, lists.MATCHES)
        self.say(f"{len(lists.MATCHES)} matches")

    def take_steps(self, match, sessions, steps):
        sums = collections.Counter()
        for number, (side, verb, body) in enumerate(steps):
            sums[verb] += int(body.get("quantity", 0))
            if not lists.is_done(match, verb, side, sums):
                request = {**body, "requestId": request_id(verb, match["name"], number)}
                match = sessions[side].post(f"/v1/{match['name']}:{verb}", request)

    def settle(self):
        """Listings that are over."""
        listings = self.listings()
        for entry in lists.LISTINGS:
            row, session = listings[entry[4]], self.sessions[self.party(entry[1])]
            if row["state"] == "PUBLISHED" and entry[9] == "CLOSED":
                self.verb(session, row, "close", reason=lists.CLOSE_REASON[row["title"]])
            if row["state"] == "PUBLISHED" and entry[9] == "WITHDRAWN":
                self.verb(session, row, "withdraw")


def party_logins(enterprise_names):
    """(whom they act for, their login) of every enterprise and every village."""
    for number, row in enumerate(town.enterprises()):
        login = Login(
            "ENTERPRISE_MANAGER",
            f"{short_name(row['name'])}负责人",
            f"199000020{number:02d}",
            town.person_name(600 + number),
            TOWN,
            kind="EMPLOYEE",
            enterprise=row["name"],
            scope=row["name"],
        )
        yield enterprise_names[row["name"]], login
    for number, (code, name) in enumerate(town.villages(TOWN)):
        login = Login(
            "VILLAGE_WORKER",
            f"{name}工作人员",
            f"199000030{number:02d}",
            town.person_name(700 + number),
            TOWN,
            unit=unit(code),
            scope=unit(code),
        )
        yield unit(code), login


def date_of(day):
    return {"year": day.year, "month": day.month, "day": day.day}
