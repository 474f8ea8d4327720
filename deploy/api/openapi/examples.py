"""Examples of requests and answers, made of the values in examples.yaml beside the generator."""

import pathlib

import yaml

from openapi.descriptors import FieldDescriptor, is_enum, is_message, is_string
from openapi.schemas import ANSWER, INPUT, is_map, is_one_of, short

TABLE = pathlib.Path(__file__).resolve().parents[1] / "examples.yaml"
TIME = "2030-03-15T06:00:00Z"
DAY = {"year": 2030, "month": 3, "day": 15}


class Examples:
    def __init__(self, api, schemas, table=TABLE):
        self.api, self.schemas = api, schemas
        self.table = yaml.safe_load(table.read_text(encoding="utf-8"))
        self.patterns = {resource.type: resource.pattern[0] for resource in map(api.resource, api.messages()) if resource}

    def segment(self, collection):
        """An id in a collection."""
        return self.table["segments"].get(collection, self.table["segments"]["*"])

    def resource_name(self, pattern):
        segments = pattern.split("/")
        return "/".join(self.segment(segments[i - 1]) if s.startswith("{") else s for i, s in enumerate(segments))

    def query(self, method, field):
        """Of what must be said, and of what the table gives for the method; others are left to the reader."""
        if field.name == "update_mask":
            return ",".join(self.table["updates"][method.name])
        chosen = self.table["queries"].get(method.name, {}).get(field.json_name)
        if chosen is None and "REQUIRED" in self.api.behaviors(field):
            return self.value(field, INPUT)
        return chosen

    def body(self, method, binding, in_path):
        if binding.body == "*":
            chosen = self.table["bodies"].get(method.name)
            return chosen if chosen is not None else self.message(method.request, INPUT, in_path)
        if method.name in self.table["updates"]:
            return self.table["updates"][method.name]
        return self.message(method.request.fields_by_name[binding.body].message_type, INPUT)

    def answer(self, message):
        return self.message(message, ANSWER)

    def message(self, message, shape, without=()):
        """Answers have all fields; of a request those that must be there, and those of which the table speaks by the
        message's own name."""
        said, chosen = {}, set()
        for field in message.fields:
            if field.name in without or not self.schemas.has(field, shape):
                continue
            if is_one_of(field) and (field.containing_oneof.name in chosen):
                continue
            if shape == ANSWER or self.is_shown(field):
                said[field.json_name] = self.value(field, shape)
                if is_one_of(field):
                    chosen.add(field.containing_oneof.name)
        return said

    def is_shown(self, field):
        return (
            "REQUIRED" in self.api.behaviors(field)
            or self.own(field) in self.table["fields"]
            or field.name == "request_id"
            or (is_one_of(field) and self.schemas.must_choose(field.containing_oneof))
        )

    def own(self, field):
        return f"{short(field.containing_type.full_name)}.{field.name}"

    def value(self, field, shape):
        for key in (self.own(field), field.name):
            if key in self.table["fields"] and (key != field.name or not is_own_message(field)):
                return self.table["fields"][key]
        if is_map(field):
            return {}
        one = self.one(field, shape)
        return [one] if field.is_repeated else one

    def one(self, field, shape):
        if is_message(field):
            name = field.message_type.full_name
            return {"google.protobuf.Timestamp": TIME, "google.type.Date": DAY}.get(name) or self.message(
                field.message_type, shape
            )
        if is_enum(field):
            return field.enum_type.values[1].name
        if is_string(field):
            return self.text(field)
        return {
            FieldDescriptor.TYPE_BOOL: False,
            FieldDescriptor.TYPE_INT64: "12",
            FieldDescriptor.TYPE_DOUBLE: 30.5,
        }.get(field.type, 12)

    def text(self, field):
        resource = self.api.resource(field.containing_type)
        if field.name == "name" and resource:
            return self.resource_name(resource.pattern[0])
        pattern = self.patterns.get(self.api.reference(field))
        if not pattern:
            raise SystemExit(f"{self.own(field)} has no example: give it one in {TABLE}")
        return self.resource_name(pattern)


def is_own_message(field):
    return is_message(field) and field.message_type.full_name.startswith("pingan.")
