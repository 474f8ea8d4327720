"""Who can sign in to the demo. Phones 199 0000 xxxx; in the demo no message is sent to anybody."""

from . import town
from .town import CITY, EMPTY_TOWN, PAIR_VILLAGE, TOWN


class Login:
    """`kind` and `place` are what they register with; `role` over `scope` is given to them after that ("" is none).
    `scope` and `place` of an enterprise are its name in the CSV: its resource name is known only once it is there.
    """

    def __init__(self, role, title, phone, name, in_town, kind="RESIDENT", unit="", enterprise="", scope=""):
        self.role = role
        self.title = title
        self.phone = phone
        self.name = name
        self.town = in_town
        self.kind = kind
        self.unit = unit
        self.enterprise = enterprise
        self.scope = scope


def unit(code):
    return f"towns/{TOWN}/units/{code}"


CITY_OFFICIAL = Login("CITY_OFFICIAL", "海宁市干部", "19900000001", "顾海峰", CITY, scope=f"towns/{CITY}")
TOWN_OFFICIAL = Login("TOWN_OFFICIAL", "海昌街道干部", "19900000002", "陆晓燕", TOWN, scope=f"towns/{TOWN}")
EMPTY_TOWN_OFFICIAL = Login(
    "TOWN_OFFICIAL", "硖石街道干部", "19900000003", "金文斌", EMPTY_TOWN, scope=f"towns/{EMPTY_TOWN}"
)

# Three villages have a worker who signs in; only those enter neighbours and sign them up.
WORKER_VILLAGES = [PAIR_VILLAGE, f"{TOWN}004", f"{TOWN}201"]
VILLAGE_WORKERS = [
    Login(
        "VILLAGE_WORKER",
        "隆兴社区工作人员",
        "19900000011",
        "沈佩芬",
        TOWN,
        unit=unit(PAIR_VILLAGE),
        scope=unit(PAIR_VILLAGE),
    ),
    Login(
        "VILLAGE_WORKER",
        "火炬社区工作人员",
        "19900000012",
        "许立新",
        TOWN,
        unit=unit(f"{TOWN}004"),
        scope=unit(f"{TOWN}004"),
    ),
    Login(
        "VILLAGE_WORKER",
        "双山村工作人员",
        "19900000013",
        "朱美娟",
        TOWN,
        unit=unit(f"{TOWN}201"),
        scope=unit(f"{TOWN}201"),
    ),
]
MANAGERS = [
    Login(
        "ENTERPRISE_MANAGER",
        "博菲电气负责人",
        "19900000021",
        "周明远",
        TOWN,
        kind="EMPLOYEE",
        enterprise=town.BOFEI,
        scope=town.BOFEI,
    ),
    Login(
        "ENTERPRISE_MANAGER",
        "示例企业负责人",
        "19900000022",
        "钱俊杰",
        TOWN,
        kind="EMPLOYEE",
        enterprise=town.enterprises()[1]["name"],
        scope=town.enterprises()[1]["name"],
    ),
]
GRID_LEADER = Login(
    "GRID_LEADER",
    "隆兴社区第一网格网格长",
    "19900000031",
    "吴永康",
    TOWN,
    unit=unit(f"{PAIR_VILLAGE}-01"),
    scope=unit(f"{PAIR_VILLAGE}-01"),
)
RESIDENTS = [
    Login("", "隆兴社区居民", "19900000041", "王雨桐", TOWN, unit=unit(PAIR_VILLAGE)),
    Login("", "双喜村居民", "19900000042", "张阿根", TOWN, unit=unit(f"{TOWN}202")),
    Login("", "博菲电气员工", "19900000043", "徐浩然", TOWN, kind="EMPLOYEE", enterprise=town.BOFEI),
]

IN_TOWN = VILLAGE_WORKERS + MANAGERS + [GRID_LEADER] + RESIDENTS
ALL = [CITY_OFFICIAL, TOWN_OFFICIAL, EMPTY_TOWN_OFFICIAL] + IN_TOWN
