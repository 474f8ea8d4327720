"""Who can speak to whom, worked out of all network policies together."""

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
