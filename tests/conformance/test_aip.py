"""The API against the AIPs it follows, read from the descriptors. What deviates stands in a list here, with its reason."""

import re

import pytest
from support.descriptors import OPEN, SERVICES, SIGNED_IN, Api, is_enum, is_message, is_string
from support.stack import api_descriptors

API = Api(api_descriptors())
MESSAGES = {message.full_name: message for message in API.messages()}
RESOURCES = {m.full_name: API.resource(m) for m in MESSAGES.values() if API.resource(m)}

STANDARD = re.compile(r"^(Get|List|Create|Update|Delete)([A-Z].*)$")

# Standard-looking methods that are not AIP standard methods, and why.
NOT_STANDARD = {
    "ListMySignUps": "the caller's own rows of all rosters: a custom method of the collection",
    "CreateSignUp": "a sign-up is wholly decided by the server; only the person is said",
    "CreateCoBuildingDay": "makes the day and its events in one call",
    "ListCategories": "a table of the API itself, which is no collection and always whole",
}
# Reading verbs need no request id, and sessions have tokens instead.
READS_AND_SESSIONS = {
    "SendCode",
    "SignIn",
    "SignOut",
    "SetPassword",
    "LocateDuty",
    "SummarizeEvents",
    "CountHeldEvents",
    "ExportHeldEvents",
    "BatchGetMaskedNames",
    "CountCommitments",
    "SuggestListings",
    "SuggestForParty",
    "Watch",
}


def snake(name):
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def fields(method):
    return method.request.fields_by_name


def standard(method):
    found = STANDARD.match(method.name)
    return found.groups() if found and method.name not in NOT_STANDARD else (None, None)


def for_each_method(condition=lambda method: True):
    return pytest.mark.parametrize("method", [m for m in API.methods if condition(m)], ids=str)


def for_each_standard(verb):
    return for_each_method(lambda method: standard(method)[0] == verb)


METHODS = for_each_method()


@METHODS
def test_it_says_who_may_call(method):
    assert method.policy.access in (OPEN, SIGNED_IN, SERVICES)
    assert bool(method.policy.services) or method.policy.access != SERVICES
    assert 0 <= method.policy.deadline_ms <= 60000


@METHODS
def test_it_has_an_http_path_unless_it_is_for_services_only(method):
    assert bool(method.bindings) == (method.policy.access != SERVICES)
    for binding in method.bindings:
        assert re.match(r"^/v1/[A-Za-z{}=*./]+(:[a-z][A-Za-z]*)?$", binding.path), binding.path


@METHODS
def test_a_patch_has_a_post_twin_for_wechat(method):
    patches = [b for b in method.bindings if b.verb == "patch"]
    for patch in patches:
        twin = next(b for b in method.bindings if b.verb == "post")
        assert (twin.path, twin.body) == (patch.path + ":update", patch.body) and twin.body not in ("", "*")
    assert bool(patches) == method.name.startswith("Update")
    assert all(b.verb in ("get", "post", "patch") for b in method.bindings)


@METHODS
def test_reads_are_gets_without_a_body_and_all_else_is_a_post_with_one(method):
    reads = method.name.startswith(("Get", "List", "Locate", "Summarize", "Count", "Export", "Suggest"))
    for binding in method.bindings:
        assert (binding.verb == "get") == reads
        assert bool(binding.body) == (binding.verb != "get")


def test_no_two_methods_share_a_path():
    seen = {}
    for method in API.methods:
        for binding in method.bindings:
            key = (binding.verb, re.sub(r"\{[a-z_.]+=([^}]*)\}", r"\1", binding.path))
            assert seen.setdefault(key, method.full_name) == method.full_name, key


@METHODS
def test_request_and_response_are_named_after_it(method):
    assert method.request.name == f"{method.name}Request"
    verb, _ = standard(method)
    if verb == "List":
        assert method.response.name == f"{method.name}Response"


@METHODS
def test_path_variables_are_required_strings_of_the_request(method):
    for binding in method.bindings:
        for variable, pattern in re.findall(r"\{([a-z_.]+)=([^}]*)\}", binding.path):
            message = method.request
            *parents, last = variable.split(".")
            for parent in parents:
                message = message.fields_by_name[parent].message_type
            field = message.fields_by_name[last]
            assert is_string(field)
            assert API.behaviors(field) & {"REQUIRED", "IDENTIFIER"}
            assert set(pattern.split("/")[1::2]) == {"*"}


@for_each_standard("Get")
def test_get_takes_a_name_and_answers_the_resource(method):
    _, resource = standard(method)
    assert set(fields(method)) == {"name"} and "REQUIRED" in API.behaviors(fields(method)["name"])
    assert method.response.name == resource and method.response.full_name in RESOURCES
    assert API.reference(fields(method)["name"]) == RESOURCES[method.response.full_name].type


@for_each_method(lambda method: method.name.startswith("List") and method.name != "ListCategories")
def test_list_is_paged(method):
    assert {"page_size", "page_token"} <= set(fields(method))
    assert "next_page_token" in method.response.fields_by_name
    rows = [f for f in method.response.fields if f.name != "next_page_token"]
    assert len(rows) == 1 and rows[0].is_repeated and rows[0].message_type.full_name in RESOURCES
    assert rows[0].number == 1


@for_each_standard("Create")
def test_create_takes_its_parent_and_the_resource_and_answers_it(method):
    _, resource = standard(method)
    assert snake(resource) in fields(method) and "REQUIRED" in API.behaviors(fields(method)[snake(resource)])
    assert method.response.name == resource
    assert "parent" in fields(method) or resource == "Town"
    assert method.bindings[0].body == snake(resource)


@for_each_standard("Update")
def test_update_takes_the_resource_and_a_mask(method):
    _, resource = standard(method)
    assert set(fields(method)) == {snake(resource), "update_mask", "request_id"}
    assert fields(method)["update_mask"].message_type.full_name == "google.protobuf.FieldMask"
    assert "etag" in method.response.fields_by_name, "what is updated has an etag"


@METHODS
def test_what_changes_something_takes_a_request_id(method):
    reads = method.name.startswith(("Get", "List")) or method.name in READS_AND_SESSIONS
    assert ("request_id" in fields(method)) == (not reads)
    if "request_id" in fields(method):
        assert API.rules(fields(method)["request_id"]).string.uuid


@for_each_method(
    lambda m: m.bindings
    and not standard(m)[0]
    and m.name not in ("CreateSignUp", "CreateCoBuildingDay", "ListCategories")
)
def test_a_custom_method_is_its_verb_in_the_path(method):
    custom = method.bindings[0].path.rpartition(":")[2]
    assert method.name.lower().startswith(re.match("[a-z]+", custom).group()) or custom == "mine", custom


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_a_resource_is_named_typed_and_dated(name):
    message, resource = MESSAGES[name], RESOURCES[name]
    assert re.match(r"^pingan/[A-Z][A-Za-z]+$", resource.type) and resource.type.endswith(message.name)
    assert len(resource.pattern) == 1 and resource.pattern[0].startswith("towns/{town}")
    assert re.match(r"^towns/\{town\}(/[a-z][A-Za-z]*/\{[a-z_]+\})*$", resource.pattern[0])
    assert resource.singular and resource.plural
    assert message.fields_by_name["name"].number == 1
    assert "IDENTIFIER" in API.behaviors(message.fields_by_name["name"])
    for time in ("create_time", "update_time"):
        if time in message.fields_by_name:
            assert "OUTPUT_ONLY" in API.behaviors(message.fields_by_name[time])
            assert message.fields_by_name[time].message_type.full_name == "google.protobuf.Timestamp"


def is_input(message):
    """Whether clients send it: a request, or what a request holds."""

    def reaches(start, wanted, seen):
        if start is wanted:
            return True
        seen.add(start.full_name)
        return any(
            is_message(f) and f.message_type.full_name not in seen and reaches(f.message_type, wanted, seen)
            for f in start.fields
        )

    return any(reaches(method.request, message, set()) for method in API.methods)


def strings_sent():
    """String fields that clients fill, but for the resource's own name and etag, which are compared only."""
    for message in MESSAGES.values():
        if is_input(message) and not message.full_name.startswith("pingan.changes."):
            for field in message.fields:
                if (
                    is_string(field)
                    and not API.behaviors(field) & {"OUTPUT_ONLY", "IDENTIFIER"}
                    and field.name != "etag"
                ):
                    yield field


@pytest.mark.parametrize("field", list(strings_sent()), ids=lambda f: f.full_name)
def test_a_string_that_clients_send_has_a_limit_or_a_pattern(field):
    rules = API.rules(field)
    string = rules.repeated.items.string if field.is_repeated else rules.string
    assert string.HasField("max_len") or string.pattern or string.uuid, "no limit of its length"


@pytest.mark.parametrize("field", [f for f in strings_sent() if API.reference(f)], ids=lambda f: f.full_name)
def test_a_name_that_clients_send_has_a_character_rule_for_every_segment(field):
    rules = API.rules(field)
    pattern = (rules.repeated.items.string if field.is_repeated else rules.string).pattern
    assert (
        pattern.startswith("^towns/[0-9]{9}")
        and pattern.endswith("$")
        and "*" not in pattern
        and ".+" not in pattern
    )


def test_enums_begin_with_an_unspecified_zero_and_are_in_capitals():
    for enum in API.enums():
        zero = enum.values_by_number[0]
        assert zero.name == f"{snake(enum.name).upper()}_UNSPECIFIED", enum.full_name
        assert all(re.match(r"^[A-Z][A-Z0-9_]*$", value.name) for value in enum.values), enum.full_name


def test_every_state_and_reason_has_words_for_people():
    for enum in API.enums():
        if enum.name.endswith("State") or enum.name in (
            "Reason",
            "Mechanism",
            "EventKind",
            "Role",
            "UnitKind",
            "PersonKind",
        ):
            for value in enum.values:
                if value.number:
                    assert API.enum_value_option(value, "pingan.options.v1.zh"), value.name


def test_every_reason_has_a_code():
    reasons = next(enum for enum in API.enums() if enum.name == "Reason")
    for value in reasons.values:
        assert 1 <= API.enum_value_option(value, "pingan.options.v1.code") <= 16, value.name


def test_states_are_for_the_server_to_say():
    for name in RESOURCES:
        for field in MESSAGES[name].fields:
            if is_enum(field) and field.enum_type.name.endswith("State"):
                assert "OUTPUT_ONLY" in API.behaviors(field), field.full_name


def test_field_names_are_lower_snake_case_and_times_end_in_time():
    for message in MESSAGES.values():
        for field in message.fields:
            assert re.match(r"^[a-z][a-z0-9_]*$", field.name), field.full_name
            if is_message(field) and field.message_type.full_name == "google.protobuf.Timestamp":
                assert (
                    field.name.endswith(("_time", "_from", "_until"))
                    or field.full_name == "pingan.changes.v1.Change.time"
                )


def test_personal_fields_are_only_in_directory_and_masked_names():
    extension = API.extension("pingan.options.v1.personal")
    for message in MESSAGES.values():
        for field in message.fields:
            if API.field_options(field).Extensions[extension]:
                assert message.file.package == "pingan.directory.v1" or field.name.endswith(
                    "masked_name"
                ), field.full_name


def test_secrets_are_answered_only_by_methods_that_say_so():
    for method in API.methods:
        secret = {"access_token", "refresh_token", "phone"} & set(
            method.response.fields_by_name
        ) and not API.resource(method.response)
        assert bool(secret) == method.policy.secret_answer, method.full_name
