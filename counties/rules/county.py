"""县表: what must be there, add up, and agree with the villages (R-CTY-01 … R-CTY-14)."""

import polars as pl

from counties.rules.schema import COMPARED_WITH_LAST_YEAR, fact_of
from households.rules.declaring import Group

c = pl.col
KEY = c("key_level").is_not_null()
CHANGED = pl.any_horizontal(
    [
        (c(f"prev_{name}") > 0) & ((c(name) / c(f"prev_{name}") - 1).abs() > 0.3)
        for name in COMPARED_WITH_LAST_YEAR
    ]
)

k = Group("county", "县表", clause="通知一(五) 重点帮扶县信息采集", fact=fact_of)

k.error(
    "R-CTY-01", "重点帮扶县四组指标有空值", KEY & (c("n_blank") > 0), "必填指标未填",
    fields="n_blank", remedy="请各部门补填县表中标“未填”的指标。", failing={"n_blank": 2},
    passing={"n_blank": 2, "key_level": None, "n_filled": 0},
)  # fmt: skip
k.error(
    "R-CTY-02", "非重点帮扶县填报四组指标", ~KEY & (c("n_filled") > 0),
    "该县不在重点帮扶县名单内而填有县表",
    fields="n_filled", remedy="请核对“政策清单”中的重点帮扶县名单和生效日期。",
    departments="rural_revitalization", failing={"key_level": None},
)  # fmt: skip
k.error(
    "R-CTY-03", "县行政村数与村表应采数不一致", c("village_count") != c("r_village_count"),
    "县表行政村数与区划中的行政村数不等",
    fields="village_count", shows="village_count r_village_count",
    remedy="请核对行政区划和县表行政村数。", departments="civil_affairs",
    failing={"village_count": 171.0},
)  # fmt: skip
k.error(
    "R-CTY-04", "县出列村数与村表汇总不一致", c("delisted_village_count") != c("r_delisted"),
    "县表脱贫村数与出列村名单不等",
    fields="delisted_village_count", shows="delisted_village_count r_delisted",
    remedy="请核对“政策清单”中的出列村和县表数。", departments="rural_revitalization",
    failing={"delisted_village_count": 69.0},
)  # fmt: skip
k.error(
    "R-CTY-05", "市州上报汇总与县明细不一致", c("summary_differences") > 0,
    "已上报的动态调整对象汇总与现在的明细不等",
    fields="summary_differences", remedy="请市州退回重报，或下达更正令后重新签署。",
    departments="rural_revitalization", clause="通知二", failing={"summary_differences": 1},
)  # fmt: skip
k.warn(
    "R-CTY-06", "县耕地、卫生室、合作社小于村级合计",
    (c("cultivated_mu") < c("v_cultivated")) | (c("village_clinics") < c("v_clinics"))
    | (c("coop_count") < c("v_coops")),
    "县表数小于各村表之和",
    fields="cultivated_mu village_clinics coop_count",
    shows="cultivated_mu v_cultivated village_clinics v_clinics coop_count v_coops",
    remedy="请与自然资源、卫健、市场监管部门核对。", departments="natural_resources health",
    failing={"v_coops": 950},
)  # fmt: skip
k.error(
    "R-CTY-07", "乡村人口大于户籍人口", c("rural_pop") > c("pop_hukou"), "乡村人口大于户籍总人口",
    fields="rural_pop pop_hukou", remedy="请核对两项人口数。",
    departments="statistics public_security", failing={"rural_pop": 500_000.0},
)  # fmt: skip
k.error(
    "R-CTY-08", "城镇居民收入小于农村居民收入", c("urban_income_pc") < c("rural_income_pc"),
    "城镇居民人均可支配收入小于农村居民",
    fields="urban_income_pc rural_income_pc", remedy="请核对两项收入，是否填反。",
    departments="statistics", failing={"urban_income_pc": 10_000.0},
)  # fmt: skip
k.warn(
    "R-CTY-09", "主要经济指标年度变动超±30%", CHANGED,
    "生产总值、预算收入、农村居民收入之一比上年变动超过30%",
    fields=" ".join(COMPARED_WITH_LAST_YEAR),
    shows=" ".join(word for name in COMPARED_WITH_LAST_YEAR for word in (name, f"prev_{name}")),
    remedy="请核对数值和单位，属实的请说明原因。", departments="statistics finance",
    failing={"prev_gdp": 500_000.0}, passing={"prev_gdp": 850_000.0},
)  # fmt: skip
k.error(
    "R-CTY-10", "比例类指标超出范围", c("n_out_of_range") > 0, "百分比指标超出规定的上下限",
    fields="n_out_of_range", shows="n_out_of_range out_of_range",
    remedy="请核对百分比，按百分数填写。",
    failing={"n_out_of_range": 1, "out_of_range": "农村自来水普及率"},
)  # fmt: skip
k.error(
    "R-CTY-11", "县级存在未办结的错误级疑点", c("open_errors") > 0, "县内有未办结的错误级疑点",
    fields="open_errors", remedy="请到“疑点处置”逐条整改或说明。", clause="通知一(七)",
    failing={"open_errors": 4},
)  # fmt: skip
k.warn(
    "R-CTY-12", "县级疑点无核实说明", c("open_warnings") > 0, "县内有疑点既未整改也没有说明",
    fields="open_warnings", remedy="请督促村、乡镇填写核实说明。", clause="通知一(七)",
    failing={"open_warnings": 7},
)  # fmt: skip
k.error(
    "R-CTY-13", "村卫生室数与村表合计不一致",
    (c("v_sheets") == c("r_village_count")) & (c("village_clinics") != c("v_clinics")),
    "全部村表填完后，县表村卫生室数与各村合计不等",
    fields="village_clinics", shows="village_clinics v_clinics",
    remedy="请与卫健部门核对村卫生室名单。", departments="health",
    failing={"village_clinics": 171.0}, passing={"village_clinics": 171.0, "v_sheets": 100},
)  # fmt: skip
k.error(
    "R-CTY-14", "二级及以上医院数大于县级公立医院数", c("level2_hospitals") > c("county_hospitals"),
    "二级及以上医院数大于县级公立医院数",
    fields="level2_hospitals county_hospitals", remedy="请核对两项医院数。", departments="health",
    failing={"level2_hospitals": 4.0},
)  # fmt: skip

RULES = k.rules
