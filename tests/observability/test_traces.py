"""One request is one trace: its id stands in the lines of the edge and of every service that it passed."""

import json
import secrets

import grpc
import pytest
from support.cast import knowing, new_id
from support.events import begun, outcome
from support.waiting import wait_until

FLUSHED = 30.0  # the edge writes its lines every ten seconds


@pytest.fixture(scope="module")
def event(town):
    """An event that can be held: the event service then asks volunteer for the roster."""
    town.village_worker = town.worker()
    event = town.publish(town.village_worker, begun([town.villages[0]]))
    town.roster_of(event)
    return event


def post(session, path, body, **headers):
    headers |= {"authorization": f"Bearer {session.token()}", "content-type": "application/json"}
    return session.edge.send("POST", path, json.dumps(body).encode(), headers)


def lines(stack, part, **wanted):
    """Lines of a part's log with these members."""
    found = []
    for line in (stack.home / f"logs/{part}.log").read_text(encoding="utf-8", errors="replace").splitlines():
        if all(f'"{value}"' in line for value in wanted.values()):
            try:
                told = json.loads(line)
            except ValueError:
                continue
            found += [told] if all(told.get(name) == value for name, value in wanted.items()) else []
    return found


def waited_lines(stack, part, **wanted):
    return wait_until(lambda: lines(stack, part, **wanted), FLUSHED, f"a line of {part} with {wanted}")


def test_a_callers_trace_goes_through_all(stack, town, event):
    trace, span = secrets.token_hex(16), secrets.token_hex(8)

    def hold():
        body = {"outcome": outcome(attendance=5), "requestId": new_id()}
        answer = post(town.village_worker, f"/v1/{event['name']}:hold", body, traceparent=f"00-{trace}-{span}-01")
        assert answer.status == 200, answer.body
        return answer

    knowing(hold)
    (of_event,) = waited_lines(stack, "event", trace_id=trace)
    of_volunteer = waited_lines(stack, "volunteer", trace_id=trace)
    assert waited_lines(stack, "edge", trace_id=trace)[0]["to"] == "event"
    assert of_event["method"] == "pingan.event.v1.EventService.HoldEvent"
    assert {line["service"] for line in of_volunteer} == {"services/event"}
    assert all(line["parent_span_id"] == of_event["span_id"] for line in of_volunteer), "each service is a step of its own"
    assert of_event["parent_span_id"] not in (span, of_event["span_id"]), "the edge is a step, too"


def test_without_a_trace_the_edge_begins_one(stack, town, event):
    answer = post(town.village_worker, f"/v1/{event['name']}:hold", {"outcome": outcome(), "requestId": new_id()})
    (of_edge,) = waited_lines(stack, "edge", request_id=answer.headers["x-request-id"])
    assert len(of_edge["trace_id"]) == 32
    (of_event,) = waited_lines(stack, "event", trace_id=of_edge["trace_id"])
    assert of_event["method"] == "pingan.event.v1.EventService.HoldEvent"


def test_a_request_that_is_no_message_has_its_trace(stack):
    """It is refused before anything else is known of it, and its line tells nothing else."""
    trace, span = secrets.token_hex(16), secrets.token_hex(8)
    with grpc.insecure_channel(stack.edge.address.removeprefix("http://")) as channel:
        send = channel.unary_unary("/pingan.directory.v1.AuthService/SendCode")
        with pytest.raises(grpc.RpcError) as refused:
            send(b"\xff\xff\xff", metadata=[("traceparent", f"00-{trace}-{span}-01")], timeout=10)
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    (line,) = waited_lines(stack, "directory", trace_id=trace)
    assert line["reason"] == "MALFORMED_REQUEST"
