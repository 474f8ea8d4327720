#!/usr/bin/env python3
"""The conversation by Python's own library: conversation.py <edge> <phone>; asks for the code that arrives on the phone."""

import json
import sys
import urllib.error
import urllib.request
import uuid

EDGE, PHONE = sys.argv[1:]
TOWN = "towns/330481003"


class Refused(Exception):
    """`reason` is for programs, `zh` for people."""

    def __init__(self, status):
        info = [detail for detail in status["details"] if detail["@type"].endswith(".ErrorInfo")]
        words = [detail for detail in status["details"] if detail["@type"].endswith(".LocalizedMessage")]
        self.reason, self.zh = info[0]["reason"], words[0]["message"]
        super().__init__(f"{self.reason} {self.zh}")


def call(path, body=None, token=None):
    """GET without a body, POST with one."""
    request = urllib.request.Request(EDGE + path, None if body is None else json.dumps(body).encode())
    request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        raise Refused(json.load(refusal)) from None


def change(path, token, **body):
    """With a request id; the same one again would get the first answer again."""
    return call(path, {"requestId": str(uuid.uuid4()), **body}, token)


print(call(f"/v1/{TOWN}/events:summarize")["text"])

call("/v1/auth:sendCode", {"phone": PHONE})
signed_in = call("/v1/auth:signIn", {"phone": PHONE, "code": input("code: "), "town": TOWN})
person = {"kind": "RESIDENT", "displayName": "王小明", "unit": f"{TOWN}/units/330481003005"}
token = change(f"/v1/{TOWN}/people:register", signed_in["accessToken"], person=person)["accessToken"]

event = call(f"/v1/{TOWN}/events?state=PUBLISHED&pageSize=1")["events"][0]["name"]
sign_up = change(f"/v1/{event.replace('/events/', '/rosters/')}/signUps", token)
print("signed up:", sign_up["state"])

try:
    change(f"/v1/{event}:publish", token)
except Refused as refused:
    print("refused:", refused.reason, refused.zh)
