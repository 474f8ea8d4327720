"""The checker finds what it is there to find: made-up journals and rows with one thing wrong."""

import pytest
from faults import checker
from faults.load import Attempt


def attempt(client, turn, began, ended):
    made = Attempt(client, turn)
    made.began, made.ended = began, ended
    made.answer = None if ended is None else {"name": f"{client}-{turn}"}
    return made


# Client 0 writes twice, one after the other, while client 1 writes once and is never answered.
JOURNAL = [attempt(0, 0, 1.0, 2.0), attempt(0, 1, 3.0, 4.0), attempt(1, 0, 1.5, None)]


@pytest.mark.parametrize(
    "effects, problem",
    [
        ([(1, (0, 0)), (2, (0, 1)), (3, (1, 0))], None),
        ([(1, (1, 0)), (2, (0, 0)), (3, (0, 1))], None),
        ([(1, (0, 0)), (2, (0, 1))], None),
        ([(1, (0, 0)), (2, (1, 0))], "acknowledged and lost: (0, 1)"),
        ([], "acknowledged and lost: (0, 0), (0, 1)"),
        ([(1, (0, 0)), (2, (0, 1)), (3, (0, 1))], "done more than once: (0, 1)"),
        ([(1, (0, 0)), (2, (0, 1)), (3, (1, 0)), (4, (1, 0))], "done more than once: (1, 0)"),
        ([(1, (0, 0)), (2, (0, 1)), (3, "somebody")], "done and not asked for: somebody"),
        ([(1, (0, 0)), (2, (0, 1)), (3, None)], None),
        ([(1, (0, 0)), (2, (0, 1)), (3, None), (4, None)], "done and not asked for: 2 for 1 without an answer"),
    ],
)
def test_effects_are_there_exactly_once(effects, problem):
    assert checker.exactly_once(JOURNAL, effects) == ([problem] if problem else [])


@pytest.mark.parametrize(
    "order, sound",
    [
        ([(0, 0), (0, 1), (1, 0)], True),
        ([(1, 0), (0, 0), (0, 1)], True),  # asked at the same time, and never answered: anywhere
        ([(0, 1), (0, 0), (1, 0)], False),
        ([(0, 1), (1, 0), (0, 0)], False),
    ],
)
def test_what_was_answered_before_comes_before(order, sound):
    problems = checker.in_order(JOURNAL, [(seq, key) for seq, key in enumerate(order, start=1)])
    assert problems == [] if sound else problems == ["out of order in the log: (0, 0) was answered before (0, 1) was asked"]


def test_an_answer_stays():
    first = attempt(0, 0, 1.0, 2.0)
    assert checker.same_answer(first, {"name": "0-0"}) == []
    assert "other" in checker.same_answer(first, {"name": "other"})[0]
    assert checker.same_answer(attempt(0, 0, 1.0, None), {"name": "new"}) == []


@pytest.mark.parametrize(
    "head, sound",
    [
        (("t", 3, 3, 3, 1, 3), True),
        (("t", 0, 0, 0, 0, 0), True),
        (("t", 3, 2, 2, 1, 3), False),  # one lost
        (("t", 3, 4, 3, 1, 3), False),  # one doubled
        (("t", 3, 3, 3, 2, 4), False),  # moved
        (("t", 4, 3, 3, 1, 3), False),  # the last lost
        (("t", 0, 1, 1, 1, 1), False),  # without a head
    ],
)
def test_logs_are_dense(head, sound):
    assert (checker.dense([head]) == []) == sound


@pytest.mark.parametrize(
    "roster, states, problem",
    [
        ((2, 2, 1), ["CONFIRMED", "CONFIRMED", "WAITLISTED", ""], None),
        ((2, 0, 0), [], None),
        ((2, 3, 0), ["CONFIRMED"] * 3, "3 confirmed for 2 seats"),
        ((2, 2, 0), ["CONFIRMED"], "counts 2 and 0, its rows are 1 and 0"),
        ((2, 1, 1), ["CONFIRMED", "WAITLISTED"], "a free seat and 1 waiting"),
    ],
)
def test_seats(roster, states, problem):
    found = checker.seats({"r": roster}, [("r", state) for state in states])
    assert any(problem in one for one in found) if problem else found == []


def test_a_sign_up_without_its_roster_is_half_there():
    assert checker.seats({}, [("r", "CONFIRMED")]) == ["sign-ups without a roster: r"]


@pytest.mark.parametrize(
    "changes, sound",
    [
        ([("r", "a", "CONFIRMED"), ("r", "b", "WAITLISTED"), ("r", "a", ""), ("r", "b", "CONFIRMED")], True),
        ([("r", "a", "CONFIRMED"), ("r", "a", "CONFIRMED"), ("other", 5), ("other", "b", "CONFIRMED")], True),
        ([("r", "a", "CONFIRMED"), ("r", "b", "CONFIRMED"), ("r", "a", "")], False),  # mended later
    ],
)
def test_seats_at_every_moment(changes, sound):
    assert (checker.seats_over_time([("r", 1), *changes]) == []) == sound


LISTINGS = {"have": ("RESOURCE", 10, 4, 2, 1, 0), "want": ("NEED", 5, 4, 2, 1, 0)}
MATCHES = {"m": ("have", "want", 4, 2, 1, 0, 0)}
LINES = [("m", "COMMITTED", 4), ("m", "DELIVERED", 2), ("m", "CONFIRMED", 1)]


def test_sound_ledgers():
    assert checker.ledgers(LISTINGS, MATCHES, LINES) == []


@pytest.mark.parametrize(
    "listings, matches, lines, problem",
    [
        (LISTINGS, MATCHES, LINES[:2], "match m says"),  # a line lost
        (LISTINGS, MATCHES, LINES + LINES[2:], "match m says"),  # doubled
        (LISTINGS, MATCHES, LINES + [("m", "COMMITTED", 4)], "committed 8"),
        ({**LISTINGS, "have": ("RESOURCE", 10, 4, 1, 1, 0)}, MATCHES, LINES, "listing have says"),
        ({**LISTINGS, "have": ("RESOURCE", 3, 4, 2, 1, 0)}, MATCHES, LINES, "4 committed of 3"),
        (LISTINGS, MATCHES, LINES + [("x", "COMMITTED", 1)], "lines without a match: x"),
    ],
)
def test_unsound_ledgers(listings, matches, lines, problem):
    assert any(problem in one for one in checker.ledgers(listings, matches, lines))


def test_what_a_need_lost_may_be_promised_again():
    listings = {"want": ("NEED", 4, 6, 2, 0, 2)}
    matches = {"m": ("", "want", 4, 2, 0, 2, 0), "n": ("", "want", 2, 0, 0, 0, 0)}
    lines = [("m", "COMMITTED", 4), ("m", "DELIVERED", 2), ("m", "LOST", 2), ("n", "COMMITTED", 2)]
    assert checker.ledgers(listings, matches, lines) == []


def test_copies_equal_their_source():
    rows = [["t", "1"], ["t", "2"]]
    assert checker.same_rows("copy", rows, reversed(rows)) == []
    assert checker.same_rows("copy", rows, rows[:1]) == ["copy: missing: ('t', '2')"]
    assert checker.same_rows("copy", rows, rows + rows[:1]) == ["copy: too much: ('t', '1')"]
