"""Whether clients of the released API can go on with the API as it is now: what `buf breaking` sees, and what it does not:
HTTP paths, fields that became required, methods that want more of their caller."""

import pathlib
import subprocess
import tempfile

from openapi.descriptors import OPEN, SERVICES, Api, is_message

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASED = ROOT / "deploy/api/released.binpb.gz"
BUF = ROOT / "build/npm/node_modules/.bin/buf"
NOTHING_BROKEN, SOMETHING_BROKEN = 0, 100  # how buf ends


def breaking(released, now):
    """What would break, a sentence each; the arguments are files with descriptors, as `buf` reads them."""
    return seen_by_buf(released, now) + unseen_by_buf(read(released), read(now))


def read(file):
    """The Api in a file, compressed or not."""
    with tempfile.NamedTemporaryFile(suffix=".binpb") as plain:
        subprocess.run([BUF, "build", file, "-o", plain.name], check=True)
        return Api(plain.name)


def seen_by_buf(released, now):
    command = [BUF, "breaking", now, "--against", released, "--config", ROOT / "proto/buf.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (NOTHING_BROKEN, SOMETHING_BROKEN):
        raise RuntimeError(done.stderr)
    return done.stdout.splitlines()


def unseen_by_buf(released, now):
    found = []
    for method in released.methods:
        same = now.by_name.get(method.full_name)
        if method.policy.access == SERVICES or same is None:  # for services only; buf names what is gone
            continue
        ways = {(b.verb, b.path, b.body) for b in same.bindings}
        found += [
            f"{method.full_name} cannot be called by {b.verb.upper()} {b.path} with body {b.body!r} any more"
            for b in method.bindings
            if (b.verb, b.path, b.body) not in ways
        ]
        if same.policy.access != method.policy.access and same.policy.access != OPEN:
            found.append(f"{method.full_name} is not open to all that it was open to")
        found += newly_required(released, now, method.request, same.request)
    return list(dict.fromkeys(found))  # messages are shared


def newly_required(released, now, was, message, seen=()):
    """Fields of a message that must be there now, and need not be there before."""
    found = []
    for field in message.fields:
        before = was.fields_by_name.get(field.name)
        if required(now, field) and not (before and required(released, before)):
            found.append(f"{field.full_name} is required now")
        if before and is_message(field) and is_message(before) and message.full_name not in seen:
            seen_too = (*seen, message.full_name)
            found += newly_required(released, now, before.message_type, field.message_type, seen_too)
    return found


def required(api, field):
    return "REQUIRED" in api.behaviors(field) or api.rules(field).required
