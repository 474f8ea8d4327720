"""Keeps the API as it is now as the released one, which every later one is held against (tests/conformance). Refuses when
clients of the last release would break; then change the API in another way, or in a new package (v2).

    deploy/api/release --api build/release/api.binpb
"""

import argparse
import pathlib
import subprocess

from compatibility import BUF, RELEASED, breaking


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", type=pathlib.Path, required=True, help="descriptors of the API with all imports")
    options = parser.parse_args()
    if RELEASED.exists() and (found := breaking(RELEASED, options.api)):
        raise SystemExit("\n".join(["not released, because clients would break:", *found]))
    subprocess.run([BUF, "build", options.api, "--exclude-source-info", "-o", RELEASED], check=True)
    print(f"released: {RELEASED.name}")


main()
