"""The list of an image's contents, as SPDX 2.3 in JSON: Debian's packages whose files or code are in it, and PyPI's."""

import collections
import datetime
import functools
import json
import pathlib
import subprocess
import uuid

Package = collections.namedtuple("Package", "name version source architecture")
DPKG = pathlib.Path("/var/lib/dpkg/info")
MADE_BY_SCRIPTS = {"/etc/ssl/certs/ca-certificates.crt": "ca-certificates", "/bin/sh": "dash"}
FORMAT = "${Package}\\t${Version}\\t${source:Package}\\t${Architecture}\\n"


def write(path, reference, when, files):
    """`files`: what was copied, as contents.Files has it; `when`: of the commit, so that a rebuild says the same."""
    packages = {owner_of(file) for file in files.copied} | {package(name) for name in files.linked}
    entries = [debian_entry(one) for one in sorted(packages)] + [pypi_entry(*one) for one in sorted(files.pypi)]
    name, _, version = reference.rpartition(":")
    image = {"SPDXID": "SPDXRef-image", "name": name, "versionInfo": version, **common("CONTAINER")}
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": reference,
        "documentNamespace": f"https://spdx.org/spdxdocs/{uuid.uuid5(uuid.NAMESPACE_URL, reference)}",
        "creationInfo": {"created": in_utc(when), "creators": ["Tool: deploy/images/build"]},
        "packages": [image, *entries],
        "relationships": [relation("SPDXRef-DOCUMENT", "DESCRIBES", image["SPDXID"])]
        + [relation(image["SPDXID"], "CONTAINS", entry["SPDXID"]) for entry in entries],
    }
    path.write_text(json.dumps(document, indent=1) + "\n")


@functools.lru_cache(maxsize=None)
def owners():
    """{path: package} of every file that a package brought."""
    found = {}
    for listed in DPKG.glob("*.list"):
        found.update(dict.fromkeys(listed.read_text().splitlines(), listed.stem.split(":")[0]))
    return found | MADE_BY_SCRIPTS


def owner_of(file):
    """The package that has the file, which dpkg may know under the path from before /lib became /usr/lib."""
    for path in (file, "/usr" + file, file.removeprefix("/usr")):
        if path in owners():
            return package(owners()[path])
    raise SystemExit(f"no package has {file}, which is in the image")


@functools.lru_cache(maxsize=None)
def package(name):
    said = subprocess.run(["dpkg-query", "-W", "-f", FORMAT, name], stdout=subprocess.PIPE, text=True, check=True).stdout
    return Package(*said.splitlines()[0].split("\t"))


def debian_entry(one):
    address = f"pkg:deb/debian/{one.name}@{one.version}?arch={one.architecture}&distro=debian-12"
    return {"SPDXID": identity("deb", one.name), "name": one.name, "versionInfo": one.version,
            "supplier": "Organization: Debian", "sourceInfo": f"built from {one.source}", **common("LIBRARY"),
            "externalRefs": [external(address)]}


def pypi_entry(name, version):
    return {"SPDXID": identity("pypi", name), "name": name, "versionInfo": version, **common("APPLICATION"),
            "externalRefs": [external(f"pkg:pypi/{name}@{version}")]}


def external(address):
    return {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": address}


def common(purpose):
    return {"downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION", "primaryPackagePurpose": purpose}


def identity(kind, name):
    return f"SPDXRef-{kind}-{name.replace('+', 'plus').replace('_', '-')}"


def relation(one, kind, other):
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def in_utc(when):
    """`2026-01-02T11:04:05+08:00` as SPDX writes it."""
    return datetime.datetime.fromisoformat(when).astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
