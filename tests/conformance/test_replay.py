"""Every method that changes something, asked twice: the same request_id gets the first answer again and nothing happens;
another body with it is refused and does nothing either; a stale etag is refused."""

import re

import pytest
from conformance.world import World
from conformance.writes import WITH_SECRETS, Writes
from support.cast import new_id, refused
from support.descriptors import SERVICES, Api
from support.stack import api_descriptors

API = Api(api_descriptors())


def snake(name):
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


METHODS = [
    m.name
    for m in API.methods
    if "request_id" in m.request.fields_by_name and m.policy.access != SERVICES and m.name not in WITH_SECRETS
]


@pytest.fixture(scope="module")
def writes(cast, stack):
    return Writes(World(cast, stack.expired_token(cast)))


@pytest.mark.parametrize("method", METHODS)
def test_the_same_request_id_gets_the_first_answer_again(writes, method):
    call, request_id = getattr(writes, snake(method))(), new_id()
    first = call.do(request_id)
    assert call.do(request_id) == first


# Another town is another tenant, which has request ids of its own; and all plans of a town are asked for alike.
@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("CreateTown", "PlanMatches")])
def test_another_body_with_the_same_request_id_is_refused_and_does_nothing(writes, method):
    make, request_id = getattr(writes, snake(method)), new_id()
    call, other = make(), make()
    call.do(request_id)
    refusal = refused(lambda: other.do(request_id), "REQUEST_ID_REUSED")
    assert refusal.http_status == 400 and refusal.zh
    # Nothing of it happened: it can still be done.
    other.do(new_id())


@pytest.mark.parametrize("method", METHODS)
def test_a_request_id_that_is_none_is_named(writes, method):
    call = getattr(writes, snake(method))()
    assert "request_id" in refused(lambda: call.do("not-a-uuid"), "INVALID_FIELD").fields
    call.do(new_id())


def test_somebody_elses_request_id_is_ones_own(writes):
    request_id = new_id()
    first = writes.create_event().do(request_id)
    call = writes.create_event()._replace(session=writes.world.callers["manager"])
    assert call.do(request_id)["name"] != first["name"]


@pytest.mark.parametrize("method", [m for m in METHODS if m.startswith("Update")])
def test_a_stale_etag_is_refused_and_the_right_one_taken(writes, method):
    call = getattr(writes, snake(method))()
    resource = call.path.removesuffix(":update")
    before = call.session.get(resource)
    first = call._replace(body={**call.body, "etag": before["etag"]}).do(new_id())
    assert first["etag"] != before["etag"]
    refusal = refused(
        lambda: call._replace(body={**call.body, "etag": before["etag"]}).do(new_id()), "STALE_ETAG"
    )
    assert refusal.code == 10 and refusal.http_status == 409
    shown = call.session.get(resource)
    # What is counted when somebody asks is not in the answer of a write.
    assert {key: value for key, value in shown.items() if key != "progress"} == first


@pytest.mark.parametrize("method", [m for m in METHODS if m.startswith("Update")])
def test_a_mask_that_names_no_field_is_refused(writes, method):
    call = getattr(writes, snake(method))()
    for mask in ("no_such_field", "name", "createTime"):
        refusal = refused(
            lambda: call._replace(query={"updateMask": mask}).do(new_id()),
            "INVALID_FIELD",
            "MALFORMED_REQUEST",
        )
        assert refusal.http_status == 400
