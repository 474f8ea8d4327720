"""Access tokens that must not work, made as an attacker would make them, and some that only the holder of a key could."""

import base64
import hashlib
import hmac
import json
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from support.stack import from_base64, to_base64

HOUR = 3600


class Mint:
    """Makes tokens like `good`, a user's that works, and changes one thing. Keys are those of the stack."""

    def __init__(self, stack, good):
        self.good = good
        head, claims, self.signature = good.split(".")
        self.head, self.claims = json.loads(from_base64(head)), json.loads(from_base64(claims))
        secrets = stack.home / "secrets"
        self.user_key = key_in(secrets / "users/signing.key", self.head["kid"])
        self.service_keys = {path.stem: key_in(path) for path in (secrets / "services").glob("*.key")}
        public = json.loads((secrets / "services.jwks.json").read_text())["keys"]
        # {service: those that its key may call}
        self.audiences = {bare(key["sub"]): [bare(name) for name in key.get("aud") or ()] for key in public}

    def user(self, key=None, head=None, **claims):
        """A user's token. A claim or member of the head that is None is left out."""
        key = key or self.user_key
        return sign(key, merged(self.head, {"kid": key["kid"], **(head or {})}), merged(self.claims, claims))

    def service(self, caller, called, **claims):
        """What `caller` shows to `called`."""
        name = f"services/{caller}"
        now = int(time.time())
        content = {"iss": name, "sub": name, "aud": f"services/{called}", "iat": now, "exp": now + 300}
        key = self.service_keys[caller]
        return sign(key, {**self.head, "kid": key["kid"]}, merged(content, claims))

    def forged(self):
        """{what is wrong with it: token}. All of these are refused by the edge and by every service."""
        return {**self.badly_signed(), **self.of_other_keys(), **self.badly_said(), **self.of_the_wrong_time()}

    def badly_signed(self):
        head, claims, signature = self.good.split(".")
        other = to_base64(json.dumps({**self.claims, "sub": "00000000-0000-4000-8000-000000000000"}).encode())
        public = public_bytes(self.user_key)
        pem = public_key(self.user_key).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        none = {"alg": "none", "kid": self.head["kid"]}
        return {
            "alg none, no signature": compact(none, self.claims, b""),
            "alg NONE, the old signature": compact({**none, "alg": "NONE"}, self.claims, from_base64(signature)),
            "no alg": compact({"kid": self.head["kid"]}, self.claims, b""),
            "HS256 with the public key": hs256(self.head, self.claims, public),
            "HS256 with the public key as PEM": hs256(self.head, self.claims, pem),
            "HS256 with the public key as text": hs256(self.head, self.claims, to_base64(public).encode()),
            "another payload": f"{head}.{other}.{signature}",
            "no signature": f"{head}.{claims}.",
            "two parts": f"{head}.{claims}",
            "a changed signature": f"{head}.{claims}.{to_base64(flipped(from_base64(signature)))}",
            "a signature of zeros": f"{head}.{claims}.{to_base64(bytes(64))}",
            "a signature twice": f"{self.good}.{signature}",
            "padded": self.good + "==",
        }

    def of_other_keys(self):
        own = new_key()
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": to_base64(public_bytes(own))}
        service_key = self.service_keys["event"]
        return {
            "an unknown key": self.user(key=own),
            "an unknown key under our key's id": self.user(key=own, head={"kid": self.head["kid"]}),
            "no key's id": self.user(key=own, head={"kid": None}),
            "a key brought along": self.user(key=own, head={"kid": self.head["kid"], "jwk": jwk}),
            "a key to be fetched": self.user(key=own, head={"jku": "http://127.0.0.1:1/keys"}),
            "a user's token signed by a service": self.user(key=service_key),
            "the same under the users' key's id": self.user(key=service_key, head={"kid": self.head["kid"]}),
            "a service's token": self.service("event", "directory"),
            "a service's token for users' audience": self.service("event", "directory", aud="pingan"),
            "a service's token of the users' issuer": self.service(
                "event", "directory", iss=self.claims["iss"], aud="pingan"
            ),
        }

    def badly_said(self):
        """Signed by the right key, so nobody but directory could make them: what they say must be right all the same."""
        return {
            "another audience": self.user(aud="services/event"),
            "an audience more": self.user(aud=["pingan", "services/event"]),
            "no audience": self.user(aud=None),
            "another issuer": self.user(iss="https://elsewhere.example"),
            "no issuer": self.user(iss=None),
            "no subject": self.user(sub=None),
            "a subject that is none": self.user(sub="services/event"),
            "a person that is none": self.user(person="towns/330481003"),
            "a head that asks for more": self.user(head={"crit": ["exp"]}),
            "too long": self.user(padding="x" * 2048),
        }

    def of_the_wrong_time(self):
        now = int(time.time())
        return {
            "expired": self.user(iat=now - 2 * HOUR, exp=now - 2 * HOUR + 900),
            "no end": self.user(exp=None),
            "no beginning": self.user(iat=None),
            "from the far future": self.user(iat=now + HOUR, exp=now + HOUR + 900),
            "not good yet": self.user(nbf=now + HOUR),
            "good for a day": self.user(iat=now, exp=now + 24 * HOUR),
            "ends before it begins": self.user(iat=now + 20, exp=now + 10),
            "times as text": self.user(iat=str(now), exp=str(now + 900)),
        }


def bare(name):
    """`event` of `services/event`."""
    return name.partition("/")[2]


def key_in(path, kid=None):
    """The private key of that id in a file of keys, or its first."""
    keys = json.loads(path.read_text())["keys"]
    return next(key for key in keys if kid in (None, key["kid"]))


def new_key():
    private = Ed25519PrivateKey.generate()
    raw = private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    return {"d": to_base64(raw), "kid": to_base64(hashlib.sha256(raw).digest())}


def private_key(key):
    return Ed25519PrivateKey.from_private_bytes(from_base64(key["d"]))


def public_key(key):
    return private_key(key).public_key()


def public_bytes(key):
    return public_key(key).public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def sign(key, head, claims):
    signed = f"{part(head)}.{part(claims)}"
    return f"{signed}.{to_base64(private_key(key).sign(signed.encode()))}"


def hs256(head, claims, secret):
    signed = f"{part({**head, 'alg': 'HS256'})}.{part(claims)}"
    return f"{signed}.{to_base64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def compact(head, claims, signature):
    return f"{part(head)}.{part(claims)}.{to_base64(signature)}"


def part(content):
    return to_base64(json.dumps(content).encode())


def merged(old, new):
    return {key: value for key, value in {**old, **new}.items() if value is not None}


def flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


def basic(token):
    """The token as a password."""
    return "Basic " + base64.b64encode(f"token:{token}".encode()).decode()
