"""What the edge must know of the API: its methods, who may call them, and the reasons of refusals."""

import collections

from google.protobuf import descriptor_pb2
from google.protobuf import descriptor_pool
from google.protobuf import message_factory

DEFAULT_DEADLINE_MS = 10000
GRACE_SECONDS = 5  # a service answers DEADLINE_EXCEEDED itself before the edge gives up

Reason = collections.namedtuple("Reason", "code zh")


class Method:
    def __init__(self, service, name, access, deadline_ms, streams):
        self.service = service  # full name
        self.name = name
        self.is_public = access != "ACCESS_SERVICES"
        self.is_open = access == "ACCESS_OPEN"
        self.timeout = -(-(deadline_ms or DEFAULT_DEADLINE_MS) // 1000) + GRACE_SECONDS
        self.streams = streams


class Api:
    def __init__(self, methods, reasons):
        self.methods = methods
        self.reasons = reasons  # {name: Reason}

    def public(self):
        """Methods that people may call; what is only for services has no door here."""
        return [method for method in self.methods if method.is_public]

    def public_services(self):
        return sorted({method.service for method in self.public()})


def read(path):
    files = descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    message_factory.GetMessageClassesForFiles([file.name for file in files.file], pool)

    methods = []
    for file in files.file:
        for service in pool.FindFileByName(file.name).services_by_name.values():
            methods += [method_of(method, pool) for method in service.methods]
    if not methods:
        raise SystemExit(f"{path} holds no service")
    reasons = pool.FindEnumTypeByName("pingan.errors.v1.Reason")
    return Api(methods, {value.name: reason_of(value, pool) for value in reasons.values})


def options_of(descriptor, options, pool):
    """The options as a message that knows our extensions: those of this pool, not of the Python library."""
    own = message_factory.GetMessageClass(pool.FindMessageTypeByName(options))
    return own.FromString(descriptor.GetOptions().SerializeToString())


def method_of(method, pool):
    options = options_of(method, "google.protobuf.MethodOptions", pool)
    policy = options.Extensions[pool.FindExtensionByName("pingan.options.v1.policy")]
    access = policy.DESCRIPTOR.fields_by_name["access"].enum_type.values_by_number[policy.access].name
    if access == "ACCESS_UNSPECIFIED":
        raise SystemExit(f"{method.full_name} does not say who may call it")
    streams = method.server_streaming or method.client_streaming
    return Method(method.containing_service.full_name, method.name, access, policy.deadline_ms, streams)


def reason_of(value, pool):
    options = options_of(value, "google.protobuf.EnumValueOptions", pool)
    return Reason(options.Extensions[pool.FindExtensionByName("pingan.options.v1.code")],
                  options.Extensions[pool.FindExtensionByName("pingan.options.v1.zh")])
