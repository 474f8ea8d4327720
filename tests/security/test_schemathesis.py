"""schemathesis asks the edge for everything that the reference describes, with good and with bad values: no answer is a 5xx,
and none is one that the reference does not describe (status, content type, headers, schema with its reasons), and what the
reference forbids is refused.

It writes, so it works in a fresh town; its names are likely in what is sent. It goes on as a town official, as a resident
and without a token. The seed is in the log: PINGAN_SCHEMATHESIS_SEED=<seed> repeats a run. Longer, to look for more:

    PINGAN_SCHEMATHESIS_SECONDS=1200 tests/run test_schemathesis
"""

import json
import os
import random
import subprocess

import pytest
from conformance.world import World
from security.focused import focused, names_in
from support.stack import BUILD

SECONDS = int(os.environ.get("PINGAN_SCHEMATHESIS_SECONDS", "150"))
SEED = int(os.environ.get("PINGAN_SCHEMATHESIS_SEED") or random.SystemRandom().randrange(2**32))
# Each with its part of the time.
CALLERS = {"official": 0.5, "resident": 0.3, "nobody": 0.2}
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
]
LISTS = ["units", "enterprises", "duties", "people", "grants", "events", "heldEvents", "teams", "pairings", "pairings/-/commitments",
         "listings", "matches"]


@pytest.fixture(scope="module")
def world(cast, stack):
    return World(cast, stack.expired_token(cast))


@pytest.fixture(scope="module")
def narrowed(world, reference, tmp_path_factory):
    """The document's file. Nobody may end the official's own person or roles by chance, or the rest shows nothing."""
    official, path = world.town.official, world.town.path
    names = names_in(official, world.town.name, [f"{path}/{collection}" for collection in LISTS])
    rosters = {name.replace("/events/", "/rosters/") for name in names if "/events/" in name}
    sign_ups = names_in(world.town.official, world.town.name, [f"/v1/{world.sign_up['name'].rpartition('/')[0]}"])
    file = tmp_path_factory.mktemp("reference") / "openapi.json"
    hidden = [official.person.rpartition("/")[2], "/grants/"]
    file.write_text(json.dumps(focused(reference.document, world.town.name, names | rosters | sign_ups, hidden)))
    return file


def asked(document, edge, seconds, token, folder, *words):
    """What schemathesis said, and whether it found nothing."""
    command = [
        os.path.join(BUILD, ".venv/bin/schemathesis"), "--no-color", "run", str(document), "--url", edge.address,
        "--checks", ",".join(CHECKS), "--seed", str(SEED), "--workers", "1", "--max-time", str(max(10, int(seconds))),
        "--generation-database", "none", "--warnings", "off", "--request-timeout", "30", "--max-failures", "20", *words,
    ]
    if token:
        command += ["--header", f"authorization: Bearer {token}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds + 300, check=False)
    print(done.stdout[-20000:], done.stderr[-3000:])
    return done


@pytest.mark.parametrize("caller", CALLERS)
def test_no_answer_surprises(caller, world, narrowed, edge, tmp_path):
    token = {"official": world.town.official.token, "resident": world.resident.token, "nobody": lambda: ""}[caller]()
    print(f"schemathesis as {caller}, seed {SEED}")
    done = asked(narrowed, edge, SECONDS * CALLERS[caller], token, tmp_path, "--phases", "examples,coverage,fuzzing")
    assert done.returncode == 0


# What a reference that is wrong in one place would say, and what is then said of the answers.
LIES = {
    "a status is missing": (lambda said: said["responses"].pop("404"), "Undocumented HTTP status code"),
    "a number is text": (
        lambda said: said["responses"]["200"]["content"]["application/json"].update(
            schema={"type": "object", "properties": {"name": {"type": "integer"}}}),
        "Response violates schema"),
    "a file is JSON": (
        lambda said: said["responses"]["200"].update(content={"text/csv": {"schema": {"type": "string"}}}),
        "Undocumented Content-Type"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_in_the_reference_is_found(lie, narrowed, edge, tmp_path):
    document = json.loads(narrowed.read_text())
    spoil, found = LIES[lie]
    said = document["paths"]["/v1/towns/{town}/units/{unit}"]["get"]
    spoil(said)
    spoiled = tmp_path / "openapi.json"
    spoiled.write_text(json.dumps(document))
    done = asked(spoiled, edge, 60, "", tmp_path, "--phases", "coverage", "--include-operation-id", "GetUnit", "--no-shrink")
    assert done.returncode == 1 and found in done.stdout
