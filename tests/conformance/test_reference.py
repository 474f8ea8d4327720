"""The reference says what the protos say: every way of calling a method, every rule, words for everything, and examples
that hold."""

import json
import re

import pytest
from demo_town.edge_client import Answer
from google.protobuf import json_format
from openapi import document as documents
from openapi import rules
from openapi.words import Words
from openapi_spec_validator import validate
from support.bad_fields import broken
from support.descriptors import OPEN, SERVICES, Api
from support.reference import JSON, Reference
from support.stack import api_descriptors

API = Api(api_descriptors())
REFERENCE = Reference(API)


def is_left_out(method, path):
    """What never changes is no part of an update's body, so nothing is said of it there."""
    field = None
    for name in re.sub(r"\[0\]", "", path).split("."):
        field = (field.message_type if field else method.request).fields_by_name[name]
    return method.name.startswith("Update") and "IMMUTABLE" in API.behaviors(field)


METHODS = [m for m in API.methods if m.policy.access != SERVICES]
OPERATIONS = {
    (m.full_name, b.verb): o
    for m in METHODS
    for b in m.bindings
    for o in REFERENCE.operations
    if o.said["x-grpc-method"] == f"{m.service.full_name}/{m.name}" and o.verb == b.verb
}
BROKEN = [(m, path, message) for m in METHODS for path, message in broken(API, m.request) if not is_left_out(m, path)]
EXAMPLE = REFERENCE.document["components"]["schemas"]["directory.Town"]["examples"][0]
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_it_is_a_valid_document():
    validate(json.loads(json.dumps(REFERENCE.document)))


def test_every_binding_has_an_operation_and_nothing_else_has():
    bindings = {(m.full_name, b.verb) for m in METHODS for b in m.bindings}
    assert set(OPERATIONS) == bindings and len(REFERENCE.operations) == len(bindings)
    ids = [o.said["operationId"] for o in REFERENCE.operations]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("operation", REFERENCE.operations, ids=str)
def test_its_summary_is_chinese_and_it_says_who_may_call(operation):
    assert CHINESE.search(operation.said["summary"])
    method = API.by_name[operation.said["x-grpc-method"].replace("/", ".")]
    assert ({} in operation.said["security"]) == (method.policy.access == OPEN)
    assert {"bearer": []} in operation.said["security"]


@pytest.mark.parametrize("operation", REFERENCE.operations, ids=str)
def test_its_examples_hold(operation):
    place = ("paths", operation.path, operation.verb)
    for i, parameter in enumerate(operation.said.get("parameters", ())):
        if "example" in parameter:
            wrong = REFERENCE.complaints(*place, "parameters", i, "schema")(parameter["example"])
            assert not wrong, (parameter["name"], wrong)
        else:
            assert not parameter.get("required"), parameter["name"]
    if "requestBody" in operation.said:
        content = operation.said["requestBody"]["content"][JSON]
        wrong = REFERENCE.complaints(*place, "requestBody", "content", JSON, "schema")(content["example"])
        assert not wrong, wrong


@pytest.mark.parametrize("name", [n for n, s in REFERENCE.document["components"]["schemas"].items() if "examples" in s])
def test_the_example_of_an_answer_holds(name):
    for example in REFERENCE.document["components"]["schemas"][name]["examples"]:
        assert not REFERENCE.complaints("components", "schemas", name)(example)


@pytest.mark.parametrize("name", list(REFERENCE.document["components"]["responses"]))
def test_the_example_of_a_refusal_holds(name):
    place = ("components", "responses", name, "content", JSON)
    content = REFERENCE.document["components"]["responses"][name]["content"][JSON]
    assert not REFERENCE.complaints(*place, "schema")(content["example"])
    # And only with a reason that stands in the list.
    content["example"]["details"][0]["reason"] = "NO_REASON"
    assert REFERENCE.complaints(*place, "schema")(content["example"])


@pytest.mark.parametrize("method, path, message", BROKEN, ids=[f"{m} {p}" for m, p, _ in BROKEN])
def test_what_a_rule_forbids_the_reference_forbids(method, path, message):
    """A request that breaks one rule is wrong by the schema of the place where this part of it is said."""
    sent = json_format.MessageToDict(message, descriptor_pool=API.pool)
    for binding in method.bindings:
        place, value = said_at(OPERATIONS[method.full_name, binding.verb], binding, path, sent)
        if place:
            assert REFERENCE.complaints(*place)(value), (binding.verb, path, value)


def said_at(operation, binding, path, sent):
    """(place of the schema, value) of the top-level field of `path`: in the path, the body or the query."""
    place = ("paths", operation.path, operation.verb)
    field = re.split(r"[.\[]", path)[0]
    camel = re.sub(r"_([a-z])", lambda found: found[1].upper(), field)
    variables = re.findall(r"\{([a-z_.]+)=", binding.path)
    if path in variables:
        return in_path(operation, place, sent[camel])
    if binding.body in ("*", field):
        return (*place, "requestBody", "content", JSON, "schema"), sent if binding.body == "*" else sent[camel]
    parameters = operation.said["parameters"]
    return (*place, "parameters", [p["name"] for p in parameters].index(camel), "schema"), sent[camel]


def in_path(operation, place, value):
    """A bad name breaks the rule of its first segment, as these have no slash."""
    first = next(i for i, p in enumerate(operation.said["parameters"]) if p["in"] == "path")
    return (*place, "parameters", first, "schema"), value


def test_an_empty_body_is_wrong_where_something_is_required():
    operation = OPERATIONS["pingan.event.v1.EventService.CreateEvent", "post"]
    wrong = REFERENCE.complaints("paths", operation.path, "post", "requestBody", "content", JSON, "schema")({})
    assert {word for text in wrong for word in re.findall('"(.*?)"', text)} == {
        "title", "kind", "mechanism", "organisers", "startTime", "endTime"}


def test_of_a_oneof_exactly_one_is_sent():
    complaints = REFERENCE.complaints("components", "schemas", "SignInBody")
    phone = {"phone": "13912345678"}
    assert not complaints({**phone, "code": "123456"}) and not complaints({**phone, "password": "12345678"})
    assert complaints(phone) and complaints({**phone, "code": "123456", "password": "12345678"})


def test_a_word_that_lacks_and_a_word_too_many_stop_the_generator(tmp_path, monkeypatch):
    table = tmp_path / "zh.yaml"
    text = documents.HERE.joinpath("zh.yaml").read_text(encoding="utf-8")
    table.write_text(text.replace("  CreateEvent: 计划活动（草稿）\n", "  CreateEvend: 计划活动\n"), encoding="utf-8")
    monkeypatch.setattr(documents, "Words", lambda api: Words(api, table))
    with pytest.raises(documents.Incomplete) as said:
        documents.document(API)
    assert str(said.value) == "no Chinese words for methods: CreateEvent\nno use for the words of methods: CreateEvend"


def test_a_rule_it_cannot_say_stops_the_generator():
    field = API.pool.FindMessageTypeByName("pingan.event.v1.Event").fields_by_name["title"]
    own = API.rules(field)
    own.string.not_contains = "x"
    with pytest.raises(rules.Unsaid, match="title: string.not_contains"):
        rules.keywords(API, field, own)


def answer(status=200, body=None, media=JSON):
    return Answer(status, {"content-type": media}, json.dumps(body).encode())


@pytest.mark.parametrize("wrong", [
    answer(418, {}),
    answer(200, {"name": "towns/330481003"}),
    answer(200, {**EXAMPLE, "etag": 3}),
    answer(200, EXAMPLE, "text/plain"),
    answer(404, {"code": 5, "message": "", "details": []}),
], ids=["status", "fields are missing", "type", "content type", "no reason"])
def test_an_answer_that_is_not_described_is_caught(wrong):
    path = "/v1/towns/330481003"
    REFERENCE.check_answer("GET", path, answer(200, EXAMPLE))
    with pytest.raises(AssertionError):
        REFERENCE.check_answer("GET", path, wrong)


@pytest.mark.parametrize("operation", REFERENCE.operations, ids=str)
def test_a_request_finds_its_operation(operation):
    path = re.sub(r"\{[^}]*\}", "0-1", operation.path)
    assert REFERENCE.find(operation.verb.upper(), f"{path}?a=/b:c") is operation
