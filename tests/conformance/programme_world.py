"""Pairings, promises, lists and matches of the world of who_may.py, each made when it is asked for and made anew once
somebody has changed it."""

from support.cast import knowing
from support.programme import draft, fresh_enterprise, offer, pair_up, promise, propose, publish, verb


class ProgrammeWorld:
    """What World has of the programme: `self.village` and `self.enterprise` are paired."""

    def paired(self):
        """The pairing of the two that stays, once exchange has heard of it and of everybody who acts."""
        if not hasattr(self, "_pairing"):
            self._pairing = pair_up(self.town, self.manager, self.worker, self.enterprise, self.village)
            self._commitment = promise(self.manager, self._pairing)
            shown = publish(self.worker, self.town, self.village)
            knowing(lambda: self.manager.get(f"/v1/{shown['name']}"))
            for caller, party in (
                ("other manager", self.town.enterprises[1]),
                ("other village's worker", self.other_village),
            ):
                draft(self.callers[caller], self.town, party)
            for caller in ("official", "city official"):
                knowing(lambda: self.callers[caller].get(f"{self.town.path}/commitments:count"))
                knowing(lambda: self.callers[caller].get(f"/v1/{shown['name']}"))
        return self._pairing

    def commitment(self):
        self.paired()
        return self._commitment

    # --- fresh ones

    def new_pairing(self, state="PROPOSED"):
        """A pairing of the village with one more enterprise of the manager's, proposed by the manager, in this state."""
        self.paired()
        made = propose(self.manager, self.town, fresh_enterprise(self.town, self.manager), self.village)
        if state != "PROPOSED":
            made = verb(self.worker, made["name"], "accept", responsible=self.worker.person)
        if state in ("ACTIVE", "SUSPENDED"):
            made = self.approve(made)
        if state == "SUSPENDED":
            made = verb(self.town.official, made["name"], "suspend", reason="企业停产检修")
        return made

    def approve(self, pairing, session=None):
        term = {
            "startDate": {"year": 2026, "month": 1, "day": 1},
            "endDate": {"year": 2029, "month": 12, "day": 31},
        }
        return verb(session or self.town.official, pairing["name"], "approve", **term)

    def new_commitment(self):
        return promise(self.worker, self.paired())

    def new_listing(self, state="DRAFT", direction="RESOURCE"):
        """Of the enterprise's resources or of the village's needs."""
        self.paired()
        session, party = (self.manager, self.enterprise)
        if direction == "NEED":
            session, party = (self.worker, self.village)
        if state == "DRAFT":
            return draft(session, self.town, party, direction)
        return publish(session, self.town, party, direction, release=state == "RELEASED")

    def new_match(self, state="PROPOSED"):
        """Of two, proposed by the manager, who gives."""
        match = offer(
            self.manager,
            self.town,
            self.new_listing("RELEASED"),
            self.new_listing("RELEASED", "NEED"),
            2,
        )
        if state != "PROPOSED":
            match = verb(self.worker, match["name"], "accept")
        if state in ("DELIVERED", "CONFIRMED"):
            match = verb(self.manager, match["name"], "deliver", quantity="2")
        if state == "CONFIRMED":
            match = verb(self.worker, match["name"], "confirm", quantity="2")
        return match

    # --- those that may serve many callers

    def kept(self, make, state):
        """What `make(state)` made last, as long as it is in this state."""
        kept = self.__dict__.setdefault("_kept", {})
        key = (make.__name__, state)
        if key in kept:
            shown = self.town.official.get(f"/v1/{kept[key]['name']}")
            if shown["state"] == (state if state != "RELEASED" else "PUBLISHED"):
                return kept[key]
        kept[key] = make(state)
        return kept[key]

    def pairing_in(self, state):
        return self.kept(self.new_pairing, state)

    def listing_in(self, state):
        return self.kept(self.new_listing, state)

    def match_in(self, state):
        return self.kept(self.new_match, state)
