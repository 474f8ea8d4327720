"""The running stack: where its edge is, who can sign in, where codes arrive, and, of one's own, its processes and rows."""

import base64
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from cluster import Cluster
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from demo_town.edge_client import CodeFile, Edge
from dev_stack.parts import Parts
from dev_stack.settings import SERVICES, Settings
from security.personal import DemoPeople, found_in
from support.ports import free_base
from support.waiting import wait_until

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.path.join(ROOT, "build")
# Whether sanitizers are built in (tests/sanitized): memory and files are several times as large, so their sizes say nothing.
SANITIZED = "PINGAN_SANITIZED" in os.environ
SANITIZER = re.compile(r"^.*(?:Sanitizer: |: runtime error: )(?:.*\n){0,30}", re.MULTILINE)


def preset_folder():
    return os.environ.get("PINGAN_BUILD", os.path.join(BUILD, "release"))


def api_descriptors():
    """api.binpb of the build."""
    return os.path.join(preset_folder(), "api.binpb")


class Stack:
    """`status` is what `deploy/dev/status --json` says. One's own (`environment` given) may be hurt and is stopped at the
    end, and then its surroundings."""

    def __init__(self, status, environment=None, surroundings=None):
        self.status = status
        self.environment = environment
        self.surroundings = surroundings
        self.home = pathlib.Path(status["home"])
        self.edge = Edge(status["edge"], patience=10.0)
        self.logins = status["logins"]
        self.codes = CodeFile(status["code_file"])

    @classmethod
    def running(cls):
        """The one the environment names, or None."""
        if not os.environ.get("PINGAN_EDGE"):
            return None
        status = json.loads(pathlib.Path(os.environ["PINGAN_STATUS_JSON"]).read_text(encoding="utf-8"))
        status["edge"] = os.environ["PINGAN_EDGE"]
        return cls(status)

    @classmethod
    def started(cls, demo=True, surroundings=None):
        """A new one, with the demo in it unless told otherwise, in a folder of its own and on ports that are free.
        `surroundings` makes what a layout of the dev stack needs (`enter(home)` answers the layout) and removes it
        (`leave()`)."""
        home = tempfile.mkdtemp(prefix="pingan-test-", dir="/tmp")
        os.chmod(home, 0o711)  # PostgreSQL runs as another user under root
        base = free_ports()
        environment = dict(
            os.environ,
            PINGAN_HOME=home,
            PINGAN_PRESET=os.path.basename(preset_folder()),
            PINGAN_BASE_PORT=str(base),
            PINGAN_EDGE_PORT=str(base + 10),
            PINGAN_EDGE_ADMIN_PORT=str(base + 11),
        )
        stack = None
        try:
            if surroundings:
                environment["PINGAN_LAYOUT"] = f"{home}/layout.json"
                pathlib.Path(environment["PINGAN_LAYOUT"]).write_text(json.dumps(surroundings.enter(home)))
            run("deploy/dev/up", *([] if demo else ["--no_demo"]), environment=environment)
            said = run("deploy/dev/status", "--json", environment=environment, stdout=subprocess.PIPE).stdout
            stack = cls(json.loads(said), environment, surroundings)
        finally:
            if stack is None:
                end(environment, home, surroundings)
        return stack

    def stop(self):
        if self.environment:
            end(self.environment, self.home, self.surroundings)

    # --- who can sign in

    def login(self, role, town=None):
        """The first demo login of the role, of the town where one is named (`towns/330481003`)."""
        return next(l for l in self.logins if l["role"] == role and (town is None or l["town"] == town))

    def admin_login(self):
        """(phone, town, password) of the platform admin."""
        login = self.login("PLATFORM_ADMIN")
        return login["phone"], "", login["password"]

    def expired_token(self, cast):
        """A token of the city official that was good until an hour ago, signed with the stack's own key."""
        head, claims, _ = cast.city_official.token().split(".")
        content = json.loads(from_base64(claims))
        for moment in ("iat", "nbf", "exp"):
            if moment in content:
                content[moment] -= 2 * 3600
        signed = f"{head}.{to_base64(json.dumps(content).encode())}"
        keys = json.loads(self.signing_keys().read_text())["keys"]
        key = next(k for k in keys if k["kid"] == json.loads(from_base64(head))["kid"])
        signature = Ed25519PrivateKey.from_private_bytes(from_base64(key["d"])).sign(signed.encode())
        return f"{signed}.{to_base64(signature)}"

    def signing_keys(self):
        return next((self.home / "secrets").rglob("signing.key"))

    # --- one's own: processes and rows

    def up(self):
        """Starts again what was killed."""
        run("deploy/dev/up", "--no_demo", environment=self.environment)

    def lay_out(self, **changes):
        """Changes the layout (`replicas=2`) and brings the stack into it."""
        file = pathlib.Path(self.environment["PINGAN_LAYOUT"])
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))
        self.up()

    def parts(self):
        """Its parts, to start and end them one by one."""
        return Parts(Settings(self.environment))

    def pid(self, name):
        """The pid of a service, of one of its replicas or of the edge, as the stack recorded it."""
        return json.loads((self.home / "run" / f"{name}.json").read_text())["pid"]

    def kill(self, pid):
        """kill -9, and waits until the process is gone."""
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(pid), what=f"the end of {pid}")

    def cluster(self):
        return Cluster(self.home / "postgres")

    def rows(self, sql):
        """What psql answers in the stack's database, as lists of texts."""
        said = self.cluster().psql(sql, "pingan")
        return [line.split("|") for line in said.splitlines()]


def run(program, *words, environment, stdout=sys.stderr, check=True):
    """Runs a program of the repository; what it says goes to the log of the tests."""
    command = [os.path.join(ROOT, program), *words]
    return subprocess.run(command, env=environment, check=check, stdout=stdout, timeout=900)


def end(environment, home, surroundings=None):
    run("deploy/dev/down", environment=environment, check=False)
    logs = pathlib.Path(home) / "logs"
    reports = people_in([*logs.iterdir(), Cluster(f"{home}/postgres").log]) if logs.exists() else []
    reports += sanitizer_reports(logs) if SANITIZED else []
    if surroundings:
        surroundings.leave()
    if os.environ.get("PINGAN_KEEP_HOME"):
        print(f"kept {home}", file=sys.stderr)
    else:
        shutil.rmtree(home, ignore_errors=True)
    assert not reports, "\n".join(reports)


def people_in(logs):
    """Whom of the demo what has ended names in its logs: nobody, whatever was done to it."""
    demo = DemoPeople()
    named = found_in(demo.names | demo.phones, ((log.name, log.read_bytes()) for log in logs if log.exists()))
    return [f"{log} names {', '.join(sorted(words))}" for log, words in named.items()]


def sanitizer_reports(logs):
    """What sanitizers said in services, the lines after it as well: a service's exit status is nobody's."""
    reports = []
    for log in sorted(logs.glob("*.log*")):
        text = log.read_text(errors="replace")
        reports += [f"{log.name}: {found.group()}" for found in SANITIZER.finditer(text)]
    return reports


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def free_ports():
    """The first of twelve neighbouring ports that are free now, their twins for metrics (a thousand above) as well."""
    return free_base([*range(12), *range(1000, 1000 + len(SERVICES))])


def from_base64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
