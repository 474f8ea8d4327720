"""Looking for names and phones where they must not be: in the logs of a stack and in the rows of its services."""

import json
import re
import subprocess
import tempfile
import urllib.parse

from demo_town import logins
from demo_town.load import employees, neighbours
from demo_town.programme import party_logins
from demo_town.town import enterprises

# As COPY writes them once its doubled backslashes are single ones.
BYTES = re.compile(r"\\x((?:[0-9a-f]{2})+)(?=[\t\n]|$)")
UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


class DemoPeople:
    """Everybody whom the demo brings into its towns: `names` and `phones`, and the phones of those of its full town."""

    def __init__(self):
        companies = [row["name"] for row in enterprises()]
        has_somebody = {login.scope for login in logins.ALL}
        parties = [login for _, login in party_logins({name: name for name in companies})]
        signed_in = logins.ALL + [login for login in parties if login.scope not in has_somebody]
        entered = employees(companies)
        for turn, login in enumerate(logins.VILLAGE_WORKERS):
            entered += neighbours(turn, login)
        self.names = {login.name for login in signed_in} | {person["displayName"] for person in entered}
        of_employees = {person["phone"] for person in entered if "phone" in person}
        self.phones = {login.phone for login in signed_in} | of_employees
        self.phones_in_town = {l.phone for l in signed_in if l.town == logins.TOWN} | of_employees


def logs(stack):
    """{file: content} of what all parts of the stack have written so far."""
    files = [*(stack.home / "logs").iterdir(), stack.cluster().log]
    return {file.name: file.read_bytes() for file in files}


def tables(stack):
    """(`schema.table`, all of its rows) of every table that is not PostgreSQL's own; see `readable`."""
    listed = stack.rows(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    )
    for (table,) in listed:
        yield table, readable(stack.cluster().psql(f"COPY (TABLE {table}) TO STDOUT", "pingan"))


def readable(copied):
    """Rows as COPY writes them, but each `bytea` as the bytes it stands for; of UUIDs both the text and the bytes."""
    text = copied.replace("\\\\", "\\")
    hidden = BYTES.findall(text) + [uuid.replace("-", "") for uuid in UUID.findall(text)]
    return b"\n".join([BYTES.sub("", text).encode(), *map(bytes.fromhex, hidden)])


def found(words, data):
    """Those of the words that stand in the data in one of their forms."""
    meant = {form: word for word in words for form in forms(word)}
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join(meant))
        patterns.flush()
        command = ["grep", "--text", "--only-matching", "--fixed-strings", f"--file={patterns.name}"]
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE, env={"LC_ALL": "C"}, check=False)
    assert done.returncode in (0, 1), "grep could not look"
    return {meant[form] for form in set(done.stdout.splitlines())}


def found_in(words, places):
    """{place: the words found there} of (place, data) pairs."""
    looked = {place: found(words, data) for place, data in places}
    return {place: words for place, words in looked.items() if words}


def forms(word):
    """The word as it is, and as JSON, protobuf's text, URLs with gRPC's messages, and C write what is not ASCII."""
    return {
        word.encode(),
        json.dumps(word)[1:-1].encode(),
        urllib.parse.quote(word).encode(),
        b"".join(b"%c" % byte if byte < 128 else b"\\%03o" % byte for byte in word.encode()),
        b"".join(b"%c" % byte if byte < 128 else b"\\x%02x" % byte for byte in word.encode()),
    }
