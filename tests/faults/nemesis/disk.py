"""Disks of PostgreSQL that are full, and free again."""

import os
import pathlib

from faults.nemesis import fault

STEP = 1 << 20


def fill(folder):
    """Takes all room there is; the file that holds it."""
    ballast = pathlib.Path(folder) / "ballast"
    with open(ballast, "wb", buffering=0) as file:
        for step in (STEP, 4096):
            try:
                while True:
                    file.write(b"\0" * step)
            except OSError:
                pass
    assert os.statvfs(folder).f_bavail == 0, f"{folder} is not full"
    return ballast


@fault(needs=lambda field: "data" in field.disks, apart=True)
def full_data_disk(field):
    """no room for tables"""
    ballast = fill(field.disks["data"])
    yield "data"
    ballast.unlink()


@fault(needs=lambda field: "wal" in field.disks, longest=15.0, apart=True)
def full_wal_disk(field):
    """no room for the write-ahead log: PostgreSQL gives up and does not come back before there is"""
    ballast = fill(field.disks["wal"])
    yield "wal"
    ballast.unlink()
