"""The stack's PostgreSQL: one private cluster, one database, and for each service a schema with two roles: its owner,
who migrates, and the service itself, which reaches no other schema."""

import secrets

from cluster import Cluster
from dev_stack.settings import SERVICES, write_new

DATABASE = "pingan"

ROLE = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} LOGIN; END IF;
END $$;
ALTER ROLE {role} PASSWORD '{password}' CONNECTION LIMIT 80;
GRANT CONNECT ON DATABASE pingan TO {role};
"""


def cluster(settings):
    place = settings.layout.postgres()
    return Cluster(settings.cluster, {"max_connections": 200, "password_encryption": "scram-sha-256"},
                   address=place and place.address, prefix=place.prefix if place else (), wal=settings.layout.wal)


def roles():
    return [role for service in SERVICES for role in (f"{service}_owner", service)]


def prepare(settings, server):
    """Roles, passwords, database and schemas as they must be; what is right already stays."""
    if server.psql(f"SELECT count(*) FROM pg_database WHERE datname = '{DATABASE}'") == "0":
        server.psql(f"CREATE DATABASE {DATABASE}")
    server.psql(statements({role: password(settings, server, role) for role in roles()}), DATABASE)


def statements(passwords):
    """SQL for a superuser of the database: what is right already stays, so it may run any number of times."""
    found = [
        "SET client_min_messages = warning",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    ]
    for service in SERVICES:
        owner = f"{service}_owner"
        found += [ROLE.format(role=role, password=passwords[role]) for role in (owner, service)]
        found += [
            f"CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {owner}",
            f"GRANT CREATE ON DATABASE {DATABASE} TO {owner}",  # for a schema to replay the log into
        ]
    return ";\n".join(found) + ";\n"


def password(settings, server, role):
    """The role's password: made once, kept in its connection file."""
    file = settings.conninfo_file(role)
    # The owners' work is the operator's, on the database's own machine.
    by_address = server.address and not role.endswith("_owner")
    wanted = server.conninfo(DATABASE, role, server.address if by_address else None) + " password="
    if file.exists() and file.read_text().startswith(wanted):
        return file.read_text()[len(wanted):].strip()
    made = secrets.token_hex(24)
    write_new(file, wanted + made + "\n")
    return made
