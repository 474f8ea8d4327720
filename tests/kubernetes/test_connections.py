"""As many connections as all replicas may open at once are allowed: by the database, and by each service's role."""

import base64
import re
import subprocess

import pytest
from dev_stack.settings import SERVICES
from rendered import containers

RESERVED = 3  # superuser_reserved_connections, PostgreSQL's own setting
WORKERS = ("writers", "lookup_workers", "list_workers")
ITS_FEED, ITS_LEASES = 1, 1


@pytest.fixture(scope="module")
def of_a_replica(build):
    """{service: how many connections one replica opens at most}"""
    return {service: workers(build / "bin" / service) + ITS_FEED + ITS_LEASES for service in SERVICES}


def workers(program):
    flags = subprocess.run([program, "serve", "--helpfull"], capture_output=True, text=True, check=False).stdout
    return sum(int(re.search(rf"--{name} .*?default: (\d+);", flags, re.DOTALL).group(1)) for name in WORKERS)


def test_no_replica_opens_more(stack, of_a_replica):
    for service, count in stack.rows("SELECT usename, count(*) FROM pg_stat_activity GROUP BY usename"):
        assert int(count) <= of_a_replica.get(service, int(count)), service


def at_once(overlay, service):
    """Replicas of a service, while an update of as many as there may be goes on, and its migration's job."""
    spec = overlay.one("Deployment", service)["spec"]
    scalers = [one["spec"] for one in overlay.all("HorizontalPodAutoscaler") if one["spec"]["scaleTargetRef"]["name"] == service]
    replicas = scalers[0]["maxReplicas"] if scalers else spec["replicas"]
    return replicas + spec["strategy"]["rollingUpdate"]["maxSurge"] + 1


def allowed(overlay):
    """(max_connections of the database of the overlay, of which a pooler may take so many)."""
    for cluster in overlay.all("Cluster"):
        taken = sum(
            pooler["spec"]["instances"] * int(pooler["spec"]["pgbouncer"]["parameters"]["default_pool_size"])
            for pooler in overlay.all("Pooler"))
        return int(cluster["spec"]["postgresql"]["parameters"]["max_connections"]), taken
    (argument,) = [word for word in containers(overlay.one("StatefulSet", "database"))[0]["args"] if "max_connections" in word]
    return int(argument.partition("=")[2]), 0


def services(overlay):
    return [one["metadata"]["name"] for one in overlay.all("Deployment") if one["metadata"]["name"] != "edge"]


def test_the_database_allows_what_all_replicas_open(overlay, of_a_replica):
    most, taken = allowed(overlay)
    needed = sum(at_once(overlay, service) * of_a_replica[service] for service in services(overlay))
    assert needed + taken + RESERVED <= most


def test_each_role_allows_what_its_replicas_open(overlay, of_a_replica, secrets):
    roles = base64.b64decode(secrets["database-roles"]["roles.sql"]).decode()
    limits = {role: int(limit) for role, limit in re.findall(r"ROLE (\w+)[^;]*CONNECTION LIMIT (\d+)", roles)}
    for service in services(overlay):
        assert at_once(overlay, service) * of_a_replica[service] <= limits[service], service
