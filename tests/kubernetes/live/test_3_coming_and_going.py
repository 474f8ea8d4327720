"""Pods come and go under load: updated, killed, drained away, without their database. Clients ask again for half a minute at
the most, as phones do, and notice nothing; afterwards all that was acknowledged is there exactly once."""

import subprocess
import sys

import pytest
from installation import bring, images, renamed
from kubectl import PARTS, eventually, get, identities, is_ready, kubectl, named, pods, scale, wait_for_rollout
from rendered import KUBECTL
from siege import TRIES_FOR, ClusterSiege, Field

OUTAGE = 240.0  # seconds for which clients go on asking when the only database is away
ALL = ["directory", "event", "volunteer", "pairing", "exchange", "edge"]


@pytest.fixture(scope="module")
def siege(installed):
    """Two of everything, as a county has at the least, under load."""
    scale(2)
    with ClusterSiege(Field(installed)) as made:
        yield made
    made.ended.set()
    scale(1)


@pytest.fixture
def unnoticed(siege, request):
    """The siege: work goes on after the test, and no client ran out of patience in it."""
    before, retries = siege.failures(), siege.retries.copy()
    yield siege
    siege.wait_for_progress()
    print(f"{request.node.name}: asked again {dict(siege.retries - retries)}", file=sys.stderr)
    assert siege.failures() == before


@pytest.fixture
def next_version(installed, tmp_path):
    """The same programs by another version's name: what changes is what an upgrade does."""
    if not images():
        pytest.skip("the archives of the images are not here")
    version = f"{installed.version}-next"
    for archive in images():
        copy = renamed(archive, version, tmp_path)
        bring(copy)
        copy.unlink()
    return version


def test_an_upgrade_and_the_way_back(unnoticed, installed, next_version):
    """All parts at once, each with its migration, as the README has it; the overlay's one pod of each is enough. The only
    database is restarted, for which clients wait."""
    unnoticed.tries_for = OUTAGE
    for version in (next_version, installed.version):
        installed.configure(version)
        installed.apply()
        wait_for_rollout()
        eventually(lambda version=version: versions() == {version}, 120, "no pod of another version")
        jobs = {job["metadata"]["name"]: job["status"].get("succeeded") for job in get("jobs")}
        assert all(jobs[f"{name}-migrate-{version}"] == 1 for name in ALL if name != "edge"), jobs
    scale(2)
    unnoticed.wait_for_progress()
    unnoticed.tries_for = TRIES_FOR


def versions():
    return {pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in get("pods", "-l", PARTS)}


@pytest.mark.parametrize("name", ALL)
def test_a_rolling_update(unnoticed, name):
    before = identities(named(name))
    kubectl("rollout", "restart", f"deployment/{name}")
    wait_for_rollout(name)
    eventually(lambda: not before & identities(named(name)) and len(get("pods", "-l", named(name))) == 2, 120, "only new pods")


@pytest.mark.parametrize("name", ALL)
def test_a_killed_pod(unnoticed, name):
    """Without a word to the program, and without its grace."""
    killed = pods(named(name))[0]["metadata"]["name"]
    kubectl("delete", "pod", killed, "--grace-period=0", "--force")

    def replaced():
        ready = {pod["metadata"]["name"] for pod in pods(named(name)) if is_ready(pod)}
        return len(ready) == 2 and killed not in ready

    eventually(replaced, 120, "another pod in its place")


def test_a_node_is_drained(unnoticed):
    """Every pod of ours leaves the node where most are. Where it is the only one, it takes pods again while it is drained:
    evictions wait for those that come, by the disruption budgets."""
    homes = [pod["spec"]["nodeName"] for pod in pods(PARTS)]
    node = max(homes, key=homes.count)
    before = {pod["metadata"]["uid"] for pod in pods(PARTS) if pod["spec"]["nodeName"] == node}
    drain = subprocess.Popen([KUBECTL, "drain", node, f"--pod-selector={PARTS}", "--delete-emptydir-data", "--ignore-daemonsets",
                              "--timeout=8m"], stdout=sys.stderr, stderr=subprocess.STDOUT)
    try:
        eventually(lambda: before - {pod["metadata"]["uid"] for pod in pods(PARTS)}, 60, "evictions")
        every_part_stays(unnoticed)
        if len(schedulable_nodes()) == 0:
            kubectl("uncordon", node)
        assert drain.wait(500) == 0
    finally:
        kubectl("uncordon", node)
        drain.kill()
        drain.wait()
    assert not before & {pod["metadata"]["uid"] for pod in pods(PARTS)}
    wait_for_rollout()


def every_part_stays(siege):
    """The budgets leave one of each."""
    assert {name for name in ALL if any(map(is_ready, pods(named(name))))} == set(ALL)
    siege.wait_for_progress()


def schedulable_nodes():
    return [node for node in get("nodes") if not node["spec"].get("unschedulable")]


def test_readiness_goes_and_comes_with_the_database(unnoticed):
    unnoticed.tries_for = OUTAGE
    before = identities(PARTS)
    services = set(ALL) - {"edge"}
    kubectl("scale", "statefulset/database", "--replicas=0")
    try:
        eventually(lambda: not any(is_ready(pod) for name in services for pod in pods(named(name))), 120, "services not ready")
        assert all(map(is_ready, pods(named("edge"))))
    finally:
        kubectl("scale", "statefulset/database", "--replicas=1")
        kubectl("rollout", "status", "statefulset/database", "--timeout=3m", seconds=200)
        wait_for_rollout()
    unnoticed.wait_for_progress()
    unnoticed.tries_for = TRIES_FOR
    assert identities(PARTS) == before, "a service was restarted because its database was away"


def test_all_that_was_acknowledged_is_there_once(siege, installed):
    for load in siege.loads:
        load.stop()
    with installed.way_to_the_database():
        assert siege.problems() == []
    print(siege.summary(), file=sys.stderr)
    for load in siege.loads:
        assert load.acknowledged > 100
