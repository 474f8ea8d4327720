"""Who is paired with whom in the demo town, and what they promised each other: every enterprise with the village it stands
in, some with a second one. Promises are of all eight mechanisms; of some the history kept every word, of others not."""

import collections
import datetime

from . import town
from .history import unit

# Of pairings beside those of all 47 enterprises with their own village: (number of the enterprise, village, how far it
# came, who proposed it).
SECOND_VILLAGES = [
    (0, "004", "ACTIVE", "enterprise"),
    (8, "005", "ACTIVE", "unit"),
    (20, "009", "PROPOSED", "enterprise"),
    (30, "014", "PROPOSED", "unit"),
    (33, "016", "ACCEPTED", "enterprise"),
    (12, "200", "ENDED", "unit"),
    (41, "202", "ENDED", "enterprise"),
    (27, "012", "DECLINED", "unit"),
    (46, "201", "WITHDRAWN", "enterprise"),
]
PAIRINGS = 47 + len(SECOND_VILLAGES)
SUSPENDED = {24: "企业搬迁改造，暂停三个月", 36: "村社换届，暂缓开展"}
ENDED = {12: "企业迁出本镇街", 41: "双方协商，合并到本村结对"}
DECLINED = "本村今年已有两家结对企业，明年再议"
WITHDRAWN = "年度计划调整，暂不结对"
# Terms that end within thirty days, and those that were given one more already.
EXPIRING = {15: 12, 29: 26}
RENEWED = (4, 19)
# Paired a few months ago only.
YOUNG = {7: 150, 17: 75, 26: 45, 38: 120, 0.5: 60, 8.5: 40}

KINDS = {
    "TALK": "平安大宣讲",
    "INSPECTION": "安全排查",
    "PATROL_ROUND": "治安联巡",
    "PUBLICITY": "平安宣传",
    "MEETING": "联席会议",
    "TRAINING": "应急演练",
    "MEDIATION_SESSION": "联合调解",
    "SERVICE": "志愿服务",
}
MECHANISMS = {
    "ORGANIZATION": "组织联建",
    "RESOURCE": "资源联动",
    "INFORMATION": "信息联通",
    "HAZARD": "隐患联排",
    "RISK": "风险联防",
    "PATROL": "治安联巡",
    "MEDIATION": "矛盾联调",
    "ASSISTANCE": "困难联助",
}


def events(mechanism, kind, title, times, period):
    promise = {
        "mechanism": mechanism,
        "measure": "HELD_EVENTS",
        "title": title,
        "times": times,
        "period": period,
    }
    return {**promise, "eventKind": kind} if kind else promise


def deliveries(mechanism, title):
    return {"mechanism": mechanism, "measure": "DELIVERIES", "title": title, "times": 2, "period": "YEARLY"}


TALK_A_MONTH = events("RISK", "TALK", "每月一场防风险平安大宣讲", 1, "MONTHLY")
INSPECTION_A_QUARTER = events("HAZARD", "INSPECTION", "每季度一次安全隐患联合排查", 1, "QUARTERLY")

# What pairs promise in turns beside what they are known to do.
REGULAR = [
    TALK_A_MONTH,
    INSPECTION_A_QUARTER,
    events("ORGANIZATION", "MEETING", "每年两次村企联席会议", 2, "YEARLY"),
    events("INFORMATION", "TALK", "每季度一场惠企政策与平安信息宣讲", 1, "QUARTERLY"),
    events("PATROL", "PATROL_ROUND", "每季度一次夜间治安联巡", 1, "QUARTERLY"),
    events("MEDIATION", "MEDIATION_SESSION", "每季度一次矛盾纠纷联合调解", 1, "QUARTERLY"),
    events("ASSISTANCE", "SERVICE", "每年一次困难家庭上门帮扶", 1, "YEARLY"),
    events("RESOURCE", "", "每年一次共享用工或技能培训", 1, "YEARLY"),
]
# What some promise once lists are kept, so from the day the town was opened.
GIVING = {
    0: deliveries("HAZARD", "每年两批消防器材支援社区"),
    3: deliveries("HAZARD", "每年两批安全器材支援社区"),
    5: deliveries("ASSISTANCE", "每年两次提供就业岗位"),
    8: deliveries("HAZARD", "每年两次送安全课程进企业"),
    9: deliveries("RESOURCE", "每年两批物资设备支援社区"),
    15: deliveries("PATROL", "每年两批巡防装备支援社区"),
    18: deliveries("ASSISTANCE", "每年两次慰问高龄老人"),
    27: deliveries("RISK", "每年两批防汛物资支援社区"),
    31: deliveries("ORGANIZATION", "每年两次共用党员活动室"),
    38: deliveries("RESOURCE", "每年两次共享农机具"),
    45: deliveries("ASSISTANCE", "每年资助两名困难学生"),
}


class Pair:
    """`number` is the enterprise's in the CSV; half a number more is its second village's."""

    def __init__(self, number, enterprise, village, state, proposer):
        self.number, self.enterprise, self.unit = number, enterprise, village
        self.state, self.proposer = state, proposer
        self.key = (enterprise, village)
        self.terms = 2 if number in RENEWED else 1
        self.reason = {
            "SUSPENDED": SUSPENDED.get(int(number)),
            "ENDED": ENDED.get(int(number)),
            "DECLINED": DECLINED,
            "WITHDRAWN": WITHDRAWN,
        }.get(state, "")

    def proposing(self):
        return self.enterprise if self.proposer == "enterprise" else self.unit

    def accepting(self):
        return self.unit if self.proposer == "enterprise" else self.enterprise

    def term(self, today):
        """First and last day of the first term, approved today."""
        start = today - datetime.timedelta(days=YOUNG.get(self.number, 372 + int(self.number) % 5 * 11))
        days = EXPIRING.get(self.number, 20 if self.number in RENEWED else 120 + int(self.number) % 7 * 60)
        return start, today + datetime.timedelta(days=days)


def all_pairs(enterprise_names):
    """The 56. `enterprise_names`: name in the CSV -> resource name."""
    rows = town.enterprises()
    names = [enterprise_names[row["name"]] for row in rows]
    pairs = [
        Pair(
            number,
            names[number],
            unit(row["unit"]),
            "SUSPENDED" if number in SUSPENDED else "ACTIVE",
            ("unit", "enterprise")[number % 2],
        )
        for number, row in enumerate(rows)
    ]
    pairs += [
        Pair(number + 0.5, names[number], unit(town.TOWN + village), state, proposer)
        for number, village, state, proposer in SECOND_VILLAGES
    ]
    return pairs


def commitments(pair, start, held):
    """What the two promise from `start` on. `held`: the requests of history.held_events that they organised together."""
    if pair.number == 0:
        promised = [TALK_A_MONTH, INSPECTION_A_QUARTER]
    else:
        promised = [REGULAR[int(pair.number) % len(REGULAR)]]
    other = {promise["mechanism"] for promise in promised}
    done = habit(start, [request for request in held if request["event"]["mechanism"] not in other])
    return promised + [done] if done else promised


def habit(start, held):
    """What they did most often in the year after `start`, promised as often as they did it; None when there is nothing."""
    end = start + datetime.timedelta(days=365)
    done = collections.Counter(
        (request["event"]["mechanism"], request["event"]["kind"])
        for request in held
        if start <= request["day"] < end
    )
    if not done:
        return None
    (mechanism, kind), times = min(done.items(), key=lambda one: (-one[1], one[0]))
    title = f"每年{times}次{KINDS[kind]}（{MECHANISMS[mechanism]}）"
    return events(mechanism, kind, title, times, "YEARLY")
