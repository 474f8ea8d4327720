"""deploy/dev/up after the installation: builds and starts every part that does not run as it should."""

import argparse
import errno
import grpc
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time

from cluster import ClusterError
from dev_stack import database, observe
from dev_stack.parts import Parts, lock
from dev_stack.processes import require_free
from dev_stack.settings import ROOT, SERVICES, Settings, Trouble, write_new
from dev_stack.status import summary

ADMIN_PHONE = "13800000000"
MIN_FREE_MB = 1500
SERVICE_SECONDS = 60
EDGE_SECONDS = 30


def main():
    parser = argparse.ArgumentParser(prog="deploy/dev/up")
    parser.add_argument("--no_demo", action="store_true", help="without loading the demo town")
    parser.add_argument("--observe", action="store_true", help="with a Prometheus that sees all parts")
    options = parser.parse_args()
    try:
        run(Settings(), options)
    except (Trouble, ClusterError) as trouble:
        sys.exit(f"\n{trouble}")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        sys.exit(f"\nThe disk is full ({error.filename or 'no space left'}). Make room and run deploy/dev/up again.")


def run(settings, options):
    held = lock(settings)  # noqa: F841  (until the process ends)
    parts = Parts(settings)
    require_space(ROOT / "build", settings.home)
    require_ports(settings, parts)
    if options.observe and observe.process(settings).pid() is None:
        require_free(settings.prometheus_port, "Prometheus", "PINGAN_PROMETHEUS_PORT")
    settings.make_folders()

    step("building", lambda: build(settings))
    step("secrets", lambda: make_keys(parts))
    step("database", lambda: start_database(settings, parts))
    step("schemas", lambda: migrate(settings, parts))
    step("first administrator", lambda: bootstrap(settings, parts))
    for process in parts.surplus():
        step(f"no {process.name}", process.stop)
    for replicas in parts.replicas.values():
        for replica in replicas:
            step(replica.name, lambda replica=replica: start_service(replica))
    step("edge", lambda: start_edge(settings, parts))
    if options.observe:
        step("prometheus", lambda: observe.start(parts))
    if not options.no_demo:
        load_demo(settings)
    print("\n" + summary(settings))


def step(what, act):
    """Runs one step, saying what it is and how long it took."""
    print(f"{what} ...", end="", flush=True)
    began = time.monotonic()
    said = act()
    print(f" {said or 'ready'} ({time.monotonic() - began:.1f} s)", flush=True)


def require_space(*folders):
    for folder in folders:
        free = shutil.disk_usage(folder).free >> 20
        if free < MIN_FREE_MB:
            raise Trouble(f"The disk with {folder} is (nearly) full: {free} MB are free, {MIN_FREE_MB} MB are needed. "
                          "Make room and run deploy/dev/up again.")


def require_ports(settings, parts):
    if parts.edge.pid() is None:
        require_free(settings.edge_port, "the edge", "PINGAN_EDGE_PORT")
        require_free(settings.edge_admin_port, "Envoy's own page", "PINGAN_EDGE_ADMIN_PORT")
    for service, (first, *_) in parts.replicas.items():
        if first.process.pid() is None:
            require_free(settings.port(service), service, "PINGAN_BASE_PORT")
            require_free(settings.metrics_port(service), f"the metrics of {service}", "PINGAN_BASE_PORT")


def build(settings):
    """The release build; what is up to date takes no time. Shows how far it is."""
    log = settings.logs / "build.log"
    preset = settings.build.name
    with open(log, "w", encoding="utf-8") as out:
        targets = [*SERVICES, "pingan_api"]
        if subprocess.run(["cmake", "--preset", preset], cwd=ROOT, stdout=out, stderr=out, check=False).returncode:
            raise Trouble(f"Configuring failed; {log} says why:\n{tail(log)}")
        ninja = subprocess.Popen(["ninja", "-C", settings.build, *targets], cwd=ROOT, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        shown = 0.0
        for line in ninja.stdout:
            out.write(line)
            progress = re.match(r"\[(\d+)/(\d+)\]", line)
            if progress and time.monotonic() - shown > 15 and int(progress[2]) > 5:
                print(f" {progress[1]} of {progress[2]}", end="", flush=True)
                shown = time.monotonic()
        if ninja.wait():
            out.flush()
            raise Trouble(f"The build failed; {log} says why:\n{tail(log)}")


def tail(log, lines=25):
    text = log.read_text(errors="replace")
    if "No space left on device" in text:
        raise Trouble("The disk is full. Make room and run deploy/dev/up again.")
    return "\n".join(text.splitlines()[-lines:])


def make_keys(parts):
    """Keys of users' tokens, of services and of sealed columns: made once; `directory keys` rotates them."""
    run_command([parts.program("directory"), "keys", "init", f"--secrets_dir={parts.settings.secrets}"])


def start_database(settings, parts):
    parts.postgres.make()
    parts.postgres.start()
    database.prepare(settings, parts.postgres)


def migrate(settings, parts):
    for service in SERVICES:
        owner = settings.conninfo_file(f"{service}_owner")
        run_command([parts.program(service), "migrate", f"--database=@{owner}"])


def bootstrap(settings, parts):
    """The platform administrator, who gives all other roles: the only account that no call can make."""
    if not settings.admin.exists():
        admin = {"phone": ADMIN_PHONE, "password": secrets.token_urlsafe(12)}
        write_new(settings.admin, json.dumps(admin) + "\n")
    admin = json.loads(settings.admin.read_text())
    password = settings.secrets / "admin.password"
    write_new(password, admin["password"] + "\n")
    run_command([parts.program("directory"), "bootstrap", f"--database=@{settings.conninfo_file('directory')}",
                 f"--secrets_dir={settings.secrets}", f"--phone={admin['phone']}", f"--password_file={password}"])


def run_command(command):
    done = subprocess.run([str(word) for word in command], text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"]})
    if done.returncode:
        raise Trouble(f"{command[0].name} {command[1]} failed: {done.stdout.strip()}")


def start_service(replica):
    if replica.runs_as_it_should() and is_ready(replica.address()):
        return "runs"
    replica.process.stop()
    replica.start()
    replica.process.wait_until(lambda: is_ready(replica.address()), SERVICE_SECONDS)
    return None


def is_ready(address):
    """The gRPC health service says that `readiness` is SERVING."""
    with grpc.insecure_channel(address) as channel:
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        try:
            return check(b"\n\x09readiness", timeout=2) == b"\x08\x01"
        except grpc.RpcError:
            return False


def start_edge(settings, parts):
    api = settings.build / "api.binpb"
    run_command([ROOT / "deploy/api/generate", f"--api={api}", f"--pages={settings.edge / 'pages'}"])
    run_command([ROOT / "deploy/edge/generate", f"--api={api}", "--pages=pages",
                 f"--jwks={settings.secrets / 'users/jwks.json'}", f"--out={settings.edge}", "--hosts=.localhost",
                 f"--port={settings.edge_port}", f"--admin_port={settings.edge_admin_port}",
                 f"--base_port={settings.base_port}", f"--per_address={settings.per_address}",
                 *(f"--endpoint={service}={address}" for service in SERVICES for address in parts.addresses(service))])
    pages = sorted((settings.edge / "pages").iterdir())
    command, files = parts.edge_command(), [settings.edge / "envoy.yaml", settings.edge / "api.binpb", *pages]
    environment = settings.layout.environment
    said = "runs" if parts.edge.runs_as(command, files, environment=environment) else None
    if not said:
        parts.edge.stop()
        parts.edge.start(command, files, cwd=settings.edge, environment=environment)
    parts.edge.wait_until(lambda: parts.healthy_clusters() == set(SERVICES), EDGE_SECONDS)
    return said


def load_demo(settings):
    """The demo town, through the edge like any client; at once done when it is loaded."""
    print("demo town:", flush=True)
    loaded = subprocess.run(
        [ROOT / "deploy/dev/demo", "--edge", settings.edge_url(), "--admin", settings.admin, "--codes", settings.codes,
         "--logins", settings.logins], check=False)
    if loaded.returncode:
        raise Trouble("Loading the demo town stopped; deploy/dev/up goes on with it.")


if __name__ == "__main__":
    main()
