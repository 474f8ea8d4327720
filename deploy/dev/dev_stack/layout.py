"""Where each part runs: as it comes, one process of each service, all on this machine's loopback.

PINGAN_LAYOUT may name a JSON file that says otherwise; tests use it to run replicas and to put parts into network
namespaces. All of it may be left out:

    {"replicas": 2,                                 replica 1 of each service is at 127.0.0.1, replica 2 at 127.0.0.2, ...
     "places": {"event": {"address": "198.18.0.3", "prefix": ["nsenter", ...]}, "event-2": ..., "postgres": ...},
     "environment": {"LD_PRELOAD": ...},            of the services and the edge, besides their own
     "wal": "/folder"}                              of PostgreSQL's log; it is read when the cluster is made

A prefix is put before the command, as root. PostgreSQL with an address listens there, too, beside its socket.
"""

import json
import os
import pathlib


class Place:
    def __init__(self, address, prefix=()):
        self.address = address
        self.prefix = list(prefix)


class Layout:
    def __init__(self, file=None):
        said = json.loads(pathlib.Path(file).read_text(encoding="utf-8")) if file and os.path.exists(file) else {}
        self.replicas = said.get("replicas", 1)
        self.environment = said.get("environment", {})
        self.wal = said.get("wal")
        self._places = said.get("places", {})

    def names(self, service):
        """The names of its replicas: event, event-2, event-3."""
        return [name_of(service, number) for number in range(1, self.replicas + 1)]

    def place(self, name):
        """Of a replica."""
        found = self._places.get(name)
        if found:
            return Place(**found)
        _, number = parts_of(name)
        return Place(f"127.0.0.{number}")

    def postgres(self):
        """None when it is reached by its socket alone."""
        found = self._places.get("postgres")
        return Place(**found) if found else None


def name_of(service, number):
    return service if number == 1 else f"{service}-{number}"


def parts_of(name):
    """(service, number) of a replica's name."""
    service, _, number = name.partition("-")
    return service, int(number or 1)
