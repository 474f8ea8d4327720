"""What villages and enterprises of the demo town offer and need, and what came of it. All of it is invented.

Parties are numbers of enterprises in the CSV, or the last three digits of a village's code.
"""

# direction, party, category, mechanism, title, description, quantity, measure, first and last day from today or None, how far
# it goes: DRAFT, PUBLISHED, RELEASED (published and shown to the whole town), CLOSED, WITHDRAWN.
LISTINGS = [
    # What enterprises offer.
    ("RESOURCE", 0, "EQUIPMENT", "HAZARD", "4公斤干粉灭火器", "今年更换下来的合格品，附检验标签", 60, "PIECES", None, "RELEASED"),
    ("RESOURCE", 0, "VENUE", "INFORMATION", "二楼培训室（80座）", "带投影和音响，工作日晚上可用", 80, "SEATS", (0, 120), "PUBLISHED"),
    ("RESOURCE", 0, "VOLUNTEERS", "RISK", "持急救证志愿者", "12名员工持红十字救护员证", 12, "PEOPLE", None, "RELEASED"),
    ("RESOURCE", 1, "VOLUNTEERS", "PATROL", "夜间巡防队员", "保安班轮休人员，可参加村社夜巡", 8, "PEOPLE", (0, 180), "PUBLISHED"),
    ("RESOURCE", 3, "EQUIPMENT", "HAZARD", "烟感报警器", "适合出租房安装，含电池", 100, "PIECES", None, "PUBLISHED"),
    ("RESOURCE", 5, "JOBS", "ASSISTANCE", "普工岗位", "包午餐，优先困难家庭和残疾人", 15, "PEOPLE", (0, 90), "RELEASED"),
    ("RESOURCE", 8, "TRAINING", "RESOURCE", "叉车操作培训", "持证师傅带教，培训后可考证", 6, "SESSIONS", (0, 150), "PUBLISHED"),
    ("RESOURCE", 9, "VENUE", "RESOURCE", "职工篮球场", "周末对村社居民开放", 20, "SESSIONS", (0, 200), "PUBLISHED"),
    ("RESOURCE", 14, "LEGAL_ADVICE", "MEDIATION", "企业法务咨询", "每周三下午，两名法务，合同和工伤问题", 24, "SESSIONS", (0, 365), "RELEASED"),
    ("RESOURCE", 15, "EQUIPMENT", "PATROL", "反光背心和强光手电", "巡防用，成套", 40, "PIECES", None, "PUBLISHED"),
    ("RESOURCE", 18, "CARE", "ASSISTANCE", "重阳慰问礼包", "米、油、牛奶各一份", 50, "PIECES", None, "RELEASED"),
    ("RESOURCE", 22, "SAFETY_TALK", "HAZARD", "有限空间作业安全课", "公司安全总监主讲，带救援器材", 4, "SESSIONS", (0, 180), "RELEASED"),
    ("RESOURCE", 27, "EQUIPMENT", "RISK", "防汛沙袋和水泵", "台风季可随时借用", 30, "PIECES", None, "PUBLISHED"),
    ("RESOURCE", 31, "VENUE", "ORGANIZATION", "党员活动室", "可坐40人，提前两天预约", 40, "SEATS", (0, 365), "PUBLISHED"),
    ("RESOURCE", 35, "OTHER", "RESOURCE", "厢式货车", "清运堆积物，带司机", 5, "ITEMS", (0, 60), "DRAFT"),
    ("RESOURCE", 40, "JOBS", "ASSISTANCE", "缝纫工岗位", "可带回家做", 10, "PEOPLE", (0, 60), "CLOSED"),
    ("RESOURCE", 45, "CARE", "ASSISTANCE", "助学金名额", "大学新生每人五千元", 3, "PEOPLE", (0, 240), "PUBLISHED"),
    ("RESOURCE", 11, "VOLUNTEERS", "HAZARD", "电气检修师傅", "持电工证，可上门查线路", 4, "PEOPLE", None, "WITHDRAWN"),
    # What villages offer.
    ("RESOURCE", "005", "VENUE", "INFORMATION", "文化礼堂（200座）", "工作日可用，免费", 200, "SEATS", (0, 365), "RELEASED"),
    ("RESOURCE", "005", "SAFETY_TALK", "RISK", "反诈平安大宣讲", "社区宣讲队上门，一场一小时", 12, "SESSIONS", (0, 365), "PUBLISHED"),
    ("RESOURCE", "005", "LEGAL_ADVICE", "MEDIATION", "周三法律顾问", "两名律师每周三坐班，一场两小时", 24, "SESSIONS", (0, 180), "RELEASED"),
    ("RESOURCE", "004", "SAFETY_TALK", "HAZARD", "消防安全平安大宣讲", "带灭火器实操", 10, "SESSIONS", (0, 365), "RELEASED"),
    ("RESOURCE", "004", "POLICY_ADVICE", "INFORMATION", "惠企政策辅导", "稳岗补贴、用工登记", 10, "SESSIONS", (0, 180), "PUBLISHED"),
    ("RESOURCE", "001", "VOLUNTEERS", "MEDIATION", "老娘舅调解员", "六名老党员，擅长劝和", 6, "PEOPLE", None, "PUBLISHED"),
    ("RESOURCE", "002", "VENUE", "RESOURCE", "社区小课堂", "30座，有空调", 30, "SEATS", (0, 120), "PUBLISHED"),
    ("RESOURCE", "003", "POLICY_ADVICE", "ASSISTANCE", "新居民子女入学政策咨询", "每月一次，教育专干讲解", 6, "SESSIONS", (0, 200), "RELEASED"),
    ("RESOURCE", "009", "VOLUNTEERS", "PATROL", "平安巡防志愿者", "晚七点到九点", 20, "PEOPLE", (0, 365), "PUBLISHED"),
    ("RESOURCE", "013", "SAFETY_TALK", "RISK", "防范非法集资宣讲", "用身边案例", 6, "SESSIONS", (0, 200), "PUBLISHED"),
    ("RESOURCE", "200", "EQUIPMENT", "RESOURCE", "农机具共享", "旋耕机、割草机", 5, "PIECES", (0, 150), "PUBLISHED"),
    ("RESOURCE", "201", "VENUE", "ORGANIZATION", "村史馆", "企业团建、党日活动可用", 50, "SEATS", (0, 365), "RELEASED"),
    ("RESOURCE", "203", "OTHER", "RESOURCE", "电动自行车集中充电位", "夜间给企业员工用", 20, "ITEMS", (0, 365), "DRAFT"),
    # What enterprises need.
    ("NEED", 0, "SAFETY_TALK", "RISK", "员工反诈宣讲", "三个车间各两场", 6, "SESSIONS", (0, 90), "PUBLISHED"),
    ("NEED", 0, "POLICY_ADVICE", "ASSISTANCE", "新居民子女入学政策", "三十多名外来员工想了解", 2, "SESSIONS", (0, 60), "RELEASED"),
    ("NEED", 1, "LEGAL_ADVICE", "MEDIATION", "劳动争议法律咨询", "离职和加班工资问题", 3, "SESSIONS", (0, 60), "RELEASED"),
    ("NEED", 8, "SAFETY_TALK", "HAZARD", "消防安全培训", "新员工入职，需要实操", 4, "SESSIONS", (0, 120), "PUBLISHED"),
    ("NEED", 9, "SAFETY_TALK", "HAZARD", "有限空间作业培训", "污水池清理前必须完成", 2, "SESSIONS", (5, 45), "RELEASED"),
    ("NEED", 10, "POLICY_ADVICE", "INFORMATION", "稳岗补贴申报辅导", "第一次申报，不会填", 1, "SESSIONS", (0, 30), "PUBLISHED"),
    ("NEED", 14, "VENUE", "ORGANIZATION", "年会场地", "一百五十人，一个晚上", 150, "SEATS", (30, 70), "PUBLISHED"),
    ("NEED", 16, "VOLUNTEERS", "MEDIATION", "宿舍纠纷调解员", "外来员工较多，需要会沟通的人", 3, "PEOPLE", (0, 90), "RELEASED"),
    ("NEED", 19, "VOLUNTEERS", "PATROL", "厂区周边夜巡", "近期电瓶失窃三起", 6, "PEOPLE", (0, 60), "PUBLISHED"),
    ("NEED", 23, "CARE", "ASSISTANCE", "困难职工慰问", "两名员工家中重病", 2, "PEOPLE", (0, 30), "DRAFT"),
    ("NEED", 28, "SAFETY_TALK", "RISK", "防非法集资宣讲", "中老年员工较多", 2, "SESSIONS", (0, 90), "PUBLISHED"),
    ("NEED", 38, "EQUIPMENT", "RESOURCE", "割草机借用", "厂区绿化带", 2, "PIECES", (0, 40), "PUBLISHED"),
    ("NEED", 42, "VENUE", "ORGANIZATION", "主题党日场地", "二十人，半天", 20, "SEATS", (10, 50), "RELEASED"),
    ("NEED", 6, "TRAINING", "RESOURCE", "急救技能培训", "每车间两名", 2, "SESSIONS", (0, 60), "WITHDRAWN"),
    # What villages need.
    ("NEED", "005", "EQUIPMENT", "HAZARD", "老旧小区灭火器", "六幢楼每层一具", 40, "PIECES", (0, 90), "RELEASED"),
    ("NEED", "005", "VOLUNTEERS", "RISK", "应急救护志愿者", "社区活动现场保障", 4, "PEOPLE", (0, 180), "PUBLISHED"),
    ("NEED", "005", "VENUE", "INFORMATION", "平安宣讲备用场地", "礼堂装修期间", 60, "SEATS", (0, 60), "PUBLISHED"),
    ("NEED", "004", "EQUIPMENT", "HAZARD", "出租房灭火器", "沿街商铺和出租房", 30, "PIECES", (0, 60), "RELEASED"),
    ("NEED", "004", "TRAINING", "RESOURCE", "就业技能培训", "待业青年十余人", 3, "SESSIONS", (0, 120), "PUBLISHED"),
    ("NEED", "002", "EQUIPMENT", "HAZARD", "独居老人烟感报警器", "五十户独居老人", 50, "PIECES", (0, 60), "PUBLISHED"),
    ("NEED", "001", "VOLUNTEERS", "PATROL", "年底夜巡人手", "重点时段每晚四人", 4, "PEOPLE", (0, 75), "PUBLISHED"),
    ("NEED", "009", "CARE", "ASSISTANCE", "高龄老人慰问", "九十岁以上老人", 30, "PIECES", (0, 45), "PUBLISHED"),
    ("NEED", "003", "JOBS", "ASSISTANCE", "困难家庭就业岗位", "五户低保边缘家庭", 5, "PEOPLE", (0, 60), "PUBLISHED"),
    ("NEED", "013", "EQUIPMENT", "RISK", "防汛物资", "低洼地段", 20, "PIECES", (0, 180), "PUBLISHED"),
    ("NEED", "014", "VENUE", "ORGANIZATION", "党员大会场地", "村委会改造", 40, "SEATS", (0, 45), "PUBLISHED"),
    ("NEED", "203", "CARE", "ASSISTANCE", "学生助学", "两名准大学生", 2, "PEOPLE", (0, 200), "PUBLISHED"),
    ("NEED", "201", "EQUIPMENT", "PATROL", "巡防装备", "十套反光背心和手电", 10, "PIECES", (0, 60), "RELEASED"),
    ("NEED", "202", "OTHER", "RESOURCE", "河道清淤车辆", "一台小型挖机", 1, "ITEMS", (0, 30), "DRAFT"),
    ("NEED", "011", "SAFETY_TALK", "HAZARD", "家庭用气安全宣讲", "老小区液化气用户多", 2, "SESSIONS", (0, 60), "CLOSED"),
    ("NEED", "010", "LEGAL_ADVICE", "MEDIATION", "村规民约法律把关", "修订后请法律顾问看一遍", 1, "SESSIONS", (0, 60), "RELEASED"),
]
CLOSE_REASON = {"缝纫工岗位": "岗位已招满", "家庭用气安全宣讲": "燃气公司已上门讲过"}

GIVER, RECEIVER = "giver", "receiver"


def deliver(quantity, words=""):
    return GIVER, "deliver", {"quantity": str(quantity), "words": words}


def confirm(quantity, words=""):
    return RECEIVER, "confirm", {"quantity": str(quantity), "words": words}


def lose(quantity, words):
    return RECEIVER, "reportLoss", {"quantity": str(quantity), "words": words}


def close(reason):
    return RECEIVER, "close", {"reason": reason}


def rate(side, stars, words):
    return side, "rate", {"rating": {"stars": stars, "words": words}}


def accept(side):
    return side, "accept", {}


# title of the resource or "", title of the need or "", who proposes, quantity, words, steps after that as (side, verb, body).
MATCHES = [
    (
        "4公斤干粉灭火器",
        "老旧小区灭火器",
        GIVER,
        20,
        "先给一至三幢",
        [
            accept(RECEIVER),
            deliver(12, "第一车"),
            confirm(12, "已装到一、二幢"),
            deliver(8, "第二车"),
            confirm(8, "三幢装好"),
            rate(GIVER, 5, "社区配合很好"),
            rate(RECEIVER, 5, "送货上门，还教了用法"),
        ],
    ),
    (
        "4公斤干粉灭火器",
        "出租房灭火器",
        RECEIVER,
        30,
        "沿街商铺急用",
        [
            accept(GIVER),
            deliver(20, "委托物流"),
            confirm(18),
            lose(2, "运输途中两具压力表损坏"),
            close("其余十具由消防站支援"),
            rate(RECEIVER, 4, "两具路上碰坏了"),
        ],
    ),
    (
        "烟感报警器",
        "独居老人烟感报警器",
        GIVER,
        50,
        "全部五十户",
        [accept(RECEIVER), deliver(30), confirm(25), deliver(20)],
    ),
    ("夜间巡防队员", "年底夜巡人手", RECEIVER, 4, "元旦前后", [accept(GIVER), deliver(2, "第一周两人")]),
    (
        "重阳慰问礼包",
        "高龄老人慰问",
        GIVER,
        30,
        "重阳节前送到",
        [
            accept(RECEIVER),
            deliver(30),
            confirm(28),
            lose(2, "两份外包装破损退回"),
            rate(GIVER, 5, "老人很高兴"),
            rate(RECEIVER, 5, "感谢企业"),
        ],
    ),
    ("普工岗位", "困难家庭就业岗位", RECEIVER, 5, "五人都愿意去", [accept(GIVER), deliver(3, "三人已上岗"), confirm(3)]),
    ("反诈平安大宣讲", "员工反诈宣讲", RECEIVER, 6, "每车间两场", [accept(GIVER), deliver(2, "一车间两场"), confirm(2)]),
    ("持急救证志愿者", "应急救护志愿者", GIVER, 4, "周末活动都可以来", [accept(RECEIVER)]),
    ("消防安全平安大宣讲", "消防安全培训", RECEIVER, 4, "新员工入职", [accept(GIVER), deliver(4), confirm(4)]),
    ("防汛沙袋和水泵", "防汛物资", GIVER, 20, "台风季前到位", [accept(RECEIVER), deliver(20)]),
    ("助学金名额", "学生助学", GIVER, 2, "", [accept(RECEIVER), deliver(1, "第一名学生"), confirm(1)]),
    ("叉车操作培训", "就业技能培训", RECEIVER, 2, "周末班", []),
    ("农机具共享", "割草机借用", RECEIVER, 2, "下周借两天", []),
    ("平安巡防志愿者", "厂区周边夜巡", RECEIVER, 6, "", []),
    (
        "党员活动室",
        "党员大会场地",
        RECEIVER,
        40,
        "",
        [(GIVER, "decline", {"reason": "当天活动室有安排，可改下周"})],
    ),
    (
        "二楼培训室（80座）",
        "平安宣讲备用场地",
        GIVER,
        60,
        "",
        [accept(RECEIVER), (RECEIVER, "cancel", {"reason": "礼堂提前装修完工"})],
    ),
    ("老娘舅调解员", "", RECEIVER, 2, "车间班组闹矛盾", [(RECEIVER, "cancel", {"reason": "双方已和好"})]),
    ("周三法律顾问", "劳动争议法律咨询", GIVER, 3, "", [accept(RECEIVER), deliver(1, "第一次咨询"), confirm(1)]),
    ("有限空间作业安全课", "有限空间作业培训", GIVER, 2, "可带器材", []),
]
# Who asks for a resource without a need of their own.
ASKING = {"老娘舅调解员": 1}


def is_done(match, verb, side, sums):
    """Whether a step was taken already; `sums` are the quantities of each verb up to and with this step."""
    return {
        "accept": match["state"] != "PROPOSED",
        "decline": match["state"] != "PROPOSED",
        "cancel": match["state"] not in ("PROPOSED", "ACCEPTED"),
        "deliver": int(match.get("delivered", 0)) >= sums["deliver"],
        "confirm": int(match.get("confirmed", 0)) >= sums["confirm"],
        "reportLoss": int(match.get("lost", 0)) >= sums["reportLoss"],
        "close": match["state"] == "CONFIRMED",
        "rate": f"{side}Rating" in match,
    }[verb]
