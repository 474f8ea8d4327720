"""A valid call of every method of pairing and exchange that changes something; as in writes.py."""

from conformance.call import Call
from demo_town.edge_client import as_bytes
from support.programme import HEADER, day, fresh_enterprise, listing


class ProgrammeWrites:
    """What Writes has of the programme. `self.manager` proposes and gives, `self.worker` accepts and receives."""

    # --- pairings

    def create_pairing(self):
        self.world.paired()
        enterprise = fresh_enterprise(self.town, self.world.manager)
        body = {
            "enterprise": enterprise,
            "unit": self.world.village,
            "enterpriseResponsible": self.world.manager.person,
        }
        return Call(self.world.manager, f"{self.path}/pairings", body, {})

    def on_pairing(self, session, state, what, **body):
        return self.verb(session, self.world.new_pairing(state)["name"], what, **body)

    def accept_pairing(self):
        return self.on_pairing(self.worker, "PROPOSED", "accept", responsible=self.worker.person)

    def decline_pairing(self):
        return self.on_pairing(self.worker, "PROPOSED", "decline", reason="今年已有结对企业")

    def withdraw_pairing(self):
        return self.on_pairing(self.world.manager, "PROPOSED", "withdraw", reason="计划调整")

    def approve_pairing(self):
        return self.on_pairing(self.official, "ACCEPTED", "approve", startDate=day(-30), endDate=day(300))

    def suspend_pairing(self):
        return self.on_pairing(self.official, "ACTIVE", "suspend", reason="企业停产检修")

    def resume_pairing(self):
        return self.on_pairing(self.official, "SUSPENDED", "resume")

    def renew_pairing(self):
        end = {"year": 2030, "month": 6, "day": 30}
        return self.on_pairing(self.official, "ACTIVE", "renew", endDate=end)

    def end_pairing(self):
        return self.on_pairing(self.worker, "ACTIVE", "end", reason="企业搬离本镇街")

    # --- commitments

    def create_commitment(self):
        body = {
            "mechanism": "RISK",
            "measure": "HELD_EVENTS",
            "title": f"试验承诺{self.number()}",
            "times": 1,
            "period": "MONTHLY",
        }
        return Call(self.worker, f"/v1/{self.world.paired()['name']}/commitments", body, {})

    def update_commitment(self):
        return Call(
            self.worker,
            f"/v1/{self.world.new_commitment()['name']}:update",
            {"title": f"改后{self.number()}"},
            {"updateMask": "title"},
        )

    def end_commitment(self):
        return self.verb(self.worker, self.world.new_commitment()["name"], "end", reason="改为每季度一场")

    # --- lists

    def create_listing(self):
        self.world.paired()
        return Call(self.world.manager, f"{self.path}/listings", listing(self.world.enterprise), {})

    def on_listing(self, state, what, **body):
        return self.verb(self.world.manager, self.world.new_listing(state)["name"], what, **body)

    def update_listing(self):
        return Call(
            self.world.manager,
            f"/v1/{self.world.new_listing()['name']}:update",
            {"title": f"改后{self.number()}"},
            {"updateMask": "title"},
        )

    def publish_listing(self):
        return self.on_listing("DRAFT", "publish")

    def release_listing(self):
        return self.on_listing("PUBLISHED", "release")

    def withdraw_listing(self):
        return self.on_listing("PUBLISHED", "withdraw")

    def close_listing(self):
        return self.on_listing("PUBLISHED", "close", reason="今年不再提供")

    def import_listings(self):
        self.world.paired()
        row = f"资源,物资设备,隐患联排,试验物资{self.number()},,5,件,,,"
        file = f"{','.join(HEADER)}\n{row}\n".encode()
        return Call(
            self.world.manager,
            f"{self.path}/listings:import",
            {"party": self.world.enterprise, "csv": as_bytes(file)},
        )

    # --- matches

    def create_match(self):
        body = {
            "resource": self.world.new_listing("PUBLISHED")["name"],
            "need": self.world.new_listing("PUBLISHED", "NEED")["name"],
            "quantity": "2",
        }
        return Call(self.world.manager, f"{self.path}/matches", body, {})

    def on_match(self, session, state, what, **body):
        return self.verb(session, self.world.new_match(state)["name"], what, **body)

    def accept_match(self):
        return self.on_match(self.worker, "PROPOSED", "accept")

    def decline_match(self):
        return self.on_match(self.worker, "PROPOSED", "decline", reason="已另有安排")

    def cancel_match(self):
        return self.on_match(self.worker, "ACCEPTED", "cancel", reason="活动改期")

    def deliver_match(self):
        return self.on_match(self.world.manager, "ACCEPTED", "deliver", quantity="1")

    def confirm_match(self):
        return self.on_match(self.worker, "DELIVERED", "confirm", quantity="1")

    def report_loss(self):
        return self.on_match(self.worker, "DELIVERED", "reportLoss", quantity="1", words="路上摔坏")

    def close_match(self):
        match = self.world.new_match("ACCEPTED")["name"]
        self.verb(self.world.manager, match, "deliver", quantity="1").do_once()
        self.verb(self.worker, match, "confirm", quantity="1").do_once()
        return self.verb(self.worker, match, "close", reason="其余不需要了")

    def rate_match(self):
        return self.on_match(self.worker, "CONFIRMED", "rate", rating={"stars": 5, "words": "及时"})

    def plan_matches(self):
        self.world.paired()
        return Call(self.official, f"{self.path}/matches:plan", {})
