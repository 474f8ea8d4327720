"""海昌街道 as the demo shows it: its units, its enterprises, who leads what. All enterprises but one, all people, all
phone numbers and all codes are invented."""

import csv
import io
import os
import random

CITY = "330481000"
CITY_NAME = "海宁市"
TOWN = "330481003"
TOWN_NAME = "海昌街道"
EMPTY_TOWN = "330481001"
EMPTY_TOWN_NAME = "硖石街道"

VILLAGES_FILE = os.path.join(os.path.dirname(__file__), "..", "data", "haining_villages.csv")

PAIR_VILLAGE = f"{TOWN}005"  # 隆兴社区
BOFEI = "浙江博菲电气股份有限公司"

# Units outside the statutory list: an industrial community, and grids (with the one whose post is vacant).
INDUSTRIAL_COMMUNITY = f"{TOWN}X01"
VACANT_GRID = f"{PAIR_VILLAGE}-02"
EXTRA_UNITS = [
    (INDUSTRIAL_COMMUNITY, "INDUSTRIAL_COMMUNITY", "示例工业社区"),
    (f"{INDUSTRIAL_COMMUNITY}-01", "GRID", "示例工业社区第一网格"),
    (f"{INDUSTRIAL_COMMUNITY}-02", "GRID", "示例工业社区第二网格"),
    (f"{INDUSTRIAL_COMMUNITY}-01-01", "MICRO_GRID", "第一网格经编园微网格"),
    (f"{INDUSTRIAL_COMMUNITY}-01-02", "MICRO_GRID", "第一网格皮革园微网格"),
    (f"{PAIR_VILLAGE}-01", "GRID", "隆兴社区第一网格"),
    (VACANT_GRID, "GRID", "隆兴社区第二网格"),
    (f"{PAIR_VILLAGE}-01-01", "MICRO_GRID", "隆兴社区第一网格东片微网格"),
    (f"{TOWN}004-01", "GRID", "火炬社区第一网格"),
    (f"{TOWN}201-01", "GRID", "双山村第一网格"),
]

BRANDS = (
    "启明 恒润 金澜 瑞禾 同心 百川 安泰和 远帆 锦程 华穗 正源 新航 晨曦 宏图 丰禾 嘉木 卓越达 长虹桥 云帆 明德 广厦 天成 "
    "永固 信达安 福临 汇丰源 泰山石 康宁 荣光 顺风 海韵 潮声 观潮 盐官 紫薇 东山 硖川 洛塘 鹃湖 横塘 双凤 万象 时代 星河 "
    "智远 合力"
).split()
TRADES = [
    ("经编新材料", True),
    ("皮革制品", True),
    ("家纺布艺", False),
    ("光伏科技", True),
    ("电气绝缘材料", True),
    ("精密机械", True),
    ("包装印刷", False),
    ("塑胶科技", False),
    ("箱包", False),
    ("食品", False),
    ("物流", False),
    ("五金制造", False),
    ("纺织印染", True),
    ("智能装备", True),
    ("服饰", False),
    ("新能源", True),
]
ROADS = ("海昌路 隆兴路 双联路 硖川路 石泾路 施带路 杭平路 丹桂路 碧云北路 由拳路 谷水路 火炬路").split()

# How many enterprises stand in each village: most in the industrial ones. Sums to 47.
ENTERPRISES_IN = {
    "001": 2,
    "002": 2,
    "003": 3,
    "004": 6,
    "005": 5,
    "009": 2,
    "010": 2,
    "011": 3,
    "012": 2,
    "013": 4,
    "014": 2,
    "015": 2,
    "016": 2,
    "200": 3,
    "201": 3,
    "202": 2,
    "203": 2,
}

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SURNAMES = "沈陈王张朱徐吴周许金陆钱顾马李俞姚郭褚殷"
GIVEN = (
    "建明 丽华 国强 晓燕 志刚 秀英 伟 敏 海峰 雪芳 永康 佩芬 嘉豪 雨桐 浩然 子涵 文斌 玉兰 庆丰 美娟 俊杰 思琪 立新 慧 "
    "明远 春梅 阿根 云飞 桂珍 天宇 彩凤 宏伟 静怡 德兴 巧玲 一鸣 水根 月琴 锋 佳怡"
).split()


def uscc(authority, number):
    """A code of division 999999, which no authority has, with right check characters."""
    organisation = f"MADE{number:04d}"
    organisation += organisation_check(organisation)
    code = f"{authority}999999{organisation}"
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check(first_eight):
    """GB 11714: the ninth character of an organisation code."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(w * int(c, 36) for w, c in zip(weights, first_eight))
    return "0123456789X0"[11 - total % 11] if total % 11 != 1 else "X"


def villages(town):
    """(code, name) of the town's villages and communities, as the statutory list has them."""
    with open(VILLAGES_FILE, encoding="utf-8") as file:
        return [(row["code"], row["name"]) for row in csv.DictReader(file) if row["streetCode"] == town]


def enterprises():
    """The 47, in the order of the CSV: dicts with display name, uscc, address, above_scale, unit, party branch, phone."""
    dice = random.Random("pingan demo enterprises")
    rows = [
        {
            "name": BOFEI,
            "uscc": uscc("91", 0),
            "address": "浙江省海宁市海昌街道海丰路（示例门牌）",
            "above_scale": True,
            "unit": PAIR_VILLAGE,
            "party_branch": "中共浙江博菲电气股份有限公司支部委员会",
            "phone": "0573-00000000",
        }
    ]
    places = [f"{TOWN}{village}" for village, count in ENTERPRISES_IN.items() for _ in range(count)]
    places.remove(PAIR_VILLAGE)
    for number, (brand, unit) in enumerate(zip(BRANDS, places, strict=True), start=1):
        trade, large = TRADES[(number * 7) % len(TRADES)]
        name = f"海宁示例{brand}{trade}有限公司"
        rows.append(
            {
                "name": name,
                "uscc": uscc("91", number),
                "address": f"浙江省海宁市海昌街道{dice.choice(ROADS)}{dice.randint(2, 398)}号",
                "above_scale": large,
                "unit": unit,
                "party_branch": f"中共{name}支部委员会" if large else "",
                "phone": f"0573-{number:08d}",
            }
        )
    return rows


def enterprises_csv(rows):
    """UTF-8, as the town's office would send it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["名称", "统一社会信用代码", "地址", "规上", "村社", "党组织", "办公电话"])
    for row in rows:
        writer.writerow(
            [
                row["name"],
                row["uscc"],
                row["address"],
                "是" if row["above_scale"] else "否",
                row["unit"],
                row["party_branch"],
                row["phone"],
            ]
        )
    return text.getvalue().encode()


def units_csv():
    with open(VILLAGES_FILE, "rb") as file:
        return file.read()


def person_name(number):
    """The same number is the same name; the first 800 all differ."""
    surname = SURNAMES[number % len(SURNAMES)]
    return surname + GIVEN[(number // len(SURNAMES) + number) % len(GIVEN)]


def duties():
    """(resource name of what is led, leader, substitute) for the town and all its units but the vacant grid."""
    led = [f"towns/{TOWN}"] + [f"towns/{TOWN}/units/{code}" for code, _ in villages(TOWN)]
    led += [f"towns/{TOWN}/units/{unit}" for unit, _, _ in EXTRA_UNITS if unit != VACANT_GRID]
    return [
        (name, person_name(300 + i), person_name(400 + i), f"0573-{90000000 + i:08d}")
        for i, name in enumerate(led)
    ]
