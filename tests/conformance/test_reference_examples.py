"""The examples of the reference, sent: a town's official asks for each of them, in a fresh town instead of the demo's. What
they ask for may not be there or not be theirs, but no example is refused for what is written in it."""

import json
import re
import urllib.parse

import pytest
from support.descriptors import Api
from support.reference import JSON, Reference
from support.stack import api_descriptors

OPERATIONS = Reference(Api(api_descriptors())).operations
DEMO = "330481003"
FAULTS = {"INVALID_FIELD", "MALFORMED_REQUEST", "NO_SUCH_PATH", "METHOD_NOT_ALLOWED"}
# Examples that name the third and later communities of a town, as the demo has them.
VILLAGES = 6


@pytest.fixture(scope="module")
def town(cast):
    fresh = cast.new_town("示例街道")
    fresh.add_villages(VILLAGES)
    return fresh


def asked(operation, town):
    """(path with query, body) of the operation's example."""
    path, query = operation.path, {}
    for parameter in operation.said.get("parameters", ()):
        if "example" not in parameter:
            continue
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
        else:
            query[parameter["name"]] = parameter["example"]
    body = json.dumps(operation.said["requestBody"]["content"][JSON]["example"]) if "requestBody" in operation.said else None
    target = path + ("?" + urllib.parse.urlencode(query) if query else "")
    return target.replace(DEMO, town.code), body and body.replace(DEMO, town.code).encode()


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_an_example_is_understood(operation, town):
    target, body = asked(operation, town)
    headers = {"content-type": JSON, "authorization": f"Bearer {town.official.token()}"}
    answer = town.edge.send(operation.verb.upper(), target, body, headers)
    if answer.status != 200:
        reason = re.search(r'"reason":\s*"(\w+)"', answer.body.decode())[1]
        assert reason not in FAULTS, (target, body, answer.body.decode())
    # What is asked of the town as a whole is there; nobody has a duty yet.
    of_town = operation.verb == "get" and re.findall(r"\{(\w+)\}", operation.path) == ["town"]
    if of_town and operation.said["operationId"] != "LocateDuty":
        assert answer.status == 200, answer.body.decode()
