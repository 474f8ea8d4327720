"""Disks of PostgreSQL that are full, and free again."""

import contextlib
import os
import subprocess

from faults.field import ROOM
from faults.nemesis import fault

TRIES = 200  # what is written meanwhile makes one fail


@contextlib.contextmanager
def full(folder):
    """What is on this disk is all that it takes."""
    for _ in range(TRIES):
        disk = os.statvfs(folder)
        if disk.f_bavail == 0:
            break
        resize(folder, (disk.f_blocks - disk.f_bfree) * disk.f_frsize)
    else:
        raise AssertionError(f"{folder} is not full")
    yield
    assert resize(folder, ROOM), f"{folder} stays full"


def resize(folder, size):
    command = ["mount", "-o", f"remount,size={size}", folder]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


@fault(needs=lambda field: "data" in field.disks, apart=True)
def full_data_disk(field):
    """no room for tables"""
    with full(field.disks["data"]):
        yield "data"


@fault(needs=lambda field: "wal" in field.disks, longest=15.0, apart=True)
def full_wal_disk(field):
    """no room for the write-ahead log: PostgreSQL gives up and does not come back before there is"""
    with full(field.disks["wal"]):
        yield "wal"
