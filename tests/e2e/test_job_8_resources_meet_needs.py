"""Chapter 8: what one side has meets what the other needs: lists, matches, a ledger that is right at every moment, a plan."""

import datetime

import pytest
from demo_town.edge_client import as_time
from support.cast import knowing, new_id, refused
from support.events import now
from support.programme import (
    agreed,
    all_together,
    assert_sound,
    day,
    draft,
    lines,
    need,
    numbers,
    offer,
    pair_up,
    publish,
    resource,
    verb,
    with_pair,
)
from support.waiting import wait_until

RACERS = 60


@pytest.fixture(scope="module")
def pair(town):
    return with_pair(town)


# --- lists


def test_anyone_reads_what_may_be_listed(edge):
    categories = {c["category"]: c for c in edge.get("/v1/categories")["categories"]}
    assert len(categories) == 10
    assert categories["EQUIPMENT"]["title"] == "物资设备"
    assert dict(zip(categories["EQUIPMENT"]["measures"], categories["EQUIPMENT"]["measureTitles"])) == {
        "PIECES": "件"
    }
    assert all(c["measures"] and len(c["measures"]) == len(c["measureTitles"]) for c in categories.values())


def test_a_draft_is_its_partys_a_published_one_the_pairs_a_released_one_the_towns(pair):
    made = draft(pair.village_worker, pair, pair.village, title="文化礼堂八十座")
    path = f"/v1/{made['name']}"
    resident = pair.newcomer()
    everybody = (pair.enterprise_manager, pair.other_worker, pair.other_manager, resident)
    assert made["state"] == "DRAFT" and not made.get("released")
    assert pair.village_worker.get(path) == made == pair.official.get(path)
    for session in everybody:
        refused(lambda: session.get(path), "NOT_FOUND")
    published = verb(pair.village_worker, made["name"], "publish")
    assert (published["state"], published["remaining"]) == ("PUBLISHED", "10")
    assert pair.enterprise_manager.get(path) == published
    for session in everybody[1:]:
        refused(lambda: session.get(path), "NOT_FOUND")
    released = verb(pair.village_worker, made["name"], "release")
    assert released["released"]
    for session in everybody[:3]:
        assert session.get(path) == released
    refused(lambda: resident.get(path), "NOT_FOUND")

    def titles(session, **query):
        rows = session.pages(f"{pair.path}/listings", "listings", pageSize=2, **query)
        return [row["title"] for row in rows]

    for session in (*everybody[:3], pair.village_worker, pair.official):
        assert "文化礼堂八十座" in titles(session, party=pair.village)
    assert "文化礼堂八十座" not in titles(resident)


def test_a_need_must_say_when_it_opens_to_the_town(pair):
    made = draft(pair.village_worker, pair, pair.village, "NEED", releaseTime=None)
    refusal = refused(lambda: verb(pair.village_worker, made["name"], "publish"), "LISTING_INCOMPLETE")
    assert "公开" in refusal.zh


def test_a_need_nobody_answered_opens_to_the_town_by_itself(pair):
    deadline = as_time(now() + datetime.timedelta(seconds=3))
    answered, unanswered = need(pair, releaseTime=deadline), need(pair, releaseTime=deadline)
    agreed(pair, resource(pair), answered, 10)
    assert unanswered["awaitingRelease"] and not unanswered.get("released")
    refused(lambda: pair.other_manager.get(f"/v1/{unanswered['name']}"), "NOT_FOUND")
    knowing(lambda: pair.other_manager.get(f"/v1/{unanswered['name']}"), 30)
    shown = pair.village_worker.get(f"/v1/{unanswered['name']}")
    assert shown["released"] and not shown.get("awaitingRelease")
    assert not pair.village_worker.get(f"/v1/{answered['name']}").get("released")
    refused(lambda: pair.other_manager.get(f"/v1/{answered['name']}"), "NOT_FOUND")
    long_ago = need(pair, releaseTime=as_time(now() - datetime.timedelta(days=1)))
    assert long_ago["released"]


def test_a_list_filters_and_is_newest_first(pair, cast):
    town = cast.new_town()
    village = town.add_villages(1)[0]
    worker = town.worker()
    first = draft(worker, town, village, title="第一项")
    second = publish(worker, town, village, "NEED", title="第二项", category="CARE", measure="ITEMS")
    third = draft(worker, town, village, title="第三项", mechanism="PATROL")

    def names(**query):
        return [row["name"] for row in worker.get(f"{town.path}/listings", **query).get("listings", [])]

    assert names() == [third["name"], second["name"], first["name"]]
    assert names(direction="NEED") == names(category="CARE") == names(state="PUBLISHED") == [second["name"]]
    assert names(mechanism="PATROL") == [third["name"]]
    assert names(party=village, state="DRAFT") == [third["name"], first["name"]]


def test_a_published_one_is_changed_with_care(pair):
    made = resource(pair)

    def update(mask, **body):
        return pair.enterprise_manager.post(
            f"/v1/{made['name']}:update", body, updateMask=mask, requestId=new_id()
        )

    changed = update("title,quantity,endDate", title="灭火器（已检）", quantity="12", endDate=day(90))
    assert (changed["title"], changed["quantity"], changed["remaining"]) == ("灭火器（已检）", "12", "12")
    agreed(pair, made, None or need(pair), 8)
    refusal = refused(lambda: update("quantity", quantity="7"), "QUANTITY_COMMITTED")
    assert refusal.metadata["committed"] == "8" and "8" in refusal.zh
    assert update("quantity", quantity="8").get("remaining", "0") == "0"
    refused(lambda: verb(pair.enterprise_manager, made["name"], "withdraw"), "STILL_COMMITTED")
    closed = verb(pair.enterprise_manager, made["name"], "close", reason="今年不再提供")
    assert (closed["state"], closed["closeReason"]) == ("CLOSED", "今年不再提供")
    assert_sound(pair.official, made["name"], pair)
    other = need(pair)
    refused(lambda: offer(pair.village_worker, pair, made, other, 1), "LISTING_NOT_OPEN", "NOT_FOUND")
    unwanted = resource(pair)
    assert verb(pair.enterprise_manager, unwanted["name"], "withdraw")["state"] == "WITHDRAWN"


# --- a match from proposal to ratings


def test_delivered_in_two_parts_and_the_ledger_says_so_at_every_moment(pair):
    have, want = resource(pair, quantity="20"), need(pair, quantity="15", title="老楼灭火器")
    worker, manager = pair.village_worker, pair.enterprise_manager
    match = offer(worker, pair, have, want, 12, words="先装一至三幢")
    assert (match["state"], match["giver"], match["receiver"], match["proposer"]) == (
        "PROPOSED",
        pair.enterprise,
        pair.village,
        pair.village,
    )
    assert (match.get("giverAgreed", False), match["receiverAgreed"]) == (False, True)
    assert (match["measure"], match["mechanism"]) == ("PIECES", "HAZARD") and match["title"]

    def check(state, have_left, want_left, *moved):
        shown = worker.get(f"/v1/{match['name']}")
        assert shown["state"] == state
        assert numbers(shown, "delivered", "confirmed", "lost", "cancelled") == moved
        assert numbers(assert_sound(manager, have["name"], pair), "remaining") == (have_left,)
        assert numbers(assert_sound(worker, want["name"], pair), "remaining") == (want_left,)

    check("PROPOSED", 20, 15, 0, 0, 0, 0)
    refused(lambda: verb(worker, match["name"], "accept"), "FOR_THE_OTHER_SIDE")
    refused(lambda: verb(manager, match["name"], "deliver", quantity="1"), "WRONG_STATE")
    verb(manager, match["name"], "accept")
    check("ACCEPTED", 8, 3, 0, 0, 0, 0)
    assert refused(
        lambda: verb(worker, match["name"], "confirm", quantity="1"), "MORE_THAN_AGREED", "WRONG_STATE"
    )
    verb(manager, match["name"], "deliver", quantity="7", words="第一车")
    check("ACCEPTED", 8, 3, 7, 0, 0, 0)
    verb(worker, match["name"], "confirm", quantity="7")
    check("ACCEPTED", 8, 3, 7, 7, 0, 0)
    too_much = refused(lambda: verb(manager, match["name"], "deliver", quantity="6"), "MORE_THAN_AGREED")
    assert too_much.metadata["open"] == "5"
    refused(lambda: verb(manager, match["name"], "rate", rating={"stars": 5}), "NOT_OVER_YET")
    verb(manager, match["name"], "deliver", quantity="5")
    check("DELIVERED", 8, 3, 12, 7, 0, 0)
    refused(lambda: verb(worker, match["name"], "confirm", quantity="6"), "MORE_THAN_AGREED")
    verb(worker, match["name"], "confirm", quantity="5")
    check("CONFIRMED", 8, 3, 12, 12, 0, 0)
    assert lines(worker, match) == [
        ("COMMITTED", 12),
        ("DELIVERED", 7),
        ("CONFIRMED", 7),
        ("DELIVERED", 5),
        ("CONFIRMED", 5),
    ]
    writers = [row["writer"] for row in worker.pages(f"/v1/{match['name']}/lines", "lines", pageSize=2)]
    assert writers == [manager.person, manager.person, worker.person, manager.person, worker.person]

    rated = verb(worker, match["name"], "rate", rating={"stars": 5, "words": "送货上门"})
    assert rated["receiverRating"] == {"stars": 5, "words": "送货上门"} and "giverRating" not in rated
    refused(lambda: verb(worker, match["name"], "rate", rating={"stars": 1}), "ALREADY_RATED")
    assert verb(manager, match["name"], "rate", rating={"stars": 4})["giverRating"]["stars"] == 4
    for stars in (0, 6, -1):
        refused(lambda: verb(worker, match["name"], "rate", rating={"stars": stars}), "INVALID_FIELD")


def test_part_is_lost_and_the_rest_closed_short_with_a_reason(pair):
    have, want = resource(pair, quantity="30"), need(pair, quantity="30")
    worker, manager = pair.village_worker, pair.enterprise_manager
    match = agreed(pair, have, want, 30)
    refused(lambda: verb(worker, match["name"], "close", reason="还没开始"), "NOTHING_DELIVERED_YET")
    verb(manager, match["name"], "deliver", quantity="20")
    refused(lambda: verb(manager, match["name"], "cancel", reason="不送了"), "WRONG_STATE")
    verb(worker, match["name"], "confirm", quantity="15")
    on_the_way = refused(
        lambda: verb(worker, match["name"], "close", reason="其余不要了"), "STILL_ON_THE_WAY"
    )
    assert on_the_way.metadata["quantity"] == "5" and "5" in on_the_way.zh
    assert "words" in refused(
        lambda: verb(worker, match["name"], "reportLoss", quantity="5"), "INVALID_FIELD"
    ).fields
    verb(worker, match["name"], "reportLoss", quantity="5", words="路上摔坏")
    refused(
        lambda: verb(worker, match["name"], "reportLoss", quantity="1", words="再报一具"), "MORE_THAN_AGREED"
    )
    closed = verb(worker, match["name"], "close", reason="其余由消防站支援")
    assert (closed["state"], closed["reason"]) == ("CONFIRMED", "其余由消防站支援")
    assert numbers(closed, "delivered", "confirmed", "lost", "cancelled") == (20, 15, 5, 10)
    assert lines(pair.official, match) == [
        ("COMMITTED", 30),
        ("DELIVERED", 20),
        ("CONFIRMED", 15),
        ("LOST", 5),
        ("CANCELLED", 10),
    ]
    # Of the resource, what was lost is gone; of the need it is needed again.
    assert numbers(assert_sound(manager, have["name"], pair), "remaining") == (10,)
    assert numbers(assert_sound(worker, want["name"], pair), "remaining") == (15,)
    assert worker.get(f"/v1/{want['name']}")["fulfilment"] == "PARTIAL"
    agreed(pair, resource(pair, quantity="15"), want, 15)
    assert numbers(assert_sound(worker, want["name"], pair), "remaining") == (0,)


def test_no_is_said_with_a_reason_and_what_was_committed_is_free_again(pair):
    have, want = resource(pair), need(pair)
    worker, manager = pair.village_worker, pair.enterprise_manager
    match = offer(worker, pair, have, want, 10)
    refused(lambda: offer(worker, pair, have, want, 3), "ALREADY_PROPOSED")
    assert "reason" in refused(lambda: verb(manager, match["name"], "decline"), "INVALID_FIELD").fields
    declined = verb(manager, match["name"], "decline", reason="已另有安排")
    assert (declined["state"], declined["reason"]) == ("DECLINED", "已另有安排")
    refused(lambda: verb(manager, match["name"], "accept"), "WRONG_STATE")
    match = agreed(pair, have, want, 10)
    assert numbers(assert_sound(manager, have["name"], pair), "remaining") == (0,)
    cancelled = verb(worker, match["name"], "cancel", reason="活动改期")
    assert cancelled["state"] == "CANCELLED"
    assert lines(worker, match) == [("COMMITTED", 10), ("CANCELLED", 10)]
    assert numbers(assert_sound(manager, have["name"], pair), "remaining") == (10,)
    assert numbers(assert_sound(worker, want["name"], pair), "remaining") == (10,)


def test_a_resource_without_a_need_and_a_need_without_a_resource(pair):
    worker, manager = pair.village_worker, pair.enterprise_manager
    asked = offer(worker, pair, resource(pair), quantity=2, receiver=pair.village)
    assert (asked["giver"], asked["receiver"], asked.get("need", "")) == (pair.enterprise, pair.village, "")
    assert verb(manager, asked["name"], "accept")["state"] == "ACCEPTED"
    given = offer(manager, pair, need=need(pair), quantity=2, giver=pair.enterprise)
    assert (given["giver"], given["receiver"], given.get("resource", "")) == (pair.enterprise, pair.village, "")
    assert verb(worker, given["name"], "accept")["state"] == "ACCEPTED"
    refused(lambda: offer(worker, pair, quantity=2, giver=pair.enterprise), "INVALID_FIELD")
    refused(lambda: offer(manager, pair, resource(pair), quantity=1, receiver=pair.enterprise), "SAME_PARTY")


def test_a_match_is_seen_by_its_two_parties_and_the_town(pair):
    match = agreed(pair, resource(pair, release=True), need(pair, release=True), 3)
    path = f"/v1/{match['name']}"
    for session in (pair.village_worker, pair.enterprise_manager, pair.official):
        assert session.get(path) == match
        listed = session.pages(f"{pair.path}/matches", "matches", listing=match["need"], state="ACCEPTED")
        assert [row["name"] for row in listed] == [match["name"]]
    for session in (pair.other_worker, pair.other_manager, pair.newcomer()):
        refused(lambda: session.get(path), "NOT_FOUND")
        refused(lambda: session.get(f"{path}/lines"), "NOT_FOUND")
        rows = session.pages(f"{pair.path}/matches", "matches", party=pair.village)
        assert match["name"] not in {row["name"] for row in rows}


# --- the last one


def test_sixty_villages_race_for_the_last_extinguisher(cast):
    town = cast.new_town("竞争街道")
    villages = town.add_villages(RACERS)
    town.add_enterprises(1)
    manager = town.manager()
    worker = town.worker(villages[0])
    for village in villages[1:]:
        town.give_role(town.official, worker, "VILLAGE_WORKER", village)
    last = publish(manager, town, town.enterprises[0], release=True, quantity="1", title="最后一具灭火器")
    knowing(lambda: draft(worker, town, villages[-1]))
    proposals = [
        offer(manager, town, last, quantity=1, receiver=village) if i % 2 else
        knowing(lambda: offer(worker, town, last, quantity=1, receiver=village))
        for i, village in enumerate(villages)
    ]
    answers = all_together(
        lambda session, match: verb(session, match["name"], "accept"),
        [(worker if i % 2 else manager, match) for i, match in enumerate(proposals)],
    )
    won = [a for a in answers if isinstance(a, dict)]
    assert len(won) == 1 and won[0]["state"] == "ACCEPTED"
    lost = [a for a in answers if not isinstance(a, dict)]
    assert {a.reason for a in lost} == {"NOTHING_LEFT"} and len(lost) == RACERS - 1
    assert {a.metadata["remaining"] for a in lost} == {"0"}
    shown = assert_sound(manager, last["name"], town)
    assert numbers(shown, "committed", "remaining") == (1, 0)
    states = [row["state"] for row in town.official.pages(f"{town.path}/matches", "matches", pageSize=100)]
    assert sorted(set(states)) == ["ACCEPTED", "PROPOSED"] and states.count("ACCEPTED") == 1
    # What the winner gives back, one other gets.
    verb(manager, won[0]["name"], "cancel", reason="村里已自行购买")
    rest = [(worker if i % 2 else manager, m) for i, m in enumerate(proposals) if m["name"] != won[0]["name"]]
    answers = all_together(lambda session, match: verb(session, match["name"], "accept"), rest)
    assert sum(isinstance(a, dict) for a in answers) == 1
    assert_sound(manager, last["name"], town)


def test_parts_delivered_at_once_never_exceed_what_was_agreed(pair):
    match = agreed(pair, resource(pair, quantity="10"), need(pair, quantity="10"), 10)
    manager, worker = pair.enterprise_manager, pair.village_worker
    answers = all_together(
        lambda session, quantity: verb(session, match["name"], "deliver", quantity=str(quantity)),
        [(manager, 3)] * 16,
    )
    assert sum(isinstance(a, dict) for a in answers) == 3
    answers = all_together(
        lambda session, what: verb(session, match["name"], what, quantity="2", words="当面点清"),
        [(worker, "confirm"), (worker, "reportLoss")] * 8,
    )
    assert sum(isinstance(a, dict) for a in answers) == 4
    shown = worker.get(f"/v1/{match['name']}")
    delivered, confirmed, lost = numbers(shown, "delivered", "confirmed", "lost")
    assert delivered == 9 and confirmed + lost == 8
    assert_sound(manager, match["resource"], pair)
    assert_sound(worker, match["need"], pair)


# --- what fits


def test_suggestions_are_ranked_pair_first_and_say_why_in_chinese(pair):
    mark = {"category": "LEGAL_ADVICE", "measure": "SESSIONS", "mechanism": "MEDIATION"}
    want = need(pair, quantity="5", title="劳动争议咨询", startDate=day(0), endDate=day(60), **mark)
    stranger = publish(
        pair.other_manager, pair, pair.enterprises[1], release=True, quantity="50", title="外单位法务", **mark
    )
    partner = resource(pair, quantity="5", title="结对企业法务", **mark)
    resource(pair, title="别的东西")
    publish(pair.other_manager, pair, pair.enterprises[1], quantity="9", title="未公开的法务", **mark)
    answer = pair.village_worker.get(f"/v1/{want['name']}:suggest")["suggestions"]
    assert [s["listing"]["name"] for s in answer] == [partner["name"], stranger["name"]]
    scores = [s["score"] for s in answer]
    assert scores == sorted(scores, reverse=True)
    for suggestion in answer:
        parts = suggestion["parts"]
        assert suggestion["score"] == sum(part.get("points", 0) for part in parts)
        assert {part["key"] for part in parts} <= {"PAIRED", "SAME_TOWN", "QUANTITY", "WINDOW", "MECHANISM"}
        assert all(part["text"] for part in parts) and suggestion["quantity"] == "5"
    paired = {part["key"]: part for part in answer[0]["parts"]}
    assert paired["PAIRED"]["points"] > 0 and "结对" in paired["PAIRED"]["text"]

    fits = pair.village_worker.get(f"{pair.path}/listings:suggestForParty", party=pair.village)["fits"]
    ours = next(fit for fit in fits if fit["listing"]["name"] == want["name"])
    assert [s["listing"]["name"] for s in ours["suggestions"]] == [partner["name"], stranger["name"]]
    assert all(len(fit.get("suggestions", [])) <= 5 for fit in fits)
    refused(
        lambda: pair.other_worker.get(f"{pair.path}/listings:suggestForParty", party=pair.village),
        "NOT_PARTY",
        "FORBIDDEN",
    )
    # What is filled fits nothing any more.
    agreed(pair, partner, want, 5)
    assert pair.village_worker.get(f"/v1/{want['name']}:suggest").get("suggestions", []) == []


def test_the_towns_plan_shows_and_proposes_the_best_and_says_what_stays_unmet(cast):
    town = cast.new_town("计划街道")
    villages, enterprises = town.add_villages(2), town.add_enterprises(2)
    workers = [town.worker(village) for village in villages]
    managers = [town.manager(enterprise) for enterprise in enterprises]
    pair_up(town, managers[0], workers[0], enterprises[0], villages[0])
    wants = [
        publish(workers[0], town, villages[0], "NEED", release=True, quantity="6", title="甲村要六件"),
        publish(workers[1], town, villages[1], "NEED", release=True, quantity="6", title="乙村要六件"),
        publish(
            workers[1],
            town,
            villages[1],
            "NEED",
            release=True,
            quantity="1",
            title="乙村要场地",
            category="VENUE",
            measure="SEATS",
        ),
    ]
    haves = [
        publish(managers[0], town, enterprises[0], release=True, quantity="6", title="甲企有六件"),
        publish(managers[1], town, enterprises[1], release=True, quantity="3", title="乙企有三件"),
    ]
    wait_until(
        lambda: any(
            part["key"] == "PAIRED"
            for s in workers[0].get(f"/v1/{wants[0]['name']}:suggest").get("suggestions", [])
            for part in s["parts"]
        ),
        what="the pairing in exchange",
    )

    def plan(**more):
        return town.official.post(f"{town.path}/matches:plan", {"requestId": new_id(), **more})

    def content(answer):
        return sorted((m["need"], m["resource"], int(m["quantity"])) for m in answer.get("matches", []))

    shown = plan(validateOnly=True)
    best = sorted(
        [(wants[0]["name"], haves[0]["name"], 6), (wants[1]["name"], haves[1]["name"], 3)]
    )
    assert content(shown) == best and all(not m.get("name") for m in shown["matches"])
    unmet = {u["need"]["name"]: u for u in shown["unmet"]}
    assert (unmet[wants[1]["name"]]["quantity"], unmet[wants[1]["name"]]["key"]) == ("3", "USED_UP")
    assert (unmet[wants[2]["name"]]["quantity"], unmet[wants[2]["name"]]["key"]) == ("1", "NO_SUCH_RESOURCE")
    assert all(u["text"] for u in shown["unmet"]) and set(unmet) == {w["name"] for w in wants[1:]}
    assert town.official.get(f"{town.path}/matches").get("matches", []) == []

    request_id = new_id()
    made = plan(requestId=request_id)
    assert content(made) == best and plan(requestId=request_id) == made
    rows = town.official.pages(f"{town.path}/matches", "matches")
    assert sorted(row["name"] for row in rows) == sorted(m["name"] for m in made["matches"])
    assert {row["state"] for row in rows} == {"PROPOSED"} and {row["proposer"] for row in rows} == {town.name}
    assert content(plan()) == [], "what is proposed already is not proposed again"
    # Proposals hold nothing back, and both sides agree.
    assert_sound(town.official, haves[0]["name"], town)
    match = next(m for m in made["matches"] if m["need"] == wants[0]["name"])
    assert verb(workers[0], match["name"], "accept")["state"] == "PROPOSED"
    assert verb(managers[0], match["name"], "accept")["state"] == "ACCEPTED"
    assert numbers(assert_sound(town.official, haves[0]["name"], town), "remaining") == (0,)
    refused(lambda: workers[0].post(f"{town.path}/matches:plan", {"requestId": new_id()}), "FORBIDDEN")
