"""Chapter 8, lists as files: a party's resources and needs as they come from a table, with a dry run and a report by row."""

import csv
import io

import pytest
from demo_town.edge_client import as_bytes
from support.cast import new_id, refused
from support.programme import HEADER, day, iso, verb, with_pair


@pytest.fixture(scope="module")
def pair(town):
    return with_pair(town)


def sheet(rows):
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue()


def import_(pair, rows, dry=False, party=None, encoding="utf-8", session=None):
    body = {
        "party": party or pair.enterprise,
        "csv": as_bytes(sheet(rows).encode(encoding)),
        "validateOnly": dry,
        "requestId": new_id(),
    }
    return (session or pair.enterprise_manager).post(f"{pair.path}/listings:import", body)


def counts(report):
    return {key: report.get(key, 0) for key in ("created", "updated", "unchanged", "skipped", "rejected")}


def test_lists_come_as_a_file_with_a_dry_run_and_a_repeat_is_harmless(pair):
    rows = [
        ["资源", "场地", "资源联动", "会议室（导入）", "可坐八十人", "80", "座", "2026-01-01", "2027-12-31", ""],
        ["资源", "志愿力量", "风险联防", "救护员（导入）", "", "12", "人", "", "", ""],
        ["需求", "安全宣讲", "风险联防", "员工宣讲（导入）", "三个车间", "3", "场次", "", "", f"{iso(day(9))} 09:00"],
    ]

    def drafts():
        found = pair.enterprise_manager.pages(
            f"{pair.path}/listings", "listings", party=pair.enterprise, state="DRAFT"
        )
        return {row["title"]: row for row in found if "导入" in row["title"]}

    report = import_(pair, rows, dry=True)
    assert report["validateOnly"] and counts(report) == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "rejected": 0,
    }
    assert drafts() == {}
    assert counts(import_(pair, rows))["created"] == 3
    made = drafts()
    assert set(made) == {"会议室（导入）", "救护员（导入）", "员工宣讲（导入）"}
    hall = made["会议室（导入）"]
    assert (hall["direction"], hall["category"], hall["mechanism"], hall["quantity"], hall["measure"]) == (
        "RESOURCE",
        "VENUE",
        "RESOURCE",
        "80",
        "SEATS",
    )
    assert (hall["startDate"], hall["endDate"]) == (
        {"year": 2026, "month": 1, "day": 1},
        {"year": 2027, "month": 12, "day": 31},
    )
    assert made["员工宣讲（导入）"]["releaseTime"]
    assert counts(import_(pair, rows))["unchanged"] == 3
    rows[0][5] = "60"
    report = import_(pair, rows, encoding="gb18030")
    assert (counts(report)["updated"], counts(report)["unchanged"]) == (1, 2)
    assert report["encoding"] == "GB18030"
    assert drafts()["会议室（导入）"]["quantity"] == "60"
    verb(pair.enterprise_manager, hall["name"], "publish")
    rows[0][5] = "50"
    report = import_(pair, rows)
    assert report["rows"][0]["outcome"] in ("REJECTED", "SKIPPED") and report["rows"][0]["reason"]
    assert pair.enterprise_manager.get(f"/v1/{hall['name']}")["quantity"] == "60"


@pytest.mark.parametrize(
    "column, value",
    [
        ("类型", "借用"),
        ("类别", "灭火器"),
        ("机制", "七联"),
        ("名称", ""),
        ("数量", "0"),
        ("数量", "-1"),
        ("数量", "1000000000000000000"),
        ("数量", "许多"),
        ("计量单位", "座"),
        ("开始日期", "2026-02-30"),
    ],
)
def test_every_bad_row_is_reported_by_line_and_column_and_good_ones_come_in(pair, column, value):
    good = ["资源", "物资设备", "隐患联排", f"好的{new_id()}", "", "5", "件", "", "", ""]
    bad = list(good)
    bad[3] = f"坏的{new_id()}"
    bad[HEADER.index(column)] = value
    report = import_(pair, [bad, good])
    assert (counts(report)["rejected"], counts(report)["created"]) == (1, 1)
    first = report["rows"][0]
    assert (first["line"], first["outcome"], first["column"]) == (2, "REJECTED", column) and first["reason"]
    assert report["rows"][1]["outcome"] == "CREATED"


def test_nobody_imports_for_another_party(pair):
    row = ["资源", "物资设备", "隐患联排", "别人的", "", "5", "件", "", "", ""]
    refused(lambda: import_(pair, [row], party=pair.enterprises[1]), "NOT_PARTY")
    refused(lambda: import_(pair, [row], session=pair.official), "NOT_PARTY", "FORBIDDEN")
