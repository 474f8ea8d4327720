"""The API by gRPC and by gRPC-Web, with messages made from the descriptors: no generated code."""

import http.client
import struct
import urllib.parse

import grpc
from google.protobuf import json_format


class GrpcClient:
    """grpcio over a plain channel to the edge."""

    def __init__(self, api, address):
        self.api = api
        parts = urllib.parse.urlsplit(address)
        self.channel = grpc.insecure_channel(f"{parts.hostname}:{parts.port}")

    def call(self, full_name, request=None, token=None, metadata=(), timeout=20):
        """The answer as a message; raises grpc.RpcError. `request` is a dict as in JSON, or a message."""
        method = self.api.by_name[full_name]
        message = request_message(self.api, method, request)
        metadata = list(metadata) + ([("authorization", f"Bearer {token}")] if token else [])
        kind = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        answer_class = type(self.api.new(method.response))
        stub = kind(
            method.path,
            request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=answer_class.FromString,
        )
        answer = stub(message, metadata=metadata, timeout=timeout)
        return next(iter(answer)) if method.server_streaming else answer

    def close(self):
        self.channel.close()


def request_message(api, method, request):
    if request is None or isinstance(request, dict):
        return json_format.ParseDict(request or {}, api.new(method.request), descriptor_pool=api.pool)
    return request


def as_dict(api, message):
    """A message as JSON clients see it."""
    return json_format.MessageToDict(message, descriptor_pool=api.pool)


def status_of(api, error):
    """google.rpc.Status of a refused call, with its details as a dict of short type names; empty when there is none."""
    status = api.new("google.rpc.Status")
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status.ParseFromString(value)
    details = {}
    for packed in status.details:
        name = packed.type_url.rpartition("/")[2]
        detail = api.new(name)
        detail.ParseFromString(packed.value)
        details[name.rpartition(".")[2]] = detail
    return details


def reason_of(api, error):
    detail = status_of(api, error).get("ErrorInfo")
    return detail.reason if detail else ""


def grpc_web(api, address, full_name, request=None, token=None, timeout=20):
    """One unary gRPC-Web call as a browser makes it: (HTTP status, grpc-status or None, answer message or None)."""
    method = api.by_name[full_name]
    data = request_message(api, method, request).SerializeToString()
    headers = {
        "content-type": "application/grpc-web+proto",
        "x-grpc-web": "1",
        "accept": "application/grpc-web+proto",
    }
    if token:
        headers["authorization"] = f"Bearer {token}"
    parts = urllib.parse.urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("POST", method.path, body=struct.pack(">BI", 0, len(data)) + data, headers=headers)
        response = connection.getresponse()
        body = response.read()
        status = response.getheader("grpc-status")
    finally:
        connection.close()
    answer = None
    if response.getheader("content-type", "").startswith("application/grpc-web"):
        for flags, frame in frames(body):
            if flags & 0x80:
                trailers = dict(line.split(":", 1) for line in frame.decode().split("\r\n") if ":" in line)
                status = trailers.get("grpc-status", status)
            else:
                answer = api.new(method.response)
                answer.ParseFromString(frame)
    return response.status, None if status is None else int(status.strip()), answer


def frames(body):
    offset = 0
    while offset + 5 <= len(body):
        flags, length = struct.unpack_from(">BI", body, offset)
        yield flags, body[offset + 5 : offset + 5 + length]
        offset += 5 + length
