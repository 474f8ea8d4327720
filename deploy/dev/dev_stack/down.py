"""deploy/dev/down: ends the parts in reverse order, each by its own pid."""

import argparse
import shutil
import sys

from cluster import ClusterError
from dev_stack import observe
from dev_stack.parts import Parts, lock
from dev_stack.settings import Settings, Trouble


def main():
    parser = argparse.ArgumentParser(prog="deploy/dev/down")
    parser.add_argument("--purge", action="store_true", help="remove the database and all other state, too")
    options = parser.parse_args()
    try:
        settings = Settings()
        if not settings.home.exists():
            print(f"nothing to stop: {settings.home} does not exist")
            return
        held = lock(settings)  # noqa: F841  (until the process ends)
        stop(Parts(settings))
        if options.purge:
            shutil.rmtree(settings.home)
            print(f"removed {settings.home}")
    except (Trouble, ClusterError) as trouble:
        sys.exit(str(trouble))


def stop(parts):
    services = [replica.process for replicas in parts.replicas.values() for replica in replicas]
    prometheus = observe.process(parts.settings)
    if prometheus.stop():
        print("prometheus: stopped", flush=True)
    for process in [parts.edge, *parts.surplus(), *reversed(services)]:
        print(f"{process.name}: {process.stop() or 'did not run'}", flush=True)
    ran = parts.postgres.pid() is not None
    parts.postgres.stop()
    print(f"postgres: {'stopped' if ran else 'did not run'}")


if __name__ == "__main__":
    main()
