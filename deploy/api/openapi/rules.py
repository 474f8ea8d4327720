"""What buf.validate asks of a field, as keywords of JSON Schema. A rule that has no keyword stops the generator: a
reference that says less than the service refuses would be believed."""

import math

from openapi.descriptors import FieldDescriptor

INT64 = (FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT64)
# As the services read it. Not `format: uuid`, which an empty text, that is as good as none, would break.
UUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


class Unsaid(Exception):
    """A rule that the reference cannot say."""


def keywords(api, field, rules):
    """Of one value: the field itself, or an item of a repeated one."""
    set_rules = {rule.name: value for rule, value in rules.ListFields()}
    said = {}
    for kind, given in set_rules.items():
        if kind in ("ignore", "required", "cel"):
            continue
        if kind not in KINDS:
            raise Unsaid(f"{field.full_name}: {kind}")
        for rule, value in given.ListFields():
            if rule.name == "example":
                continue
            try:
                said |= KINDS[kind](field, rule.name, value)
            except KeyError:
                raise Unsaid(f"{field.full_name}: {kind}.{rule.name}") from None
    return said


def string(_field, rule, value):
    return {
        "const": lambda: {"const": value},
        "len": lambda: {"minLength": value, "maxLength": value},
        "min_len": lambda: {"minLength": value},
        "max_len": lambda: {"maxLength": value},
        "pattern": lambda: {"pattern": value},
        "in": lambda: {"enum": list(value)},
        "uuid": lambda: {"pattern": UUID},
    }[rule]()


def number(field, rule, value):
    if field.type in INT64:
        return text_of_number(rule, value)
    return {
        "const": lambda: {"const": value},
        "lt": lambda: {"exclusiveMaximum": value},
        "lte": lambda: {"maximum": value},
        "gt": lambda: {"exclusiveMinimum": value},
        "gte": lambda: {"minimum": value},
        "in": lambda: {"enum": list(value)},
        "finite": dict,
    }[rule]()


def text_of_number(rule, value):
    """A 64-bit number is text in JSON, so its bounds are said by its digits as far as those can, and in full for people."""
    if rule == "gte" and value in (0, 1):
        return {"pattern": "^[1-9][0-9]*$" if value else "^[0-9]+$", "x-minimum": value}
    if rule == "lte":
        return {"maxLength": len(str(value)), "x-maximum": value}
    raise KeyError(rule)


def data(_field, rule, value):
    """Bytes are base64, four letters for three."""
    if rule == "min_len":
        return {"minLength": math.ceil(value * 4 / 3), "x-minBytes": value}
    return {"max_len": lambda: {"maxLength": math.ceil(value / 3) * 4, "x-maxBytes": value}}[rule]()


def enum(field, rule, value):
    def names(numbers):
        return [field.enum_type.values_by_number[number].name for number in numbers]

    return {
        "in": lambda: {"enum": names(value)},
        "const": lambda: {"const": names([value])[0]},
        "defined_only": dict,
    }[rule]()


KINDS = {
    "string": string,
    "bytes": data,
    "enum": enum,
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "double"), number),
}


def list_keywords(rules):
    """Of a repeated field as a whole."""
    said = {}
    for rule, value in rules.repeated.ListFields():
        said |= {
            "min_items": lambda value=value: {"minItems": value},
            "max_items": lambda value=value: {"maxItems": value},
            "unique": lambda value=value: {"uniqueItems": value},
            "items": dict,
        }[rule.name]()
    return said


def never_zero(field, said):
    """What a required field must not be: empty, 0 or unspecified. Messages and bools are there or not."""
    if field.is_repeated:
        return {"minItems": max(1, said.get("minItems", 0))}
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        return {} if "pattern" in said else {"minLength": max(1, said.get("minLength", 0))}
    if field.type == FieldDescriptor.TYPE_ENUM:
        return {} if "enum" in said or "const" in said else {"not": {"const": field.enum_type.values[0].name}}
    return {}
