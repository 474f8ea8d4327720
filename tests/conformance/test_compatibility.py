"""Clients of the released API can go on with this one; and the check sees what would break them."""

import pytest
from compatibility import RELEASED, breaking
from support.descriptors import Api
from support.stack import api_descriptors

REQUEST = "CreateEventRequest"


def test_nothing_that_was_released_is_broken():
    assert breaking(RELEASED, api_descriptors()) == []


def one(things, name):
    return next(thing for thing in things if thing.name == name)


@pytest.fixture
def changed(tmp_path):
    """What breaks when the released API is as it is now, and the next one is what `change` makes of it."""

    def found(change):
        api = Api(api_descriptors())
        event = one(api.files.file, "pingan/event/v1/event.proto")
        event.ClearField("source_code_info")  # it is about lines that would be others
        change(api, event)
        file = tmp_path / "changed.binpb"
        file.write_bytes(api.files.SerializeToString())
        return breaking(api_descriptors(), file)

    return found


def create_event(file):
    return one(one(file.service, "EventService").method, "CreateEvent")


def test_it_sees_a_field_with_another_number(changed):
    def change(_, file):
        one(file.message_type, REQUEST).field[0].number = 99

    assert any(REQUEST in found for found in changed(change))


def test_it_sees_a_method_that_is_gone(changed):
    def change(_, file):
        one(file.service, "EventService").method.remove(create_event(file))

    assert any("CreateEvent" in found for found in changed(change))


def test_it_sees_another_path(changed):
    def change(api, file):
        options = api.options("MethodOptions", create_event(file).options)
        options.Extensions[api.extension("google.api.http")].post += "/elsewhere"
        create_event(file).options.ParseFromString(options.SerializeToString())

    assert any("cannot be called by POST" in found for found in changed(change))


def test_it_sees_a_field_that_became_required(changed):
    def change(api, file):
        field = one(one(file.message_type, REQUEST).field, "request_id")
        options = api.options("FieldOptions", field.options)
        options.Extensions[api.extension("google.api.field_behavior")].append(2)
        field.options.ParseFromString(options.SerializeToString())

    assert f"pingan.event.v1.{REQUEST}.request_id is required now" in changed(change)


def test_it_sees_a_method_that_wants_more_of_its_caller(changed):
    def change(api, file):
        options = api.options("MethodOptions", create_event(file).options)
        options.Extensions[api.extension("pingan.options.v1.policy")].access = 3
        create_event(file).options.ParseFromString(options.SerializeToString())

    assert any("not open" in found for found in changed(change))
