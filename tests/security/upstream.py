"""A small gRPC server in the place of every service, behind an edge of its own: what Envoy sends to it, byte by byte."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

import h2.config
import h2.connection
import h2.events
import hpack
from dev_stack.parts import fetch
from dev_stack.settings import SERVICES
from security.frames import CONTINUATION, HEADERS, PREFACE, split
from support.stack import BUILD, ROOT, api_descriptors
from support.waiting import wait_until

PADDED, WITH_PRIORITY, END_HEADERS = 0x8, 0x20, 0x4
EMPTY = bytes(5)  # a message that says nothing, which fits every method
SERVING = b"\x00\x00\x00\x00\x02\x08\x01"  # the answer to a health check
HEALTH = (b":path", b"/grpc.health.v1.Health/Check")
BROKEN = "broken"  # it is healthy, and breaks the protocol when it is called
ENDING = "ending"  # it does not begin the first call, as gRPC says in the moment it ends
ENDED = "ended"  # it says so of every call
NO_FRAME = b"this is no frame of HTTP/2, and longer than the head of one"


class Recorder:
    """Answers every call with an empty message (a health check with SERVING) and keeps what arrives, of each connection;
    unless something `ails` it."""

    def __init__(self, ails=None):
        self.connections = []
        self.calls = 0
        self._ails = ails
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._server.close()

    def blocks(self):
        """Header blocks that arrived, in order, of each connection."""
        return [list(blocks_of(bytes(data))) for data in self.connections]

    def requests(self):
        """[[(name, value)]] of all calls but health checks."""
        found = []
        for blocks in self.blocks():
            decoder = hpack.Decoder()
            found += [decoder.decode(block, raw=True) for block in blocks]
        return [one for one in found if HEALTH not in one]

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.connections.append(bytearray())
                threading.Thread(
                    target=self._serve, args=(connection, self.connections[-1]), daemon=True
                ).start()

    def _serve(self, connection, kept):
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None))
        # As much of a table as anybody could want: that it is not used is the edge's choice.
        state.local_settings.header_table_size = 65536
        state.initiate_connection()
        health, cancelled = set(), set()  # streams
        with connection, contextlib.suppress(OSError):
            connection.sendall(state.data_to_send())
            while data := connection.recv(1 << 16):
                kept.extend(data)
                for event in state.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived) and HEALTH in event.headers:
                        health.add(event.stream_id)
                    elif isinstance(event, h2.events.RequestReceived):
                        self.calls += 1
                        if self._ails == BROKEN:
                            connection.sendall(NO_FRAME)
                        elif self._ails == ENDED or (self._ails == ENDING and self.calls == 1):
                            cancel(state, event.stream_id)
                            cancelled.add(event.stream_id)
                    elif isinstance(event, h2.events.StreamEnded) and event.stream_id not in cancelled:
                        answer(state, event.stream_id, SERVING if event.stream_id in health else EMPTY)
                    elif isinstance(event, h2.events.DataReceived):
                        state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                connection.sendall(state.data_to_send())


def cancel(state, stream):
    fields = [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "1"), ("grpc-message", "CANCELLED")]
    state.send_headers(stream, fields, end_stream=True)


def answer(state, stream, message):
    state.send_headers(stream, [(":status", "200"), ("content-type", "application/grpc")])
    state.send_data(stream, message)
    state.send_headers(stream, [("grpc-status", "0")], end_stream=True)


def blocks_of(data):
    """The header blocks of what a client sent."""
    assert data.startswith(PREFACE), data[:30]
    block = b""
    for kind, flags, _, payload in split(data[len(PREFACE) :])[0]:
        if kind == HEADERS:
            padding = payload[0] if flags & PADDED else 0
            start = (1 if flags & PADDED else 0) + (5 if flags & WITH_PRIORITY else 0)
            block = payload[start : len(payload) - padding]
        elif kind == CONTINUATION:
            block += payload
        else:
            continue
        if flags & END_HEADERS:
            yield block


class EdgeOfOurOwn:
    """Envoy with the configuration that deploy/edge makes, in front of `recorder`. `change` may alter its text."""

    def __init__(self, folder, jwks, recorder, port, change=None):
        self.address = f"http://127.0.0.1:{port}"
        endpoints = [f"--endpoint={service}=127.0.0.1:{recorder.port}" for service in SERVICES]
        generate = [os.path.join(ROOT, "deploy/edge/generate"), f"--api={api_descriptors()}", f"--jwks={jwks}"]
        ports = [f"--out={folder}", f"--port={port}", f"--admin_port={port + 1}", "--per_address=0"]
        subprocess.run([*generate, *ports, *endpoints], check=True, stdout=sys.stderr)
        if change:
            file = folder / "envoy.yaml"
            before = file.read_text()
            file.write_text(change(before))
            assert file.read_text() != before
        envoy = next(pathlib.Path(BUILD).glob(".venv/lib/python3*/site-packages/envoy/_bin/envoy"))
        command = [envoy, "-c", "envoy.yaml", "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"]
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: fetch(f"{self.address}/healthz") is not None, 30, "the edge")
        wait_until(lambda: len(recorder.connections) >= 1, 30, "its connection")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)

