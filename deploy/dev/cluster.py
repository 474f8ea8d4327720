"""A PostgreSQL 15 cluster of one's own: in its own folder, on a Unix socket only, no system service.

PostgreSQL refuses to run as root, so under root it runs as the user `postgres`, who must be able to reach
the folder. Only the Python of the standard library: this also serves before anything is installed.
"""

import os
import pathlib
import pwd
import re
import subprocess
import time

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")


class ClusterError(Exception):
    """Says in one sentence what is wrong, for the person at the keyboard."""


class Cluster:
    """`folder` holds everything: data/, the socket, the log. Superuser is `postgres`, by peer or by trust. With an
    `address` it listens there, too; `wal` is another folder, perhaps a small one, for its write-ahead log; `prefix` a
    program, run as root, that becomes the server."""

    def __init__(self, folder, settings=(), trust=False, address=None, prefix=(), wal=None):
        self.folder = pathlib.Path(folder).absolute()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self.settings = dict(settings)
        self.trust = trust
        self.address = address
        self.prefix = list(prefix)
        self.wal = wal
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if len(str(self.folder)) > 80:
            raise ClusterError(f"{self.folder} is too long a path for a Unix socket")

    def conninfo(self, database="postgres", user="postgres", address=None):
        return f"host={address or self.folder} port=5432 dbname={database} user={user}"

    def make(self):
        """Makes the cluster unless it is there. A half-made one, left by a kill, is made anew."""
        if (self.data / "made").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._own(self.folder)
        if self.data.exists():
            self._run("rm", "-rf", self.data)
        self._run(BIN / "initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--data-checksums", *(("-X", self.wal, "--wal-segsize=1") if self.wal else ()))
        (self.data / "pg_hba.conf").write_text(
            "local all all trust\n" if self.trust else
            "local all postgres peer map=own\nlocal all all scram-sha-256\n"
            + (f"host all all {self.address}/24 scram-sha-256\n" if self.address else ""))
        (self.data / "pg_ident.conf").write_text(f"own {self.user} postgres\n")
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as conf:
            conf.write("include_if_exists = 'own.conf'\n")
        (self.data / "made").write_text("")

    def start(self, wait=30, die_with_parent=False):
        """Starts the server if it does not run; returns its pid when it takes connections."""
        pid = self.pid()
        if pid is None:
            settings = {"listen_addresses": self.address or "", "unix_socket_directories": str(self.folder),
                        "timezone": "UTC", "log_timezone": "UTC", **self.settings}
            lines = (f"{name} = '{value}'\n" for name, value in settings.items())
            (self.data / "own.conf").write_text("".join(lines))
            self._forget_unreaped()
            command = [str(BIN / "postgres"), "-D", str(self.data)]
            if die_with_parent:
                command = ["setpriv", "--pdeathsig", "INT", "--"] + command
            if self.prefix:
                command = [*self.prefix, "setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups",
                           "--", *command]
            with open(self.log, "ab") as log:
                self._server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                cwd=self.folder, start_new_session=True,
                                                **({} if self.prefix else self._as_user()))
        deadline = time.monotonic() + wait
        while subprocess.run([BIN / "pg_isready", "-q", "-h", self.folder], check=False).returncode:
            server = getattr(self, "_server", None)
            if time.monotonic() > deadline or (server and server.poll() is not None):
                raise ClusterError("PostgreSQL does not start: " + " / ".join(self.last_words()))
            time.sleep(0.05)
        return self.pid()

    def stop(self):
        """Ends connections and the server, and waits for it. Nothing happens when it does not run."""
        if self.pid() is not None:
            self._run(BIN / "pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", "60")

    def pid(self):
        """The server's pid, or None. A pid file that a dead server left behind counts for nothing."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self.data).encode() in command else None

    def last_words(self):
        lines = self.log.read_text(errors="replace").splitlines()[-50:]
        return [line for line in lines if re.search("FATAL|PANIC|HINT", line)][-3:] or lines[-3:]

    def psql(self, sql, database="postgres"):
        """Runs SQL as superuser; returns what it prints, unaligned."""
        return self._run(BIN / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1",
                         f"{self.conninfo(database)} connect_timeout=10", stdin=sql)

    def _forget_unreaped(self):
        """A killed server whose parent does not collect it (process 1 of some containers) still has its pid, and
        PostgreSQL would take it for alive. Gives its lock files a number beyond all pids; their other lines stay,
        by which PostgreSQL finds whether children of the dead one still work."""
        for file in (self.data / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            try:
                pid, rest = file.read_text().split("\n", 1)
                state = pathlib.Path(f"/proc/{int(pid)}/stat").read_text().rsplit(")", 1)[1].split()[0]
            except (OSError, ValueError):
                continue
            if state == "Z":
                file.write_text(f"{1 << 22}\n{rest}")

    def _as_user(self):
        if os.geteuid() != 0:
            return {}
        try:
            found = pwd.getpwnam(self.user)
        except KeyError:
            raise ClusterError("there is no user postgres: run deploy/dev/install") from None
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}

    def _own(self, path):
        if os.geteuid() == 0:
            found = pwd.getpwnam(self.user)
            os.chown(path, found.pw_uid, found.pw_gid)

    def _run(self, *command, stdin=""):
        done = subprocess.run([str(word) for word in command], input=stdin, text=True, cwd="/", check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **self._as_user())
        if done.returncode:
            words = re.sub(r"\s+", " ", done.stderr.strip())
            raise ClusterError(f"{pathlib.Path(command[0]).name} failed: {words}")
        return done.stdout.strip()
