"""Services, PostgreSQL and the edge for one load, on folders and ports of their own, over loopback."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = ROOT / "build/release/bin"
SEEDS = ROOT / "tests/load/seeds"
sys.path[:0] = [str(ROOT / "deploy/dev"), str(ROOT / "tests")]
from cluster import BIN as POSTGRES_BIN, Cluster  # noqa: E402  (the path above)
from dev_stack.settings import SERVICES  # noqa: E402
from support.ports import free_base  # noqa: E402

ECHO = "echo"  # event once more, with as many pollers as gRPC has by itself: the limit is not what we make slower
SETTINGS = {"max_connections": 100, "fsync": "on", "shared_buffers": "512MB", "max_wal_size": "4GB",
            "checkpoint_timeout": "30min"}
REMEMBERED = 10_000  # people whose tokens a service surely knows; a multiple of all towns
TICKS = os.sysconf("SC_CLK_TCK")


class Stack:
    """The loaded services on a cluster of their own, with rows over so many towns (seeds/rows.sql)."""

    def __init__(self, towns=1, rows=1000, capacity=1_000_000, matches=0, flags=(), *, services):
        self.towns, self.rows = towns, rows
        self.folder = tempfile.mkdtemp(prefix="pingan-load-", dir="/tmp")
        os.chmod(self.folder, 0o755)
        self.cluster = Cluster(self.folder + "/cluster", SETTINGS, trust=True)
        self.secrets = self.folder + "/secrets"
        self.flags = list(flags)
        self.processes = {}
        names = [*SERVICES, ECHO]
        base = free_base(range(len(names)))
        self.ports = {name: base + number for number, name in enumerate(names)}
        self.next = towns  # the next new person, match or draft
        try:
            self._make()
            self.seed("rows", rows=rows, capacity=capacity, matches=matches)
            for service in services:
                self.serve(service)
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _make(self):
        self.cluster.make()
        self.cluster.start(die_with_parent=True)
        self.conninfo = self.cluster.conninfo()
        self.psql(*(word for service in SERVICES for word in ("-c", f"CREATE ROLE {service}")))
        run([BIN / "directory", "keys", "init", f"--secrets_dir={self.secrets}"])
        for service in SERVICES:
            run([BIN / service, "migrate", f"--database={self.conninfo}", f"--service_role={service}"])

    def seed(self, name, **numbers):
        """Runs seeds/<name>.sql with the numbers as its variables."""
        words = [word for key, value in {"towns": self.towns, **numbers}.items() for word in ("-v", f"{key}={value}")]
        self.psql(*words, "-f", SEEDS / f"{name}.sql")

    def psql(self, *arguments):
        return run(["psql", "-q", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, *arguments])

    # --- processes

    def serve(self, service):
        """Starts it; returns once it serves."""
        log = pathlib.Path(f"{self.folder}/{service}.log")
        peers = ",".join(f"{peer}=dns:///127.0.0.1:{port}" for peer, port in self.ports.items())
        program = "event" if service == ECHO else service
        command = [BIN / program, "serve", f"--port={self.ports[service]}", f"--database={self.conninfo}",
                   f"--secrets_dir={self.secrets}", f"--peers={peers}", "--metrics_port=0", *self.flags]
        if service == ECHO:
            command += ["--bare_echo", "--pollers=2"]
        if service == "directory":
            command.append(f"--dev_codes_file={self.folder}/codes")
        began = time.monotonic()
        with open(log, "wb") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.processes[service] = process
        wait_for(process, log, '"message":"serving"')
        process.ready_seconds = time.monotonic() - began

    def serve_edge(self, to_echo=False):
        """Envoy in front of event, configured as it is for clients; `to_echo` sends GetEvent to the bare echo."""
        import yaml

        name = "edge_to_echo" if to_echo else "edge"
        folder = pathlib.Path(self.folder) / name
        run([ROOT / "deploy/edge/generate", "--api", ROOT / "build/release/api.binpb", "--jwks",
             f"{self.secrets}/users/jwks.json", "--out", folder, "--hosts", ".localhost", "--per_address", "0"])
        config = yaml.safe_load((folder / "envoy.yaml").read_text())
        config["admin"]["address"]["socket_address"]["port_value"] = 0
        listener = config["static_resources"]["listeners"][0]
        listener["address"]["socket_address"]["port_value"] = 0
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        # The limit over all addresses is not what is measured.
        manager["http_filters"] = [f for f in manager["http_filters"] if "ratelimit" not in f["name"]]
        for cluster in config["static_resources"]["clusters"]:
            if cluster["name"] == "event":
                endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
                endpoint["address"]["socket_address"]["port_value"] = self.ports[ECHO if to_echo else "event"]
        for route in manager["route_config"]["virtual_hosts"][0]["routes"]:
            route.get("typed_per_filter_config", {}).pop("envoy.filters.http.local_ratelimit", None)
            if to_echo and route["match"].get("path") == "/pingan.event.v1.EventService/GetEvent":
                route["route"]["prefix_rewrite"] = "/pingan.load.Echo/GetEvent"
        (folder / "envoy.yaml").write_text(yaml.safe_dump(config))
        envoy = next(ROOT.glob("build/.venv/lib/python3*/site-packages/envoy/_bin/envoy"))
        log = folder / "log"
        with open(log, "wb") as out:
            self.processes[name] = subprocess.Popen(
                [envoy, "-c", "envoy.yaml", "--concurrency", "1", "--log-level", "warning", "--disable-hot-restart",
                 "--admin-address-path", folder / "admin"], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        admin = wait_until(lambda: (folder / "admin").exists() and (folder / "admin").read_text())
        listeners = wait_until(lambda: fetch(f"http://{admin}/listeners?format=json"))
        self.ports[name] = json.loads(listeners)["listener_statuses"][0]["local_address"]["socket_address"]["port_value"]
        wait_until(lambda: b"health_flags::healthy" in (fetch(f"http://{admin}/clusters") or b""))

    def cpu_seconds(self, name):
        """Used so far by a service, or by "postgres" with all its backends."""
        pids = [self.processes[name].pid] if name in self.processes else family(self.cluster.pid())
        return sum(cpu_of(pid) for pid in pids)

    def stop(self):
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- loads

    def load(self, server, load, calls, **options):
        """What load_client prints; ends the run when an answer was wrong. `server` is a service or an edge."""
        given = {"port": self.ports[server], "load": load, "calls": calls, "towns": self.towns, "rows": self.rows,
                 "secrets_dir": self.secrets, "first": 0, "signed_at": int(time.time()), **options}
        command = [BIN / "load_client", *(f"--{key}={value}" for key, value in given.items())]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False, text=True)
        if done.returncode:
            sys.exit(f"{load}: {done.stdout}")
        said = json.loads(done.stdout)
        return {**said["first"], "then": said["then"]}

    def take(self, calls):
        """The first of so many numbers that no call has used; a multiple of the towns."""
        first = self.next
        self.next += -(-calls // self.towns) * self.towns
        return first

    def rate(self, server, load, calls, **options):
        """Right answers a second of a load in which all answers are right."""
        result = self.load(server, load, calls, **options)
        if set(result["statuses"]) != {"0"}:
            sys.exit(f"{load}: {result}")
        return result["rate"]

    def cost(self, service, load, calls, **options):
        """CPU time of one call, in microseconds: {service: ..., "postgres": ...}."""
        before = {name: self.cpu_seconds(name) for name in (service, "postgres")}
        self.rate(service, load, calls, **options)
        return {name: (self.cpu_seconds(name) - then) * 1e6 / calls for name, then in before.items()}

    def newcomers(self, calls):
        """Options for people who have not signed up, but have opened the roster: their tokens are known, as in life."""
        options = {"first": self.take(calls), "signed_at": int(time.time())}
        people = calls if self.rows == 1 else min(calls, REMEMBERED)
        self.rate("volunteer", "get_roster", people, in_flight=64, **options)
        return {**options, "people": people}

    def sign_up(self, calls, **options):
        """By newcomers, who take turns where there is more than one event."""
        return self.load("volunteer", "sign_up", calls, **self.newcomers(calls), **options)

    def pgbench(self, clients, seconds=8):
        """Transactions a second of seeds/one_by_one.sql."""
        said = run([POSTGRES_BIN / "pgbench", "-n", "-M", "prepared", "-c", clients, "-j", "1", "-T", seconds,
                    "-D", f"rows={self.rows}", "-D", f"towns={self.towns}", "-f", SEEDS / "one_by_one.sql",
                    "-d", self.conninfo + " options='-c search_path=volunteer'"])
        return float(re.search(r"tps = ([\d.]+)", said).group(1))


def run(command):
    """Its output; ends the run with it when it failed."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stdout}")
    return done.stdout


def wait_for(process, log, said):
    """Until a starting process says so in its log; ends the run when it ends instead."""
    def look():
        text = log.read_text(errors="replace")
        if process.poll() is not None:
            sys.exit(f"{log.stem} did not start:\n{text}")
        return said in text

    wait_until(look)


def wait_until(look, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.01)
    sys.exit("waited 30 s in vain")


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.read()
    except OSError:
        return None


def family(pid):
    """A process and its children."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def cpu_of(pid):
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / TICKS
