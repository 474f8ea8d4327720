"""The parts of the stack and how each is started: what `up`, `down` and `status` have in common."""

import fcntl
import json
import pathlib
import urllib.error
import urllib.request

from dev_stack import database
from dev_stack.layout import parts_of
from dev_stack.processes import Process
from dev_stack.settings import ISSUER, ROOT, SERVICES, Trouble


# On a laptop everybody has the same address, and the few demo phones sign in all day.
LAPTOP_LIMITS = ["--codes_per_minute=6", "--codes_per_day=1000", "--codes_per_address=10000",
                 "--sign_ins_per_address=50000"]


class Replica:
    """One process of a service, and how it is started."""

    def __init__(self, parts, name):
        self.parts = parts
        self.name = name
        self.service, self.number = parts_of(name)
        self.place = parts.settings.layout.place(name)
        self.port = parts.settings.port(self.service)
        self.process = Process(parts.settings, name)
        self.files = [parts.settings.conninfo_file(self.service)]
        self.surroundings = {"prefix": self.place.prefix, "environment": parts.settings.layout.environment}

    def address(self):
        return f"{self.place.address}:{self.port}"

    def command(self):
        settings = self.parts.settings
        command = [
            self.parts.program(self.service), "serve",
            f"--address={self.place.address}",
            f"--port={self.port}",
            f"--metrics_address={self.place.address}",
            f"--metrics_port={settings.metrics_port(self.service)}",
            f"--database=@{settings.conninfo_file(self.service)}",
            f"--secrets_dir={settings.secrets}",
            f"--issuer={ISSUER}",
            "--peers=" + ",".join(f"{peer}={address}" for peer in SERVICES for address in self.parts.addresses(peer)),
        ]
        if self.service == "directory":
            command += [f"--dev_codes_file={settings.codes}", *LAPTOP_LIMITS]
        return command

    def runs_as_it_should(self):
        return self.process.runs_as(self.command(), self.files, **self.surroundings)

    def start(self):
        self.process.start(self.command(), self.files, **self.surroundings)


class Parts:
    def __init__(self, settings):
        self.settings = settings
        self.postgres = database.cluster(settings)
        self.replicas = {service: [Replica(self, name) for name in settings.layout.names(service)]
                         for service in SERVICES}
        self.edge = Process(settings, "edge")

    def program(self, service):
        return self.settings.build / "bin" / service

    def addresses(self, service):
        return [replica.address() for replica in self.replicas[service]]

    def surplus(self):
        """Processes of replicas that the layout does not have any more."""
        wanted = {replica.name for replicas in self.replicas.values() for replica in replicas}
        names = [file.stem for file in self.settings.run.glob("*-*.json")]
        return [Process(self.settings, name) for name in names if parts_of(name)[0] in SERVICES and name not in wanted]

    def edge_command(self):
        envoy = next(ROOT.glob("build/.venv/lib/python3*/site-packages/envoy/_bin/envoy"), pathlib.Path("envoy"))
        # With hot restart Envoy ends as soon as the process that started it does.
        return [envoy, "-c", "envoy.yaml", "--concurrency", "1", "--log-level", "warning", "--disable-hot-restart"]

    def states(self):
        """{part: "running" or "stopped" or "not ready"}, in the order they start."""
        states = {"postgres": "running" if self.postgres.pid() else "stopped"}
        healthy = self.healthy_clusters()
        for service, replicas in self.replicas.items():
            states[service] = "stopped" if any(replica.process.pid() is None for replica in replicas) else (
                "running" if service in healthy else "not ready")
        states["edge"] = "stopped" if self.edge.pid() is None else (
            "running" if healthy or self.edge_answers() else "not ready")
        return states

    def edge_answers(self):
        return fetch(self.settings.edge_url() + "/healthz") is not None

    def healthy_clusters(self):
        """Services of which the edge, asking every few seconds, finds all replicas ready."""
        text = fetch(f"http://127.0.0.1:{self.settings.edge_admin_port}/clusters?format=json")
        if text is None or self.edge.pid() is None:
            return set()
        return {cluster["name"] for cluster in json.loads(text)["cluster_statuses"]
                if cluster.get("host_statuses") and all(host["health_status"].get("eds_health_status") == "HEALTHY"
                       and not host["health_status"].get("failed_active_health_check")
                       and not host["health_status"].get("pending_active_hc")
                       for host in cluster["host_statuses"])}


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.read()
    except (OSError, urllib.error.URLError):
        return None


def lock(settings):
    """Held until the process ends: only one `up` or `down` at a time."""
    settings.home.mkdir(parents=True, exist_ok=True)
    file = open(settings.home / "lock", "w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble(f"Another deploy/dev/up or down is at work in {settings.home}; wait until it has ended.") from None
    return file
