"""Messages as schemas of JSON. A message has up to three:

    event.Event          as it is answered: every plain field is there, output-only ones are marked
    event.EventInput     as it is sent: without what only the server says; what is required and valid
    event.EventUpdate    as a change sends it: nothing is required, what never changes is left out, and `etag` is in
"""

from openapi import rules
from openapi.descriptors import FieldDescriptor, is_enum, is_message
from openapi.words import described

ANSWER, INPUT, UPDATE = "", "Input", "Update"
SERVER_ONLY = {"OUTPUT_ONLY", "IDENTIFIER"}

YEARS = "1900 to 2200"
PLAIN = {
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "format": "int64"},
    FieldDescriptor.TYPE_INT64: {"type": "string", "format": "int64", "pattern": "^-?[0-9]+$"},
    FieldDescriptor.TYPE_UINT64: {"type": "string", "format": "uint64", "pattern": "^[0-9]+$"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "format": "byte", "contentEncoding": "base64"},
}
WELL_KNOWN = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.FieldMask": {"type": "string"},
    "google.type.Date": {"$ref": "#/components/schemas/Day"},
}
DAY = {
    "type": "object",
    "title": "日期",
    "description": f"A whole day. Years are {YEARS}.",
    "required": ["year", "month", "day"],
    "properties": {
        "year": {"type": "integer", "minimum": 1900, "maximum": 2200},
        "month": {"type": "integer", "minimum": 1, "maximum": 12},
        "day": {"type": "integer", "minimum": 1, "maximum": 31},
    },
}


def short(full_name):
    """`pingan.event.v1.Event` is `event.Event`: the same however many services there will be."""
    return full_name.removeprefix("pingan.").replace(".v1.", ".", 1)



class Schemas:
    """Gives references and keeps what they lead to in `components`."""

    def __init__(self, api, words):
        self.api, self.words = api, words
        self.components = {"Day": DAY}

    def reference(self, message, shape):
        if message.full_name in WELL_KNOWN:
            return dict(WELL_KNOWN[message.full_name])
        name = short(message.full_name) + shape
        if name not in self.components:
            self.components[name] = None  # so that a message inside itself ends here
            self.components[name] = self.message(message, shape)
        return {"$ref": f"#/components/schemas/{name}"}

    def enum(self, enum):
        name = short(enum.full_name)
        if name not in self.components:
            zh = {value.name: self.words.value(enum, value) for value in enum.values}
            title = self.words.of("enums", enum.full_name)
            lines = [
                f"- `{value.name}`" + "".join(f" {text}" for text in (zh[value.name], self.api.comment(value)) if text)
                for value in enum.values
            ]
            self.components[name] = {
                "type": "string",
                "title": title,
                "description": described(self.api.comment(enum), "\n".join(lines)),
                "enum": [value.name for value in enum.values],
                "x-enumDescriptions": {key: word for key, word in zh.items() if word},
            }
        return {"$ref": f"#/components/schemas/{name}"}

    def message(self, message, shape, without=()):
        """The schema of a message in one shape; `without` are names of fields that are said elsewhere."""
        fields = [f for f in message.fields if f.name not in without and self.has(f, shape)]
        schema = {
            "type": "object",
            "title": self.title(message),
            "description": self.api.comment(message),
            "required": [f.json_name for f in fields if self.must_be_there(f, shape)],
            "properties": {f.json_name: self.field(f, shape) for f in fields},
            **self.one_ofs(message, shape, fields),
        }
        return {key: value for key, value in schema.items() if value or key == "properties"}

    def title(self, message):
        if self.api.resource(message) or not message.name.endswith(("Request", "Response")):
            return self.words.of("messages", message.full_name)
        return ""

    def has(self, field, shape):
        behaviors = self.api.behaviors(field)
        if shape == ANSWER:
            return True
        if behaviors & SERVER_ONLY or (shape == UPDATE and "IMMUTABLE" in behaviors):
            return False
        return shape == UPDATE or field.name != "etag"

    def must_be_there(self, field, shape):
        if shape == ANSWER:  # the edge writes every field that cannot be absent
            return field.is_repeated or not field.has_presence
        return shape == INPUT and "REQUIRED" in self.api.behaviors(field)

    def field(self, field, shape):
        """The schema of a field's value, with what its proto says of it."""
        said = self.answered(field) if shape == ANSWER else self.sent(field)
        behaviors = self.api.behaviors(field)
        description = self.api.comment(field)
        if description:
            said["description"] = description
        if shape == ANSWER and behaviors & SERVER_ONLY:
            said["readOnly"] = True
        if self.api.field_options(field).Extensions[self.api.extension("pingan.options.v1.personal")]:
            said["x-personal"] = True
        return said

    def answered(self, field):
        if is_map(field):
            values = self.value(field.message_type.fields_by_name["value"], ANSWER)
            return {"type": "object", "additionalProperties": values}
        value = self.value(field, ANSWER)
        return {"type": "array", "items": value} if field.is_repeated else value

    def sent(self, field):
        """With all rules. An optional field that is sent empty counts as not sent."""
        if is_map(field):
            raise rules.Unsaid(f"{field.full_name}: a map that clients send")
        own = self.api.rules(field)
        value_rules = own.repeated.items if field.is_repeated else own
        said = self.value(field, INPUT)
        said |= rules.keywords(self.api, field, value_rules)
        if "$ref" in said and "enum" in said:
            said = {"type": "string", "enum": said["enum"]}
        if "pattern" in said and value_rules.ignore:
            said["pattern"] = f"^$|{said['pattern']}"
        if field.is_repeated:
            said = {"type": "array", "items": said, **rules.list_keywords(own)}
        if "REQUIRED" in self.api.behaviors(field):
            said |= rules.never_zero(field, said)
        return said

    def value(self, field, shape):
        if is_message(field):
            return self.reference(field.message_type, shape)
        if is_enum(field):
            return dict(self.enum(field.enum_type))
        return dict(PLAIN[field.type])

    def one_ofs(self, message, shape, fields):
        """Of a oneof at most one is sent, or exactly one where that is required."""
        if shape == ANSWER:
            return {}
        said = []
        for one_of in message.oneofs:
            names = [f.json_name for f in one_of.fields if f in fields]
            if not names or not is_one_of(one_of.fields[0]):
                continue
            choices = [{"required": [name]} for name in names]
            if not self.must_choose(one_of):
                choices.append({"not": {"anyOf": list(choices)}})
            said.append({"oneOf": choices})
        return said[0] if len(said) == 1 else {"allOf": said} if said else {}

    def must_choose(self, one_of):
        options = self.api.options("OneofOptions", one_of.GetOptions())
        return options.Extensions[self.api.extension("buf.validate.oneof")].required


def is_map(field):
    return is_message(field) and field.message_type.GetOptions().map_entry


def is_one_of(field):
    """`optional` makes a oneof of one, too; that is none."""
    return field.containing_oneof is not None and not field.containing_oneof.name.startswith("_")
