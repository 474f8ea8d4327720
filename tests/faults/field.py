"""A stack that can be hurt in every way there is, and the surroundings that this takes: a network of its own between its
parts, disks of its own under PostgreSQL, a clock of its own."""

import contextlib
import os
import pathlib
import random
import struct
import subprocess
import sys

from cluster import ClusterError
from dev_stack.layout import name_of
from dev_stack.processes import ENDED
from dev_stack.settings import SERVICES
from dev_stack.up import is_ready, start_edge
from faults.switch import Network, available
from support.stack import Stack, is_alive, preset_folder
from support.waiting import wait_until

MOST_REPLICAS = 3
BACKENDS = tuple(f"postgres: {service} " for service in SERVICES)  # as their titles begin
ROOM = "8g"  # on each disk; in memory, so that only what is written takes any
RECOVERY = 90  # seconds, for everything to work again once all is mended


class Surroundings:
    """What a layout needs. Without root there is only the clock, and the faults that need more are left out."""

    def __init__(self):
        self.network = None
        self.disks = {}  # {"data": folder, "wal": folder}
        self.clock = None
        self._undo = contextlib.ExitStack()

    def enter(self, home):
        layout = {"environment": self._make_clock(home)}
        if os.geteuid() == 0:
            layout["wal"] = self._mount("wal", f"{home}/wal")
            self._mount("data", f"{home}/postgres")
        if available():
            names = [name_of(service, number) for service in SERVICES for number in range(1, MOST_REPLICAS + 1)]
            self.network = Network([*names, "postgres"])
            self._undo.callback(self.network.close)
            layout["places"] = {name: self.network.place(name) for name in [*names, "postgres"]}
        return layout

    def leave(self):
        self._undo.close()

    def _make_clock(self, home):
        self.clock = pathlib.Path(home) / "clock"
        self.clock.write_bytes(struct.pack("q", 0))
        library = os.path.join(preset_folder(), "lib", "libstepped_clock.so")
        assert os.path.exists(library), f"{library} is not built"
        return {"LD_PRELOAD": library, "STEPPED_CLOCK": str(self.clock)}

    def _mount(self, what, folder):
        os.makedirs(folder)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=0755", "tmpfs", folder], check=False)
        if done.returncode:
            print(f"no disk of its own for {what}: mount failed", file=sys.stderr)
            return folder
        subprocess.run(["chown", "postgres:", folder], check=True)
        self.disks[what] = folder
        self._undo.callback(subprocess.run, ["umount", "--lazy", folder], check=False)
        return folder


class Field:
    """The stack and what hurts it. The same seed chooses the same faults for as long; `random` chooses whom they hit, among
    those there are then."""

    def __init__(self, seed, demo=True):
        self.seed = seed
        self.random = random.Random(seed)
        self.surroundings = Surroundings()
        self.stack = Stack.started(demo=demo, surroundings=self.surroundings)
        self.network = self.surroundings.network
        self.disks = self.surroundings.disks
        self.clock_was_set = False
        self.died = []  # of services and the edge: who ended without being killed, with their last words
        self._killed = set()

    def stop(self):
        self.stack.stop()

    # --- who there is

    def replicas(self):
        return [replica.name for replicas in self.stack.parts().replicas.values() for replica in replicas]

    def backends(self):
        """Pids of PostgreSQL's processes that work for services, by their titles: it may not answer just now."""
        return sorted(pid for pid, title in self.children_of_postmaster() if title.startswith(BACKENDS))

    def children_of_postmaster(self):
        """[(pid, title)]."""
        command = ["ps", "-o", "pid=,args=", "--ppid", str(self.stack.cluster().pid())]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return [(int(pid), title) for pid, _, title in (line.strip().partition(" ") for line in found.splitlines())]

    # --- hurting and mending

    def set_clock(self, seconds):
        self.clock_was_set = True
        self.surroundings.clock.open("r+b").write(struct.pack("q", int(seconds * 10**9)))

    def kill(self, name):
        """kill -9 of a replica or of the edge."""
        self._killed.add(name)
        with contextlib.suppress(ProcessLookupError):  # another fault was first
            self.stack.kill(self.stack.pid(name))

    def kill_postmaster(self):
        """And waits for those that cannot go on without it: its backends."""
        pid = self.stack.cluster().pid()
        if pid is None:
            return
        children = [child for child, _ in self.children_of_postmaster()]
        self.stack.kill(pid)
        wait_until(lambda: not any(map(is_alive, children)), 30, "the end of all its children")

    def revive(self, names):
        """Starts replicas again and does not wait for them."""
        for replicas in self.stack.parts().replicas.values():
            for replica in replicas:
                if replica.name in names and replica.process.pid() is None:
                    self._count_out(replica.process)
                    replica.start()

    def _count_out(self, process):
        """It does not run: was it us?"""
        if process.name not in self._killed:
            self.died.append(f"{process.name} ended by itself. Its last words:\n{process.last_words(20)}")
        self._killed.discard(process.name)

    def restart(self):
        """Ends all services as an operator does, one after the other, and starts them at once."""
        for replicas in self.stack.parts().replicas.values():
            for replica in replicas:
                self.end(replica)
                replica.start()

    def roll(self):
        """Restarts all services as a rolling update does: of each one replica after the other, the next when it is ready."""
        for number in range(self.stack.parts().settings.layout.replicas):
            turn = [replicas[number] for replicas in self.stack.parts().replicas.values()]
            for replica in turn:
                self.end(replica)
                replica.start()
            wait_until(lambda turn=turn: all(is_ready(replica.address()) for replica in turn), 60, "ready replicas")

    @staticmethod
    def end(replica):
        """As an operator does."""
        assert replica.process.stop() == ENDED, f"{replica.name} had to be killed"

    def whole(self):
        """Starts what died, and waits until all replicas are ready as the edge sees them. What lives must mend itself."""

        def mended():
            self.start_dead()
            return self.stands()

        wait_until(mended, RECOVERY, "a whole stack")

    def start_dead(self):
        parts = self.stack.parts()
        with contextlib.suppress(ClusterError):
            if parts.postgres.pid() is None:
                parts.postgres.start()
        self.revive(self.replicas())
        if parts.edge.pid() is None:
            self._count_out(parts.edge)
            start_edge(parts.settings, parts)

    def stands(self):
        parts = self.stack.parts()
        with contextlib.suppress(ClusterError):
            ready = all(is_ready(r.address()) for replicas in parts.replicas.values() for r in replicas)
            return ready and parts.healthy_clusters() == set(SERVICES) and self.stack.rows("SELECT 1") == [["1"]]
        return False
