"""Who reaches whom, knocked at door by door, is what the policies say when they are read (../policy_graph.py)."""

import pytest
from kubectl import NAMESPACE, apply, eventually, get, is_ready, kubectl, named, pods
from policy_graph import OUTSIDE, allowed, peers_of
from visitor import knock, stand_in, wait_for_stand_ins

ELSEWHERE = "pingan-elsewhere"


@pytest.fixture(scope="module")
def elsewhere(visitors):
    """A visitor in another namespace."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ELSEWHERE, "labels": labels}})
    apply(stand_in("outside", {}), namespace=ELSEWHERE)
    wait_for_stand_ins(ELSEWHERE)
    yield ELSEWHERE
    kubectl("delete", "namespace", ELSEWHERE, "--timeout=2m", seconds=130)


@pytest.fixture(scope="module")
def enforced(elsewhere):
    """Skips where the network of the cluster takes policies and lets everything through."""
    door = door_of_names()
    assert knock("outside", [door], ELSEWHERE) == {door}, "without a policy all is allowed"
    apply({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "nothing"},
           "spec": {"podSelector": {}, "policyTypes": ["Egress"]}}, namespace=ELSEWHERE)
    try:
        eventually(lambda: not knock("outside", [door], ELSEWHERE), 20)
    except AssertionError:
        pytest.skip("the network of this cluster enforces no policies")
    finally:
        kubectl("delete", "networkpolicy", "nothing", namespace=ELSEWHERE)
    eventually(lambda: knock("outside", [door], ELSEWHERE), 20, "names again")


def door_of_names():
    dns = pods("k8s-app=kube-dns", namespace="kube-system")
    return next(pod["status"]["podIP"] for pod in dns if is_ready(pod)), 53


@pytest.fixture(scope="module")
def doors(installed):
    """{(address, port): (whom, port)} of everybody who listens."""
    listening = {"database": "app.kubernetes.io/component=database"}
    found = {door_of_names(): ("dns", 53)}
    for name in ["directory", "event", "volunteer", "pairing", "exchange", "edge", "database"]:
        pod = next(filter(is_ready, pods(listening.get(name) or named(name))))
        for container in pod["spec"]["containers"]:
            for port in container["ports"]:
                found[pod["status"]["podIP"], port["containerPort"]] = (name, port["containerPort"])
    return found


@pytest.fixture(scope="module")
def callers(enforced, laptop):
    """{visitor: whose labels it has}: one for everybody in the overlay, and one that is nobody."""
    ours = [peer for peer in peers_of(laptop) if NAMESPACE in peer.namespace.values()]
    everybody = {f"as-{peer.name.replace(' ', '-')}": peer for peer in ours}
    apply(*(stand_in(name, peer.labels) for name, peer in everybody.items()), stand_in("as-nobody", {}))
    wait_for_stand_ins()
    yield {name: peer.name for name, peer in everybody.items()}
    kubectl("delete", "pod", "-l", "pingan-test=visitor", "--now")


def test_everybody_reaches_just_whom_the_policies_name(callers, doors, laptop):
    wanted = allowed(laptop)
    for visitor, who in callers.items():
        reached = {doors[door] for door in knock(visitor, list(doors))}
        expected = {(whom, port) for caller, whom, port in wanted if caller == who}
        own = {door for door in doors.values() if door[0] == who}  # the graph has nobody speak to themselves
        assert reached - own == expected - own, who


def test_nobody_in_the_namespace_reaches_anything_but_names(callers, doors):
    assert {doors[door] for door in knock("as-nobody", list(doors))} == {("dns", 53)}


def test_from_elsewhere_only_the_edge_is_reached(callers, elsewhere, doors, laptop):
    expected = {(whom, port) for caller, whom, port in allowed(laptop) if caller == OUTSIDE}
    assert {doors[door] for door in knock("outside", list(doors), ELSEWHERE)} == expected


def test_every_policy_is_in_the_cluster(installed, laptop):
    assert {one["metadata"]["name"] for one in get("networkpolicies")} == laptop.names("NetworkPolicy")
