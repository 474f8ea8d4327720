"""schemathesis asks the edge for everything that the reference describes, with good and with bad values: no answer is a 5xx,
and none is one that the reference does not describe (status, content type, headers, schema with its reasons), and what the
reference forbids is refused.

It writes, so it works in a fresh town; its names are likely in what is sent. It goes on as a town official, as a resident
and without a token. Everything is asked for, and the official reads most of what can be read. Every run asks the same, in
the same order, until its time is over: the seed is fixed. To look for more:

    PINGAN_SCHEMATHESIS_SEED=7 PINGAN_SCHEMATHESIS_SECONDS=1200 tests/run test_schemathesis
"""

import collections
import json
import os
import subprocess

import pytest
from conformance.world import World
from conformance.writes import Writes
from security.focused import focused, names_in
from security.proto_json import with_proto_json
from support.stack import BUILD

SECONDS = int(os.environ.get("PINGAN_SCHEMATHESIS_SECONDS") or 110)
SEED = int(os.environ.get("PINGAN_SCHEMATHESIS_SEED") or 330481003)
# The end of a run that hangs.
PATIENCE = 300
# Each with its part of the time.
CALLERS = {"official": 0.5, "resident": 0.3, "nobody": 0.2}
# The part of the reads that the official gets an answer to: all, on a machine that is not slow.
MOST = 0.75
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
]
# How the services and the edge refuse; what is refused is never accepted, and never a 5xx.
REFUSED = [400, 401, 403, 404, 409, 413, 429, 431]
SETTINGS = f"[checks.negative_data_rejection]\nexpected-statuses = {REFUSED}\n"
EVENTS = "events.ndjson"
LISTS = ["units", "enterprises", "duties", "people", "grants", "events", "heldEvents", "teams", "pairings", "pairings/-/commitments",
         "listings", "matches"]


@pytest.fixture(scope="module")
def world(cast, stack):
    return World(cast, stack.expired_token(cast))


@pytest.fixture(scope="module")
def narrowed(world, reference, tmp_path_factory):
    """The document's file. Nobody may end the callers' own persons or roles by chance, or the rest shows nothing."""
    official, path = world.town.official, world.town.path
    world.commitment()
    world.match_in("ACCEPTED")
    day = Writes(world).create_co_building_day().do_once()["name"]
    names = names_in(official, world.town.name, [f"{path}/{collection}" for collection in LISTS]) | {day}
    rosters = {name.replace("/events/", "/rosters/") for name in names if "/events/" in name}
    sign_ups = names_in(world.town.official, world.town.name, [f"/v1/{world.sign_up['name'].rpartition('/')[0]}"])
    file = tmp_path_factory.mktemp("reference") / "openapi.json"
    hidden = [official.person, world.resident.person, "/grants/"]
    document = with_proto_json(reference.document)
    file.write_text(json.dumps(focused(document, world.town.name, names | rosters | sign_ups, hidden)))
    return file


def asked(document, edge, token, folder, *words):
    """What schemathesis said, and whether it found nothing."""
    settings = folder / "schemathesis.toml"
    settings.write_text(SETTINGS)
    command = [
        os.path.join(BUILD, ".venv/bin/schemathesis"), "--no-color", "--config-file", str(settings),
        "run", str(document), "--url", edge.address, "--checks", ",".join(CHECKS), "--seed", str(SEED), "--workers", "1",
        "--generation-database", "none", "--warnings", "off", "--request-timeout", "30", "--max-failures", "20",
        "--report-ndjson-path", str(folder / EVENTS), *words,
    ]
    if token:
        command += ["--header", f"authorization: Bearer {token}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS + PATIENCE, check=False)
    print(done.stdout[-20000:], done.stderr[-3000:])
    return done


@pytest.mark.parametrize("caller", CALLERS)
def test_no_answer_surprises(caller, world, narrowed, reference, edge, tmp_path):
    token = {"official": world.town.official.token, "resident": world.resident.token, "nobody": lambda: ""}[caller]()
    print(f"schemathesis as {caller}, seed {SEED}")
    seconds = max(10, int(SECONDS * CALLERS[caller]))
    done = asked(narrowed, edge, token, tmp_path, "--phases", "examples,coverage,fuzzing", "--max-time", str(seconds))
    assert done.returncode == 0
    answers = answers_in(tmp_path / EVENTS)
    assert set(answers) == {f"{operation.verb.upper()} {operation.path}" for operation in reference.operations}
    reads = [statuses for operation, statuses in answers.items() if operation.startswith("GET ")]
    if caller == "official":
        assert sum(200 in statuses for statuses in reads) >= MOST * len(reads)


def answers_in(events):
    """{operation: the statuses of all answers to it}."""
    found = collections.defaultdict(set)
    for line in events.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for sent in recorder.get("interactions", {}).values():
            if recorder["label"].startswith(sent["request"]["method"]):
                found[recorder["label"]].add(sent["response"]["status_code"])
    return found


# What a reference that is wrong in one place would say, and what is then said of the answers.
LIES = {
    "a status is missing": (lambda said: said["responses"].pop("200"), "Undocumented status code"),
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
    done = asked(spoiled, edge, "", tmp_path, "--phases", "coverage", "--include-operation-id", "GetUnit", "--no-shrink")
    assert done.returncode == 1 and found in done.stdout
