"""Clients who behave while others do not, and the processes whose life and memory an attack must not cost."""

import threading

import grpc
from demo_town.edge_client import Edge
from dev_stack.parts import fetch
from dev_stack.settings import SERVICES
from support.grpc_client import GrpcClient
from support.stack import SANITIZED, is_alive
from support.waiting import wait_until

ASKED = ("/v1/towns", "/v1/categories", "/v1/towns/330481000")
BY_GRPC = "pingan.directory.v1.DirectoryService.GetTown"
CITY = {"name": "towns/330481000"}
# How much an attack may cost while it goes on. What attackers send is at most some megabytes a connection; from half of its
# heap on, 192 MB, the edge ends the streams that hold most.
EDGE_MB, SERVICE_MB = 200, 48


class Witness:
    """While it is entered, two clients ask again and again; at the end all their answers were right, every process is the one
    it was, none has grown beyond its bound, and edge and services understood each other."""

    def __init__(self, stack, api):
        self.stack = stack
        self.api = api
        self.answers, self.wrong = {"json": 0, "grpc": 0}, []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._by_json, self._by_grpc, self._watch)]

    def __enter__(self):
        self.pids = {name: self.stack.pid(name) for name in (*SERVICES, "edge")}
        self.pids["postgres"] = self.stack.cluster().pid()
        self.broken = self.broken_connections()
        self.before = {name: memory(pid) for name, pid in self.pids.items()}
        self.most = dict(self.before)
        for thread in self._threads:
            thread.start()
        self.wait_for_answers()
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.wait_for_answers()
        self._over.set()
        for thread in self._threads:
            thread.join()
        if kind is None:
            self.judge()

    def wait_for_answers(self, more=3):
        """Both clients are answered that often from now on."""
        start = dict(self.answers)
        wait_until(
            lambda: self.wrong or all(self.answers[who] >= start[who] + more for who in start), 30, "answers"
        )

    def judge(self):
        assert self.wrong == [], self.wrong
        now = {name: self.stack.pid(name) for name in (*SERVICES, "edge")}
        assert {**now, "postgres": self.stack.cluster().pid()} == self.pids
        assert all(is_alive(pid) for pid in self.pids.values())
        assert self.broken_connections() == self.broken
        grown = {name: self.most[name] - self.before[name] for name in self.pids}
        print(f"answers {self.answers}, grown by MB {grown}")
        assert grown["edge"] <= EDGE_MB, grown
        assert SANITIZED or all(grown[name] <= SERVICE_MB for name in SERVICES), grown

    def broken_connections(self):
        """How many connections to services the edge has ended because it did not understand them."""
        said = fetch(self.stack.status["addresses"]["edge_admin"] + "/stats?filter=upstream_cx_protocol_error")
        return sum(int(line.rsplit(" ", 1)[1]) for line in said.decode().splitlines())

    def _by_json(self):
        edge = Edge(self.stack.edge.address, timeout=20)
        self._ask("json", lambda i: edge.get(ASKED[i % len(ASKED)]))
        edge.close()

    def _by_grpc(self):
        client = GrpcClient(self.api, self.stack.edge.address)
        self._ask("grpc", lambda _: client.call(BY_GRPC, CITY))
        client.close()

    def _ask(self, who, ask):
        number = 0
        while not self._over.wait(0.01):
            try:
                ask(number)
                self.answers[who] += 1
            except (Exception, grpc.RpcError) as problem:  # noqa: BLE001 (whatever it is, it is wrong)
                self.wrong.append(f"{who}: {problem!r}")
                return
            number += 1

    def _watch(self):
        while not self._over.wait(0.1):
            for name, pid in self.pids.items():
                self.most[name] = max(self.most[name], memory(pid))


def memory(pid):
    """Resident memory in MB; 0 of a process that is gone."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * 4096 >> 20
    except OSError:
        return 0
