"""The reference (OpenAPI) as a judge: what it says of a request and of an answer."""

import json
import re
import urllib.parse

import jsonschema_rs
from openapi.document import document

JSON = "application/json"
PLACE = "urn:reference"


class Reference:
    def __init__(self, api):
        self.document = document(api)
        self._registry = jsonschema_rs.Registry([(PLACE, self.document)])
        self._validators = {}
        self.operations = [
            Operation(path, verb, said)
            for path, verbs in self.document["paths"].items()
            for verb, said in verbs.items()
        ]

    def find(self, verb, target):
        """The operation that a request's path belongs to, or None."""
        path = target.partition("?")[0]
        fitting = [o for o in self.operations if o.verb == verb.lower() and o.matches.fullmatch(path)]
        return fitting[0] if len(fitting) == 1 else None

    def complaints(self, *where):
        """A function that says what is wrong with a value by the schema that stands there in the document."""
        pointer = "/".join(urllib.parse.quote(str(step).replace("~", "~0").replace("/", "~1")) for step in where)
        if pointer not in self._validators:
            self._validators[pointer] = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{PLACE}#/{pointer}"}, registry=self._registry, validate_formats=True
            )
        validator = self._validators[pointer]
        return lambda value: [f"{'/'.join(map(str, e.instance_path))}: {e.message}" for e in validator.iter_errors(value)]

    def resolve(self, thing):
        """(place in the document, the thing) behind a reference."""
        if "$ref" not in thing:
            return None, thing
        steps = thing["$ref"].removeprefix("#/").split("/")
        found = self.document
        for step in steps:
            found = found[step]
        return steps, found

    def check_answer(self, verb, target, answer):
        """AssertionError when the answer is not one that the reference describes. Paths it does not know are passed."""
        operation = self.find(verb, target)
        if operation is None:
            return
        asked = f"{verb} {target}: HTTP {answer.status}"
        responses = operation.said["responses"]
        assert str(answer.status) in responses, f"{asked} is not in the reference: {answer.body[:500]}"
        place, response = self.resolve(responses[str(answer.status)])
        place = place or ["paths", operation.path, operation.verb, "responses", str(answer.status)]
        media = answer.headers.get("content-type", "").partition(";")[0]
        assert media in response["content"], f"{asked}: content type {media!r}"
        if media == JSON:
            wrong = self.complaints(*place, "content", JSON, "schema")(json.loads(answer.body))
            assert not wrong, f"{asked}: {wrong[:5]} in {answer.body[:1000].decode()}"


class Operation:
    def __init__(self, path, verb, said):
        self.path, self.verb, self.said = path, verb, said
        # A segment is what the edge takes for one: anything but a slash, and no verb of its own.
        self.matches = re.compile(re.sub(r"\\\{[a-z_A-Z]+\\\}", "[^/:]+", re.escape(path)))

    def __repr__(self):
        return f"{self.verb} {self.path}"
