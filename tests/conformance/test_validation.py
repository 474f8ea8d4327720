"""Every method refuses what its proto forbids, naming all bad fields, with words a resident can read."""

import re

import grpc
import pytest
from support.bad_fields import broken, required_with_rules
from support.descriptors import SERVICES, Api
from support.grpc_client import status_of
from support.stack import api_descriptors

API = Api(api_descriptors())
METHODS = [m for m in API.methods if m.policy.access != SERVICES]
EMPTY = [m for m in METHODS if list(required_with_rules(API, m.request))]
BROKEN = [(m, path, message) for m in METHODS for path, message in broken(API, m.request)]
CHINESE = re.compile("[\u4e00-\u9fff]")
# What people type; names of resources are copied by programs.
TYPED = {
    field.full_name: rules.string
    for message in API.messages()
    for field in message.fields
    for rules in (API.rules(field), API.rules(field).repeated.items)
    if rules.string.pattern and not rules.string.pattern.startswith("^towns/")
}


@pytest.fixture(scope="module")
def token(cast):
    return cast.city_official.token


def violations(client, method, message, token):
    """{field: words} of a call that must be refused for its fields."""
    with pytest.raises(grpc.RpcError) as refused:
        client.call(method.full_name, message, token())
    error = refused.value
    details = status_of(API, error)
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, (error.code(), error.details())
    assert (details["ErrorInfo"].reason, details["ErrorInfo"].domain) == ("INVALID_FIELD", "pingan")
    assert details["LocalizedMessage"].locale == "zh-CN" and CHINESE.search(
        details["LocalizedMessage"].message
    )
    named = {v.field: v.description for v in details["BadRequest"].field_violations}
    assert all(CHINESE.search(words) for words in named.values()), named
    return named


@pytest.mark.parametrize("method", EMPTY, ids=str)
def test_an_empty_message_names_every_required_field(grpc_client, token, method):
    named = violations(grpc_client, method, API.new(method.request), token)
    assert set(required_with_rules(API, method.request)) <= set(named)


@pytest.mark.parametrize("method, path, message", BROKEN, ids=[f"{m} {p}" for m, p, _ in BROKEN])
def test_a_field_outside_its_rules_is_named(grpc_client, token, method, path, message):
    assert path in violations(grpc_client, method, message, token)


@pytest.mark.parametrize("field", TYPED)
def test_a_pattern_that_people_meet_has_an_example(field):
    """They are told the example and not the pattern."""
    (example,) = TYPED[field].example
    assert re.search(TYPED[field].pattern, example)


def test_the_example_is_what_people_are_told(grpc_client, token):
    method = next(m for m in METHODS if m.name == "SendCode")
    said = violations(grpc_client, method, {"phone": "1391234567"}, token)
    assert said == {"phone": "格式不对，例如 13800138000"}
