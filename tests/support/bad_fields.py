"""For every field of a message that has a rule, a message that breaks this rule."""

from support.descriptors import is_enum, is_message, is_string

DEPTH = 3


def broken(api, descriptor):
    """(path of the field as errors name it, message) for every rule that can be broken."""
    yield from walk(api, descriptor, lambda: build(api, descriptor), "", DEPTH)


def build(api, descriptor):
    message = api.new(descriptor)
    return message, message


def walk(api, descriptor, make, prefix, depth):
    """`make` gives a fresh (whole message, the part of it that `descriptor` describes)."""
    for field in descriptor.fields:
        if api.behaviors(field) & {"OUTPUT_ONLY", "IDENTIFIER"}:
            continue
        path = prefix + field.name
        value = bad_value(api, field)
        if value is not None:
            whole, part = make()
            if field.is_repeated:
                getattr(part, field.name).append(value)
                path += "[0]"
            else:
                setattr(part, field.name, value)
            yield path, whole
        elif is_message(field) and field.message_type.full_name.startswith("pingan.") and depth:
            yield from walk(
                api,
                field.message_type,
                inside(make, field),
                path + ("[0]." if field.is_repeated else "."),
                depth - 1,
            )


def inside(make, field):
    def made():
        whole, part = make()
        child = getattr(part, field.name)
        if field.is_repeated:
            child = child.add()
        else:
            child.SetInParent()
        return whole, child

    return made


def bad_value(api, field):
    """A value that breaks the field's rule; None when it has none that this makes a value for."""
    rules = api.rules(field)
    if field.is_repeated:
        rules = rules.repeated.items
    if is_string(field):
        if rules.string.uuid or rules.string.pattern:
            return "不合规则"
        if rules.string.HasField("max_len"):
            return "长" * (rules.string.max_len + 1)
        return None
    if is_enum(field):
        return 99
    for kind in ("int32", "int64", "double"):
        limits = getattr(rules, kind)
        if limits.HasField("gte"):
            return min(limits.gte - 1, -1)  # 0 would be as good as nothing said
    return None


def required_with_rules(api, descriptor):
    """Paths of fields that an empty message lacks."""
    for field in descriptor.fields:
        if "REQUIRED" in api.behaviors(field) and not field.containing_oneof:
            yield field.name
