"""Who can speak to whom, worked out of all network policies together, is exactly what the design says."""

import json

from rendered import labels, selects

OUTSIDE = "outside"


class Peer:
    """Somebody who speaks or listens. `port` is asked for by name or number."""

    def __init__(self, name, own_labels, ports=None, namespace="pingan"):
        self.name = name
        self.labels = own_labels
        self.ports = ports or {}
        self.namespace = {"kubernetes.io/metadata.name": namespace}


def peers_of(overlay):
    found = []
    for workload in overlay.workloads():
        ports = {port["name"]: port["containerPort"] for one in workload["spec"]["template"]["spec"]["containers"]
                 for port in one.get("ports", [])}
        kind = labels(workload)["app.kubernetes.io/component"]
        name = workload["metadata"]["name"] if kind != "migration" else labels(workload)["app.kubernetes.io/name"] + " migration"
        found.append(Peer(name, labels(workload), ports))
    for cluster in overlay.all("Cluster"):
        found.append(Peer("database", {"cnpg.io/cluster": cluster["metadata"]["name"]}, {"postgres": 5432}))
    found.append(Peer(OUTSIDE, {}, namespace="somewhere"))
    found.append(Peer("prometheus", {"app.kubernetes.io/name": "prometheus"}, namespace="monitoring"))
    found.append(Peer("dns", {"k8s-app": "kube-dns"}, {"dns": 53}, namespace="kube-system"))
    return found


def may(policies, one, other, port):
    return allows(policies, "Egress", one, other, other, port) and allows(policies, "Ingress", other, one, other, port)


def allows(policies, direction, owner, opposite, listener, port):
    """Whether the policies of `owner` allow it; without any, all is allowed. Foreign namespaces have none here."""
    own = [one["spec"] for one in policies if direction in one["spec"]["policyTypes"]
           and owner.namespace["kubernetes.io/metadata.name"] == "pingan" and selects(one["spec"]["podSelector"], owner.labels)]
    rules = [rule for one in own for rule in one.get(direction.lower(), [])]
    return not own or any(rule_allows(rule, direction, opposite, listener, port) for rule in rules)


def rule_allows(rule, direction, opposite, listener, port):
    opposites = rule.get("from" if direction == "Ingress" else "to")
    ports = rule.get("ports")
    numbers = {listener.ports.get(one["port"], one["port"]) for one in ports or []}
    return (ports is None or port in numbers) and (opposites is None or any(is_meant(one, opposite) for one in opposites))


def is_meant(rule, peer):
    if "namespaceSelector" not in rule:
        return peer.namespace["kubernetes.io/metadata.name"] == "pingan" and selects(rule["podSelector"], peer.labels)
    return selects(rule["namespaceSelector"], peer.namespace) and selects(rule.get("podSelector", {}), peer.labels)


def allowed(overlay):
    """{(who, whom, port)} over everybody and every port that somebody listens on."""
    peers, policies = peers_of(overlay), overlay.all("NetworkPolicy")
    return {(one.name, other.name, port) for one in peers for other in peers for port in set(other.ports.values())
            if one is not other and may(policies, one, other, port)}


def designed(overlay, secret_folder, scraped):
    """The list of the design: edge to services, services as their keys allow, services to the database, names."""
    services = {one["metadata"]["name"] for one in overlay.all("Deployment")} - {"edge"}
    keys = json.loads((secret_folder / "services.jwks.json").read_text())["keys"]
    wanted = {(OUTSIDE, "edge", 8080), ("prometheus", "edge", 8080)}  # who could speak to anybody in the world
    wanted |= {("edge", service, 50051) for service in services}
    wanted |= {(key["sub"].split("/")[1], audience.split("/")[1], 50051) for key in keys for audience in key.get("aud", [])}
    wanted |= {(who, "database", 5432) for service in services for who in (service, f"{service} migration")}
    everybody = {"edge", *services, *(f"{service} migration" for service in services)}
    wanted |= {(who, "dns", 53) for who in everybody | {"database", OUTSIDE, "prometheus"}}
    if scraped:
        wanted |= {("prometheus", service, 51051) for service in services} | {("prometheus", "edge", 9902)}
    return wanted


def test_laptop(laptop, secrets, secret_folder):
    wanted = designed(laptop, secret_folder, scraped=False) | {("dns", "edge", 8080)}
    assert allowed(laptop) == wanted


def test_county(county, secrets, secret_folder):
    wanted = designed(county, secret_folder, scraped=True) | {("dns", "edge", 8080)}
    assert allowed(county) == wanted


def test_the_graph_sees_a_hole(laptop):
    """A policy that lets the outside in makes a difference: the walk over policies can fail."""
    hole = {"kind": "NetworkPolicy", "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}]}}
    before = allowed(laptop)
    laptop.objects.append(hole)
    try:
        assert (OUTSIDE, "event", 50051) in allowed(laptop) - before
    finally:
        laptop.objects.remove(hole)
