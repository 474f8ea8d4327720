"""Ports that nobody listens on."""

import os
import socket


def free_base(offsets):
    """The first port (each process begins elsewhere) to which all of these can be added and are free now."""
    for base in range(20000 + os.getpid() % 500 * 20, 60000, 20):
        if all(is_free(base + offset) for offset in offsets):
            return base
    raise RuntimeError("no free ports")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False
