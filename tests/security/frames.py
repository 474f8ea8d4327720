"""HTTP/2 by hand (RFC 9113, RFC 7541): frames no library would send, and what came back."""

import contextlib
import select
import socket
import struct
import time

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTING_HEADER_TABLE_SIZE, SETTING_INITIAL_WINDOW_SIZE = 1, 4
STATIC_ENTRIES = 61  # of HPACK's static table


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(**values):
    numbers = {"header_table_size": SETTING_HEADER_TABLE_SIZE, "initial_window_size": SETTING_INITIAL_WINDOW_SIZE}
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", numbers[k], v) for k, v in values.items()))


def split(data):
    """([(kind, flags, stream, payload)], what is left) of bytes that begin with a frame."""
    found = []
    while len(data) >= 9:
        length = int.from_bytes(data[:3], "big")
        if len(data) < 9 + length:
            break
        kind, flags, stream = struct.unpack(">BBI", data[3:9])
        found.append((kind, flags, stream & 0x7FFFFFFF, data[9 : 9 + length]))
        data = data[9 + length :]
    return found, data


class Raw:
    """A connection to the edge. What arrives is kept when it is looked for, and not before."""

    def __init__(self, edge, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect((edge.host, edge.port))
        self.received = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def http2(self, **values):
        """Begins HTTP/2 with these settings."""
        self.send(PREFACE + settings(**values))
        return self

    def send(self, data, seconds=20):
        """Sends all of it; False when the other side has ended or takes no more."""
        self.socket.settimeout(seconds)
        try:
            self.socket.sendall(data)
            return True
        except OSError:
            return False

    def read(self, seconds=0.0):
        """Takes in what has arrived, waiting so long for something."""
        with contextlib.suppress(OSError):
            while not self.ended and select.select([self.socket], [], [], seconds)[0]:
                data = self.socket.recv(1 << 16)
                self.received += data
                self.ended = not data
                seconds = 0.0
            return
        self.ended = True

    def read_until(self, condition, seconds=20.0):
        """Reads until condition() or the end; whether it came true."""
        deadline = time.monotonic() + seconds
        while not condition() and not self.ended and time.monotonic() < deadline:
            self.read(0.2)
        return bool(condition())

    def is_ended(self):
        """The other side closed the connection, or said that it is over."""
        self.read()
        return self.ended or bool(self.of(GOAWAY))

    def of(self, *kinds):
        return [one for one in split(self.received)[0] if one[0] in kinds]

    def answered(self, stream):
        """The stream has ended, well or not."""
        return any(
            one[2] == stream and (one[0] == RST_STREAM or (one[0] in (DATA, HEADERS) and one[1] & END_STREAM))
            for one in self.of(DATA, HEADERS, RST_STREAM)
        )

    def count(self, text):
        return self.received.count(text)


# --- HPACK, enough of it to write blocks without a table and to see how others wrote theirs


def integer(value, bits, first=0):
    """RFC 7541, 5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = [first | most], value - most
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes([*out, value])


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return integer(len(value), 7) + value


def literal(name, value):
    """Without indexing, without Huffman."""
    return b"\x00" + text(name) + text(value)


def indexed_literal(name, value):
    """To be kept in the receiver's table."""
    return b"\x40" + text(name) + text(value)


def block(*fields):
    return b"".join(literal(name, value) for name, value in fields)


def get(path, *more, authority="edge"):
    return block((":method", "GET"), (":scheme", "http"), (":path", path), (":authority", authority), *more)


def post(path, *more):
    return block((":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "edge"), *more)


def representations(data):
    """[(how, index)] of the fields of a header block: indexed, incremental, resized, never or plain."""
    found, at = [], 0
    while at < len(data):
        first = data[at]
        for how, mask, pattern, bits in (
            ("indexed", 0x80, 0x80, 7),
            ("incremental", 0xC0, 0x40, 6),
            ("resized", 0xE0, 0x20, 5),
            ("never", 0xF0, 0x10, 4),
            ("plain", 0xF0, 0x00, 4),
        ):
            if first & mask == pattern:
                break
        number, at = read_integer(data, at, bits)
        found.append((how, number))
        if how in ("incremental", "never", "plain"):
            for _ in range(1 if number else 2):
                length, at = read_integer(data, at, 7)
                at += length
    return found


def read_integer(data, at, bits):
    most = (1 << bits) - 1
    value, at = data[at] & most, at + 1
    if value < most:
        return value, at
    shift = 0
    while True:
        value += (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if not data[at - 1] & 128:
            return value, at
