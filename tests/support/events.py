"""Events as tests plan them."""

import datetime

from demo_town.edge_client import as_time


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def planned(
    organisers,
    title="反诈平安大宣讲",
    kind="TALK",
    mechanism="RISK",
    capacity=40,
    hours_ahead=48.0,
    hours=2.0,
    **more,
):
    """An event that begins so many hours from now; below 0 it has begun. Sign-up stays open to the end when it has."""
    start = now() + datetime.timedelta(hours=hours_ahead)
    end = start + datetime.timedelta(hours=hours)
    event = {
        "title": title,
        "kind": kind,
        "mechanism": mechanism,
        "organisers": organisers,
        "capacity": capacity,
        "place": {"address": "测试社区文化礼堂"},
        "startTime": as_time(start),
        "endTime": as_time(end),
    }
    if hours_ahead < 0:
        event["signUpCloseTime"] = as_time(end)
    event.update(more)
    return event


def begun(organisers, **more):
    """An event that began a quarter of an hour ago, ends in a few hours and still takes people: it can be held now."""
    return planned(organisers, hours_ahead=-0.25, hours=4.0, **more)


def past(
    organisers,
    day,
    title="反诈平安大宣讲",
    kind="TALK",
    mechanism="RISK",
    attendance=30,
    reason="系统上线前开展，据台账补录",
):
    """A request of RecordHeldEvent for a day."""
    return {
        "event": {
            "title": title,
            "kind": kind,
            "mechanism": mechanism,
            "organisers": organisers,
            "place": {"address": "测试社区文化礼堂"},
            "startTime": f"{day}T06:00:00Z",
            "endTime": f"{day}T08:00:00Z",
        },
        "outcome": {"attendance": attendance, "summary": "讲解三类骗局，发放资料。", "topics": ["反诈"]},
        "reason": reason,
    }


def outcome(attendance=36, summary="讲解刷单返利骗局，现场安装反诈软件。"):
    return {"attendance": attendance, "summary": summary, "topics": ["反诈"]}
