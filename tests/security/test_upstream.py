"""What goes from the edge to the services, read on the wire: gRPC 1.51 has open holes in how it keeps header tables, so no
field may ask it to keep one; nothing comes that it would answer past its own compressor; and what clients may not say does
not arrive."""

import contextlib
import json

import grpc
import hpack
import pytest
from demo_town.edge_client import Edge
from dev_stack.settings import SERVICES
from security.frames import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PREFACE,
    STATIC_ENTRIES,
    Raw,
    frame,
    post,
    representations,
    settings,
)
from security.upstream import BROKEN, ENDED, ENDING, EdgeOfOurOwn, Recorder
from support.grpc_client import GrpcClient
from support.stack import free_ports

METHOD = "pingan.directory.v1.DirectoryService.ListTowns"
TIMES = 20


@pytest.fixture(scope="module")
def jwks(stack):
    return stack.home / "secrets/users/jwks.json"


def recorded(api, jwks, folder, token, change=None):
    """What a recorder saw of calls with fields that ask to be remembered: the same ones, again and again."""
    recorder = Recorder()
    port = free_ports()
    edge = EdgeOfOurOwn(folder, jwks, recorder, port, change)
    try:
        ask(api, edge.address, token)
    finally:
        edge.stop()
        recorder.close()
    return recorder


def ask(api, address, token):
    json_edge, client = Edge(address), GrpcClient(api, address)
    said = {"x-same": "again and again", "x-request-source": "wall", "user-agent": "test", "cookie": "a=b; c=d"}
    for i in range(TIMES):
        headers = {**said, "authorization": f"Bearer {token}", "x-new": f"value {i}", "x-pingan-person": "towns/1"}
        json_edge.send("GET", "/v1/towns", None, headers)
        metadata = [
            ("x-same", "again and again"),
            ("x-any-bin", b"\x00\xff"),
            ("x-pingan-service", "services/event"),
            ("x-user-id", "1"),
            ("x-envoy-original-path", "/v1/elsewhere"),
        ]
        client.call(METHOD, {}, token, metadata)
    json_edge.close()
    client.close()


def as_json(address):
    return Edge(address).send("GET", "/v1/towns", None, {})


@pytest.fixture
def behind(jwks, tmp_path):
    """Puts a recorder that something ails behind an edge of our own: (the edge's address, the recorder)."""
    with contextlib.ExitStack() as opened:

        def begin(ails=None):
            recorder = opened.enter_context(contextlib.closing(Recorder(ails)))
            edge = EdgeOfOurOwn(tmp_path, jwks, recorder, free_ports())
            opened.callback(edge.stop)
            return edge.address, recorder

        yield begin


@pytest.fixture
def asking(behind):
    """Asks for the towns once, through an edge of our own, a service that something ails: (the answer, calls it had)."""

    def ask_once(ails, how=as_json):
        address, recorder = behind(ails)
        return how(address), recorder.calls

    return ask_once


def test_a_connection_that_breaks_is_a_service_that_is_not_there(asking):
    """One answer for clients, whichever way a service is lost: Envoy would say 502 here. It may have begun, so it is asked
    once."""
    answer, calls = asking(BROKEN)
    assert answer.status == 503 and json.loads(answer.body)["details"][0]["reason"] == "UNAVAILABLE"
    assert calls == 1


def test_what_a_service_has_not_begun_is_tried_again(asking):
    answer, calls = asking(ENDING)
    assert (answer.status, calls) == (200, 2)


def test_a_service_that_has_ended_is_not_there(asking):
    """However often it was tried: to clients CANCELLED means what they did themselves."""
    answer, calls = asking(ENDED)
    assert answer.status == 503 and json.loads(answer.body)["details"][0]["reason"] == "UNAVAILABLE"
    assert calls == 3


def test_a_service_that_has_ended_is_not_there_for_grpc(asking, api):
    def as_grpc(address):
        with contextlib.closing(GrpcClient(api, address)) as client, pytest.raises(grpc.RpcError) as refused:
            client.call(METHOD, {})
        return refused.value

    answer, _ = asking(ENDED, as_grpc)
    assert answer.code() == grpc.StatusCode.UNAVAILABLE


CALL = "/pingan.directory.v1.DirectoryService/ListTowns"
AS_GRPC = (("content-type", "application/grpc"), ("te", "trailers"))
UNFINISHED = b"\x00\x00\x00\x00\x05a"  # a message of five bytes, and the first of them


def test_a_service_is_asked_when_the_request_is_whole(behind):
    """gRPC answers a call that is given up before with a header block that may end the connection, for everybody on it."""
    address, recorder = behind()
    with Raw(Edge(address)).http2() as client:
        head = post(CALL, *AS_GRPC)
        client.send(frame(HEADERS, END_HEADERS, 1, head) + frame(DATA, 0, 1, bytes(3)))
        client.send(frame(HEADERS, END_HEADERS, 3, head) + frame(DATA, END_STREAM, 3, bytes(5)))
        assert client.read_until(lambda: client.answered(3)) and recorder.calls == 1
        client.send(frame(DATA, END_STREAM, 1, bytes(2)))
        assert client.read_until(lambda: client.answered(1)) and recorder.calls == 2


@pytest.mark.parametrize("said", [AS_GRPC, AS_GRPC[:1]])
def test_trailers_are_asked_for_whatever_the_client_says(behind, said):
    """Nor may its answer to a call without `te`, which is such a block, be what another's connection ends with."""
    address, recorder = behind()
    with Raw(Edge(address)).http2() as client:
        client.send(frame(HEADERS, END_HEADERS, 1, post(CALL, *said)) + frame(DATA, END_STREAM, 1, bytes(5)))
        assert client.read_until(lambda: client.answered(1))
    (request,) = recorder.requests()
    assert [value for name, value in request if name == b"te"] == [b"trailers"]


@pytest.mark.parametrize("service", SERVICES)
def test_services_leave_deadlines_to_their_callers(stack, service):
    """A deadline that is over when the call comes: gRPC's own answer to it would be such a block, the first of all."""
    head = post("/grpc.health.v1.Health/Check", *AS_GRPC)
    late = post("/grpc.health.v1.Health/Check", *AS_GRPC, ("grpc-timeout", "1n"))
    with Raw(Edge(f"http://{stack.status['parts'][service]['address']}")) as client:
        client.send(PREFACE + settings(header_table_size=0))
        client.send(frame(HEADERS, END_HEADERS, 1, late) + frame(DATA, 0, 1, UNFINISHED))
        for stream in range(3, 2 * TIMES, 2):
            client.send(frame(HEADERS, END_HEADERS, stream, head) + frame(DATA, END_STREAM, stream, bytes(5)))
            assert client.read_until(lambda stream=stream: client.answered(stream))
        assert not client.answered(1)
        assert representations(client.of(HEADERS)[0][3])[0] == ("resized", 0)


def asking_to_keep(recorder):
    """Fields that were sent to be kept in a table, or taken out of one, or that made room for one."""
    found = []
    for blocks in recorder.blocks():
        for block in blocks:
            found += [
                (how, number)
                for how, number in representations(block)
                if how == "incremental"
                or (how == "indexed" and number > STATIC_ENTRIES)
                or (how == "resized" and number > 0)
            ]
    return found


@pytest.fixture(scope="module")
def wire(api, jwks, mint, tmp_path_factory):
    return recorded(api, jwks, tmp_path_factory.mktemp("edge"), mint.user())


def test_nothing_that_is_sent_asks_to_be_kept(wire):
    assert sum(len(blocks) for blocks in wire.blocks()) > 2 * TIMES
    assert asking_to_keep(wire) == []


def test_with_a_table_it_would_be_seen(api, jwks, mint, tmp_path_factory):
    """The same edge without the one line in its configuration."""
    wire = recorded(
        api,
        jwks,
        tmp_path_factory.mktemp("edge"),
        mint.user(),
        lambda text: text.replace("hpack_table_size: 0", "hpack_table_size: 4096"),
    )
    kept = asking_to_keep(wire)
    assert any(how == "incremental" for how, _ in kept) and any(how == "indexed" for how, _ in kept)


def test_the_reader_of_blocks_reads_what_others_wrote():
    encoder = hpack.Encoder()
    fields = [(":path", "/a"), ("x-new", "a" * 300), ("cookie", "b")]
    first, second = encoder.encode(fields), encoder.encode(fields)
    assert {how for how, _ in representations(first)} >= {"incremental"}
    assert {how for how, _ in representations(second)} <= {"indexed", "never"}
    assert any(number > STATIC_ENTRIES for how, number in representations(second) if how == "indexed")


def test_what_clients_may_not_say_does_not_arrive(wire):
    requests = wire.requests()
    assert len(requests) == 2 * TIMES
    for request in requests:
        names = {name for name, _ in request}
        values = {value for _, value in request}
        assert b"x-same" in names
        assert not [n for n in names if n.endswith(b"-bin") or n.startswith((b"x-pingan", b"x-user")) or b"_" in n]
        assert b"/v1/elsewhere" not in values
        assert not [n for n in names if n in (b"x-forwarded-client-cert", b"connection", b"transfer-encoding")]
