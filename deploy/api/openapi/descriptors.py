"""The whole API as its descriptors say it: services, methods, policies, HTTP rules, resources, validation rules."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor

OPEN, SIGNED_IN, SERVICES = 1, 2, 3


class Method:
    def __init__(self, api, descriptor, options):
        self.descriptor = descriptor
        self.name = descriptor.name
        self.service = descriptor.containing_service
        self.full_name = descriptor.full_name
        self.path = f"/{self.service.full_name}/{self.name}"
        self.request = descriptor.input_type
        self.response = descriptor.output_type
        self.policy = options.Extensions[api.extension("pingan.options.v1.policy")]
        http = api.extension("google.api.http")
        self.bindings = bindings_of(options.Extensions[http]) if options.HasExtension(http) else []
        self.server_streaming = descriptor.server_streaming

    def __repr__(self):
        return self.full_name


class Binding:
    """One way of calling a method by HTTP."""

    def __init__(self, rule):
        self.verb = rule.WhichOneof("pattern")
        self.path = getattr(rule, self.verb)
        self.body = rule.body


def bindings_of(rule):
    return [Binding(rule)] + [Binding(more) for more in rule.additional_bindings]


class Api:
    """Everything in a FileDescriptorSet written with --include_imports."""

    def __init__(self, path):
        self.files = descriptor_pb2.FileDescriptorSet()
        with open(path, "rb") as file:
            self.files.ParseFromString(file.read())
        self.pool = descriptor_pool.DescriptorPool()
        for file in self.files.file:
            self.pool.Add(file)
        self.ours = [f for f in self.files.file if f.package.startswith("pingan.")]
        self.methods = [
            Method(
                self,
                self.pool.FindServiceByName(f"{file.package}.{service.name}").methods_by_name[method.name],
                self.options("MethodOptions", method.options),
            )
            for file in self.ours
            for service in file.service
            for method in service.method
        ]
        self.by_name = {method.full_name: method for method in self.methods}
        self._comments = {name: text for file in self.ours for name, text in comments_of(file)}

    def extension(self, name):
        return self.pool.FindExtensionByName(name)

    def options(self, kind, parsed):
        """Options again as a message of this pool, which knows our extensions."""
        options = message_factory.GetMessageClass(
            self.pool.FindMessageTypeByName(f"google.protobuf.{kind}")
        )()
        options.ParseFromString(parsed.SerializeToString())
        return options

    def comment(self, descriptor):
        """What stands above a service, method, message, field, enum or value in its proto; "" when nothing does."""
        return self._comments.get(path_of(descriptor), "")

    def new(self, name_or_descriptor):
        descriptor = name_or_descriptor
        if isinstance(descriptor, str):
            descriptor = self.pool.FindMessageTypeByName(descriptor)
        return message_factory.GetMessageClass(descriptor)()

    def messages(self):
        """Descriptors of all our messages, nested ones too."""

        def walk(prefix, messages):
            for message in messages:
                name = f"{prefix}.{message.name}"
                if not message.options.map_entry:
                    yield self.pool.FindMessageTypeByName(name)
                yield from walk(name, message.nested_type)

        for file in self.ours:
            yield from walk(file.package, file.message_type)

    def enums(self):
        for file in self.ours:
            for enum in file.enum_type:
                yield self.pool.FindEnumTypeByName(f"{file.package}.{enum.name}")

    def zh(self, value):
        """The Chinese word of an enum's value, or ""."""
        return self.enum_value_option(value, "pingan.options.v1.zh")

    def reasons(self):
        """Values of the enum of refusals, by name."""
        return self.pool.FindEnumTypeByName("pingan.errors.v1.Reason").values_by_name

    def code(self, reason):
        """google.rpc.Code of a refusal."""
        return self.enum_value_option(reason, "pingan.options.v1.code")

    def enum_value_option(self, value, extension):
        return self.options("EnumValueOptions", value.GetOptions()).Extensions[self.extension(extension)]

    def resource(self, message):
        """google.api.resource of a message, or None."""
        options = self.options("MessageOptions", message.GetOptions())
        resource = self.extension("google.api.resource")
        return options.Extensions[resource] if options.HasExtension(resource) else None

    def field_options(self, field):
        return self.options("FieldOptions", field.GetOptions())

    def rules(self, field):
        """buf.validate.field of a field (empty when it has none)."""
        return self.field_options(field).Extensions[self.extension("buf.validate.field")]

    def behaviors(self, field):
        """Names of google.api.field_behavior."""
        extension = self.extension("google.api.field_behavior")
        names = extension.enum_type.values_by_number
        return {names[number].name for number in self.field_options(field).Extensions[extension]}

    def reference(self, field):
        return self.field_options(field).Extensions[self.extension("google.api.resource_reference")].type


# What in a FileDescriptorProto holds named things, by field number: messages, enums, services; in a message its fields,
# nested messages and enums; in an enum its values; in a service its methods.
INSIDE = {
    "FileDescriptorProto": {4: "message_type", 5: "enum_type", 6: "service"},
    "DescriptorProto": {2: "field", 3: "nested_type", 4: "enum_type"},
    "EnumDescriptorProto": {2: "value"},
    "ServiceDescriptorProto": {2: "method"},
}


def comments_of(file):
    """(full name, comment above it) of everything in a file that has one. A value is named below its enum."""
    for location in file.source_code_info.location:
        if not location.leading_comments:
            continue
        thing, name, path = file, file.package, list(location.path)
        while len(path) >= 2:
            kind = INSIDE.get(type(thing).__name__, {}).get(path[0])
            if kind is None:
                break
            thing = getattr(thing, kind)[path[1]]
            name, path = f"{name}.{thing.name}", path[2:]
        if not path and thing is not file:
            yield name, " ".join(line.strip() for line in location.leading_comments.strip().splitlines())


def path_of(descriptor):
    """A full name; of an enum's value, which the language puts beside its enum, the one below it."""
    enum = getattr(descriptor, "type", None)
    if getattr(enum, "values_by_name", None) is not None:
        return f"{enum.full_name}.{descriptor.name}"
    return descriptor.full_name


def is_string(field):
    return field.type == FieldDescriptor.TYPE_STRING


def is_message(field):
    return field.type == FieldDescriptor.TYPE_MESSAGE


def is_enum(field):
    return field.type == FieldDescriptor.TYPE_ENUM
