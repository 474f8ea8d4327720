"""Without a token nothing answers but what open_methods.txt names, in any protocol; what is for services has no door."""

import json
import os

import grpc
import pytest
from support.descriptors import OPEN, SERVICES, Api
from support.grpc_client import grpc_web
from support.samples import sample_path
from support.stack import api_descriptors

API = Api(api_descriptors())
with open(os.path.join(os.path.dirname(__file__), "open_methods.txt"), encoding="ascii") as file:
    GOLDEN = file.read().split()
PUBLIC = [m for m in API.methods if m.policy.access != SERVICES]
FOR_SERVICES = [m for m in API.methods if m.policy.access == SERVICES]
BINDINGS = [(m, b) for m in PUBLIC for b in m.bindings]

UNAUTHENTICATED, UNIMPLEMENTED, NOT_FOUND = 16, 12, 5


def code_of(answer):
    """google.rpc.Code of a JSON answer; 0 of a good one."""
    return 0 if answer.status == 200 else json.loads(answer.body)["code"]


def json_call(edge, binding, token=None):
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    body = None if binding.verb == "get" else b"{}"
    return edge.send(binding.verb.upper(), sample_path(binding), body, headers)


def grpc_code(client, method, token=None):
    try:
        client.call(method.full_name, {}, token)
    except grpc.RpcError as error:
        return error.code().value[0]
    return 0


def test_the_golden_list_is_what_the_methods_say_of_themselves():
    assert GOLDEN == sorted(m.full_name for m in API.methods if m.policy.access == OPEN)


@pytest.mark.parametrize("method, binding", BINDINGS, ids=[f"{m} {b.verb} {b.path}" for m, b in BINDINGS])
def test_json_without_a_token(edge, method, binding):
    answer = json_call(edge, binding)
    assert (code_of(answer) == UNAUTHENTICATED) == (method.full_name not in GOLDEN), answer.body
    assert answer.status < 500
    if answer.status == 401:
        assert "请先登录" in answer.body.decode()


@pytest.mark.parametrize("method", PUBLIC, ids=str)
def test_grpc_without_a_token(grpc_client, method):
    assert (grpc_code(grpc_client, method) == UNAUTHENTICATED) == (method.full_name not in GOLDEN)


@pytest.mark.parametrize("method", PUBLIC, ids=str)
def test_grpc_web_without_a_token(edge, method):
    http_status, status, _ = grpc_web(API, edge.address, method.full_name, {})
    assert (status == UNAUTHENTICATED or http_status == 401) == (method.full_name not in GOLDEN)


@pytest.mark.parametrize("bad", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
@pytest.mark.parametrize(
    "method", [m for m in PUBLIC if m.full_name in GOLDEN and m.service.name != "AuthService"], ids=str
)
def test_a_token_that_is_sent_is_checked_even_where_none_is_needed(edge, method, bad):
    answer = json_call(edge, method.bindings[0], bad)
    assert code_of(answer) == UNAUTHENTICATED, answer.body


@pytest.mark.parametrize("method", FOR_SERVICES, ids=str)
def test_what_is_for_services_cannot_be_reached(cast, edge, grpc_client, method):
    for token in (None, cast.admin.token()):
        assert grpc_code(grpc_client, method, token) in (UNIMPLEMENTED, NOT_FOUND)
        http_status, status, _ = grpc_web(API, edge.address, method.full_name, {}, token)
        assert http_status == 404 or status in (UNIMPLEMENTED, NOT_FOUND)
        answer = edge.send("POST", method.path, b"{}", {"content-type": "application/json"})
        assert answer.status in (401, 404, 415)


@pytest.mark.parametrize(
    "service",
    ["grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "grpc.health.v1.Health/Check"],
)
def test_the_machinery_cannot_be_reached(grpc_client, service):
    call = grpc_client.channel.unary_unary(
        f"/{service}", request_serializer=bytes, response_deserializer=bytes
    )
    with pytest.raises(grpc.RpcError) as refused:
        call(b"", timeout=10)
    assert refused.value.code().value[0] in (UNIMPLEMENTED, NOT_FOUND, UNAUTHENTICATED)
