"""Calls of methods as descriptors have them, and what came of them as one word."""

import json

import grpc
from dev_stack.settings import SERVICES
from support.samples import sample_path


def code(client, method, token=None, metadata=(), request=None):
    """The gRPC code's name of one call: OK, UNAUTHENTICATED, ..."""
    try:
        client.call(method.full_name, request or {}, token, metadata)
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


def json_status(edge, binding, headers, query=""):
    """HTTP status of one call by JSON with sample names and an empty body."""
    target = sample_path(binding) + (f"?{query}" if query else "")
    body = None if binding.verb == "get" else b"{}"
    return edge.send(binding.verb.upper(), target, body, {"content-type": "application/json", **headers}).status


def doors(api):
    """[(service, method)]: which methods each service answers at its own port. All have the change log's."""
    return [
        (service, method)
        for method in api.methods
        for service in ([service_of(method)] if service_of(method) != "changes" else SERVICES)
    ]


def service_of(method):
    return method.service.full_name.split(".")[1]


def told(answer):
    """google.rpc.Code of a JSON answer; 0 when it is a good one."""
    return 0 if answer.status == 200 else json.loads(answer.body).get("code")
