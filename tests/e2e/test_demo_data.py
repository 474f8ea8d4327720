"""What the demo town is made of: exact, the same every time, and plainly invented."""

import datetime
from collections import Counter

from demo_town import history, town

NAMES = {row["name"]: f"towns/330481003/enterprises/{i}" for i, row in enumerate(town.enterprises())}
OPENED = datetime.date(2026, 11, 23)


def is_uscc(code):
    total = sum(town.USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return len(code) == 18 and town.USCC_ALPHABET[(31 - total % 31) % 31] == code[17]


def test_the_standards_example_is_a_right_code():
    assert is_uscc("91350100M000100Y43")
    assert town.organisation_check("M000100Y") == "4"


def test_47_enterprises_of_division_999999_and_all_but_one_are_examples():
    rows = town.enterprises()
    assert len(rows) == len({row["uscc"] for row in rows}) == len({row["name"] for row in rows}) == 47
    assert all(is_uscc(row["uscc"]) and row["uscc"][2:8] == "999999" for row in rows)
    assert [row["name"] for row in rows if "示例" not in row["name"]] == [town.BOFEI]


def test_17_villages_and_every_one_has_an_enterprise():
    codes = {code for code, _ in town.villages(town.TOWN)}
    assert len(codes) == 17
    assert {row["unit"] for row in town.enterprises()} == codes


def test_260_talks_and_86_others_in_the_twelve_months_before_the_town_was_opened():
    held = history.held_events(OPENED, NAMES)
    kinds = Counter(request["event"]["kind"] for request in held)
    assert (len(held), kinds["TALK"], len(held) - kinds["TALK"]) == (346, 260, 86)
    assert len({(request["day"], request["title"]) for request in held}) == 346
    days = [request["day"] for request in held]
    assert OPENED - datetime.timedelta(days=365) <= min(days) and max(days) < OPENED
    assert len({(day.year, day.month) for day in days}) >= 12
    assert len({request["event"]["mechanism"] for request in held}) == 8
    organisers = {name for request in held for name in request["event"]["organisers"]}
    assert set(NAMES.values()) <= organisers
    assert {history.unit(code) for code, _ in town.villages(town.TOWN)} <= organisers


def test_the_same_day_gives_the_same_history():
    assert history.held_events(OPENED, NAMES) == history.held_events(OPENED, NAMES)


def test_no_time_of_the_year_breaks_the_figures():
    for days in range(0, 366, 7):
        held = history.held_events(OPENED + datetime.timedelta(days=days), NAMES)
        assert sum(request["event"]["kind"] == "TALK" for request in held) == 260
        assert len({(request["day"], request["title"]) for request in held}) == 346
