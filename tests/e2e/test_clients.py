"""The same conversation by the three kinds of clients: JSON, a web page's gRPC-Web (connect-web in Node), and gRPC
(Python's grpcio, and buf curl). None of them uses code that was generated here."""

import base64
import json
import os
import subprocess

import grpc
import pytest
from demo_town.edge_client import Refused
from support.cast import knowing, new_id
from support.events import planned
from support.grpc_client import as_dict, reason_of
from support.programme import listing, with_pair
from support.stack import BUILD, api_descriptors
from support.waiting import wait_until

EVENT = "pingan.event.v1.EventService"
VOLUNTEER = "pingan.volunteer.v1.VolunteerService"
EXCHANGE = "pingan.exchange.v1.ExchangeService"
PAIRING = "pingan.pairing.v1.PairingService"


class Json:
    """The JSON edge behind the same three calls as the others."""

    PATHS = {
        f"{EVENT}.SummarizeEvents": ("GET", "/v1/{parent}/events:summarize"),
        f"{EVENT}.CreateEvent": ("POST", "/v1/{parent}/events"),
        f"{EVENT}.PublishEvent": ("POST", "/v1/{name}:publish"),
        f"{EVENT}.GetEvent": ("GET", "/v1/{name}"),
        f"{VOLUNTEER}.CreateSignUp": ("POST", "/v1/{parent}/signUps"),
        f"{PAIRING}.ListPairings": ("GET", "/v1/{parent}/pairings"),
        f"{EXCHANGE}.CreateListing": ("POST", "/v1/{parent}/listings"),
        f"{EXCHANGE}.PublishListing": ("POST", "/v1/{name}:publish"),
        f"{EXCHANGE}.CreateMatch": ("POST", "/v1/{parent}/matches"),
        f"{EXCHANGE}.AcceptMatch": ("POST", "/v1/{name}:accept"),
    }
    # Of methods whose body is one field of the request.
    BODIES = {"CreateEvent": "event", "CreateListing": "listing", "CreateMatch": "match"}

    def __init__(self, edge):
        self.edge = edge

    def call(self, full_name, request, token=None):
        """(answer, None) or (None, reason)."""
        verb, path = self.PATHS[full_name]
        field = self.BODIES.get(full_name.rpartition(".")[2])
        body = request[field] if field else request
        query = {"requestId": request["requestId"]} if field else None
        try:
            return (
                self.edge.call(verb, path.format(**request), None if verb == "GET" else body, query, token),
                None,
            )
        except Refused as refusal:
            return None, refusal.reason


class Grpc:
    def __init__(self, api, client):
        self.api, self.client = api, client

    def call(self, full_name, request, token=None):
        try:
            return as_dict(self.api, self.client.call(full_name, request, token)), None
        except grpc.RpcError as error:
            return None, reason_of(self.api, error)


class Web:
    def __init__(self, client):
        self.client = client

    def call(self, full_name, request, token=None):
        answer = self.client.call(full_name, request, token)
        return answer.get("answer"), None if "answer" in answer else answer["reason"]


class BufCurl:
    """`buf curl` with the descriptors as its schema."""

    def __init__(self, api, address):
        self.api, self.address = api, address
        self.program = os.path.join(BUILD, "npm", "node_modules", ".bin", "buf")

    def call(self, full_name, request, token=None):
        service, _, method = full_name.rpartition(".")
        command = [
            self.program,
            "curl",
            "--schema",
            api_descriptors(),
            "--protocol",
            "grpc",
            "--http2-prior-knowledge",
            "--data",
            json.dumps(request),
            f"{self.address}/{service}/{method}",
        ]
        if token:
            command[2:2] = ["--header", f"authorization: Bearer {token}"]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=dict(os.environ, PATH=f"{BUILD}/.venv/bin:{os.environ['PATH']}"),
        )
        if done.returncode == 0:
            return json.loads(done.stdout), None
        for detail in json.loads(done.stderr).get("details", []):
            if detail["type"] == "google.rpc.ErrorInfo":
                info = self.api.new("google.rpc.ErrorInfo")
                info.ParseFromString(base64.b64decode(detail["value"] + "=" * (-len(detail["value"]) % 4)))
                return None, info.reason
        return None, ""


@pytest.fixture(params=["json", "web page", "grpcio", "buf curl"])
def client(request, api, edge):
    if request.param == "json":
        return Json(edge)
    if request.param == "web page":
        return Web(request.getfixturevalue("web_client"))
    if request.param == "grpcio":
        return Grpc(api, request.getfixturevalue("grpc_client"))
    return BufCurl(api, edge.address)


@pytest.fixture(scope="module")
def village(town):
    town.village_worker = town.worker()
    town.draft(town.village_worker, planned([town.villages[0]]))  # event knows the worker from here on
    return town


def test_anyone_asks_what_the_town_did(client):
    answer, reason = client.call(f"{EVENT}.SummarizeEvents", {"parent": "towns/330481003"})
    assert reason is None
    assert (answer["heldEvents"], answer["talks"]) == (346, 260)


def test_a_worker_plans_and_publishes_and_a_resident_signs_up(client, village):
    worker = village.village_worker.token()
    request = {"parent": village.name, "event": planned([village.villages[0]]), "requestId": new_id()}
    draft, reason = client.call(f"{EVENT}.CreateEvent", request, worker)
    assert reason is None and draft["state"] == "DRAFT"
    again, _ = client.call(f"{EVENT}.CreateEvent", request, worker)
    assert again == draft

    published, reason = client.call(
        f"{EVENT}.PublishEvent", {"name": draft["name"], "requestId": new_id()}, worker
    )
    assert reason is None and published["state"] == "PUBLISHED"

    resident = village.newcomer(unit=village.villages[0])
    roster = village.roster_of(published).removeprefix("/v1/")
    knowing(lambda: resident.get(f"/v1/{roster}"))

    def sign_up():
        answer, why = client.call(
            f"{VOLUNTEER}.CreateSignUp", {"parent": roster, "requestId": new_id()}, resident.token()
        )
        assert why is None, why
        return answer

    assert wait_until(sign_up)["state"] == "CONFIRMED"


@pytest.fixture(scope="module")
def pair(cast):
    town = cast.new_town()
    town.add_villages(2)
    town.add_enterprises(2)
    return with_pair(town)


def test_an_enterprise_offers_and_its_village_asks(client, pair):
    worker, manager = pair.village_worker.token(), pair.enterprise_manager.token()
    pairings, reason = client.call(f"{PAIRING}.ListPairings", {"parent": pair.name}, worker)
    assert reason is None and [p["state"] for p in pairings["pairings"]] == ["ACTIVE"]

    def call(method, token, **request):
        return client.call(f"{EXCHANGE}.{method}", {**request, "requestId": new_id()}, token)

    made, reason = call("CreateListing", manager, parent=pair.name, listing=listing(pair.enterprise))
    assert reason is None and made["state"] == "DRAFT"
    assert call("PublishListing", manager, name=made["name"])[0]["state"] == "PUBLISHED"
    match = {"resource": made["name"], "receiver": pair.village, "quantity": "7"}
    asked, reason = call("CreateMatch", worker, parent=pair.name, match=match)
    assert reason is None and (asked["state"], asked["quantity"]) == ("PROPOSED", "7")
    assert call("AcceptMatch", worker, name=asked["name"]) == (None, "FOR_THE_OTHER_SIDE")
    assert call("AcceptMatch", manager, name=asked["name"])[0]["state"] == "ACCEPTED"
    match["quantity"] = "4"
    assert call("CreateMatch", worker, parent=pair.name, match=match) == (None, "NOTHING_LEFT")


def test_a_refusal_says_why_to_every_kind_of_client(client, village):
    missing = f"{village.name}/events/00000000-0000-7000-8000-000000000000"
    assert client.call(f"{EVENT}.GetEvent", {"name": missing}) == (None, "NOT_FOUND")
    request = {"parent": village.name, "event": planned([village.villages[1]]), "requestId": new_id()}
    assert client.call(f"{EVENT}.CreateEvent", request, village.village_worker.token()) == (
        None,
        "NOT_ORGANISER",
    )
