"""A network of our own, packet by packet: a network namespace for each member, and a switch in a process between them that
delays, loses or swallows what it is told to, in each direction by itself.

The kernel's netem is missing from many kernels; a TUN device in each namespace needs none of it. Everything ends with the
process: the namespaces have no names.

    network = Network(["event", "postgres"])        # needs root and /dev/net/tun
    network.place("event")                          # address and prefix, as a layout of the dev stack wants them
    network.rule("event", "postgres", loss=1.0)     # what event says does not arrive: half open
    network.heal()
"""

import argparse
import contextlib
import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import threading
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
OUTSIDE = "outside"  # the member that is the machine itself
BURST = 64  # packets of one member before the next one's turn
LIBC = ctypes.CDLL(None, use_errno=True)


def available():
    return os.geteuid() == 0 and os.path.exists("/dev/net/tun")


class Network:
    """The switch as its user sees it."""

    def __init__(self, members):
        # 198.18.0.0/15 is for tests of networks and never routed.
        self.subnet = f"198.{random.SystemRandom().choice((18, 19))}.{random.SystemRandom().randrange(256)}"
        self.members = [OUTSIDE, *members]
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-B", __file__, self.subnet, *self.members],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._namespaces = json.loads(self._process.stdout.readline())

    def place(self, member):
        path = f"/proc/{self._process.pid}/fd/{self._namespaces[member]}"
        return {"address": address_of(self.subnet, self.members.index(member)), "prefix": ["nsenter", f"--net={path}", "--"]}

    def rule(self, sender, receiver, delay=0.0, jitter=0.0, loss=0.0):
        """Seconds, seconds at random on top, and the part of packets that is lost; replaces the rule there was."""
        self._say({"from": sender, "to": receiver, "delay": delay, "jitter": jitter, "loss": loss})

    def heal(self):
        self._say({})

    def close(self):
        self._process.stdin.close()
        self._process.wait(10)

    def _say(self, words):
        with self._lock:
            self._process.stdin.write(json.dumps(words) + "\n")
            assert self._process.stdout.readline() == "done\n", "the switch is gone"


def address_of(subnet, index):
    return f"{subnet}.{index + 1}"


# --- in the process of the switch


class Switch:
    def __init__(self, subnet, members):
        self.members = members
        self.devices, self.namespaces = {}, {}
        for index, member in enumerate(members):
            self._join(member, subnet, index)
        self.by_address = {
            bytes(map(int, address_of(subnet, index).split("."))): member for index, member in enumerate(members)
        }
        self.rules = {}
        self.held_back = []  # (when it is due, a number that keeps the order, device, packet)
        self.count = 0

    def _join(self, member, subnet, index):
        """A thread of its own enters the new namespace and leaves its device behind."""

        def enter():
            if member != OUTSIDE and LIBC.unshare(CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "unshare")
            name = f"pingan{os.getpid()}" if member == OUTSIDE else "pingan0"
            self.devices[member] = device(name)
            self.namespaces[member] = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            for words in (
                f"link set dev {name} mtu 65000 up",
                f"address add {address_of(subnet, index)}/24 dev {name}",
                "link set dev lo up",
            ):
                subprocess.run(["ip", *words.split()], check=True)

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        assert member in self.namespaces, f"no namespace for {member}"

    def run(self):
        senders = {device: member for member, device in self.devices.items()}
        poll = select.poll()
        for fd in [*senders, sys.stdin.fileno()]:
            poll.register(fd, select.POLLIN)
        while True:
            due = self.held_back[0][0] - time.monotonic() if self.held_back else 1.0
            for fd, _ in poll.poll(max(0.0, due) * 1000):
                if fd in senders:
                    self.pass_on(fd, senders[fd])
                elif not self.obey():
                    return
            self.release()

    def pass_on(self, fd, sender):
        for _ in range(BURST):
            try:
                packet = os.read(fd, 65535)
            except BlockingIOError:
                return
            receiver = self.by_address.get(packet[16:20])
            if receiver is None:
                continue
            rule = self.rules.get((sender, receiver))
            if rule is None:
                self.deliver(self.devices[receiver], packet)
            elif random.random() >= rule["loss"]:
                self.count += 1
                when = time.monotonic() + rule["delay"] + rule["jitter"] * random.random()
                heapq.heappush(self.held_back, (when, self.count, self.devices[receiver], packet))

    def release(self):
        while self.held_back and self.held_back[0][0] <= time.monotonic():
            self.deliver(*heapq.heappop(self.held_back)[2:])

    def deliver(self, device, packet):
        with contextlib.suppress(OSError):  # a full queue loses packets, as queues do
            os.write(device, packet)

    def obey(self):
        line = sys.stdin.readline()
        if not line:
            return False
        words = json.loads(line)
        if words:
            self.rules[words["from"], words["to"]] = words
        else:
            self.rules.clear()
        print("done", flush=True)
        return True


def device(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
    return fd


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subnet")
    parser.add_argument("members", nargs="+")
    options = parser.parse_args()
    switch = Switch(options.subnet, options.members)
    print(json.dumps(switch.namespaces), flush=True)
    switch.run()


if __name__ == "__main__":
    main()
