"""A new key of users' tokens comes in and signs, and nothing is restarted."""

import base64
import json

from demo_town.edge_client import UNAUTHENTICATED, Refused, Session
from kubectl import PARTS, eventually, identities

LEAD = 150  # seconds: secrets take a minute and a half to arrive at the most


def key_of(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def test_a_key_is_rotated_without_a_restart(installed):
    before = identities(PARTS)
    official = Session(installed.edge, *installed.admin_login())
    old, old_token = key_of(official.token()), official.token()
    installed.program("directory", "keys", "rotate", f"--secrets_dir={installed.keys}", f"--key_lead={LEAD}s")
    installed.documented("deploy/kubernetes/secrets keys | kubectl apply -f -")

    def signed_anew():
        official.distrust(official.access_token)  # so that it fetches the next one
        return key_of(official.token()) != old

    eventually(signed_anew, LEAD + 120, "a token that the new key signed", pause=3.0)
    for token in (official.token(), old_token):  # the old one is good until it expires
        for what in ("people", "events", "signUps:mine", "pairings", "listings"):
            is_known(installed.edge, f"/v1/towns/330481003/{what}", token)
    assert identities(PARTS) == before


def is_known(edge, path, token):
    """The caller is; what they may is another matter."""
    try:
        edge.get(path, token=token)
    except Refused as refused:
        assert refused.code != UNAUTHENTICATED, refused
