"""What clients send by mistake or on purpose: a clear error, never a 500, and nothing written."""

import http.client
import json

import pytest
from demo_town.edge_client import Answer, Refused
from support.cast import new_id
from support.events import planned

JSON = "application/json"


@pytest.fixture(scope="module")
def village(town):
    town.village_worker = town.worker()
    town.draft(town.village_worker, planned([town.villages[0]]))
    return town


@pytest.fixture
def nothing_written(village):
    """The town's events and people are the same before and after."""

    def state():
        return (
            village.official.pages(f"{village.path}/events", "events", pageSize=200),
            village.official.pages(f"{village.path}/people", "people", pageSize=200),
        )

    before = state()
    yield
    assert state() == before


def send(village, verb, target, body=None, content_type=JSON, session=None):
    """A raw request by the worker; the refusal it must get."""
    token = (session or village.village_worker).token()
    answer = village.edge.send(
        verb, target, body, {"content-type": content_type, "authorization": f"Bearer {token}"}
    )
    assert answer.status != 200, answer.body
    refused = Refused(verb, target, answer)
    assert 400 <= refused.http_status < 500, (refused.http_status, answer.body)
    assert refused.code and refused.reason and refused.domain == "pingan", answer.body
    assert refused.zh, answer.body
    return refused


def create(village, event, **more):
    """A CreateEvent with an event that is wrong somewhere."""
    body = json.dumps({**planned([village.villages[0]]), **event}, ensure_ascii=False).encode()
    return send(village, "POST", f"{village.path}/events?requestId={new_id()}", body, **more)


pytestmark = pytest.mark.usefixtures("nothing_written")


def test_an_unknown_query_parameter(village):
    assert send(village, "GET", f"{village.path}/events?kindd=TALK").http_status == 400


def test_an_unknown_query_parameter_of_a_write(village):
    body = json.dumps(planned([village.villages[0]])).encode()
    assert send(village, "POST", f"{village.path}/events?requestID={new_id()}", body).http_status == 400


@pytest.mark.parametrize("kind", ["SPEECH", "讲座"])
def test_a_wrong_enum_name_in_a_body(village, kind):
    assert create(village, {"kind": kind}).http_status == 400


def test_a_wrong_enum_name_in_a_query(village):
    assert send(village, "GET", f"{village.path}/events?kind=SPEECH").http_status == 400


@pytest.mark.parametrize("kind", [99, -1, 0])
def test_a_wrong_enum_number(village, kind):
    refused = create(village, {"kind": kind})
    assert refused.reason == "INVALID_FIELD" and "event.kind" in refused.fields


def test_a_wrong_enum_number_in_a_query(village):
    refused = send(village, "GET", f"{village.path}/events?kind=99")
    assert refused.http_status == 400


@pytest.mark.parametrize("token", ["x", "AAAA", "%E7%BF%BB"])
def test_a_bad_page_token(village, token):
    assert send(village, "GET", f"{village.path}/events?pageToken={token}").reason == "INVALID_PAGE_TOKEN"


def test_a_body_of_two_megabytes(village):
    """The edge answers by the announced length, before the body is sent."""
    connection = http.client.HTTPConnection(village.edge.host, village.edge.port, timeout=20)
    try:
        connection.putrequest("POST", f"{village.path}/events?requestId={new_id()}")
        connection.putheader("content-type", JSON)
        connection.putheader("content-length", str(2 << 20))
        connection.putheader("authorization", f"Bearer {village.village_worker.token()}")
        connection.endheaders()
        response = connection.getresponse()
        refused = Refused("POST", "/events", Answer(response.status, response.headers, response.read()))
    finally:
        connection.close()
    assert (refused.http_status, refused.reason) == (413, "BODY_TOO_LARGE") and refused.zh


def test_a_description_that_is_too_long(village):
    assert "event.description" in create(village, {"description": "长" * 4001}).fields


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_broken_utf8_in_a_body(village, bad):
    body = json.dumps({**planned([village.villages[0]]), "title": "@@"}).encode().replace(b"@@", b"ab" + bad)
    assert send(village, "POST", f"{village.path}/events?requestId={new_id()}", body).http_status == 400


@pytest.mark.parametrize("bad", ["%ff%fe", "%c3%28", "%ed%a0%80"])
def test_broken_utf8_in_a_query(village, bad):
    assert send(village, "GET", f"{village.path}/events?pageToken={bad}").http_status == 400
    assert send(village, "GET", f"{village.path}/people?unit={bad}").http_status == 400


@pytest.mark.parametrize("title", ["宣讲\x00会", "\x00\x00"])
def test_a_nul_in_a_string(village, title):
    assert "event.title" in create(village, {"title": title}).fields


def test_a_nul_in_a_query(village):
    assert send(village, "GET", f"{village.path}/events?pageToken=a%00b").http_status == 400


ID = "0192f0c0-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "bad",
    [
        "1:publish",
        "a%2Fb",
        "a%252Fb",
        "1;x=y",
        f"{ID}%00",
        f"{ID} ",
        ID.upper().replace("0192F0C0", "0192F0CX"),
        "-",
    ],
)
def test_an_id_that_is_none(village, bad):
    target = f"{village.path}/events/{bad}".replace(" ", "%20")
    assert send(village, "GET", target).http_status in (400, 404, 405)
    assert send(
        village, "POST", f"{target}:cancel", json.dumps({"reason": "取消", "requestId": new_id()}).encode()
    ).http_status in (400, 404, 405)


@pytest.mark.parametrize(
    "time",
    [
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "明天",
        5,
        "",
    ],
)
def test_a_time_that_is_none(village, time):
    assert create(village, {"startTime": time}).http_status == 400


def test_an_end_before_the_start(village):
    event = planned([village.villages[0]])
    assert (
        "event.end_time"
        in create(village, {"startTime": event["endTime"], "endTime": event["startTime"]}).fields
    )


@pytest.mark.parametrize("capacity", [-1, 100001])
def test_a_capacity_out_of_range(village, capacity):
    assert "event.capacity" in create(village, {"capacity": capacity}).fields


@pytest.mark.parametrize("capacity", [2**31, -(2**31) - 1, 1.5, "many", [4]])
def test_a_capacity_that_is_no_int32(village, capacity):
    assert create(village, {"capacity": capacity}).http_status == 400


@pytest.mark.parametrize(
    "point",
    [
        {"latitude": 91, "longitude": 120, "datum": "WGS84"},
        {"latitude": 30, "longitude": 180.1, "datum": "WGS84"},
        {"latitude": "NaN", "longitude": 120, "datum": "WGS84"},
        {"latitude": "Infinity", "longitude": 120, "datum": "GCJ02"},
        {"latitude": 30, "longitude": 120},
    ],
)
def test_a_point_outside_the_world_or_without_its_datum(village, point):
    refused = create(village, {"place": {"address": "文化礼堂", "point": point}})
    assert any(field.startswith("event.place.point") for field in refused.fields), refused.fields


def test_many_bad_fields_are_all_named(village):
    refused = create(
        village,
        {"title": "短"[:0], "kind": "EVENT_KIND_UNSPECIFIED", "capacity": -1, "organisers": ["隆兴社区"]},
    )
    assert {"event.title", "event.kind", "event.capacity", "event.organisers[0]"} <= set(refused.fields)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b"{} {}", b"\x00", b"<xml/>", b"[" * 10_000, b'{"a":' * 5_000],
)
def test_a_body_that_is_no_event(village, body):
    assert send(village, "POST", f"{village.path}/events?requestId={new_id()}", body).http_status == 400


@pytest.mark.parametrize("verb", ["DELETE", "PUT", "OPTIONS", "TRACE"])
def test_a_verb_that_no_method_has(village, verb):
    answer = village.edge.send(
        verb, f"{village.path}/events", None, {"authorization": f"Bearer {village.village_worker.token()}"}
    )
    assert 400 <= answer.status < 500 or answer.status == 501 or (verb == "OPTIONS" and answer.status < 300)


def test_a_header_of_ten_kilobytes(village):
    answer = village.edge.send("GET", village.path, None, {"x-long": "a" * 10_000})
    village.edge.close()
    assert answer.status == 431


def test_a_request_id_that_is_no_uuid(village):
    refused = send(
        village,
        "POST",
        f"{village.path}/events?requestId=1",
        json.dumps(planned([village.villages[0]])).encode(),
    )
    assert "request_id" in refused.fields


def test_organisers_twice_or_eleven(village):
    one = village.villages[0]
    assert any(f.startswith("event.organisers") for f in create(village, {"organisers": [one, one]}).fields)
    many = [f"{village.name}/units/{village.code}{i:03d}" for i in range(1, 12)]
    assert any(f.startswith("event.organisers") for f in create(village, {"organisers": many}).fields)


def test_an_error_shows_nothing_of_the_database(village):
    texts = []
    for target in (f"/events/{ID}", "/events?pageToken=x", "/people?phone=1", "/units/330481999999"):
        token = village.village_worker.token()
        texts.append(
            village.edge.send(
                "GET", village.path + target, None, {"authorization": f"Bearer {token}"}
            ).body.decode()
        )
    for text in texts:
        assert not any(
            word in text.lower()
            for word in ("select ", "pq:", "sqlstate", "relation", "psql", "libpq", ".cc:")
        ), text
