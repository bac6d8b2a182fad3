"""及时性: this year against last year and against the calendar (R-TIM-01 … R-TIM-18; R-TIM-15
stands with the measures)."""

import polars as pl

from fanpin.rules import has, parameter
from households.rules.declaring import Group

c = pl.col
# The grades in order; vocational and general school run beside each other.
GRADES = {
    "preschool_age": 0, "preschool": 1, "primary": 2, "g7": 3, "g8": 4, "g9": 5,
    "sh1": 6, "voc1": 6, "sh2": 7, "voc2": 7, "sh3": 8, "voc3": 8,
    "hvc1": 9, "tech1": 9, "ug1": 9, "hvc2": 10, "tech2": 10, "ug2": 10,
    "hvc3": 11, "tech3": 11, "ug3": 11, "tech4": 12, "ug4": 12, "ug5": 13, "master": 14,
}  # fmt: skip
# One answer for several years of school, or a last year that may be repeated.
LASTING = (
    "preschool_age",
    "preschool",
    "primary",
    "g9",
    "sh3",
    "voc3",
    "hvc3",
    "tech4",
    "ug4",
    "ug5",
    "master",
)
LEVELS = {"illiterate": 0, "primary": 1, "junior": 2, "senior": 3, "college": 4, "bachelor": 5}
ABLE = ("ordinary", "skilled")
FOUR = ("inc_wage", "inc_business", "inc_property", "inc_transfer")


CHANGE = c("inc_net_pc") / c("prev_inc_net_pc") - 1
HAD_INCOME = c("prev_inc_net_pc") > 0


def rank(column: str, order: dict[str, int]) -> pl.Expr:
    return c(column).replace_strict(order, default=None, return_dtype=pl.Int64)


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
    "R-TIM-03", "年度间成员增减无变更记录", c("roster_gaps") > 0,
    "本年度开展以来，有成员增加或减少而没有增减变更记录",
    fields="baseline_size", shows="roster_gaps", remedy="请补办成员增减变更并上传佐证，或恢复误删、误增的成员。",
    departments="public_security", clause="通知一(一)",
    failing={"baseline_size": 2, "members": [{"in_baseline": True}, {"came_unrecorded": True}]},
    passing={"baseline_size": 2, "recorded_leavers": 1,
             "members": [{"in_baseline": True}, {"came_unrecorded": False}]},
)  # fmt: skip
h.warn(
    "R-TIM-05", "耕地面积年度变化超过50%",
    (c("prev_land_cultivated") > 0)
    & ((c("land_cultivated") / c("prev_land_cultivated") - 1).abs() > 0.5),
    "本年耕地面积比上年增减超过一半",
    fields="land_cultivated", shows="land_cultivated prev_land_cultivated",
    remedy="请核对面积；确因土地流转、调整的请说明。", departments="agriculture",
    failing={"prev_land_cultivated": 20.0}, passing={"prev_land_cultivated": 10.0},
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
    "R-TIM-08", "脱贫年度或首次识别时间被改动",
    (c("lift_year").ne_missing(c("prev_lift_year")) & c("prev_lift_year").is_not_null())
    | (c("first_identified_ym").ne_missing(c("prev_first_identified_ym"))
       & c("prev_first_identified_ym").is_not_null()),
    "与上年不一致",
    fields="lift_year first_identified_ym",
    shows="lift_year prev_lift_year first_identified_ym prev_first_identified_ym",
    remedy="这两项不随年度变化，请改回上年的值；上年填错的报县级核实。",
    departments="rural_revitalization",
    failing={"prev_lift_year": 2017, "prev_first_identified_ym": "201401"},
    passing={"prev_lift_year": 2018, "prev_first_identified_ym": "201401"},
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
m.error(
    "R-TIM-10", "成员证件号码年度间变化", (c("id18") != c("prev_id18")) & ~c("id_corrected"),
    "同一成员的身份证号与上年不同，且没有公安比对一致的更正记录",
    fields="id_no", shows="name", remedy="请核对号码；公安更正的，由县级比对后再改。",
    departments="public_security",
    failing={"prev_id18": "620421196803129930", "id_corrected": False},
    passing={"prev_id18": "620421196803129930", "id_corrected": True},
)  # fmt: skip
m.warn(
    "R-TIM-11", "文化程度倒退", rank("education", LEVELS) < rank("prev_education", LEVELS),
    "本年文化程度低于上年",
    fields="education", shows="education prev_education", remedy="请核对文化程度。",
    departments="education", failing={"prev_education": "senior"}, passing={"prev_education": "primary"},
)  # fmt: skip
m.warn(
    "R-TIM-12", "在校年级未递增",
    (rank("school_status", GRADES) < rank("prev_school_status", GRADES))
    | ((rank("school_status", GRADES) == rank("prev_school_status", GRADES))
       & ~c("prev_school_status").is_in(LASTING)),
    "上年不是毕业年级，本年仍为同年级，或年级倒退",
    fields="school_status", shows="school_status prev_school_status",
    remedy="请按本学年更新年级；留级、休学的请说明。", departments="education",
    failing={"school_status": "g7", "prev_school_status": "g7"},
    passing={"school_status": "g8", "prev_school_status": "g7"},
)  # fmt: skip
m.warn(
    "R-TIM-13", "残疾人员本年变为健康", has("prev_health", "disabled") & (c("health") == "healthy"),
    "上年残疾，本年健康",
    fields="health", shows="health prev_health", remedy="请核对；残疾证已注销的须附佐证并说明。",
    departments="disabled_federation", failing={"prev_health": "disabled"},
    passing={"prev_health": "chronic"},
)  # fmt: skip
m.warn(
    "R-TIM-14", "劳动能力等级升高", (c("prev_labour") == "lost") & c("labour").is_in(ABLE),
    "上年丧失劳动力，本年为普通或技能劳动力",
    fields="labour", shows="labour prev_labour", remedy="请核实劳动能力；治愈的请说明。",
    departments="health", failing={"prev_labour": "lost"}, passing={"prev_labour": "weak_half"},
)  # fmt: skip
m.warn(
    "R-TIM-18", "务工开始时间早于上次结束时间",
    (c("work_start_ym") < c("prev_work_end_ym")) & (c("work_start_ym") != c("prev_work_start_ym"))
    | (c("work_end_ym") < c("work_start_ym")),
    "与上次务工的时间重叠，或结束早于开始",
    fields="work_start_ym work_end_ym",
    shows="work_start_ym work_end_ym prev_work_start_ym prev_work_end_ym",
    remedy="请核对本次和上次务工的起止月份。", departments="hr_social",
    failing={"work_start_ym": "202012", "prev_work_start_ym": "202003", "prev_work_end_ym": "202101"},
    passing={"work_start_ym": "202102", "prev_work_start_ym": "202003", "prev_work_end_ym": "202101"},
)  # fmt: skip

RULES = (*h.rules, *m.rules)
