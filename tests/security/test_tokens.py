"""Every method, open ones too, with tokens that are none: at the edge by gRPC and by JSON, and at the services' own ports."""

import pytest
from security.calls import code, doors, json_status, service_of
from security.mint import basic
from support.descriptors import OPEN, SERVICES, SIGNED_IN, Api
from support.stack import api_descriptors

API = Api(api_descriptors())
PUBLIC = [m for m in API.methods if m.policy.access != SERVICES]
SIGNED = [m for m in API.methods if m.policy.access == SIGNED_IN]
FORGED = (
    "alg none, no signature",
    "alg NONE, the old signature",
    "no alg",
    "HS256 with the public key",
    "HS256 with the public key as PEM",
    "HS256 with the public key as text",
    "another payload",
    "no signature",
    "two parts",
    "a changed signature",
    "a signature of zeros",
    "a signature twice",
    "padded",
    "an unknown key",
    "an unknown key under our key's id",
    "no key's id",
    "a key brought along",
    "a key to be fetched",
    "a user's token signed by a service",
    "the same under the users' key's id",
    "a service's token",
    "a service's token for users' audience",
    "a service's token of the users' issuer",
    "another audience",
    "an audience more",
    "no audience",
    "another issuer",
    "no issuer",
    "no subject",
    "a subject that is none",
    "a person that is none",
    "a head that asks for more",
    "too long",
    "expired",
    "no end",
    "no beginning",
    "from the far future",
    "not good yet",
    "good for a day",
    "ends before it begins",
    "times as text",
)


def not_refused(codes):
    """{method: what it answered} of those that did not say UNAUTHENTICATED."""
    return {str(method): said for method, said in codes if said != "UNAUTHENTICATED"}


def test_every_forgery_is_tried(mint):
    assert tuple(mint.forged()) == FORGED


def test_an_honest_copy_works(mint, grpc_client, inside):
    """Made by the same hands as the forgeries: so it is the one thing changed that refuses them."""
    token = mint.user()
    assert token != mint.good
    for method in SIGNED:
        assert code(grpc_client, method, token) != "UNAUTHENTICATED", method
        assert code(inside[service_of(method)], method, token) != "UNAUTHENTICATED", method


@pytest.mark.parametrize("what", FORGED)
def test_forged_at_the_edge_by_grpc(mint, grpc_client, what):
    token = mint.forged()[what]
    assert not not_refused((m, code(grpc_client, m, token)) for m in PUBLIC)


@pytest.mark.parametrize("what", FORGED)
def test_forged_at_the_edge_by_json(mint, edge, what):
    headers = {"authorization": f"Bearer {mint.forged()[what]}"}
    answers = {f"{m} {b.path}": json_status(edge, b, headers) for m in PUBLIC for b in m.bindings}
    assert {where: status for where, status in answers.items() if status != 401} == {}


@pytest.mark.parametrize("what", FORGED)
def test_forged_at_the_services(mint, inside, what):
    """They check for themselves: the edge might be passed."""
    token = mint.forged()[what]
    assert not not_refused((m, code(inside[service], m, token)) for service, m in doors(API))


def places(token):
    """{place: (headers, query)} where a token is not looked for."""
    return {
        "query access_token": ({}, f"access_token={token}"),
        "query authorization": ({}, f"authorization=Bearer%20{token}"),
        "query token": ({}, f"token={token}"),
        "cookie": ({"cookie": f"authorization=Bearer {token}; access_token={token}; token={token}"}, ""),
        "x-access-token": ({"x-access-token": token}, ""),
        "x-authorization": ({"x-authorization": f"Bearer {token}"}, ""),
        "proxy-authorization": ({"proxy-authorization": f"Bearer {token}"}, ""),
        "x-forwarded-access-token": ({"x-forwarded-access-token": token}, ""),
        "grpc-metadata-authorization": ({"grpc-metadata-authorization": f"Bearer {token}"}, ""),
        "basic": ({"authorization": basic(token)}, ""),
        "bare": ({"authorization": token}, ""),
        "another scheme": ({"authorization": f"Token {token}"}, ""),
    }


@pytest.mark.parametrize("where", places(""))
def test_a_good_token_in_the_wrong_place(mint, edge, grpc_client, where):
    headers, query = places(mint.user())[where]
    for method in SIGNED:
        for binding in method.bindings:
            status = json_status(edge, binding, headers, query)
            # Unknown parameters are refused before the token is asked for.
            assert status in ((400, 401) if query else (401,)), (method, binding.path)
        if not query:
            assert code(grpc_client, method, metadata=list(headers.items())) == "UNAUTHENTICATED", method


def test_nothing_is_asked_of_a_token_in_the_query_of_an_open_method(mint, edge):
    """Also where no token is needed, one in the query is no identity but an unknown parameter."""
    for method in (m for m in API.methods if m.policy.access == OPEN):
        for binding in method.bindings:
            assert json_status(edge, binding, {}, f"access_token={mint.user()}") == 400, method
