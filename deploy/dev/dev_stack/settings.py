"""Where the stack lives and listens. Every setting may come from the environment."""

import os
import pathlib

from dev_stack.layout import Layout

ROOT = pathlib.Path(__file__).resolve().parents[3]
SERVICES = ["directory", "event", "volunteer", "pairing", "exchange"]  # in the order of their ports, as in deploy/edge
ISSUER = "https://pingan.local"


class Trouble(Exception):
    """Says in a sentence or two what is wrong and what to do, for the person at the keyboard."""


class Settings:
    """PINGAN_HOME holds all state; the ports follow from three settings; PINGAN_LAYOUT says where parts run."""

    def __init__(self, environment=None):
        environment = os.environ if environment is None else environment
        self.home = pathlib.Path(environment.get("PINGAN_HOME") or default_home()).absolute()
        self.build = ROOT / "build" / environment.get("PINGAN_PRESET", "release")
        self.edge_port = port_of(environment, "PINGAN_EDGE_PORT", 8080)
        self.edge_admin_port = port_of(environment, "PINGAN_EDGE_ADMIN_PORT", 9901)
        self.prometheus_port = port_of(environment, "PINGAN_PROMETHEUS_PORT", 9090)
        self.base_port = port_of(environment, "PINGAN_BASE_PORT", 50051)
        self.per_address = int(environment.get("PINGAN_EDGE_PER_ADDRESS", "0"))
        self.layout = Layout(environment.get("PINGAN_LAYOUT"))
        self.secrets = self.home / "secrets"
        self.logs = self.home / "logs"
        self.run = self.home / "run"
        self.edge = self.home / "edge"
        self.codes = self.home / "codes"
        self.logins = self.home / "logins.json"
        self.admin = self.secrets / "admin.json"
        self.cluster = self.home / "postgres"

    def port(self, service):
        return self.base_port + SERVICES.index(service)

    def metrics_port(self, service):
        return self.port(service) + 1000

    def conninfo_file(self, role):
        return self.secrets / "database" / role

    def edge_url(self):
        return f"http://127.0.0.1:{self.edge_port}"

    def make_folders(self):
        """Open to pass through, because PostgreSQL runs as another user under root; secrets are closed."""
        for folder, mode in [(self.home, 0o711), (self.secrets, 0o700), (self.secrets / "database", 0o700),
                             (self.logs, 0o700), (self.run, 0o700), (self.edge, 0o700)]:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(mode)


def default_home():
    if os.geteuid() == 0:
        return "/var/lib/pingan-dev"
    return os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "pingan")


def port_of(environment, variable, default):
    text = environment.get(variable) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 64000:
        raise Trouble(f"{variable} must be a port from 1 to 64000, not {text!r}.")
    return int(text)


def write_new(path, text, mode=0o600):
    """The whole file or nothing, even when killed in between."""
    new = path.with_name(path.name + ".new")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
