"""pingan in the cluster, installed by the commands of deploy/kubernetes/README.md; to tests it is a stack like any other."""

import contextlib
import io
import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tarfile
import types

import dev_stack.database
import dev_stack.status
from codes import Codes
from dev_stack.settings import write_new
from kubectl import NAMESPACE, get, kubectl, port_forward
from rendered import KUBECTL, ROOT
from support.stack import Stack, api_descriptors, preset_folder

README = (ROOT / "deploy/kubernetes/README.md").read_text(encoding="utf-8")
OVERLAY = "deploy/kubernetes/overlays/laptop"
ADMIN_PHONE = "13800000000"
PSQL = ["/usr/lib/postgresql/15/bin/psql", "-h", "/tmp", "-U", "postgres", "-d", "pingan", "-XAtq"]


class Installation(Stack):
    """`home` keeps keys, logins and codes; with the same home an installation is gone on with."""

    def __init__(self, home):
        super().__init__({"home": str(home), "edge": os.environ.get("PINGAN_CLUSTER_EDGE") or address_of_the_edge(),
                          "code_file": str(home / "codes"), "logins": [], "api_descriptors": api_descriptors()})
        self.overlay = home / OVERLAY
        self.keys = home / "secrets"
        self.version = os.environ.get("PINGAN_CLUSTER_VERSION")
        self._gathering = None

    def install(self):
        for folder in ("kubernetes", "observability"):  # a copy, because `configure` writes into the overlay
            shutil.copytree(ROOT / "deploy" / folder, self.home / "deploy" / folder, dirs_exist_ok=True)
        if not self.version:
            self.version = built()
            bring(*images())
        self.configure(self.version)
        self.documented("kubectl apply -f deploy/kubernetes/base/namespace.yaml")
        self.documented("deploy/kubernetes/secrets keys | kubectl apply -f -")
        self.apply()
        self.documented("kubectl -n pingan wait --for=condition=Available deployment --all --timeout=5m")
        kubectl("rollout", "status", "statefulset/database", "--timeout=3m", seconds=200)  # an upgrade restarts it
        self._gathering = Codes(self.home / "codes")
        self.make_admin()
        self.load_demo()

    def configure(self, version):
        self.documented(f"deploy/kubernetes/configure {OVERLAY}", version)

    def apply(self):
        self.documented(f"kubectl apply -k {OVERLAY}")

    def documented(self, line, more=""):
        """Runs a line of the README, with keys and overlay in this home, and `more` words at its end."""
        assert f"    {line}\n" in README, f"deploy/kubernetes/README.md does not say: {line}"
        here = f"{line} {more}".replace(OVERLAY, str(self.overlay)).replace("secrets keys", f"secrets {self.keys}")
        print(f"$ {here}", file=sys.stderr, flush=True)
        environment = dict(os.environ, PATH=f"{KUBECTL.parent}:{os.environ['PATH']}", PINGAN_BUILD=preset_folder())
        subprocess.run(["bash", "-euo", "pipefail", "-c", here], cwd=ROOT, env=environment, check=True, timeout=900,
                       stdout=sys.stderr)

    def make_admin(self):
        admin = self.home / "admin.json"
        if not admin.exists():
            write_new(admin, json.dumps({"phone": ADMIN_PHONE, "password": secrets.token_urlsafe(12)}))
        write_new(self.home / "admin.password", json.loads(admin.read_text())["password"] + "\n")
        with self.way_to_the_database():
            self.program("directory", "bootstrap", f"--phone={ADMIN_PHONE}", f"--secrets_dir={self.keys}",
                         f"--password_file={self.home / 'admin.password'}", f"--database=@{self.conninfo('directory')}")

    def load_demo(self):
        files = {"admin": self.home / "admin.json", "codes": self.home / "codes", "logins": self.home / "logins.json"}
        subprocess.run([ROOT / "deploy/dev/demo", "--edge", self.edge.address,
                        *(f"--{name}={file}" for name, file in files.items())], check=True, stdout=sys.stderr, timeout=900)
        self.logins = self.status["logins"] = dev_stack.status.logins(types.SimpleNamespace(**files))

    def leave(self, stays):
        if self._gathering:
            self._gathering.end()
        if not stays:
            kubectl("delete", "namespace", NAMESPACE, "--timeout=5m", seconds=310)

    # --- its database

    def rows(self, sql):
        """What psql answers, as lists of texts."""
        said = kubectl("exec", "database-0", "--", *PSQL, "-v", "ON_ERROR_STOP=1", "-c", sql)
        return [line.split("|") for line in said.splitlines()]

    @contextlib.contextmanager
    def way_to_the_database(self):
        """Files of connections, as a stack on one machine has them, that lead through a port of the API server."""
        with port_forward("statefulset/database", 5432) as port:
            self.conninfo("").mkdir(exist_ok=True)
            for role in dev_stack.database.roles():
                password = (self.keys / "passwords" / role).read_text().strip()
                write_new(self.conninfo(role),
                          f"host=127.0.0.1 port={port} dbname={dev_stack.database.DATABASE} user={role} password={password}")
            yield

    def conninfo(self, role):
        return self.keys / "database" / role

    def program(self, name, *words):
        subprocess.run([os.path.join(preset_folder(), "bin", name), *words], check=True, stdout=sys.stderr, timeout=300)


def built():
    """Builds the images; their version."""
    build = ROOT / "deploy/images/build"
    subprocess.run([build, "--install"], check=True, stdout=sys.stderr, timeout=1800)
    return subprocess.run([build, "--tag"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def images():
    """The archives that were built."""
    return sorted((ROOT / "build/images").glob("*.tar"))


def bring(*archives):
    """Brings images into the cluster, in the way that it has."""
    for archive in archives:
        subprocess.run([*shlex.split(os.environ["PINGAN_CLUSTER_LOAD"]), archive], check=True, stdout=sys.stderr, timeout=600)


def renamed(archive, version, folder):
    """A copy of an image's archive that says another version; the images are the same."""
    copy = folder / archive.name
    with tarfile.open(archive) as old, tarfile.open(copy, "w") as new:
        for member in old:
            content = old.extractfile(member) if member.isfile() else None
            if member.name == "manifest.json":
                manifest = json.load(content)
                manifest[0]["RepoTags"] = [f"{tag.rpartition(':')[0]}:{version}" for tag in manifest[0]["RepoTags"]]
                text = json.dumps(manifest).encode()
                member.size, content = len(text), io.BytesIO(text)
            new.addfile(member, content)
    return copy


def address_of_the_edge():
    addresses = {one["type"]: one["address"] for one in get("nodes")[0]["status"]["addresses"]}
    return f"http://{addresses['InternalIP']}:30080"
