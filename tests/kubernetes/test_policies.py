"""Who can speak to whom is exactly what the design says."""

import json

from policy_graph import OUTSIDE, allowed


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
