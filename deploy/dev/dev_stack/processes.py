"""Programs that go on after `up` has ended: started, known again and ended by their own pid only.

A record in <home>/run says which pid was started when. A pid counts as ours only while the process that has it began
at the recorded moment, so a number that was given out again is never touched.
"""

import hashlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

from dev_stack.settings import Trouble, write_new

MAX_LOG = 50 << 20
ENDED = "stopped"  # what stop() says of a process that ended as it was asked to


class Process:
    def __init__(self, settings, name):
        self.name = name
        self.record = settings.run / f"{name}.json"
        self.log = settings.logs / f"{name}.log"

    def pid(self):
        """Its pid, or None when it does not run."""
        found = self._read()
        return found["pid"] if found and began(found["pid"]) == found["began"] else None

    def runs_as(self, command, files=(), prefix=(), environment=None):
        """It runs with exactly this command, and neither the program nor the files have changed since."""
        return self.pid() is not None and self._read()["identity"] == identity(command, files, prefix, environment)

    def start(self, command, files=(), cwd="/", prefix=(), environment=None):
        """Starts it in the background. It reads the files, of which a change asks for a new start. `prefix` is a program
        that becomes it."""
        if self.log.exists() and self.log.stat().st_size > MAX_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        command = [str(word) for word in command]
        with open(self.log, "ab") as log:
            process = subprocess.Popen([*prefix, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd,
                                       start_new_session=True, env={**clean_environment(), **(environment or {})})
        write_new(self.record, json.dumps({"pid": process.pid, "began": began(process.pid), "command": command,
                                           "identity": identity(command, files, prefix, environment)}))

    def wait_until(self, is_ready, seconds):
        """Returns when is_ready() does; Trouble with the end of its log when it ended, or when time is up."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if self.pid() is None:
                raise Trouble(f"{self.name} ended at once. Its last words ({self.log}):\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise Trouble(f"{self.name} is not ready after {seconds} s. Its last words ({self.log}):\n"
                              f"{self.last_words()}")
            time.sleep(0.05)

    def stop(self, seconds=20):
        """Asks it to end, waits, and ends it by force when it does not. How it ended; None when it did not run."""
        pid = self.pid()
        if pid is None:
            self.record.unlink(missing_ok=True)
            return None
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while self.pid() is not None and time.monotonic() < deadline:
            reap(pid)
            time.sleep(0.02)
        how = ENDED
        if self.pid() is not None:
            how = f"killed, {seconds} s after it was asked to end"
            os.kill(pid, signal.SIGKILL)
            while self.pid() is not None:
                reap(pid)
                time.sleep(0.02)
        self.record.unlink(missing_ok=True)
        return how

    def last_words(self, lines=8):
        try:
            return "\n".join("  " + line for line in self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "  (none)"

    def _read(self):
        try:
            return json.loads(self.record.read_text())
        except (OSError, ValueError):
            return None


def began(pid):
    """When the process began, in ticks since the machine did; None when there is none, or only its remains."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def reap(pid):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass  # started by an earlier `up`


def identity(command, files, prefix=(), environment=None):
    """Changes when the command, its program, its surroundings or one of the files does."""
    seen = hashlib.sha256(json.dumps([str(word) for word in [*prefix, *command]]).encode())
    seen.update(json.dumps(environment or {}, sort_keys=True).encode())
    status = os.stat(command[0])
    seen.update(f"{status.st_ino} {status.st_mtime_ns} {status.st_size}".encode())
    for file in files:
        seen.update(pathlib.Path(file).read_bytes())
    return seen.hexdigest()


def clean_environment():
    """Settings of `up` are not settings of the services, whose flags have twins of the same form."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PINGAN_")}


def require_free(port, what, variable):
    """Trouble, naming who has it, when nobody can listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Trouble(f"Port {port}, wanted for {what}, is taken{holder(port)}. End that program or choose "
                          f"another port with {variable}=<port>. ({error.strerror})") from None


def holder(port):
    found = subprocess.run(["ss", "-Hltnp", f"sport = :{port}"], stdout=subprocess.PIPE, text=True, check=False).stdout
    if '"' not in found:
        return ""
    return f" by {found.split(chr(34))[1]} (pid {found.split('pid=')[1].split(',')[0]})"
