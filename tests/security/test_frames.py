"""Frames that no honest client sends, at the edge of a stack of its own: each is refused or cut off, and meanwhile others get
all their answers, every process stays the one it was and none grows beyond bounds.

Everything is bounded in count and stays on the loopback. What is sent stands in README.md beside what was seen.
"""

import contextlib
import re

import pytest
from demo_town.edge_client import Refused
from security.frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PING,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Raw,
    frame,
    get,
    literal,
    post,
    settings,
)
from security.malformed import (
    BAD_FIELDS,
    DISORDER,
    HARMLESS,
    MENDED,
    PATHS,
    REFUSED_AS_NO_PATH,
    SIGN_IN,
    SMUGGLED,
    SPLIT,
    TOWNS,
    bombs,
)
from security.witness import Witness
from support.stack import Stack
from support.waiting import wait_until

JSON = ("content-type", "application/json")
GRPC = [("content-type", "application/grpc"), ("te", "trailers")]
LIST_TOWNS = "/pingan.directory.v1.DirectoryService/ListTowns"


@pytest.fixture(scope="module")
def target():
    """A stack that may be harmed, with towns in it that can be told from refusals."""
    stack = Stack.running() or Stack.started()
    yield stack
    stack.stop()


@pytest.fixture(autouse=True)
def witness(target, api):
    with Witness(target, api) as others:
        yield others


@pytest.fixture
def connect(target):
    """Opens connections that are closed at the end."""
    with contextlib.ExitStack() as opened:
        yield lambda **how: opened.enter_context(Raw(target.edge, **how))


def is_cut_off(connection, seconds=20):
    """Whether the edge ends the connection, or says that it will, within this time."""
    connection.read_until(connection.is_ended, seconds)
    return connection.is_ended()


def keep_sending(connection, chunk, times):
    """Sends the chunk again and again; how often it went before the edge had enough."""
    for sent in range(times):
        if not connection.send(chunk, seconds=5):
            return sent
        if connection.is_ended():
            return sent + 1
    return times


# --- headers


@pytest.mark.parametrize("kilobytes", [7, 60, 1024])
def test_long_headers_by_http1(connect, witness, kilobytes):
    for name in ("x-long", "authorization", "cookie"):
        connection = connect()
        connection.send(f"GET {TOWNS} HTTP/1.1\r\nhost: edge\r\n{name}: ".encode() + b"a" * (kilobytes << 10) + b"\r\n\r\n")
        assert connection.read_until(lambda: connection.count(b"HTTP/1.1 431") or connection.ended)
        assert b"200 OK" not in connection.received


@pytest.mark.parametrize("kilobytes", [7, 60, 1024])
def test_long_headers_by_http2(connect, witness, kilobytes):
    connection = connect().http2()
    data = get(TOWNS, *((f"x-long-{i}", "a" * 1000) for i in range(kilobytes)))
    connection.send(cut(1, data))
    assert connection.read_until(lambda: connection.answered(1) or connection.is_ended())
    assert not connection.of(DATA), connection.received[:300]
    connection.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, get(TOWNS)))
    assert connection.read_until(lambda: connection.count(b"displayName") or connection.is_ended())


def cut(stream, data, most=16384, end=END_STREAM):
    """A header block in as many frames as it needs."""
    parts = [data[i : i + most] for i in range(0, len(data), most)] or [b""]
    kinds = [(HEADERS, end)] + [(CONTINUATION, 0)] * (len(parts) - 1)
    return b"".join(
        frame(kind, flags | (END_HEADERS if i == len(parts) - 1 else 0), stream, part)
        for i, ((kind, flags), part) in enumerate(zip(kinds, parts))
    )


def test_many_headers(connect, witness):
    connection = connect()
    many = "".join(f"x{i}: 1\r\n" for i in range(200))
    connection.send(f"GET {TOWNS} HTTP/1.1\r\nhost: edge\r\n{many}\r\n".encode())
    assert connection.read_until(lambda: connection.count(b"HTTP/1.1 431"))


@pytest.mark.parametrize("value", ["!!!!", "a", "AAA=AAA=", "=" * 100, "\xff", "A" * 2000])
def test_bad_base64_in_binary_headers(connect, witness, value):
    """They do not get past the edge, so the call is answered as if they were not there."""
    value = value.encode("latin-1")
    connection = connect().http2()
    more = [(name, value) for name in ("grpc-tags-bin", "x-any-bin")]
    head = post(LIST_TOWNS, *GRPC, *more)
    connection.send(frame(HEADERS, END_HEADERS, 1, head) + frame(DATA, END_STREAM, 1, bytes(5)))
    assert connection.read_until(lambda: connection.answered(1))
    assert connection.of(DATA), connection.received


def test_continuation_flood(connect, witness):
    """A header block that does not end for 200,000 frames, long ones, short ones and empty ones. Long ones are cut off; the
    others are read and not kept, and at the latest the end of the block is the end of the connection."""
    for payload in (literal("x", "a" * 1000), b"\x00\x01x\x01y", b""):
        connection = connect().http2()
        connection.send(frame(HEADERS, END_STREAM, 1, get(TOWNS)))
        chunk = frame(CONTINUATION, 0, 1, payload) * 1000
        sent = keep_sending(connection, chunk, 200)
        assert sent < 200 or len(payload) < 1000
        connection.send(frame(CONTINUATION, END_HEADERS, 1))
        assert is_cut_off(connection)
        assert b"displayName" not in connection.received


def test_slow_headers(connect, witness):
    """Heads that never end are ended by the edge, of HTTP/1 and of HTTP/2."""
    slow = [connect() for _ in range(200)]
    for connection in slow[:100]:
        connection.send(f"GET {TOWNS} HTTP/1.1\r\nhost: edge\r\nx-slow: ".encode())
    for connection in slow[100:]:
        connection.http2().send(frame(HEADERS, 0, 1, get(TOWNS)[:-3]))
    open_ones = list(slow)

    def all_ended():
        for connection in list(open_ones):
            # One more byte now and then, as such clients do.
            if connection.is_ended() or has_been_reset(connection) or not still_takes(connection, slow):
                open_ones.remove(connection)
        return not open_ones

    wait_until(all_ended, 40, "the end of slow heads")


def has_been_reset(connection):
    return bool(connection.of(RST_STREAM)) or connection.count(b"HTTP/1.1 408")


def still_takes(connection, slow):
    if slow.index(connection) >= 100:
        return True
    return connection.send(b"a", seconds=1)


# --- bodies


@contextlib.contextmanager
def unseen_by_services(target):
    """While it is entered, no call of SignIn comes to directory."""

    def seen():
        return (target.home / "logs" / "directory.log").read_text().count(".AuthService.SignIn")

    before = seen()
    yield
    with pytest.raises(Refused):
        target.edge.post(SIGN_IN, {})
    wait_until(lambda: seen() > before, what="the call that is seen")
    assert seen() == before + 1


def test_bodies_that_never_end(connect, target, witness):
    """Without a length, in chunks of 64 KB, to a method that anybody may call: cut off a little past 1 MiB."""
    with unseen_by_services(target):
        send_without_end(connect)


def send_without_end(connect):
    for kind in ("application/json", "application/grpc-web+proto", "application/octet-stream"):
        connection = connect()
        head = f"POST {SIGN_IN} HTTP/1.1\r\nhost: edge\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n"
        connection.send(head.encode())
        keep_sending(connection, b"10000\r\n" + b" " * 0x10000 + b"\r\n", 100)
        connection.read_until(lambda: connection.count(b"HTTP/1.1 4") or connection.ended)
        assert b"HTTP/1.1 2" not in connection.received
        assert connection.count(b"HTTP/1.1 4") or connection.ended


def test_bodies_that_never_end_on_many_streams(connect, target, witness):
    """As much as flow control lets through, by JSON and by gRPC at once. The edge keeps what it gets until a request is whole,
    and when it holds too much it ends the streams that hold most; services see none of it."""
    with unseen_by_services(target):
        send_without_end_on_many_streams(connect)


def send_without_end_on_many_streams(connect):
    grpc_path = "/pingan.directory.v1.AuthService/SignIn"
    for path, kind in ((SIGN_IN, "application/json"), (grpc_path, "application/grpc")):
        for _ in range(4):
            connection = connect().http2(initial_window_size=1 << 20)
            streams = range(1, 101, 2)
            for stream in streams:
                head = post(path, ("content-type", kind), ("te", "trailers"))
                connection.send(frame(HEADERS, END_HEADERS, stream, head))
            body = b" " * 16000 if "json" in kind else b"\x00\x7f\xff\xff\xff" + bytes(15995)
            for _ in range(40):
                if not connection.send(b"".join(frame(DATA, 0, s, body) for s in streams), seconds=0.5):
                    break
            connection.read_until(lambda: connection.is_ended() or connection.of(RST_STREAM, WINDOW_UPDATE), 5)


def test_slow_bodies(connect, witness):
    """Five hundred that have announced a body and send next to nothing of it."""
    for _ in range(500):
        connect().send(
            f"POST {SIGN_IN} HTTP/1.1\r\nhost: edge\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{".encode()
        )
    witness.wait_for_answers(20)


def test_a_message_longer_than_said(connect, witness):
    """gRPC's own length prefix: 2 GB announced, a little sent. Each is told an end, and none gets towns."""
    connection = connect().http2()
    streams = range(1, 101, 2)
    for stream in streams:
        message = b"\x00\x7f\xff\xff\xff" + b"a" * 100
        connection.send(frame(HEADERS, END_HEADERS, stream, post(LIST_TOWNS, *GRPC)) + frame(DATA, END_STREAM, stream, message))
    assert connection.read_until(lambda: all(connection.answered(stream) for stream in streams))
    assert not connection.of(DATA), connection.received[:300]


# --- reading


def test_slow_reads(connect, witness):
    """Two hundred that ask for much and take nothing: no window, and no room in their sockets."""
    for i in range(200):
        if i % 2:
            connection = connect(receive_buffer=4096).http2(initial_window_size=0)
            for stream in range(1, 41, 2):
                connection.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, get("/openapi.yaml")))
        else:
            connection = connect(receive_buffer=4096)
            connection.send(b"GET /openapi.yaml HTTP/1.1\r\nhost: edge\r\n\r\n" * 20)
    witness.wait_for_answers(20)


def test_slow_reads_that_do_not_end(connect, witness):
    """As many as the edge takes, more and more, until it ends those that it holds most for."""
    asking = b"".join(frame(HEADERS, END_HEADERS | END_STREAM, stream, get("/openapi.yaml")) for stream in range(1, 41, 2))
    readers = []

    def one_was_ended():
        readers.append(connect().http2(initial_window_size=0))
        readers[-1].send(asking)
        for reader in readers:
            reader.read()
        return any(reader.of(RST_STREAM) for reader in readers)

    wait_until(one_was_ended, 40, "the end of a reader's stream")
    witness.wait_for_answers(20)


# --- streams


def test_rapid_reset(connect, witness):
    """Streams opened and reset at once, hundreds in one write: the connection is ended long before all were sent."""
    for _ in range(4):
        connection = connect().http2()
        sent = 0
        for batch in range(100):
            data = b"".join(
                frame(HEADERS, END_HEADERS | END_STREAM, stream, get(TOWNS))
                + frame(RST_STREAM, 0, stream, bytes([0, 0, 0, 8]))
                for stream in range(batch * 200 + 1, batch * 200 + 200, 2)
            )
            sent += 1
            if not connection.send(data, seconds=5) or connection.is_ended():
                break
        assert sent < 100
        assert is_cut_off(connection)


def test_resets_provoked_from_the_edge(connect, witness):
    """Streams that the edge itself must reset (a window of zero is added to): MadeYouReset."""
    connection = connect().http2()
    for batch in range(50):
        data = b"".join(
            frame(HEADERS, END_HEADERS | END_STREAM, stream, get(TOWNS))
            + frame(WINDOW_UPDATE, 0, stream, bytes(4))
            for stream in range(batch * 200 + 1, batch * 200 + 200, 2)
        )
        if not connection.send(data, seconds=5) or connection.is_ended():
            break
    assert is_cut_off(connection)


def test_more_streams_than_allowed(connect, witness):
    """A thousand open at once, where a hundred may be: the rest is refused, or the connection ended."""
    connection = connect().http2()
    head = post(SIGN_IN, JSON)
    for stream in range(1, 2001, 2):
        if not connection.send(frame(HEADERS, END_HEADERS, stream, head), seconds=5):
            break
    assert connection.read_until(lambda: len(connection.of(RST_STREAM)) >= 900 or connection.is_ended())


FLOODS = {
    "PING": frame(PING, 0, 0, bytes(8)),
    "SETTINGS": settings(initial_window_size=1000),
    "empty SETTINGS": frame(SETTINGS),
    "PRIORITY": frame(PRIORITY, 0, 3, bytes([0, 0, 0, 1, 16])),
    "WINDOW_UPDATE": frame(WINDOW_UPDATE, 0, 0, bytes([0, 0, 0, 1])),
    "RST_STREAM of nothing": frame(RST_STREAM, 0, 1, bytes([0, 0, 0, 8])),
    "empty DATA": frame(DATA, 0, 1),
    "unknown": frame(0xFA, 0, 0, bytes(8)),
    "PING answers": frame(PING, ACK, 0, bytes(8)),
    "SETTINGS answers": frame(SETTINGS, ACK),
}
# Those that cost an answer, or are given a limit, end the connection. The others cost what reading them costs.
CUT_OFF = ("PING", "SETTINGS", "empty SETTINGS", "PRIORITY", "empty DATA", "RST_STREAM of nothing")


@pytest.mark.parametrize("what", FLOODS)
def test_floods(connect, witness, what):
    """A hundred thousand of one kind; what they answer is not read."""
    connection = connect(receive_buffer=4096).http2()
    connection.send(frame(HEADERS, END_HEADERS, 1, post(SIGN_IN, JSON)))
    chunk = FLOODS[what] * 1000
    sent = 0
    while sent < 100 and connection.send(chunk, seconds=5):
        sent += 1
    print(f"{what}: the edge took {sent} thousand")
    if what in CUT_OFF:
        assert is_cut_off(connection)


# --- header compression


# Odd, and it costs no more than its bytes: the head is good.
GOOD_HEADS = {"sizes changed a thousand times"}


@pytest.mark.parametrize("what", bombs())
def test_compression_bombs(connect, witness, what):
    for _ in range(20):
        connection = connect().http2()
        connection.send(cut(1, bombs()[what]))
        assert connection.read_until(lambda: connection.of(GOAWAY, RST_STREAM) or connection.answered(1) or connection.ended)
        assert what in GOOD_HEADS or b"displayName" not in connection.received


# --- two requests in one

@pytest.mark.parametrize("what", SPLIT)
def test_one_request_does_not_become_two(connect, witness, what):
    """Whatever the edge makes of it: what hides in a body is never a request."""
    connection = connect()
    connection.send(SPLIT[what])
    connection.read_until(lambda: connection.count(b"HTTP/1") or connection.ended)
    # Another good one on the same connection: when it is answered, or the connection over, all before it is done with.
    connection.send(b"GET /healthz HTTP/1.1\r\nhost: edge\r\nconnection: close\r\n\r\n")
    assert connection.read_until(lambda: connection.ended or is_last_answer(connection))
    assert was_smuggled(connection) == (1 if what in REFUSED_AS_NO_PATH else 0)
    if what not in HARMLESS:
        assert not connection.received.startswith(b"HTTP/1.1 200"), connection.received[:300]
    assert b" 101 " not in connection.received


def is_last_answer(connection):
    """The newest answer is whole, and after it the edge listens no more."""
    head, _, body = connection.received[connection.received.rfind(b"HTTP/1.") :].partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    return b"connection: close" in head and length and len(body) >= int(length[1])


def was_smuggled(connection):
    """How often the hidden request was answered: there is nothing at its path."""
    return connection.count(b"NO_SUCH_PATH")


def test_that_such_a_request_is_seen(connect, witness):
    """The same, not hidden."""
    connection = connect()
    connection.send(SMUGGLED)
    assert connection.read_until(lambda: was_smuggled(connection))


@pytest.mark.parametrize("what", BAD_FIELDS)
def test_fields_that_http2_forbids(connect, witness, what):
    connection = connect().http2()
    head = get(TOWNS, *BAD_FIELDS[what])
    connection.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, head))
    assert connection.read_until(lambda: connection.answered(1) or connection.is_ended())
    assert not was_smuggled(connection)
    if what not in MENDED:
        assert b"displayName" not in connection.received and b"towns" not in connection.received


@pytest.mark.parametrize("what", PATHS)
def test_paths_that_are_none(connect, witness, what):
    connection = connect().http2()
    connection.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, get(PATHS[what])))
    assert connection.read_until(lambda: connection.answered(1) or connection.is_ended())
    assert b"displayName" not in connection.received


# --- order


@pytest.mark.parametrize("what", DISORDER)
def test_frames_out_of_order(connect, witness, what):
    connection = connect()
    if what == "no preface":
        connection.send(frame(SETTINGS) + frame(HEADERS, END_HEADERS | END_STREAM, 1, get(TOWNS)))
    else:
        connection.http2().send(DISORDER[what])
    assert is_cut_off(connection)
    assert b"displayName" not in connection.received
