"""Requests and frames that are not what they should be, by what is wrong with them."""

from security.frames import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PING,
    SETTINGS,
    WINDOW_UPDATE,
    frame,
    get,
    indexed_literal,
    integer,
)

TOWNS = "/v1/towns"
SIGN_IN = "/v1/auth:signIn"


# --- header compression


def bombs():
    long_one = indexed_literal("x-bomb", "a" * 3900)
    index = integer(62, 7, 0x80)
    return {
        "one long field, named ten thousand times": get(TOWNS) + long_one + index * 10_000,
        "the table filled again and again": get(TOWNS) + long_one * 200,
        "an index beyond the table": get(TOWNS) + integer(5000, 7, 0x80),
        "index zero": get(TOWNS) + b"\x80",
        "a number without end": get(TOWNS) + b"\xff" + b"\xff" * 100,
        "a text longer than the block": get(TOWNS) + b"\x00\x01x" + integer(1 << 30, 7),
        "a table of a gigabyte": integer(1 << 30, 5, 0x20) + get(TOWNS),
        "Huffman that is none": get(TOWNS) + b"\x00\x01x\x84\xff\xff\xff\xff",
        "sizes changed a thousand times": (integer(0, 5, 0x20) + integer(4096, 5, 0x20)) * 500 + get(TOWNS),
        "a size within the block": get(TOWNS) + integer(100, 5, 0x20),
    }


# --- two requests in one

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nhost: edge\r\n\r\n"
HEAD = f"POST {SIGN_IN} HTTP/1.1\r\nhost: edge\r\ncontent-type: application/json\r\n".encode()
CHUNKED = b"0\r\n\r\n" + SMUGGLED


def with_length(length, *lines):
    return HEAD + b"".join(line + b"\r\n" for line in lines) + b"content-length: " + str(length).encode() + b"\r\n\r\n"


SPLIT = {
    "length and chunks": with_length(len(CHUNKED), b"transfer-encoding: chunked") + CHUNKED,
    "chunks, then a length": HEAD + b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n" + CHUNKED,
    "chunks spelled otherwise": with_length(5, b"transfer-encoding: xchunked") + CHUNKED,
    "chunks and identity": with_length(5, b"transfer-encoding: chunked, identity") + CHUNKED,
    "chunks twice": with_length(5, b"transfer-encoding: chunked", b"transfer-encoding: identity") + CHUNKED,
    "a space before the colon": with_length(5, b"transfer-encoding : chunked") + CHUNKED,
    "a space before the name": with_length(5, b" transfer-encoding: chunked") + CHUNKED,
    "a tab before the value": with_length(5, b"transfer-encoding:\x0bchunked") + CHUNKED,
    "two lengths": with_length(5, b"content-length: 60") + CHUNKED,
    "a length of two words": with_length("5 60") + CHUNKED,
    "a length with a sign": with_length("+5") + CHUNKED,
    "a length below zero": with_length("-5") + CHUNKED,
    "a length in hex": with_length("0x5") + CHUNKED,
    "a length too large": with_length(2**64 + 5) + CHUNKED,
    "a chunk's length with a sign": HEAD + b"transfer-encoding: chunked\r\n\r\n+0\r\n\r\n" + b"-1\r\n" + SMUGGLED,
    "a chunk's length too large": HEAD + b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff0\r\n" + SMUGGLED,
    "a line feed alone": HEAD.replace(b"\r\n", b"\n") + b"content-length: 5\n\n" + CHUNKED,
    "a carriage return in a value": with_length(5, b"x: a\rtransfer-encoding: chunked") + CHUNKED,
    "a NUL in a value": with_length(5, b"x: a\x00b") + CHUNKED,
    "a folded line": with_length(5, b"x: a\r\n transfer-encoding: chunked") + CHUNKED,
    "a target in full and another host": b"GET http://other/v1/towns HTTP/1.1\r\nhost: edge\r\nhost: other\r\n\r\n",
    "HTTP/1.0 with chunks": HEAD.replace(b"1.1", b"1.0") + b"transfer-encoding: chunked\r\n\r\n" + CHUNKED,
    "an upgrade to h2c": HEAD + b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\ncontent-length: 0\r\n\r\n",
    "a websocket": b"GET /v1/towns HTTP/1.1\r\nhost: edge\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    "CONNECT": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: 127.0.0.1:22\r\n\r\n",
    "HTTP/0.9": b"GET /v1/towns\r\n\r\n",
}
# Good as they are: an extension that the edge does not take up is passed over, and the host of a target in full is the host.
HARMLESS = {"a websocket", "an upgrade to h2c", "a target in full and another host"}
# Hides nothing; it is itself what there is no path for.
REFUSED_AS_NO_PATH = {"CONNECT"}

BAD_FIELDS = {
    "transfer-encoding": [("transfer-encoding", "chunked")],
    "connection": [("connection", "keep-alive, authorization")],
    "upgrade": [("upgrade", "h2c")],
    "te": [("te", "gzip")],
    "two lengths": [("content-length", "5"), ("content-length", "6")],
    "a length that is not true": [("content-length", "5")],
    "a line break in a value": [("x", "a\r\ntransfer-encoding: chunked")],
    "a line break in a name": [("x: a\r\ny", "b")],
    "a NUL in a value": [("x", "a\0b")],
    "a capital in a name": [("X-Capital", "1")],
    "an empty name": [("", "1")],
    "a pseudo header too late": [("x", "1"), (":path", "/smuggled")],
    "a pseudo header twice": [(":path", "/smuggled")],
    "a pseudo header that is none": [(":protocol", "websocket")],
    "a status": [(":status", "200")],
    "a host of two": [("host", "a"), ("host", "b")],
}
# Dropped or made harmless on the way, so that the request may be answered.
MENDED = {"te", "a host of two", "connection", "upgrade", "transfer-encoding"}

PATHS = {
    "a space": "/v1/towns HTTP/1.1\r\nx: y",
    "a line break": "/v1/towns\r\nx: y",
    "nothing": "",
    "no slash": "v1/towns",
    "a star": "*",
    "another host": "http://other/v1/towns",
    "a fragment": "/v1/towns#x",
    "a NUL": "/v1/towns\0",
    "an escaped slash": "/v1%2ftowns",
}

# --- order

DISORDER = {
    "DATA on no stream": frame(DATA, 0, 0, b"x"),
    "DATA on a stream that is idle": frame(DATA, 0, 7, b"x"),
    "HEADERS on an even stream": frame(HEADERS, END_HEADERS | END_STREAM, 2, get(TOWNS)),
    "CONTINUATION of nothing": frame(CONTINUATION, END_HEADERS, 1, get(TOWNS)),
    "another frame within a head": frame(HEADERS, 0, 1, get(TOWNS)) + frame(PING, 0, 0, bytes(8)),
    "PUSH_PROMISE": frame(5, END_HEADERS, 1, bytes([0, 0, 0, 2]) + get(TOWNS)),
    "a PING of five": frame(PING, 0, 0, bytes(5)),
    "SETTINGS of five": frame(SETTINGS, 0, 0, bytes(5)),
    "a window that overflows": frame(WINDOW_UPDATE, 0, 0, bytes([0x7F, 0xFF, 0xFF, 0xFF])) * 2,
    "a frame of 16 MB": b"\xff\xff\xff" + frame(DATA, 0, 1)[3:],
    "padding longer than the frame": frame(HEADERS, END_HEADERS | END_STREAM | 0x8, 1, b"\xff" + get(TOWNS)),
    "no preface": b"",
}
