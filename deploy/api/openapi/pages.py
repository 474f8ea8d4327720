"""The files that the edge shows: the document, and the page that makes it readable."""

import gzip
import pathlib

from openapi.document import HERE

UI = HERE.parents[1] / "build/npm/node_modules/swagger-ui-dist"
SOURCES = {
    "index.html": HERE / "page/index.html",
    "page.js": HERE / "page/page.js",
    "page.css": HERE / "page/page.css",
    "swagger-ui.css.gz": UI / "swagger-ui.css",
    "swagger-ui-bundle.js.gz": UI / "swagger-ui-bundle.js",
}


def write(folder, text):
    """`text` is the document. Names in .gz are kept packed, as browsers take them."""
    put(folder / "openapi.yaml", text.encode())
    for name, source in SOURCES.items():
        data = source.read_bytes()
        put(folder / name, gzip.compress(data, 9, mtime=0) if name.endswith(".gz") else data)


def put(path: pathlib.Path, data):
    """Whole or not at all: a server may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_bytes(data)
    new.replace(path)
