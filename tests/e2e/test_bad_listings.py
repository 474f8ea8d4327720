"""Lists and matches as clients send them by mistake or on purpose: a clear error that names the field, and nothing written."""

import pytest
from support.cast import new_id, refused
from support.programme import (
    agreed,
    day,
    draft,
    listing,
    need,
    numbers,
    offer,
    publish,
    resource,
    verb,
    with_pair,
)

DEMO = "towns/330481003"


@pytest.fixture(scope="module")
def pair(town):
    return with_pair(town)


@pytest.mark.parametrize("quantity", [0, -1, 10**18, "0", "-1", str(10**18)])
def test_a_quantity_that_is_none(pair, quantity):
    made, match = resource(pair), agreed(pair, resource(pair), need(pair), 5)
    session = pair.enterprise_manager
    for act, field in (
        (lambda: draft(session, pair, pair.enterprise, quantity=quantity), "listing.quantity"),
        (lambda: offer(session, pair, made, quantity=quantity, receiver=pair.village), "match.quantity"),
        (lambda: verb(session, match["name"], "deliver", quantity=quantity), "quantity"),
        (lambda: verb(pair.village_worker, match["name"], "confirm", quantity=quantity), "quantity"),
    ):
        refusal = refused(act, "INVALID_FIELD")
        assert refusal.http_status == 400 and field in refusal.fields and refusal.zh


@pytest.mark.parametrize("quantity", ["许多", 1.5, str(2**63), [1], {}])
def test_a_quantity_that_is_no_number(pair, quantity):
    body = listing(pair.enterprise, quantity=quantity)
    refusal = refused(
        lambda: pair.enterprise_manager.post(f"{pair.path}/listings", body, requestId=new_id()),
        "MALFORMED_REQUEST",
        "INVALID_FIELD",
    )
    assert refusal.http_status == 400


def test_a_measure_that_the_category_does_not_have(pair):
    refusal = refused(
        lambda: draft(pair.enterprise_manager, pair, pair.enterprise, measure="SEATS"), "INVALID_FIELD"
    )
    assert "listing.measure" in refusal.fields


def test_need_and_resource_of_different_measures_categories_or_windows(pair):
    advice = {"category": "LEGAL_ADVICE", "mechanism": "MEDIATION"}
    have, want = resource(pair, measure="HOURS", **advice), need(pair, measure="SESSIONS", **advice)
    refusal = refused(lambda: offer(pair.village_worker, pair, have, want, 1), "MEASURE_DIFFERS")
    assert "小时" in refusal.zh and "场次" in refusal.zh
    refused(lambda: offer(pair.village_worker, pair, resource(pair), want, 1), "CATEGORY_DIFFERS")
    early = resource(pair, startDate=day(0), endDate=day(10))
    late = need(pair, startDate=day(11), endDate=day(20))
    refused(lambda: offer(pair.village_worker, pair, early, late, 1), "WINDOWS_APART")
    refused(lambda: offer(pair.village_worker, pair, resource(pair), need(pair), 11), "NOTHING_LEFT")


@pytest.mark.parametrize(
    "window, field",
    [
        ({"startDate": day(10), "endDate": day(9)}, "listing.end_date"),
        ({"startDate": {"year": 2026, "month": 2, "day": 30}}, "listing.start_date"),
        ({"endDate": {"year": 2026, "month": 13, "day": 1}}, "listing.end_date"),
    ],
)
def test_a_window_that_is_none(pair, window, field):
    refusal = refused(
        lambda: draft(pair.enterprise_manager, pair, pair.enterprise, **window), "INVALID_FIELD"
    )
    assert any(f.startswith(field) for f in refusal.fields), refusal.fields


def test_what_belongs_to_another_party_or_may_not_be_seen(pair):
    body = listing(pair.enterprises[1])
    refused(
        lambda: pair.enterprise_manager.post(f"{pair.path}/listings", body, requestId=new_id()), "NOT_PARTY"
    )
    seen = publish(pair.other_manager, pair, pair.enterprises[1], release=True)
    unseen = publish(pair.other_manager, pair, pair.enterprises[1])
    session = pair.enterprise_manager
    for what, body in (("publish", {}), ("withdraw", {}), ("release", {}), ("close", {"reason": "不是我的"})):
        refused(lambda: verb(session, seen["name"], what, **body), "NOT_PARTY")
        refused(lambda: verb(session, unseen["name"], what, **body), "NOT_FOUND")
    for name, reason in ((seen["name"], "NOT_PARTY"), (unseen["name"], "NOT_FOUND")):
        refused(
            lambda: session.post(f"/v1/{name}:update", {"title": "改名"}, updateMask="title", requestId=new_id()),
            reason,
        )
    refused(lambda: offer(pair.village_worker, pair, unseen, quantity=1, receiver=pair.village), "NOT_FOUND")
    refused(lambda: offer(pair.village_worker, pair, seen, quantity=1, receiver=pair.villages[1]), "NOT_PARTY")
    assert offer(pair.village_worker, pair, seen, quantity=1, receiver=pair.village)["state"] == "PROPOSED"
    unknown = listing(f"{pair.name}/units/{pair.code}999")
    refused(
        lambda: pair.village_worker.post(f"{pair.path}/listings", unknown, requestId=new_id()),
        "UNKNOWN_PARTY",
        "NOT_PARTY",
    )
    foreign = listing(f"{DEMO}/units/330481003005")
    refused(
        lambda: pair.village_worker.post(f"{pair.path}/listings", foreign, requestId=new_id()),
        "UNKNOWN_PARTY",
        "NOT_PARTY",
        "INVALID_FIELD",
    )


@pytest.mark.parametrize("field", ["direction", "category", "mechanism", "measure"])
@pytest.mark.parametrize("value", [0, 99, -1])
def test_an_enum_by_a_wrong_number(pair, field, value):
    refusal = refused(
        lambda: draft(pair.enterprise_manager, pair, pair.enterprise, **{field: value}), "INVALID_FIELD"
    )
    assert f"listing.{field}" in refusal.fields


@pytest.mark.parametrize("field", ["direction", "category", "mechanism", "measure"])
@pytest.mark.parametrize("value", ["资源", "RESOURCES", ""])
def test_an_enum_by_a_wrong_name(pair, field, value):
    refusal = refused(
        lambda: draft(pair.enterprise_manager, pair, pair.enterprise, **{field: value}),
        "MALFORMED_REQUEST",
        "INVALID_FIELD",
    )
    assert refusal.http_status == 400


@pytest.mark.parametrize(
    "query", [{"direction": "GIVE"}, {"category": "99"}, {"state": "OPEN"}, {"mechanism": "-1"}]
)
def test_an_enum_by_a_wrong_word_in_a_query(pair, query):
    refusal = refused(
        lambda: pair.village_worker.get(f"{pair.path}/listings", **query), "MALFORMED_REQUEST", "INVALID_FIELD"
    )
    assert refusal.http_status == 400


def test_what_the_system_counts_is_not_taken_from_a_client(pair):
    made = draft(
        pair.enterprise_manager,
        pair,
        pair.enterprise,
        state="PUBLISHED",
        released=True,
        committed="5",
        confirmed="5",
        remaining="99",
        fulfilment="COMPLETE",
        closeReason="假的",
    )
    assert made["state"] == "DRAFT" and not made.get("released") and not made.get("closeReason")
    assert numbers(made, "committed", "confirmed") == (0, 0)
    match = offer(
        pair.village_worker,
        pair,
        resource(pair),
        quantity=1,
        receiver=pair.village,
        state="CONFIRMED",
        giverAgreed=True,
        delivered="1",
        proposer=pair.enterprise,
    )
    assert (match["state"], match["proposer"]) == ("PROPOSED", pair.village)
    assert not match.get("giverAgreed") and numbers(match, "delivered") == (0,)
