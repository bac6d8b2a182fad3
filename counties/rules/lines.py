"""The village sheet and the natural village's, line by line as on paper (forms.md §2): each line is declared once here.

Model field, sheet column, place on the form, what must be filled and what the rules look at are all made from it. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal["text", "int", "decimal", "bool", "choice", "phone"]
Need = Literal["", "listed", "every"]


@dataclass(frozen=True)
class Line:
    """One line of a paper sheet.

    `need`: every village must fill it, only a 出列村 must (`listed`), or nobody. A line of need `listed` or none is not
    asked of other villages at all, unless `reduced`. `system`: the system writes it, nobody types it. `when` says
    on what the need depends: `not x` (a yes/no answered No), `x` (a count above zero), `x>=20`.
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    need: Need = "listed"
    reduced: bool = False
    system: bool = False
    when: str = ""
    department: str = ""
    codes: str = ""
    aliases: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    digits: int = 12
    places: int = 2
    length: int = 40
    span: int = 1

    @property
    def everywhere(self) -> bool:
        """Whether every village has this line, listed or not."""
        return self.reduced or self.need == "every"


def _text(name: str, label: str, **more: object) -> Line:
    return replace(Line(name, label, "text"), **more)  # type: ignore[arg-type]


def _count(name: str, label: str, unit: str, **more: object) -> Line:
    return replace(Line(name, label, "int", unit, least=0, most=999_999), **more)  # type: ignore[arg-type]


def _amount(name: str, label: str, unit: str, **more: object) -> Line:
    return replace(Line(name, label, "decimal", unit, least=0), **more)  # type: ignore[arg-type]


def _yes(name: str, label: str, **more: object) -> Line:
    return replace(Line(name, label, "bool"), **more)  # type: ignore[arg-type]


def _code(name: str, label: str, codes: str, **more: object) -> Line:
    return replace(Line(name, label, "choice", codes=codes), **more)  # type: ignore[arg-type]


EVERY = {"need": "every"}
FREE = {"need": ""}
SYSTEM = {"need": "every", "system": True, "department": "rural_revitalization"}
LONGITUDE = {"least": 92.2, "most": 108.8, "digits": 9, "places": 6}
LATITUDE = {"least": 32.1, "most": 43.0, "digits": 8, "places": 6}

Block = tuple[str, tuple[Line, ...]]
VILLAGE: tuple[Block, ...] = (
    ("A. 基本情况", (
        _yes("is_delisted", "是否出列(脱贫)村", aliases=("是否出列",), **SYSTEM),
        _code("village_attribute", "村属性", "village_attribute", **SYSTEM),
        _count("delist_year", "出列年度", "", system=True, reduced=True, need="", most=2100),
        _code("terrain", "地形地貌属性", "terrain", **FREE, department="natural_resources"),
        _text("dev_direction", "发展方向属性", **FREE),
        _amount("longitude", "经度", "度", **LONGITUDE),
        _amount("latitude", "纬度", "度", **LATITUDE),
        _text("leader_name", "村负责人姓名", **EVERY, aliases=("村负责人",), department="organization"),
        _text("leader_title", "村负责人职务", **FREE, aliases=("职务",), department="organization"),
        Line("phone", "村联系电话", "phone", need="every", aliases=("联系电话",), length=13),
        _count("natural_village_count", "自然村(村民小组)数", "个", **EVERY, least=1),
    )),
    ("B. 户数与人口", (
        _count("hh_total", "总户数", "户", **EVERY, department="public_security"),
        _count("pop_total", "总人口数", "人", **EVERY, department="public_security"),
        _count("pop_resident", "常住人口数", "人", **FREE, reduced=True, department="public_security"),
        _count("pop_minority", "少数民族人口数", "人", department="public_security"),
        _count("pop_female", "妇女人口数", "人", department="public_security"),
        _count("pop_disabled", "残疾人口数", "人", **EVERY, department="disabled_federation"),
        _count("pop_labour", "劳动力人数", "人", department="hr_social"),
        _count("pop_migrant", "外出务工人数", "人", department="hr_social"),
        _count("hh_dibao", "低保户数", "户", **EVERY, department="civil_affairs"),
        _count("pop_dibao", "低保人口数", "人", **EVERY, department="civil_affairs"),
        _count("hh_tekun", "特困供养户数", "户", department="civil_affairs"),
        _count("pop_tekun", "特困供养人口数", "人", **EVERY, department="civil_affairs"),
        _count("hh_lifted", "脱贫户数", "户", **SYSTEM),
        _count("pop_lifted", "脱贫人口数", "人", **SYSTEM),
        _count("hh_unstable", "脱贫不稳定户数", "户", **SYSTEM),
        _count("hh_marginal", "边缘易致贫户数", "户", **SYSTEM),
        _count("hh_sudden", "突发严重困难户数", "户", **SYSTEM),
        _count("graduate_officials", "大学生村官人数", "人", **FREE, department="organization"),
        _count("party_members", "中共党员人数", "人", department="organization"),
        _count("work_team_size", "驻村工作队人数", "人", **FREE, department="organization"),
    )),
    ("C. 土地", (
        _amount("land_cultivated", "耕地面积", "亩", department="natural_resources"),
        _amount("land_irrigated", "有效灌溉面积", "亩", department="water"),
        _amount("land_forest", "林地面积", "亩", department="forestry"),
        _amount("land_returned_forest", "退耕还林面积", "亩", department="forestry"),
        _amount("land_orchard", "林果面积", "亩", department="forestry"),
        _amount("land_pasture", "牧草地面积", "亩", department="forestry"),
        _amount("land_water", "水域面积", "亩", department="water"),
    )),
    ("D. 收入与保险", (
        _amount("farmer_income_pc", "农民人均纯收入", "元", department="statistics"),
        _amount("collective_income", "村级集体经济收入", "万元", department="agriculture"),
        _count("ins_med_count", "参加城乡居民基本医疗保险人数", "人", department="medical_insurance"),
        _count("ins_pension_count", "参加城乡居民基本养老保险人数", "人", department="hr_social"),
        _count("ins_pension_emp_count", "参加城镇职工基本养老保险人数", "人", department="hr_social"),
    )),
    ("E. 基础设施与产业", (
        _yes("road_to_town", "到乡镇是否通沥青(水泥)路", **EVERY, department="transport"),
        _amount("road_gap_km", "到乡镇未通沥青(水泥)路里程", "公里", **EVERY, when="not road_to_town",
                department="transport", most=999),
        _yes("has_bus", "是否通客运班车", department="transport"),
        _count("hh_unsafe_water", "未实现饮水安全户数", "户", **EVERY, department="water"),
        _count("hh_water_difficult", "饮水困难户数", "户", **EVERY, department="water"),
        _count("nv_powered", "已通电自然村(20户以上)数", "个", department="power_grid"),
        _count("hh_dangerous", "危房户数", "户", department="housing"),
        _count("coop_count", "农民专业合作社个数", "个", department="market_regulation"),
        _count("coop_hh", "参加合作社户数", "户", **FREE, department="agriculture"),
        _count("leader_count", "创业致富带头人数", "人", **FREE, department="rural_revitalization"),
        _count("tourism_hh", "开展乡村旅游的户数", "户", **FREE, department="culture_tv"),
        _count("tourism_staff", "乡村旅游从业人员数", "人", **FREE, department="culture_tv"),
        _count("farmstay_hh", "经营农家乐的户数", "户", **FREE, department="culture_tv"),
        _amount("farmstay_income", "经营农家乐户年均收入", "元", when="farmstay_hh", department="culture_tv"),
    )),
    ("F. 公共服务", (
        _count("primary_schools", "村小学个数", "个", department="education"),
        _count("clinics", "行政村卫生室个数", "个", department="health"),
        _count("doctors", "行政村执业(助理)医师数", "人", department="health"),
        _count("public_toilets", "行政村公共卫生厕所个数", "个", department="agriculture"),
        _count("garbage_points", "生产生活垃圾集中堆放点个数", "个", department="agriculture"),
        _count("libraries", "文化(图书)室个数", "个", department="culture_tv"),
        _count("tv_hh", "通广播电视户数", "户", **FREE, department="culture_tv"),
        _count("broadband_hh", "通宽带户数", "户", department="industry_it"),
        _count("broadband_schools", "通宽带的村小学个数", "个", **FREE, department="industry_it"),
        _count("mobile_net_hh", "能用手机上网的户数", "户", department="industry_it"),
        _count("info_officers", "行政村信息员个数", "个", **FREE, department="industry_it"),
        _text("filler_name", "村级填表人", **EVERY),
    )),
)  # fmt: skip
HAMLET: tuple[Block, ...] = (
    ("自然村", (
        _count("nv_hh_total", "总户数", "户", **EVERY, least=1),
        _count("nv_pop_total", "总人口数", "人", **EVERY, least=1),
        _yes("nv_road", "到行政村是否通硬化路", **EVERY, when="nv_hh_total>=20", department="transport"),
        _amount("nv_road_gap_km", "未通硬化路里程", "公里", **EVERY, when="not nv_road",
                department="transport", most=999),
        _yes("nv_power", "是否通动力电", **EVERY, when="nv_hh_total>=20", department="power_grid"),
        _yes("nv_broadband", "是否通宽带", **FREE, reduced=True, department="industry_it"),
        _amount("nv_longitude", "经度", "度", **EVERY, **LONGITUDE),
        _amount("nv_latitude", "纬度", "度", **EVERY, **LATITUDE),
        _yes("nv_active", "是否有效(撤并)", **SYSTEM | {"department": "civil_affairs"}),
    )),
)  # fmt: skip


def lines_of(blocks: Iterable[Block]) -> tuple[Line, ...]:
    return tuple(line for _title, lines in blocks for line in lines)


VILLAGE_LINES = lines_of(VILLAGE)
HAMLET_LINES = lines_of(HAMLET)
LAND_FIELDS = tuple(
    line.name
    for line in VILLAGE_LINES
    if line.name.startswith("land_") and line.name != "land_irrigated"
)
PARTS_OF_POPULATION = (
    "pop_minority", "pop_female", "pop_disabled", "pop_labour", "pop_migrant", "pop_dibao",
    "pop_tekun", "party_members", "ins_med_count", "ins_pension_count", "ins_pension_emp_count",
    "tourism_staff",
)  # fmt: skip
PARTS_OF_HOUSEHOLDS = (
    "hh_dibao", "hh_tekun", "hh_unsafe_water", "hh_water_difficult", "hh_dangerous", "coop_hh",
    "tourism_hh", "farmstay_hh", "tv_hh", "broadband_hh", "mobile_net_hh",
)  # fmt: skip


def needed(line: Line, values: Mapping[str, Any], *, listed: bool) -> bool:
    """Whether this village must have an answer to the line, as the other answers stand."""
    if not (line.need == "every" or (line.need == "listed" and listed)):
        return False
    if not line.when:
        return True
    if line.when.startswith("not "):
        return values.get(line.when[4:]) is False
    name, _, least = line.when.partition(">=")
    return (values.get(name) or 0) >= int(least or 1)


def blanks(blocks: Iterable[Block], values: Mapping[str, Any], *, listed: bool) -> list[Line]:
    """The lines that must be filled and are not."""
    return [
        line
        for _title, lines in blocks
        for line in lines
        if not line.system
        and needed(line, values, listed=listed)
        and values.get(line.name) in (None, "")
    ]


def asked(blocks: Iterable[Block], *, listed: bool) -> list[Block]:
    """The blocks with the lines a village has to answer: all of them, or the reduced set."""
    found = [
        (title, tuple(line for line in lines if listed or line.everywhere))
        for title, lines in blocks
    ]
    return [(title, lines) for title, lines in found if lines]
