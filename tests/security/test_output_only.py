"""What only the service says of a thing is not taken from a client: sent along in every create and update, it changes nothing."""

import json

import pytest
from conformance.test_replay import METHODS, snake
from conformance.world import World
from conformance.writes import Writes
from support.cast import new_id
from support.descriptors import SERVICES, Api, is_enum, is_message, is_string
from support.stack import api_descriptors

API = Api(api_descriptors())
BY_NAME = {m.name: m for m in API.methods if m.policy.access != SERVICES}
MARK = "偷写"
NUMBER = 987654
LONG_AGO = "2001-02-03T04:05:06Z"


def planted(descriptor, depth=2):
    """A value for every output-only field, and for those of its parts; as JSON."""
    found = {}
    for field in descriptor.fields:
        if API.behaviors(field) & {"OUTPUT_ONLY", "IDENTIFIER"}:
            found[field.camelcase_name] = value_of(field)
        elif is_message(field) and field.message_type.full_name.startswith("pingan.") and depth:
            inner = planted(field.message_type, depth - 1)
            if inner and not field.is_repeated:
                found[field.camelcase_name] = inner
    return found


def value_of(field):
    return [one_of(field)] if field.is_repeated else one_of(field)


def one_of(field):
    if is_string(field):
        return MARK
    if is_enum(field):
        return field.enum_type.values[-1].name
    if is_message(field):
        timestamp = field.message_type.full_name == "google.protobuf.Timestamp"
        return LONG_AGO if timestamp else {f.camelcase_name: value_of(f) for f in field.message_type.fields}
    return True if field.type == field.TYPE_BOOL else NUMBER


def joined(body, more):
    """The body with more in it, as deep as both go."""
    deeper = {key: joined(body.get(key, {}), value) for key, value in more.items() if isinstance(value, dict)}
    return {**body, **more, **deeper}


def cases():
    for method in METHODS:
        more = planted(BY_NAME[method].request)
        if method.startswith("Update"):
            for resource in more.values():
                resource.pop("name", None)  # it is in the path, and another in the body is refused, see below
        if more:
            yield method, more


CASES = dict(cases())


@pytest.fixture(scope="module")
def writes(cast, stack):
    return Writes(World(cast, stack.expired_token(cast)))


@pytest.mark.parametrize("method", CASES)
def test_output_only_fields_are_not_taken(writes, method):
    """What is answered, and what is then stored, is as after an honest call."""
    make, more = getattr(writes, snake(method)), CASES[method]
    resource = more.get(camel(snake(type_of(method))), more)
    honest, call = make().do_once(), make()
    sent = more if BY_NAME[method].bindings[-1].body == "*" else resource
    answer = call._replace(body=joined(call.body, sent)).do_once()
    assert_not_taken(resource, answer, honest)
    if "Get" + type_of(method) in BY_NAME:
        stored, honest = (call.session.get(f"/v1/{made['name']}") for made in (answer, honest))
        assert_not_taken(resource, stored, honest)


def assert_not_taken(more, answer, honest):
    text = json.dumps(answer, ensure_ascii=False)
    assert not [mark for mark in (MARK, str(NUMBER), LONG_AGO) if mark in text], answer
    assert taken(more, answer, honest) == [], answer


def taken(more, answer, honest):
    """Names of what the answer has as it was planted, unless the honest one has the same."""
    found = []
    for key, value in more.items():
        if isinstance(value, dict):
            found += taken(value, answer.get(key, {}), honest.get(key, {}))
        elif answer.get(key) == value != honest.get(key):
            found.append(key)
    return found


def type_of(method):
    return BY_NAME[method].response.name


def camel(field):
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


def test_what_is_taken_is_seen():
    more, honest = {"state": "LAST", "open": True, "ours": True, "rating": {"stars": NUMBER}}, {"state": "FIRST", "ours": True}
    for spoilt in ("state", "open"):
        assert taken(more, {**honest, spoilt: more[spoilt]}, honest) == [spoilt]
    assert taken(more, {**honest, "rating": {"stars": NUMBER}}, honest) == ["stars"]
    assert taken(more, honest, honest) == []


def test_there_is_something_to_plant():
    """The test above is one of every create and update with a resource."""
    resources = {m for m in METHODS if m.startswith(("Create", "Update"))} - {"CreateSignUp"}
    assert resources <= set(CASES), resources - set(CASES)


def test_a_mask_does_not_open_them(writes):
    """Named in an update's mask they are refused, not taken."""
    for method in (m for m in METHODS if m.startswith("Update")):
        call = getattr(writes, snake(method))()
        resource = BY_NAME[method].response
        for field in resource.fields:
            if not API.behaviors(field) & {"OUTPUT_ONLY", "IDENTIFIER"}:
                continue
            body = dict(call.body)
            if "IDENTIFIER" not in API.behaviors(field):
                body[field.camelcase_name] = value_of(field)
            answer = answer_to(call, body, field.camelcase_name)
            assert answer.status == 400, (method, field.name, answer.body)


def test_another_name_in_the_body_is_refused(writes):
    """The path says what is updated; the body cannot say something else."""
    for method in (m for m in METHODS if m.startswith("Update")):
        call = getattr(writes, snake(method))()
        answer = answer_to(call, {**call.body, "name": MARK}, call.query["updateMask"])
        assert answer.status == 400, (method, answer.body)


def answer_to(call, body, mask):
    return call.session.edge.send(
        "POST",
        f"{call.path}?updateMask={mask}&requestId={new_id()}",
        json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {call.session.token()}"},
    )
