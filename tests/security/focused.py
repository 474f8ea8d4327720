"""The reference narrowed to what is there: names and ids that a town has stand beside the rules they must keep and in the
examples, so that requests reach things and not only NOT_FOUND."""

import copy
import json
import re

VARIABLE = re.compile(r"\{(\w+)\}")
NAME = re.compile(r"(\^\$\|)?\^towns/")
COLLECTION = re.compile(r"([A-Za-z]+)/([^/\"]+)")
WHOLE_NAME = re.compile(r'(?<=")towns/[0-9A-Za-z/-]+(?=")')


def names_in(session, town, paths):
    """Every resource name of the town that the answers to these paths hold."""
    found = set()
    for path in paths:
        text = json.dumps(session.get(path, pageSize=50))
        found |= set(re.findall(rf'"({town}(?:/[A-Za-z]+/[0-9A-Za-z-]+)+)"', text))
    return found


def focused(document, town, names, hidden):
    """A copy of the document in which `names` are likely, and stand in its examples; those that contain one of `hidden` are
    left to chance."""
    narrowed = copy.deepcopy(document)
    known = [town, *sorted(name for name in names if not any(part in name for part in hidden))]
    for path, verbs in narrowed["paths"].items():
        for said in verbs.values():
            for parameter in said.get("parameters", ()):
                if parameter["in"] == "path":
                    narrow_id(parameter, path, known)
    narrow_names(narrowed, known)
    return narrowed


def narrow_id(parameter, path, known):
    variable = parameter["name"]
    parameter["example"] = ids_at(path, known).get(variable, parameter["example"])
    if variable == "town":
        parameter["schema"] = {"type": "string", "enum": [parameter["example"]]}
        return
    collection = re.search(rf"(\w+)/\{{{variable}\}}", path)[1]
    ids = sorted({one for name in known for before, one in COLLECTION.findall(name) if before == collection})
    parameter["schema"] = either(ids, parameter["schema"])


def ids_at(path, known):
    """What stands for the variables of the path in the first name that fits, or in the town's."""
    wanted = dict(re.findall(r"(\w+)/\{(\w+)\}", path))
    name = next((name for name in known if collections(name) == list(wanted)), known[0])
    return dict(zip(wanted.values(), name.split("/")[1::2]))


def collections(name):
    return name.split("/")[::2]


def narrow_names(part, known):
    """Everywhere below `part`: schemas of names, and examples."""
    children = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, child in children:
        if isinstance(child, dict) and NAME.match(str(child.get("pattern", ""))):
            part[key] = either([name for name in known if re.search(child["pattern"], name)], child)
        elif key == "example":
            part[key] = renamed(child, known)
        else:
            narrow_names(child, known)


def renamed(example, known):
    """The example with names that are there in place of its own."""

    def there(found):
        return next((name for name in known if collections(name) == collections(found[0])), found[0])

    return json.loads(WHOLE_NAME.sub(there, json.dumps(example)))


def either(values, schema):
    if not values:
        return schema
    return {"anyOf": [{"type": "string", "enum": values}, schema]}
