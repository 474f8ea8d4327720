"""The edge as its JSON clients see it: kept-alive HTTP/1.1, POST and GET only, errors with a reason.

An `Edge` may be used from many threads: each has a connection of its own. A `Session` is somebody who signed in; it
fetches its next access token by itself.
"""

import base64
import datetime
import http.client
import json
import os
import threading
import time
import urllib.parse
import uuid

ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
LOCALIZED_MESSAGE = "type.googleapis.com/google.rpc.LocalizedMessage"
RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"

UNAVAILABLE = 14
UNAUTHENTICATED = 16
RESOURCE_EXHAUSTED = 8


class Refused(Exception):
    """An answer other than 200. `code` is google.rpc.Code, `reason` pingan's."""

    def __init__(self, method, path, answer):
        self.http_status = answer.status
        self.headers = answer.headers
        try:
            body = json.loads(answer.body)
        except ValueError:
            body = {}
        if not isinstance(body, dict):
            body = {}
        self.code = body.get("code")
        self.message = body.get("message", "")
        self.details = body.get("details", [])
        info = self.detail(ERROR_INFO)
        self.reason = info.get("reason", "")
        self.domain = info.get("domain", "")
        self.metadata = info.get("metadata", {})
        self.zh = self.detail(LOCALIZED_MESSAGE).get("message", "")
        self.fields = {
            v["field"]: v.get("description", "") for v in self.detail(BAD_REQUEST).get("fieldViolations", [])
        }
        super().__init__(
            f"{method} {path}: HTTP {self.http_status} {self.reason} {self.zh} {self.fields or ''} {self.message}"
        )

    def detail(self, type_url):
        return next((d for d in self.details if d.get("@type") == type_url), {})


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body) if self.body else {}


class Edge:
    """`address` is http://host:port. `patience` is how long an answer UNAVAILABLE or RESOURCE_EXHAUSTED is tried again."""

    def __init__(self, address, patience=0.0, timeout=60.0):
        parts = urllib.parse.urlsplit(address)
        self.address = address.rstrip("/")
        self.host, self.port = parts.hostname, parts.port or 80
        self.patience = patience
        self.timeout = timeout
        self._local = threading.local()

    def send(self, method, path, body=None, headers=None):
        """One request as it is: path with query, bytes or None. A connection that the edge closed while it was idle is
        opened anew; a request whose answer got lost on a fresh connection raises OSError or HTTPException."""
        headers = dict(headers or {})
        for last in (False, True):
            connection = getattr(self._local, "connection", None)
            fresh = connection is None
            if fresh:
                connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
                self._local.connection = connection
            try:
                connection.request(method, path, body=body, headers=headers)
                response = connection.getresponse()
                return Answer(response.status, response.headers, response.read())
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.close()
                if fresh or last:
                    raise
            except BaseException:
                self.close()
                raise

    def close(self):
        """Closes this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def call(self, method, path, body=None, query=None, token=None):
        """The answer as a dict; raises Refused. `query` values may be lists; None and "" are left out."""
        headers = {"accept": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        data = None
        if body is not None:
            headers["content-type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False).encode()
        target = path + query_text(query)
        deadline = time.monotonic() + self.patience
        while True:
            answer = self.send(method, target, data, headers)
            if answer.status == 200:
                return answer.json()
            refused = Refused(method, path, answer)
            if refused.code not in (UNAVAILABLE, RESOURCE_EXHAUSTED) or time.monotonic() > deadline:
                raise refused
            threading.Event().wait(retry_after(refused))

    def get(self, path, token=None, **query):
        return self.call("GET", path, query=query, token=token)

    def post(self, path, body=None, token=None, **query):
        return self.call("POST", path, body={} if body is None else body, query=query, token=token)


def query_text(query):
    pairs = []
    for key, value in (query or {}).items():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is None or one == "":
                continue
            pairs.append((key, "true" if one is True else "false" if one is False else str(one)))
    return "?" + urllib.parse.urlencode(pairs) if pairs else ""


def retry_after(refused):
    try:
        return min(5.0, float(refused.headers.get("retry-after")))
    except (TypeError, ValueError):
        return 0.2


class CodeFile:
    """The file into which the dev sender of one-time codes writes: one JSON object a line, {"phone": ..., "code": ...}."""

    def __init__(self, path):
        self.path = path

    def size(self):
        try:
            return os.path.getsize(self.path)
        except FileNotFoundError:
            return 0

    def wait_for(self, phone, offset, seconds=10.0):
        """The code sent to `phone` after the file had `offset` bytes."""
        deadline = time.monotonic() + seconds
        while True:
            code = self._find(phone, offset)
            if code:
                return code
            if time.monotonic() > deadline:
                raise TimeoutError(f"no code for {phone} in {self.path} within {seconds:g} s")
            threading.Event().wait(0.02)

    def _find(self, phone, offset):
        try:
            with open(self.path, "rb") as file:
                file.seek(offset)
                lines = file.read().decode().splitlines()
        except FileNotFoundError:
            return None
        for line in reversed(lines):
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry.get("phone") == phone:
                return entry["code"]
        return None


class Session:
    """Somebody who is signed in. `town` is the nine digits of the town to act in; "" when they are a person of one or none.
    Give a password, or the file in which codes arrive."""

    def __init__(self, edge, phone, town="", password=None, codes=None):
        self.edge = edge
        self.phone = phone
        self.town = town
        self.password = password
        self.codes = codes
        self._lock = threading.Lock()
        self._refresh_id = None
        self._sign_in()

    def _sign_in(self):
        body = {"phone": self.phone}
        if self.town:
            body["town"] = f"towns/{self.town}"
        if self.password is not None:
            body["password"] = self.password
        else:
            offset = self.codes.size()
            self.edge.post("/v1/auth:sendCode", {"phone": self.phone})
            body["code"] = self.codes.wait_for(self.phone, offset)
        self._take(self.edge.post("/v1/auth:signIn", body))

    def _take(self, answer):
        self.access_token = answer["accessToken"]
        self.expire_time = parse_time(answer["expireTime"])
        self.refresh_token = answer.get("refreshToken") or self.refresh_token
        self.person = answer.get("person", "")

    def token(self):
        """An access token that works for another minute."""
        with self._lock:
            left = self.expire_time - datetime.datetime.now(datetime.timezone.utc)
            if left.total_seconds() < 60:
                self._refresh()
            return self.access_token

    def distrust(self, access_token):
        """The token was refused: another one is fetched before the next call."""
        with self._lock:
            if self.access_token == access_token:
                self.expire_time = datetime.datetime.now(datetime.timezone.utc)

    def _refresh(self):
        """Asks with one request id until it is answered: the same refresh token under another one ends the session. When
        the session is over, signs in again."""
        self._refresh_id = self._refresh_id or str(uuid.uuid4())
        body = {"refreshToken": self.refresh_token, "requestId": self._refresh_id}
        if self.town:
            body["town"] = f"towns/{self.town}"
        try:
            self._take(self.edge.post("/v1/auth:refresh", body))
        except Refused as refused:
            if refused.code != UNAUTHENTICATED:
                raise
            self._sign_in()
        self._refresh_id = None

    def register(self, town, display_name, kind="RESIDENT", unit="", enterprise="", request_id=None):
        """Becomes a person of the town and goes on as that person."""
        person = {"kind": kind, "displayName": display_name}
        if unit:
            person["unit"] = unit
        if enterprise:
            person["enterprise"] = enterprise
        body = {"person": person, "requestId": request_id or str(uuid.uuid4())}
        answer = self.post(f"/v1/towns/{town}/people:register", body)
        with self._lock:
            self.access_token = answer["accessToken"]
            self.expire_time = parse_time(answer["expireTime"])
            self.person = answer["person"]["name"]
            self.town = town
        return answer["person"]

    def get(self, path, **query):
        return self.edge.get(path, token=self.token(), **query)

    def post(self, path, body=None, **query):
        return self.edge.post(path, body, token=self.token(), **query)

    def pages(self, path, field, **query):
        """All rows of a list, page by page."""
        rows, page_token = [], ""
        while True:
            answer = self.get(path, pageToken=page_token, **query)
            rows.extend(answer.get(field, []))
            page_token = answer.get("nextPageToken", "")
            if not page_token:
                return rows


def parse_time(text):
    """RFC 3339 with any number of decimals, as an aware datetime."""
    main, _, fraction = text.rstrip("Z").partition(".")
    parsed = datetime.datetime.fromisoformat(main).replace(tzinfo=datetime.timezone.utc)
    return parsed + datetime.timedelta(microseconds=int((fraction + "000000")[:6]))


def as_time(moment):
    """An aware datetime as RFC 3339."""
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_bytes(data):
    return base64.b64encode(data).decode()
