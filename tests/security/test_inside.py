"""The way from service to service: closed at the edge in every spelling, and at the services' own ports open only to the
service whose key signed, for the methods that name it."""

import itertools
import secrets

import pytest
from dev_stack.settings import SERVICES as NAMES
from security.calls import code, doors, service_of
from security.personal import logs
from support.descriptors import SERVICES, SIGNED_IN, Api
from support.grpc_client import grpc_web
from support.samples import SAMPLE_ID
from support.stack import api_descriptors
from support.waiting import wait_until

API = Api(api_descriptors())
FOR_SERVICES = [m for m in API.methods if m.policy.access == SERVICES]
PUBLIC = [m for m in API.methods if m.policy.access != SERVICES]
CLOSED = ("UNIMPLEMENTED", "NOT_FOUND", "UNAUTHENTICATED")
DOORS = doors(API)
SOMEBODY = "towns/330481003/people/" + SAMPLE_ID


def acting_for(mint, caller):
    """What a service sends beside its token when it acts for a user."""
    return [
        ("x-pingan-service", f"services/{caller}"),
        ("x-pingan-account", mint.claims["sub"]),
        ("x-pingan-person", SOMEBODY),
    ]


def spellings(path):
    """Ways of writing a gRPC path that something on the way might take for the same."""
    _, service, method = path.split("/")
    return [
        path,
        path.lower(),
        path + "/",
        path + "?x=1",
        path + "#x",
        path + ";x",
        "//" + path[1:],
        f"/{service}//{method}",
        f"/{service}/./{method}",
        f"/x/../{service}/{method}",
        f"/{service}%2F{method}",
        f"/{service}%2f{method}",
        f"/{service}\\{method}",
        f"/{service}/%{ord(method[0]):x}{method[1:]}",
        f"/%{ord(service[0]):x}{service[1:]}/{method}",
        f"/v1/{service}/{method}",
        f"/v1/..{path}",
        f"/v1/..%2F{path[1:]}",
        f"/{service}/{method}%00",
        f"/.{service}/{method}",
    ]


@pytest.mark.parametrize("method", FOR_SERVICES, ids=str)
def test_no_spelling_of_a_services_method_passes_the_edge(mint, stack, edge, inside, method):
    trace = secrets.token_hex(16)
    tokens = {"user": mint.user(), "service": mint.service("event", "volunteer"), "nobody": None}
    forms = ("application/grpc", "application/grpc-web+proto", "application/json", "application/grpc+proto")
    for path, form, (who, token) in itertools.product(spellings(method.path), forms, tokens.items()):
        headers = {"content-type": form, "te": "trailers", **traced(trace), **dict(acting_for(mint, "event"))}
        if token:
            headers["authorization"] = f"Bearer {token}"
        answer = edge.send("POST", path, bytes(5) if "grpc" in form else b"{}", headers)
        said = answer.headers.get("grpc-status")
        # HTTP/1 is no gRPC: 200 with grpc-status 12, 5 or 16 is a refusal in gRPC's words. 13 is what they make of Envoy's
        # 400, for a path with a fragment or an escaped slash.
        assert answer.status in (400, 401, 404, 405, 415) or said in ("5", "12", "13", "16"), (who, path, form, said)
    for called in NAMES:
        is_seen(stack, inside[called], called, door_of(called))
    assert reached(stack, trace) == []


def traced(trace):
    return {"traceparent": f"00-{trace}-{'1' * 16}-01"}


def reached(stack, trace):
    """The services in which a method was called in that trace, as far as they have written their logs."""
    written = logs(stack)
    return [name for name in NAMES if trace.encode() in written[f"{name}.log"]]


def is_seen(stack, client, called, method, token=None):
    """The call reaches that service and no other. What it was called for before is written then, too."""
    trace = secrets.token_hex(16)
    code(client, method, token, list(traced(trace).items()))
    wait_until(lambda: reached(stack, trace), what=f"{method} in the log of {called}")
    assert reached(stack, trace) == [called], method


def door_of(service):
    """A method that the service answers, here with a refusal."""
    return next(method for name, method in DOORS if name == service and method.policy.access == SERVICES)


@pytest.mark.parametrize("called", NAMES)
def test_a_method_that_is_reached_is_seen(mint, stack, inside, grpc_client, called):
    is_seen(stack, inside[called], called, door_of(called))
    method = next(m for m in PUBLIC if service_of(m) == called)
    is_seen(stack, grpc_client, called, method, mint.user())


@pytest.mark.parametrize("method", FOR_SERVICES, ids=str)
def test_no_token_opens_a_services_method_at_the_edge(mint, edge, grpc_client, method):
    for caller, audiences in mint.audiences.items():
        for called in audiences:
            token = mint.service(caller, called)
            assert code(grpc_client, method, token, acting_for(mint, caller)) in CLOSED
            http_status, status, _ = grpc_web(API, edge.address, method.full_name, {}, token)
            assert http_status in (401, 404) or status in (5, 12, 16)


@pytest.mark.parametrize("caller", NAMES)
def test_the_edge_strips_what_only_services_say(mint, grpc_client, caller):
    """A user's token with a service's headers is that user and nobody else; a service's token is none."""
    for method in PUBLIC:
        honest = code(grpc_client, method, mint.user())
        assert code(grpc_client, method, mint.user(), acting_for(mint, caller)) == honest, method
        if method.policy.access == SIGNED_IN:
            assert code(grpc_client, method, None, acting_for(mint, caller)) == "UNAUTHENTICATED", method


at_every_door = pytest.mark.parametrize("called, method", DOORS, ids=[f"{s} {m}" for s, m in DOORS])


@at_every_door
def test_a_user_with_a_services_headers_is_nobody(mint, inside, called, method):
    for caller in NAMES:
        for token in (mint.user(), mint.user(sub=f"services/{caller}"), None, "x"):
            assert code(inside[called], method, token, acting_for(mint, caller)) == "UNAUTHENTICATED", caller


@at_every_door
def test_a_user_stays_who_they_are(mint, inside, called, method):
    """Account and person come from the token alone, unless a service says them."""
    said = [("x-pingan-person", SOMEBODY), ("x-pingan-account", SAMPLE_ID)]
    honest = code(inside[called], method, mint.user())
    assert code(inside[called], method, mint.user(), said) == honest
    assert (honest == "PERMISSION_DENIED") == (method.policy.access == SERVICES)
    if method.policy.access == SIGNED_IN:
        assert code(inside[called], method, None, said) == "UNAUTHENTICATED"


@at_every_door
def test_a_service_opens_only_what_names_it(mint, inside, called, method):
    for caller, audiences in mint.audiences.items():
        token = mint.service(caller, called)
        said = code(inside[called], method, token, acting_for(mint, caller))
        if called not in audiences:
            assert said == "UNAUTHENTICATED", caller
        else:
            # Which of its rules refuses an empty request does not matter here.
            assert (said != "PERMISSION_DENIED") == (caller in method.policy.services), (caller, said)
        # Without its headers it is a user's token that no user's key signed.
        assert code(inside[called], method, token) == "UNAUTHENTICATED", caller


@pytest.mark.parametrize("caller", NAMES)
def test_a_services_token_that_says_something_else_than_its_key(mint, inside, caller):
    method = API.by_name["pingan.directory.v1.DirectoryService.GetEnterprise"]
    now = mint.claims["iat"]
    own = f"services/{caller}"
    others = [f"services/{name}" for name in NAMES if name != caller]
    for token in (
        *(mint.service(caller, "directory", sub=other) for other in others),
        *(mint.service(caller, "directory", iss=other) for other in others),
        *(mint.service(caller, "directory", iss=other, sub=other) for other in others),
        *(mint.service(caller, called) for called in NAMES if called != "directory"),
        mint.service(caller, "directory", aud="pingan"),
        mint.service(caller, "directory", aud=["services/directory"]),
        mint.service(caller, "directory", exp=None),
        mint.service(caller, "directory", sub=None),
        mint.service(caller, "directory", iat=now - 7200, exp=now - 7000),
        mint.service(caller, "directory", exp=now + 3600),
        mint.user(iss=own, sub=own, aud="services/directory"),
    ):
        assert code(inside["directory"], method, token, acting_for(mint, caller)) == "UNAUTHENTICATED"
