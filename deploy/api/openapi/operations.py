"""HTTP bindings as operations: path, parameters, body and answers, as the edge's transcoder takes and gives them."""

import re

from openapi.descriptors import OPEN, is_message
from openapi.refusals import headers
from openapi.schemas import ANSWER, INPUT, UPDATE, WELL_KNOWN, is_one_of
from openapi.words import described

VARIABLE = re.compile(r"\{([a-z_.]+)=([^}]*)\}")
DEFAULT_DEADLINE_MS = 10000
HTTP_BODY = "google.api.HttpBody"
# What a method that answers with a file gives.
DOWNLOADS = {"ExportHeldEvents": "text/csv"}


class Operations:
    def __init__(self, api, schemas, words, refusals, examples):
        self.api, self.schemas, self.words = api, schemas, words
        self.refusals, self.examples = refusals, examples
        self.variables = dict(self.resource_variables())
        self.rules = dict(self.name_rules())

    # --- names

    def resource_variables(self):
        """(collection, variable): `events` is followed by `{event}`."""
        for message in self.api.messages():
            resource = self.api.resource(message)
            for pattern in resource.pattern if resource else ():
                segments = pattern.split("/")
                yield from zip(segments[::2], (variable.strip("{}") for variable in segments[1::2]))

    def name_rules(self):
        """(pattern with stars, regular expression) of the names that clients send to say which resource they mean."""
        for method in self.api.methods:
            for binding in method.bindings:
                for path, stars in VARIABLE.findall(binding.path):
                    field = self.find(method.request, path)
                    rule = self.api.rules(field).string.pattern
                    if rule:
                        yield f"{method.full_name} {stars}", rule
                        yield stars, rule

    def find(self, message, path):
        *parents, last = path.split(".")
        for parent in parents:
            message = message.fields_by_name[parent].message_type
        return message.fields_by_name[last]

    # --- one binding

    def path(self, binding):
        """`/v1/{name=towns/*/events/*}:publish` is `/v1/towns/{town}/events/{event}:publish`."""
        return VARIABLE.sub(lambda found: self.spelled(found[2]), binding.path)

    def spelled(self, stars):
        segments = stars.split("/")
        return "/".join(f"{{{self.variables[segments[i - 1]]}}}" if s == "*" else s for i, s in enumerate(segments))

    def operation(self, method, binding):
        zh = self.words.of("methods", method.name)
        service = method.full_name.split(".")[1]
        paged = "page_token" in method.request.fields_by_name
        twin = binding.verb == "post" and len(method.bindings) > 1
        said = {
            "operationId": method.name + ("ByPost" if twin else ""),
            "tags": [self.words.of("services", method.service.full_name)],
            "summary": zh + ("（POST 写法）" if twin else ""),
            "description": self.description(method, twin),
            "security": [{}, {"bearer": []}] if method.policy.access == OPEN else [{"bearer": []}],
            "parameters": self.path_parameters(method, binding) + self.query_parameters(method, binding),
            "requestBody": self.body(method, binding),
            "responses": {"200": self.answer(method), **self.refusals.responses(service, binding.verb != "get", paged)},
            "x-grpc-method": f"{method.service.full_name}/{method.name}",
            "x-deadline-ms": method.policy.deadline_ms or DEFAULT_DEADLINE_MS,
        }
        return {key: value for key, value in said.items() if value or key == "security"}

    def description(self, method, twin):
        who = "无需登录。Open to anyone." if method.policy.access == OPEN else "需要登录。Needs a token."
        same = "Does what the PATCH does, for clients that cannot send one." if twin else ""
        seconds = (method.policy.deadline_ms or DEFAULT_DEADLINE_MS) / 1000
        return described(self.api.comment(method.descriptor), described(same, f"{who} At most {seconds:g} s."))

    # --- parameters

    def path_parameters(self, method, binding):
        found = []
        for _, stars in VARIABLE.findall(binding.path):
            rule = self.rules.get(f"{method.full_name} {stars}") or self.rules[stars]
            segments, rules = stars.split("/"), split(rule)
            for i in range(1, len(segments), 2):
                name = self.variables[segments[i - 1]]
                found.append({
                    "name": name, "in": "path", "required": True,
                    "schema": {"type": "string", "pattern": f"^{rules[i]}$"},
                    "example": self.examples.segment(segments[i - 1]),
                })
        return found

    def query_parameters(self, method, binding):
        """Fields of the request that are neither in the path nor in the body. Inner fields are said with dots; there are
        none but times and masks, which are text."""
        if binding.body == "*":
            return []
        in_path = {path.split(".")[0] for path, _ in VARIABLE.findall(binding.path)}
        return [self.query_parameter(method, field) for field in method.request.fields
                if field.name not in in_path | {binding.body}]

    def query_parameter(self, method, field):
        if is_message(field) and field.message_type.full_name not in WELL_KNOWN:
            raise SystemExit(f"{field.full_name}: a message in a query")
        schema = self.schemas.field(field, INPUT)
        said = {
            "name": field.json_name, "in": "query",
            "required": "REQUIRED" in self.api.behaviors(field),
            "description": schema.pop("description", "") or GENERAL.get(field.name, ""),
            "schema": schema,
            "example": self.examples.query(method, field),
        }
        if field.name == "update_mask":
            self.describe_mask(method, said)
        if is_one_of(field):
            said["description"] += " One of: " + ", ".join(f.json_name for f in field.containing_oneof.fields) + "."
        return {key: value for key, value in said.items() if value not in ("", None, False)}

    def describe_mask(self, method, said):
        resource = self.find(method.request, self.updated(method))
        fields = [f.json_name for f in resource.message_type.fields
                  if self.schemas.has(f, UPDATE) and f.name != "etag"]
        said["description"] = f"Which fields to change, with commas between; without it, all that are sent. Of: {', '.join(fields)}."
        said["schema"]["pattern"] = "^[A-Za-z_.,]*$"

    def updated(self, method):
        return next(binding.body for binding in method.bindings if binding.body)

    # --- body and answer

    def body(self, method, binding):
        if not binding.body:
            return None
        in_path = [path for path, _ in VARIABLE.findall(binding.path)]
        if binding.body == "*":
            schema = self.schemas.message(method.request, INPUT, without=in_path)
            name = method.name + "Body"
            self.schemas.components[name] = schema
            schema = {"$ref": f"#/components/schemas/{name}"}
        else:
            shape = UPDATE if method.name.startswith("Update") else INPUT
            schema = self.schemas.reference(method.request.fields_by_name[binding.body].message_type, shape)
        content = {"schema": schema, "example": self.examples.body(method, binding, in_path)}
        needed = self.schemas.components[schema["$ref"].rpartition("/")[2]].get("required")
        return {"required": bool(needed), "content": {"application/json": content}}

    def answer(self, method):
        said = {"description": "OK", "headers": headers()}
        if method.response.full_name == HTTP_BODY:
            media = {"schema": {"type": "string", "contentMediaType": DOWNLOADS[method.name]}}
            return said | {"description": "The file.", "content": {DOWNLOADS[method.name]: media}}
        schema = self.schemas.reference(method.response, ANSWER)
        self.schemas.components[schema["$ref"].rpartition("/")[2]]["examples"] = [self.examples.answer(method.response)]
        return said | {"content": {"application/json": {"schema": schema}}}


# Parameters that many methods have, and that no proto explains each time.
GENERAL = {
    "request_id": "A UUID of the caller's own making: the same one again gets the first answer again.",
    "page_size": "Rows wanted; the service may give fewer. 0 is its default.",
    "page_token": "`nextPageToken` of the page before, with all else as it was.",
}


def split(rule):
    """The regular expression of a name, cut at the slashes that are outside its groups."""
    parts, depth = [""], 0
    for letter in rule.removeprefix("^").removesuffix("$"):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "/" and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
