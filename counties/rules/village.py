"""村表: what must be there, add up, and agree with register and ledgers (R-VIL-01 … R-VIL-18)."""

import polars as pl

from counties.rules.lines import LAND_FIELDS, PARTS_OF_HOUSEHOLDS, PARTS_OF_POPULATION
from counties.rules.schema import fact_of
from fanpin.rules import blank
from households.rules.declaring import Group

c = pl.col
LISTED = c("is_delisted")
SERVICES = (
    "primary_schools", "clinics", "doctors", "public_toilets", "garbage_points", "libraries",
    "has_bus", "ins_pension_count",
)  # fmt: skip
SMALLER_LAND = pl.any_horizontal([c(name) < c(f"r_{name}") for name in LAND_FIELDS])
CATEGORIES = ("hh_lifted", "hh_unstable", "hh_marginal", "hh_sudden")
CHANGE = (c("farmer_income_pc") / c("prev_farmer_income_pc") - 1).abs()

v = Group("village", "村表", clause="通知三(二) 出列村信息采集表", fact=fact_of)

v.error(
    "R-VIL-01", "出列村总户数或总人口为空或0",
    LISTED & ((c("hh_total").fill_null(0) == 0) | (c("pop_total").fill_null(0) == 0)),
    "出列村的总户数、总人口数未填或为0",
    fields="hh_total pop_total", remedy="请按公安户籍和实际补填总户数、总人口数。",
    departments="public_security", failing={"hh_total": 0},
    passing={"is_delisted": False, "hh_total": None},
)  # fmt: skip
v.error(
    "R-VIL-02", "出列村集体经济收入为空或0",
    LISTED & (c("collective_income").fill_null(0) == 0), "出列村的村级集体经济收入未填或为0",
    fields="collective_income", remedy="请按村级财务账填写本年集体经济收入（万元）。",
    departments="agriculture", failing={"collective_income": 0.0},
    passing={"is_delisted": False, "collective_income": None},
)  # fmt: skip
v.error(
    "R-VIL-03", "出列村公共服务指标有空值", LISTED & blank(*SERVICES),
    "村小学、卫生室、医师、公厕、垃圾点、文化室、客车、养老参保任一为空",
    fields=" ".join(SERVICES), remedy="请逐项核实后补填，没有的填0。",
    departments="education health transport culture_tv", failing={"libraries": None},
    passing={"is_delisted": False, "libraries": None},
)  # fmt: skip
v.error(
    "R-VIL-04", "低保、特困、残疾人口指标为空",
    blank("hh_dibao", "pop_dibao", "pop_tekun", "pop_disabled"), "四项中任一为空",
    fields="hh_dibao pop_dibao pop_tekun pop_disabled", remedy="请按民政、残联台账补填。",
    departments="civil_affairs disabled_federation", failing={"pop_disabled": None},
)  # fmt: skip
v.error(
    "R-VIL-05", "出列村到乡镇未通硬化路", LISTED & ~c("road_to_town"),
    "出列村“到乡镇是否通沥青(水泥)路”为否",
    fields="road_to_town", remedy="请核实道路情况，确未通的报县级交通部门。",
    departments="transport", failing={"road_to_town": False},
    passing={"is_delisted": False, "road_to_town": False},
)  # fmt: skip
v.error(
    "R-VIL-06", "未解决饮水户与危房户之和大于总户数",
    c("hh_unsafe_water") + c("hh_dangerous") > c("hh_total"), "两项之和大于总户数",
    fields="hh_unsafe_water hh_dangerous hh_total", remedy="请核对三项户数。",
    departments="water housing", failing={"hh_unsafe_water": 40, "hh_dangerous": 30},
)  # fmt: skip
v.error(
    "R-VIL-07", "村土地面积小于村内户汇总", SMALLER_LAND, "任一类土地面积小于户表之和",
    fields=" ".join(LAND_FIELDS),
    shows="land_cultivated r_land_cultivated land_forest r_land_forest land_returned_forest"
    " r_land_returned_forest land_orchard r_land_orchard land_pasture r_land_pasture"
    " land_water r_land_water",
    remedy="请按自然资源、林草部门数据核对村表面积，或改正户表面积。",
    departments="natural_resources forestry", failing={"r_land_forest": 120.0},
)  # fmt: skip
v.error(
    "R-VIL-08", "分项人口或户数大于总数",
    (pl.max_horizontal(PARTS_OF_POPULATION) > c("pop_total"))
    | (pl.max_horizontal(PARTS_OF_HOUSEHOLDS) > c("hh_total"))
    | (c("hh_dibao") > c("pop_dibao")) | (c("hh_tekun") > c("pop_tekun")),
    "任一分项大于总人口、总户数，或低保、特困户数大于人数",
    fields=" ".join((*PARTS_OF_POPULATION, *PARTS_OF_HOUSEHOLDS)),
    shows="pop_total pop_female pop_labour pop_migrant pop_dibao hh_total hh_dibao hh_dangerous",
    remedy="请核对分项和总数。", departments="public_security",
    failing={"pop_female": 230},
)  # fmt: skip
v.error(
    "R-VIL-09", "户数大于人口数或户均人口异常",
    (c("hh_total") > c("pop_total")) | (c("pop_total") > c("hh_total") * 10),
    "总户数大于总人口数，或户均超过10人",
    fields="hh_total pop_total", remedy="请核对总户数和总人口数。", departments="public_security",
    failing={"pop_total": 50, "pop_female": 20, "pop_labour": 20, "pop_migrant": 20},
)  # fmt: skip
v.error(
    "R-VIL-10", "低保、特困人口少于民政台账",
    (c("pop_dibao") < c("ledger_dibao")) | (c("pop_tekun") < c("ledger_tekun")),
    "村表人数少于民政台账中在本村登记的人数（台账中未登记农户的人员不计）",
    fields="pop_dibao pop_tekun", shows="pop_dibao ledger_dibao pop_tekun ledger_tekun",
    remedy="请与民政部门核对本村名单。", departments="civil_affairs",
    failing={"ledger_dibao": 18}, passing={"ledger_dibao": 15, "ledger_tekun": 1},
)  # fmt: skip
v.error(
    "R-VIL-11", "系统登记的低保成员多于村低保人口数", c("r_pop_dibao") > c("pop_dibao"),
    "户表低保成员合计大于村表低保人口数",
    fields="pop_dibao", shows="pop_dibao r_pop_dibao",
    remedy="请核对村表低保人数，或改正成员的低保情况。", departments="civil_affairs",
    failing={"r_pop_dibao": 16.0},
)  # fmt: skip
v.error(
    "R-VIL-12", "脱贫户数、监测户数与户表汇总不一致",
    pl.any_horizontal([c(name) != c(f"r_{name}") for name in CATEGORIES]),
    "村表的脱贫户、三类监测户与系统汇总不一致",
    fields=" ".join(CATEGORIES),
    shows=" ".join(word for name in CATEGORIES for word in (name, f"r_{name}")),
    remedy="村表填写后农户有变化，请打开村表重新保存，由系统重新汇总。",
    departments="rural_revitalization", failing={"r_hh_lifted": 21},
)  # fmt: skip
v.error(
    "R-VIL-13", "自然村数与自然村表张数不一致", c("natural_village_count") != c("nv_count"),
    "自然村(村民小组)数与有效自然村表张数不一致",
    fields="natural_village_count", shows="natural_village_count nv_count",
    remedy="请核对自然村数，新增的自然村在“行政区划”中登记并填表。",
    departments="civil_affairs", clause="通知一(一)", failing={"natural_village_count": 3},
)  # fmt: skip
v.error(
    "R-VIL-14", "自然村户数、人口合计与行政村不一致",
    (c("nv_count") > 0)
    & ((c("nv_hh_sum") != c("hh_total")) | (c("nv_pop_sum") != c("pop_total"))),
    "有效自然村的户数、人口之和与村表不等",
    fields="hh_total pop_total", shows="hh_total nv_hh_sum pop_total nv_pop_sum",
    remedy="请核对各自然村表和村表的户数、人口。", departments="public_security",
    failing={"nv_pop_sum": 198}, passing={"nv_count": 0, "natural_village_count": 0,
                                          "nv_hh_sum": 0, "nv_pop_sum": 0},
)  # fmt: skip
v.warn(
    "R-VIL-15", "危房户数小于户表危房户", c("hh_dangerous") < c("r_hh_dangerous"),
    "村表危房户数少于系统登记的危房户",
    fields="hh_dangerous", shows="hh_dangerous r_hh_dangerous",
    remedy="请核对村表危房户数，或改正户表住房情况。", departments="housing",
    failing={"r_hh_dangerous": 2},
)  # fmt: skip
v.warn(
    "R-VIL-16", "农民人均纯收入年度变动超±30%",
    (c("prev_farmer_income_pc") > 0) & (CHANGE > 0.3), "与上年村表相比变动超过30%",
    fields="farmer_income_pc", shows="farmer_income_pc prev_farmer_income_pc",
    remedy="请核对本年收入，属实的请说明原因。", departments="statistics",
    failing={"prev_farmer_income_pc": 6000.0}, passing={"prev_farmer_income_pc": 9800.0},
)  # fmt: skip
v.error(
    "R-VIL-17", "有户挂在已撤并或不属本村的自然村", c("n_misplaced") > 0,
    "户的自然村已停用或不属于本村",
    fields="natural_village_count", shows="n_misplaced",
    remedy="请打开这些户，重新选择自然村。", departments="civil_affairs", clause="通知一(一)",
    failing={"n_misplaced": 1},
)  # fmt: skip
v.warn(
    "R-VIL-18", "村内采集完成率未达100%", c("n_uncollected") > 0, "有户的年度采集表未经乡镇审核通过",
    fields="hh_total", shows="n_uncollected", remedy="请催办未提交、未审核的户年度采集表。",
    clause="通知二", failing={"n_uncollected": 3},
)  # fmt: skip

RULES = v.rules
