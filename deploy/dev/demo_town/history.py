"""What was held in the demo town in the twelve months before it was opened: exactly 260 talks and 86 other events.

The same opening day gives the same 346 events, whenever and how often they are asked for. No two share day and title.
"""

import datetime
import random

from . import town

TALKS = 260
SUMMER_ONLY = ("防台防汛",)
LATE_REASON = "系统上线前开展的活动，根据纸质台账补录"
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))

# Talks: mechanism, how many of the 260, themes as (title, what was said, topics).
TALK_THEMES = [
    (
        "RISK",
        74,
        [
            (
                "防范电信网络诈骗",
                "讲解刷单返利、冒充客服、虚假投资三类骗局，现场指导安装反诈软件",
                ["反诈", "案例"],
            ),
            ("防范非法集资", "用身边案例说明高息回报的陷阱，发放识别手册", ["防非", "养老钱"]),
            ("消防安全", "演示灭火器使用和逃生路线，讲解电动自行车充电安全", ["消防", "电动车"]),
            ("防台防汛", "通报避灾安置点位置，讲清转移联系人和物资准备", ["防汛", "避灾"]),
            ("交通安全", "讲解佩戴头盔、货车盲区和厂区路口让行", ["交通", "一盔一带"]),
        ],
    ),
    (
        "INFORMATION",
        46,
        [
            ("惠企政策与平安信息", "介绍稳岗补贴、用工登记和出租房信息申报办法", ["政策", "流动人口"]),
            ("网格信息一口报", "说明遇到问题找谁、怎么报、多久答复", ["网格", "信息"]),
            ("新居民服务", "讲解居住登记、子女入学和医保转移", ["新居民", "服务"]),
        ],
    ),
    (
        "HAZARD",
        40,
        [
            ("家庭和厂房隐患自查", "对照清单讲十处常见隐患，教大家随手拍上报", ["隐患", "随手拍"]),
            ("有限空间作业安全", "讲解先通风、再检测、后作业，演示救援器材", ["有限空间", "安全生产"]),
            ("燃气安全", "演示软管检查和泄漏处置，逐户登记需更换的软管", ["燃气", "入户"]),
        ],
    ),
    (
        "MEDIATION",
        32,
        [
            ("劳动合同与工资权益", "解答加班工资、社保缴纳和离职手续问题", ["劳动", "普法"]),
            ("邻里纠纷怎么办", "以漏水、停车、噪音三件事说明调解流程", ["调解", "邻里"]),
            ("婚姻家庭与反家暴", "介绍人身安全保护令和求助渠道", ["家庭", "普法"]),
        ],
    ),
    (
        "ORGANIZATION",
        24,
        [
            ("千企百村平安共建", "介绍结对内容、八联机制和各方联系人", ["共建", "结对"]),
            ("党员先锋在身边", "老党员讲平安建设经历，征集志愿服务岗位", ["党建", "志愿"]),
        ],
    ),
    (
        "PATROL",
        18,
        [
            ("平安巡防志愿者招募", "讲解巡防路线、装备和值班安排，现场报名", ["巡防", "招募"]),
            ("夜间治安与防盗", "通报近期警情，讲解门窗加固和监控布点", ["治安", "防盗"]),
        ],
    ),
    (
        "ASSISTANCE",
        14,
        [
            ("困难帮扶政策", "讲解临时救助、助学和大病帮扶的申请办法", ["帮扶", "政策"]),
            ("关爱老人防跌倒防走失", "示范居家扶手安装，登记独居老人联系人", ["老人", "关爱"]),
        ],
    ),
    ("RESOURCE", 12, [("共享用工与技能培训", "介绍企业空闲岗位、村社培训场地和预约方法", ["用工", "培训"])]),
]

# Other events: kind, mechanism, how many of the 86, titles as (title, what was done, topics).
OTHERS = [
    (
        "INSPECTION",
        "HAZARD",
        20,
        [
            (
                "安全隐患联合排查",
                "检查消防通道、电气线路和危化品存放，发现的问题已逐条登记并明确整改人",
                ["排查"],
            ),
            ("出租房消防排查", "核对灭火器、逃生窗和充电点位，当场整改小问题", ["出租房", "消防"]),
        ],
    ),
    (
        "PATROL_ROUND",
        "PATROL",
        18,
        [
            ("夜间治安联巡", "沿厂区外围和村道巡查，劝导乱停车并检查路灯", ["联巡"]),
            ("护校联巡", "上下学时段在校门口值守，疏导车流", ["护校"]),
        ],
    ),
    (
        "PUBLICITY",
        "INFORMATION",
        12,
        [
            ("平安宣传进企业", "设点发放资料，解答反诈、消防和劳动权益问题", ["宣传"]),
            ("平安宣传进集市", "在集市设摊宣传，登记群众意见", ["宣传", "集市"]),
        ],
    ),
    (
        "MEETING",
        "ORGANIZATION",
        10,
        [("村企结对联席会议", "通报上季度共建事项，商定下季度活动和责任人", ["联席会议"])],
    ),
    (
        "MEDIATION_SESSION",
        "MEDIATION",
        9,
        [("矛盾纠纷联合调解", "双方说明情况后由调解员主持协商，达成一致并约定回访", ["调解"])],
    ),
    ("TRAINING", "RISK", 7, [("应急救护与疏散演练", "演练报警、疏散和心肺复苏，全员参加考核", ["演练"])]),
    ("SERVICE", "ASSISTANCE", 6, [("困难家庭上门帮扶", "志愿者上门打扫、检修电路并送去生活用品", ["帮扶"])]),
    ("SERVICE", "RESOURCE", 4, [("企业设备支援村社整治", "企业出车辆和人手，协助清运堆积物", ["资源"])]),
]


def held_events(opened, enterprise_names):
    """The 346, as RecordHeldEvent wants them, without resource names of enterprises looked up by `enterprise_names`
    (name in the CSV -> resource name). `opened` is the day the town was opened."""
    dice = random.Random("pingan demo history")
    plans = [("TALK", mechanism, themes) for mechanism, count, themes in TALK_THEMES for _ in range(count)]
    plans += [(kind, mechanism, themes) for kind, mechanism, count, themes in OTHERS for _ in range(count)]
    dice.shuffle(plans)
    days = days_of(opened, len(plans), dice)
    pairs = Pairs(enterprise_names, dice)
    seen, requests = set(), []
    for number, ((kind, mechanism, themes), day) in enumerate(zip(plans, days)):
        theme, told, topics = dice.choice(
            [t for t in themes if t[0] not in SUMMER_ONLY or 5 <= day.month <= 10]
        )
        organisers, where, address = pairs.next()
        title = f"{theme}平安大宣讲走进{where}" if kind == "TALK" else f"{where}{theme}"
        while (day, title) in seen:
            day -= datetime.timedelta(days=1)
        seen.add((day, title))
        requests.append(request(number, kind, mechanism, title, told, topics, organisers, address, day, dice))
    return requests


def days_of(opened, count, dice):
    """Days of the twelve months before `opened`, evenly but for chance, fewer on Sundays."""
    days = []
    for i in range(count):
        day = opened - datetime.timedelta(days=3 + (i * 359) // (count - 1))
        if day.weekday() == 6 and dice.random() < 0.7:
            day -= datetime.timedelta(days=1)
        days.append(day)
    return days


class Pairs:
    """Who held it, in turns, so that every village and every enterprise has held something: mostly an enterprise with
    the village it stands in, sometimes one alone, now and then the town."""

    def __init__(self, enterprise_names, dice):
        self.dice = dice
        self.enterprises = [(row, enterprise_names[row["name"]]) for row in town.enterprises()]
        self.villages = [
            (code, name.replace("居民委员会", "").replace("居委会", "").replace("委会", ""))
            for code, name in town.villages(town.TOWN)
        ]
        self.turn = 0

    def next(self):
        """(organisers, short name of the place, address)."""
        turn, self.turn = self.turn, self.turn + 1
        row, enterprise = self.enterprises[turn * 5 % len(self.enterprises)]
        code, village = self.villages[turn % len(self.villages)]
        chance = self.dice.random()
        if chance < 0.03:
            return [f"towns/{town.TOWN}"], town.TOWN_NAME, f"{town.TOWN_NAME}文化中心一楼报告厅"
        if chance < 0.30:
            return [unit(code)], village, f"{village}文化礼堂"
        if chance < 0.38:
            return [enterprise], short_name(row["name"]), row["address"]
        where = self.dice.choice([short_name(row["name"]), village_of(row, self.villages)])
        return [unit(row["unit"]), enterprise], where, row["address"]


def unit(code):
    return f"towns/{town.TOWN}/units/{code}"


def village_of(row, villages):
    return next(name for code, name in villages if code == row["unit"])


def short_name(name):
    if name == town.BOFEI:
        return "博菲电气"
    return name.removeprefix("海宁").removesuffix("有限公司")


def request(number, kind, mechanism, title, told, topics, organisers, address, day, dice):
    hour = dice.choice([9, 10, 14, 15, 19, 19]) if kind != "PATROL_ROUND" else dice.choice([7, 19, 20])
    start = datetime.datetime(day.year, day.month, day.day, hour, dice.choice([0, 30]), tzinfo=SHANGHAI)
    end = start + datetime.timedelta(minutes=dice.choice([60, 90, 120]))
    attendance = {
        "TALK": lambda: dice.randint(22, 160),
        "INSPECTION": lambda: dice.randint(5, 14),
        "PATROL_ROUND": lambda: dice.randint(6, 18),
        "PUBLICITY": lambda: dice.randint(40, 220),
        "MEETING": lambda: dice.randint(8, 24),
        "MEDIATION_SESSION": lambda: dice.randint(4, 9),
        "TRAINING": lambda: dice.randint(25, 90),
        "SERVICE": lambda: dice.randint(6, 20),
    }[kind]()
    summary = f"{told}。到场{attendance}人"
    if kind in ("TALK", "PUBLICITY"):
        summary += f"，发放资料{attendance + dice.randint(5, 60)}份，收到群众意见{dice.randint(0, 7)}条"
    return {
        "number": number,
        "day": day,
        "title": title,
        "event": {
            "title": title,
            "kind": kind,
            "mechanism": mechanism,
            "organisers": organisers,
            "place": {"address": address},
            "startTime": start.isoformat(),
            "endTime": end.isoformat(),
        },
        "outcome": {"attendance": attendance, "summary": summary + "。", "topics": topics},
        "reason": LATE_REASON,
    }
