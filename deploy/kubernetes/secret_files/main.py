"""deploy/kubernetes/secrets: the folder of keys and passwords, as manifests of secrets."""

import argparse
import base64
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile

import yaml

from dev_stack import database
from dev_stack.settings import ROOT, SERVICES, write_new

NAMESPACE = "pingan"
# What each secret holds: its keys, and the files of FOLDER they are. `{service}` makes one for every service.
KEYS = {
    "public-keys": {"users.jwks.json": "users/jwks.json", "services.jwks.json": "services.jwks.json"},
    "{service}.key": {"private.key": "services/{service}.key"},
    "directory-keys": {"signing.key": "users/signing.key", "sealing.keys": "directory/sealing.keys",
                       "index.key": "directory/index.key", "pepper.key": "directory/pepper.key"},
}


def main():
    parser = argparse.ArgumentParser(prog="deploy/kubernetes/secrets")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--database_host", default="database",
                        help="`database` with the component postgres, `database-rw` with cloudnative-pg")
    parser.add_argument("--sslmode", default="prefer", help="as libpq has it; `require` with cloudnative-pg")
    options = parser.parse_args()
    folder = options.folder.absolute()
    make_folder(folder)
    make_keys(folder)
    passwords = {role: password(folder, role) for role in database.roles() + ["superuser"]}
    found = secrets_of_keys(folder) + secrets_of_database(passwords, options)
    found.append(secret("edge-keys", {"jwt.yaml": edge_keys(folder)}))
    yaml.safe_dump_all(found, sys.stdout, sort_keys=False)


def make_folder(folder):
    for part in (folder, folder / "passwords"):
        part.mkdir(parents=True, exist_ok=True)
        part.chmod(0o700)


def make_keys(folder):
    """Makes keys that are missing; the program itself says what is wrong."""
    program = pathlib.Path(os.environ.get("PINGAN_BUILD", ROOT / "build/release")) / "bin/directory"
    if subprocess.run([program, "keys", "init", f"--secrets_dir={folder}"], check=False).returncode:
        sys.exit(1)


def password(folder, role):
    file = folder / "passwords" / role
    if not file.exists():
        write_new(file, secrets.token_hex(24) + "\n")
    return file.read_text().strip()


def secrets_of_keys(folder):
    found = []
    for name, files in KEYS.items():
        for service in SERVICES if "{service}" in name else [""]:
            found.append(secret(name.format(service=service), {
                key: (folder / file.format(service=service)).read_bytes() for key, file in files.items()}))
    return found


def secrets_of_database(passwords, options):
    """For each role its way in, and for the database how roles and schemas must be."""
    found = []
    for service in SERVICES:
        for role, name in ((service, f"{service}-database"), (f"{service}_owner", f"{service}-database-owner")):
            conninfo = (f"host={options.database_host} port=5432 dbname={database.DATABASE} user={role} "
                        f"password={passwords[role]} sslmode={options.sslmode}")
            found.append(secret(name, {"conninfo": conninfo.encode()}))
    found.append(secret("database-superuser", {"password": passwords["superuser"].encode()}))
    found.append(secret("database-roles", {"roles.sql": database.statements(passwords).encode()}))
    return found


def edge_keys(folder):
    """The token check of the edge, with the users' public keys in it."""
    with tempfile.TemporaryDirectory() as out:
        subprocess.run([ROOT / "deploy/edge/generate", "--keys_only", "--jwks", folder / "users/jwks.json", "--out", out],
                       check=True)
        return (pathlib.Path(out) / "jwt/jwt.yaml").read_bytes()


def secret(name, content):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": NAMESPACE,
                                                              "labels": {"app.kubernetes.io/part-of": "pingan"}},
            "type": "Opaque", "data": {key: base64.b64encode(value).decode() for key, value in content.items()}}


main()
