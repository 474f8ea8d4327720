"""Writes what callers of the HTTP API use, from its descriptors: openapi.yaml and the page that shows it into one folder,
the TypeScript client into another.

    deploy/api/generate --api build/release/api.binpb --pages FOLDER --client FOLDER
"""

import argparse
import pathlib

from openapi import pages
from openapi.descriptors import Api
from openapi.document import Incomplete, document
from openapi.text import as_yaml
from openapi.typescript import as_typescript


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", type=pathlib.Path, required=True, help="descriptors of the API with all imports")
    parser.add_argument("--pages", type=pathlib.Path)
    parser.add_argument("--client", type=pathlib.Path)
    options = parser.parse_args()
    try:
        made = document(Api(options.api))
    except Incomplete as incomplete:
        raise SystemExit(str(incomplete)) from None
    if options.pages:
        pages.write(options.pages, as_yaml(made))
    if options.client:
        pages.put(options.client / "pingan.ts", as_typescript(made).encode())


main()
