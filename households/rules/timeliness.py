"""及时性: this year against last year and against the calendar (R-TIM-01 … R-TIM-17)."""

import polars as pl

from fanpin.rules import parameter
from households.rules.declaring import Group

c = pl.col
FOUR = ("inc_wage", "inc_business", "inc_property", "inc_transfer")


CHANGE = c("inc_net_pc") / c("prev_inc_net_pc") - 1
HAD_INCOME = c("prev_inc_net_pc") > 0

h = Group("household", "户·年度变化")
m = Group("member", "成员·年度变化")

h.warn(
    "R-TIM-01", "人均纯收入较上年增幅异常",
    HAD_INCOME & (parameter("income_up_percent") / 100 < CHANGE),
    "增幅大于参数（默认50%）",
    fields="inc_wage inc_business inc_property inc_transfer exp_business",
    shows="inc_net_pc prev_inc_net_pc", remedy="请核对本年收入，属实的请说明增收来源。",
    departments="rural_revitalization", needs="income_up_percent",
    failing={"prev_inc_net_pc": 5000.0}, passing={"prev_inc_net_pc": 8000.0},
)  # fmt: skip
h.warn(
    "R-TIM-02", "人均纯收入较上年下降异常",
    HAD_INCOME & (parameter("income_down_percent") / 100 < -CHANGE),
    "降幅大于参数（默认20%），须说明并研判线索",
    fields="inc_wage inc_business inc_property inc_transfer exp_business",
    shows="inc_net_pc prev_inc_net_pc", remedy="请核对是否漏项；属实的请登记线索研判。",
    departments="rural_revitalization", needs="income_down_percent",
    failing={"prev_inc_net_pc": 15000.0}, passing={"prev_inc_net_pc": 9500.0},
)  # fmt: skip
h.warn(
    "R-TIM-04", "四项收入与上年完全相同",
    pl.all_horizontal([c(n) == c(f"prev_{n}") for n in FOUR]) & (c("inc_net") > 0),
    "疑似未采集、沿用上年",
    fields="inc_wage inc_business inc_property inc_transfer",
    remedy="请入户重新核算本年度收入。",
    failing={"prev_inc_wage": 12000.0, "prev_inc_business": 9000.0, "prev_inc_property": 0.0,
             "prev_inc_transfer": 0.0},
    passing={"prev_inc_wage": 11000.0, "prev_inc_business": 9000.0, "prev_inc_property": 0.0,
             "prev_inc_transfer": 0.0},
)  # fmt: skip
h.error(
    "R-TIM-06", "填表日期不在采集窗口",
    ~c("filled_on").is_between(parameter("collect_from"), parameter("collect_to")),
    "填表日期不在本轮采集起止日内（2021年度为2021-10-19至2021-11-15）",
    fields="filled_on", remedy="请核对填表日期，确在窗口外采集的报县级说明。", clause="通知二",
    needs="collect_from collect_to", failing={"filled_on": "2021-09-01"},
)  # fmt: skip
h.error(
    "R-TIM-07", "户类型年度间非法变化",
    (c("prev_hh_type") == "lifted") & (c("hh_type") != "lifted"),
    "上年为脱贫户，本年改为普通农户",
    fields="hh_type", shows="hh_type prev_hh_type", remedy="脱贫户身份不变，请改回脱贫户。",
    departments="rural_revitalization",
    failing={"prev_hh_type": "lifted", "hh_type": "general"}, passing={"prev_hh_type": "lifted"},
)  # fmt: skip
h.error(
    "R-TIM-17", "增减变更缺佐证材料", c("undocumented_changes") > 0, "本轮成员增减变更没有附件",
    fields="undocumented_changes", remedy="请在变更记录中补传户籍、出生或死亡等佐证材料。",
    departments="public_security", clause="通知一(一)", failing={"undocumented_changes": 1},
)  # fmt: skip

m.error(
    "R-TIM-16", "新生儿增加但出生日期早于本年度周期",
    (c("joined_reason") == "inc_newborn") & (c("birth_date") < parameter("period_from")),
    "增加原因为新生儿而出生于收入周期开始之前",
    fields="birth_date", shows="birth_date", remedy="请更正出生日期，或改为补录漏登人员。",
    departments="public_security health", clause="通知一(一)", needs="period_from",
    failing={"joined_reason": "inc_newborn"},
    passing={"joined_reason": "inc_newborn", "birth_date": "2021-07-01"},
)  # fmt: skip

RULES = (*h.rules, *m.rules)
