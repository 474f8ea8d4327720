"""What the edge takes as proto's JSON beside what the reference asks for, said in a copy of the document that requests are
made from. It is no fault that these are taken, and nothing that clients should be told to send:

    null            of an optional field is a field that is not there
    a number        of an enum is one of its values
"""

import copy

# As JSON in a body, and as text in a query.
NULL = {"type": "null"}
NUMBER = {"type": "integer"}


def with_proto_json(document):
    said = copy.deepcopy(document)
    schemas = said["components"]["schemas"]
    for verbs in said["paths"].values():
        for operation in verbs.values():
            for parameter in operation.get("parameters", ()):
                if is_enum(parameter["schema"], schemas):
                    parameter["schema"] = {"anyOf": [parameter["schema"], NUMBER]}
    for name in sent(said):
        widen(schemas[name], schemas)
    return said


def sent(document):
    """Names of all schemas that bodies of requests are made of."""
    schemas = document["components"]["schemas"]
    found = set()
    waiting = [o["requestBody"] for verbs in document["paths"].values() for o in verbs.values() if "requestBody" in o]
    while waiting:
        for name in references(waiting.pop()) - found:
            found.add(name)
            waiting.append(schemas[name])
    return found


def references(part):
    if isinstance(part, list):
        return set().union(*map(references, part))
    if not isinstance(part, dict):
        return set()
    own = {part["$ref"].rpartition("/")[2]} if "$ref" in part else set()
    return own.union(*map(references, part.values()))


def widen(schema, schemas):
    """The fields of one message."""
    for name, field in schema.get("properties", {}).items():
        choices = [field]
        if is_enum(field, schemas):
            choices.append(NUMBER)
        if name not in schema.get("required", ()):
            choices.append(NULL)
        if len(choices) > 1:
            schema["properties"][name] = {"anyOf": choices}


def is_enum(schema, schemas):
    return "enum" in schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
