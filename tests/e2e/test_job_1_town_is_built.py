"""Chapter 1: a town official brings in the town's villages and enterprises from files as they come."""

import csv
import io

import pytest
from demo_town import town as demo
from demo_town.edge_client import as_bytes
from support.cast import new_id, refused

HEADER = ["名称", "统一社会信用代码", "地址", "规上", "村社", "党组织", "办公电话"]


@pytest.fixture(scope="module")
def empty_town(cast):
    return cast.new_town()


def sheet(rows, header=HEADER):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def import_(town, what, data, dry=False, request_id=None):
    body = {"csv": as_bytes(data), "validateOnly": dry, "requestId": request_id or new_id()}
    return town.official.post(f"{town.path}/{what}:import", body)


def counts(report):
    return {key: report.get(key, 0) for key in ("created", "updated", "unchanged", "skipped", "rejected")}


def list_of(town, what):
    return town.official.pages(f"{town.path}/{what}", what, pageSize=200)


def villages_csv(town):
    """The city's statutory list with 海昌街道's code changed to the fresh town's."""
    return demo.units_csv().replace(demo.TOWN.encode(), town.code.encode())


def test_a_dry_run_of_the_villages_says_what_would_happen_and_changes_nothing(empty_town):
    report = import_(empty_town, "units", villages_csv(empty_town), dry=True)
    assert report["validateOnly"]
    assert counts(report) == {"created": 17, "updated": 0, "unchanged": 0, "skipped": 219, "rejected": 0}
    assert len(report["rows"]) == 236
    assert list_of(empty_town, "units") == []


def test_the_villages_come_in_and_a_second_time_changes_nothing(empty_town):
    first = import_(empty_town, "units", villages_csv(empty_town))
    assert counts(first)["created"] == 17
    units = list_of(empty_town, "units")
    assert [u["name"].rpartition("/")[2] for u in units] == sorted(
        u["name"].rpartition("/")[2] for u in units
    )
    assert {u["kind"] for u in units} == {"VILLAGE", "COMMUNITY"}
    assert sum(u["kind"] == "VILLAGE" for u in units) == 4
    second = import_(empty_town, "units", villages_csv(empty_town))
    assert counts(second) == {"created": 0, "updated": 0, "unchanged": 17, "skipped": 219, "rejected": 0}
    assert list_of(empty_town, "units") == units


def test_every_row_says_its_line_and_what_became_of_it(empty_town):
    report = import_(empty_town, "units", villages_csv(empty_town), dry=True)
    assert [row["line"] for row in report["rows"]] == list(range(2, 238))
    for row in report["rows"]:
        if row["outcome"] == "SKIPPED":
            assert row["reason"], row
        else:
            assert row["name"].startswith(f"{empty_town.name}/units/"), row


def enterprise_rows(town, count, first=0):
    return [
        [
            f"测试示例{i}号有限公司",
            demo.uscc("91", 5000 + i),
            "海昌路1号",
            "是" if i % 3 == 0 else "否",
            f"{town.code}{1 + i % 5:03d}",
            "",
            "0573-00000000",
        ]
        for i in range(first, first + count)
    ]


def test_good_enterprises_are_not_lost_for_bad_ones(empty_town):
    """47 enterprises, among them a village collective's N2 code, with a bad USCC and a double between them."""
    import_(empty_town, "units", villages_csv(empty_town))
    rows = enterprise_rows(empty_town, 46)
    rows.append(
        ["测试示例村股份经济合作社", demo.uscc("N2", 7001), "村委会", "否", f"{empty_town.code}005", "", ""]
    )
    wrong = demo.uscc("91", 7002)
    rows.insert(
        10,
        [
            "测试示例错码有限公司",
            wrong[:-1] + ("0" if wrong[-1] != "0" else "1"),
            "海昌路2号",
            "否",
            "",
            "",
            "",
        ],
    )
    rows.insert(30, rows[3])
    data = sheet(rows).encode()

    dry = import_(empty_town, "enterprises", data, dry=True)
    assert counts(dry) == {"created": 47, "updated": 0, "unchanged": 0, "skipped": 1, "rejected": 1}
    assert list_of(empty_town, "enterprises") == []

    report = import_(empty_town, "enterprises", data)
    assert counts(report) == counts(dry)
    bad = next(row for row in report["rows"] if row["outcome"] == "REJECTED")
    assert (bad["line"], bad["column"]) == (12, "统一社会信用代码")
    assert "校验" in bad["reason"] or "代码" in bad["reason"]
    double = next(row for row in report["rows"] if row["outcome"] == "SKIPPED")
    assert double["line"] == 32 and double["reason"]
    assert len(list_of(empty_town, "enterprises")) == 47

    again = import_(empty_town, "enterprises", data)
    assert counts(again) == {"created": 0, "updated": 0, "unchanged": 47, "skipped": 1, "rejected": 1}
    assert len(list_of(empty_town, "enterprises")) == 47


@pytest.mark.parametrize(
    "encoding, name", [("gb18030", "GB18030"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16LE")]
)
def test_a_file_comes_in_whatever_its_encoding(cast, encoding, name):
    town = cast.new_town()
    town.add_villages(5)
    report = import_(town, "enterprises", sheet(enterprise_rows(town, 3)).encode(encoding))
    assert report["encoding"] == name
    assert counts(report)["created"] == 3
    assert {e["displayName"] for e in list_of(town, "enterprises")} == {
        f"测试示例{i}号有限公司" for i in range(3)
    }


def test_a_changed_row_is_an_update(empty_town, cast):
    town = cast.new_town()
    town.add_villages(5)
    rows = enterprise_rows(town, 2)
    import_(town, "enterprises", sheet(rows).encode())
    rows[1][2] = "硖川路99号"
    report = import_(town, "enterprises", sheet(rows).encode())
    assert counts(report) == {"created": 0, "updated": 1, "unchanged": 1, "skipped": 0, "rejected": 0}
    assert sorted(e["address"] for e in list_of(town, "enterprises")) == ["海昌路1号", "硖川路99号"]


def test_english_column_names_serve_as_well(cast):
    town = cast.new_town()
    town.add_villages(5)
    header = ["name", "uscc", "address", "above_scale", "unit", "party_branch", "office_phone"]
    report = import_(town, "enterprises", sheet(enterprise_rows(town, 2), header).encode())
    assert counts(report)["created"] == 2


def test_a_file_without_its_columns_is_refused_by_name(empty_town):
    refusal = refused(lambda: import_(empty_town, "enterprises", "甲,乙\n1,2\n".encode()), "INVALID_FIELD")
    assert refusal.http_status == 400 and "csv" in refusal.fields
