"""Processes that die, and processes that stand still and go on."""

import contextlib
import os
import signal

from faults.nemesis import fault


@contextlib.contextmanager
def stopped(pids):
    """What died meanwhile is let be."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


@fault()
def kill_service(field):
    """kill -9 of a replica of a service"""
    name = field.random.choice(field.replicas())
    field.kill(name)
    yield name
    field.revive([name])


@fault()
def kill_all_of_a_service(field):
    """kill -9 of all replicas of a service"""
    names = field.random.choice([[r.name for r in replicas] for replicas in field.stack.parts().replicas.values()])
    for name in names:
        field.kill(name)
    yield " ".join(names)
    field.revive(names)


@fault(longest=12.0)
def stop_service(field):
    """SIGSTOP of a replica of a service, then SIGCONT"""
    name = field.random.choice(field.replicas())
    with stopped([field.stack.pid(name)]):
        yield name


@fault(apart=True)
def kill_edge(field):
    """kill -9 of Envoy"""
    field.kill("edge")
    yield "edge"


@fault(longest=12.0)
def stop_edge(field):
    """SIGSTOP of Envoy, then SIGCONT"""
    with stopped([field.stack.pid("edge")]):
        yield "edge"


@fault(apart=True)
def kill_postmaster(field):
    """kill -9 of the postmaster"""
    field.kill_postmaster()
    yield "postgres"


@fault()
def stop_postmaster(field):
    """SIGSTOP of the postmaster, then SIGCONT: no new connection comes through"""
    with stopped([field.stack.cluster().pid()]):
        yield "postgres"


@fault(apart=True)
def kill_backend(field):
    """kill -9 of a backend: PostgreSQL restarts all of them and recovers"""
    pid = field.random.choice(field.backends() or [None])
    if pid:
        os.kill(pid, signal.SIGKILL)
    yield f"backend {pid}"


@fault(longest=15.0)
def stop_backends(field):
    """SIGSTOP of some backends, then SIGCONT"""
    pids = field.backends()
    pids = field.random.sample(pids, min(len(pids), field.random.randint(1, 5)))
    with stopped(pids):
        yield f"backends {' '.join(map(str, pids))}"


@fault(longest=0.5)
def terminate_backends(field):
    """pg_terminate_backend of one, half or all connections of services"""
    pids = field.backends()
    pids = field.random.sample(pids, min(len(pids), field.random.choice([1, len(pids) // 2, len(pids)])))
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)  # which is all that pg_terminate_backend does
    yield f"{len(pids)} backends"
