"""Writes what callers of the HTTP API read, from its descriptors: openapi.yaml and the page that shows it.

    deploy/api/generate --api build/release/api.binpb --out FOLDER
"""

import argparse
import pathlib

from openapi import pages
from openapi.descriptors import Api
from openapi.document import Incomplete, document
from openapi.text import as_yaml


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--api", type=pathlib.Path, required=True, help="descriptors of the API with all imports")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    try:
        pages.write(options.out, as_yaml(document(Api(options.api))))
    except Incomplete as incomplete:
        raise SystemExit(str(incomplete)) from None


main()
