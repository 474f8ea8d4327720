"""What is announced in the demo town, so that a newcomer sees life: published, with sign-ups, not held and not counted.
Days count from the day on which it is loaded."""

import datetime

from . import logins, town
from .history import SHANGHAI, unit

LONGXING, HUOJU, SHUANGSHAN = logins.VILLAGE_WORKERS
BOFEI_MANAGER = logins.MANAGERS[0]
DRAFT = "企业开放日（筹备中）"


def at(today, days, hour, minute=0):
    day = today + datetime.timedelta(days=days)
    return datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def events(today, bofei):
    """(who plans it, how many sign up, event): at most one event a day, so nobody's sign-ups overlap."""

    def event(title, kind, mechanism, organisers, address, days, hour, hours, capacity, description):
        start = at(today, days, hour)
        return {
            "title": title,
            "kind": kind,
            "mechanism": mechanism,
            "organisers": organisers,
            "place": {"address": address},
            "startTime": start.isoformat(),
            "endTime": (start + datetime.timedelta(hours=hours)).isoformat(),
            "capacity": capacity,
            "audience": "TOWN",
            "description": description,
        }

    longxing, huoju, shuangshan = unit(town.PAIR_VILLAGE), unit(f"{town.TOWN}004"), unit(f"{town.TOWN}201")
    return [
        (
            LONGXING,
            26,
            event(
                "反诈平安大宣讲走进博菲电气",
                "TALK",
                "RISK",
                [longxing, bofei],
                "博菲电气二楼培训室",
                9,
                19,
                2,
                40,
                "请带身份证原件，现场安装反诈软件。班车18:30从隆兴社区出发。",
            ),
        ),
        (
            HUOJU,
            15,
            event(
                "心肺复苏实操课",
                "TRAINING",
                "RISK",
                [huoju],
                "火炬社区文化礼堂",
                12,
                14,
                2,
                12,
                "两人一具模拟人，名额12个，报满后可候补。",
            ),
        ),
        (
            SHUANGSHAN,
            11,
            event(
                "周末清洁河道志愿服务",
                "SERVICE",
                "RESOURCE",
                [shuangshan],
                "双山村委会门前集合",
                15,
                9,
                3,
                30,
                "提供手套和工具，请穿防滑鞋。",
            ),
        ),
        (
            HUOJU,
            31,
            event(
                "燃气安全平安大宣讲",
                "TALK",
                "HAZARD",
                [huoju],
                "火炬社区广场",
                18,
                19,
                2,
                50,
                "燃气公司师傅现场演示软管更换。",
            ),
        ),
        (
            LONGXING,
            0,
            event(
                "隆兴社区村企结对联席会议",
                "MEETING",
                "ORGANIZATION",
                [longxing, bofei],
                "隆兴社区会议室",
                20,
                14,
                2,
                0,
                "商定下季度共建事项。",
            ),
        ),
        (
            BOFEI_MANAGER,
            0,
            event(
                DRAFT,
                "OTHER",
                "RESOURCE",
                [bofei],
                "博菲电气展厅",
                40,
                9,
                3,
                60,
                "面向周边村社居民的开放日。",
            ),
        ),
    ]


def co_building_days(today, bofei):
    """The monthly 平安共建日 of the pair, this time and the next: (day, organisers, planned events)."""
    organisers = [unit(town.PAIR_VILLAGE), bofei]
    days = []
    for ahead in (25, 53):
        day = today + datetime.timedelta(days=ahead)
        month = f"{day.month}月"

        def planned(kind, mechanism, title, hour, hours, capacity):
            start = at(today, ahead, hour)
            return {
                "kind": kind,
                "mechanism": mechanism,
                "title": f"{month}平安共建日{title}",
                "place": {"address": "博菲电气厂区及隆兴社区周边"},
                "startTime": start.isoformat(),
                "endTime": (start + datetime.timedelta(hours=hours)).isoformat(),
                "capacity": capacity,
                "audience": "TOWN",
            }

        days.append(
            (
                day,
                organisers,
                [
                    planned("INSPECTION", "HAZARD", "安全排查", 9, 2, 15),
                    planned("PATROL_ROUND", "PATROL", "治安巡防", 19, 2, 20),
                    planned("PUBLICITY", "INFORMATION", "平安宣传", 14, 2, 0),
                ],
            )
        )
    return days
