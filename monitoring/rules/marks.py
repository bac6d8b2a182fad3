"""Category, risks and procedure of a mark, held against the people and the papers (R-MON-01 … R-MON-25)."""

import itertools

import polars as pl

from fanpin.rules import Rule, has, lit_in, parameter
from monitoring.rules.declaring import LOGIC, MARKED, UNDER, c, declared

RULES: list[Rule] = []
_rule = declared(RULES, LOGIC, "通知一(三)、业务规程 §3")
ORDER = ("checked_on", "held_on", "posted_on", "township_on", "county_on")
SHOCKS = (
    "illness",
    "disaster",
    "accident",
    "disability",
    "industry_fail",
    "job_unstable",
    "schooling",
)
_out_of_order = pl.any_horizontal(
    [c(earlier) > c(later) for earlier, later in itertools.pairwise(ORDER)]
)
_CORRECT = "请核对识别资料，按“监测”页的类别变更、风险变动办理更正。"

_rule(
    "error", "R-MON-01", "监测对象未填致贫返贫风险1", MARKED & c("risks").is_null(), "主风险为空",
    detail="识别监测时间 {identified_month}，没有登记风险", remedy="请在“监测”页登记风险，经乡镇确认。",
    fields="risks", failing={"risks": None},
)  # fmt: skip
_rule(
    "error", "R-MON-02", "监测对象风险重复", MARKED & (c("risks_repeated") > 0), "同一风险、同一成员登记了两次",
    detail="风险：{risks}", remedy="请在“监测”页消除重复的一项，经乡镇确认。", fields="risks",
    failing={"risks": "illness,illness", "risks_repeated": 1},
)  # fmt: skip
_rule(
    "error", "R-MON-03", "风险为其他但未填备注", MARKED & (c("risks_unexplained") > 0), "含其他且备注空",
    detail="未备注的其他风险 {risks_unexplained} 项", remedy="请补登写明情况的风险，原项经乡镇确认消除。",
    fields="risks", failing={"risks": "other", "risks_unexplained": 1}, passing={"risks": "other"},
)  # fmt: skip
_rule(
    "error", "R-MON-04", "风险为因自然灾害但未填子项", MARKED & (c("risks_unspecified") > 0), "含自然灾害且子项空",
    detail="未填子项的自然灾害风险 {risks_unspecified} 项", remedy="请补登写明子项的风险，原项经乡镇确认消除。",
    fields="risks", departments="emergency", failing={"risks": "disaster", "risks_unspecified": 1},
    passing={"risks": "disaster"},
)  # fmt: skip
_rule(
    "error", "R-MON-05", "脱贫不稳定户不是脱贫户",
    UNDER & lit_in("mark_category", ("unstable",)) & ~lit_in("hh_type", ("lifted",)), "类别与户类型矛盾",
    detail="类别 {mark_category}，户类型 {hh_type}", remedy=_CORRECT, fields="mark_category hh_type",
    failing={"mark_category": "unstable"}, passing={"mark_category": "unstable", "hh_type": "lifted"},
)  # fmt: skip
_rule(
    "error", "R-MON-06", "边缘易致贫户是脱贫户",
    UNDER & lit_in("mark_category", ("marginal",)) & lit_in("hh_type", ("lifted",)), "类别与户类型矛盾",
    detail="类别 {mark_category}，户类型 {hh_type}", remedy=_CORRECT, fields="mark_category hh_type",
    failing={"hh_type": "lifted"},
)  # fmt: skip
_rule(
    "warn", "R-MON-07", "不稳定户/边缘户识别时收入高于监测范围",
    MARKED & lit_in("mark_category", ("unstable", "marginal")) & (c("id_reference_pc") >= c("id_line")),
    "识别时人均收入参考值不低于监测范围",
    detail="识别时人均收入参考值 {id_reference_pc} 元，监测范围 {id_line} 元",
    remedy="请核对识别时的收入测算表；确实高于监测范围的，复核类别。", fields="id_reference_pc",
    failing={"id_reference_pc": 7200.0}, passing={"id_reference_pc": 7200.0, "mark_category": "sudden"},
)  # fmt: skip
_rule(
    "warn", "R-MON-08", "突发严重困难户无突发类风险",
    MARKED & lit_in("mark_category", ("sudden",)) & c("risks").is_not_null() & ~has("risks", *SHOCKS),
    "风险不含因病、灾害、意外等",
    detail="风险：{risks}", remedy=_CORRECT, fields="mark_category risks",
    failing={"mark_category": "sudden", "risks": "unsafe_water"},
    passing={"mark_category": "sudden", "risks": "unsafe_water,accident"},
)  # fmt: skip
_rule(
    "warn", "R-MON-09", "识别时人均纯收入高于20000元", MARKED & (c("id_net_pc") > 20_000), "疑似错识别",
    detail="识别时人均纯收入 {id_net_pc} 元", remedy="请复核识别时的收入测算表和纳入理由。",
    fields="id_net_pc", failing={"id_net_pc": 20_500.0},
)  # fmt: skip
_rule(
    "error", "R-MON-11", "风险因残但家中无残疾人", UNDER & has("risks", "disability") & (c("disabled_ever") == 0),
    "户内（含自然减少）无残疾成员",
    detail="风险：{risks}；登记的残疾人 {disabled_ever} 人", remedy="请核对残疾证，更正成员健康状况或风险。",
    fields="risks disabled_ever", departments="disabled_federation", failing={"risks": "disability"},
    passing={"risks": "disability", "disabled_ever": 1},
)  # fmt: skip
_rule(
    "error", "R-MON-12", "风险因病但家中无大病慢病人员", UNDER & has("risks", "illness") & (c("ill_ever") == 0),
    "户内（含自然减少）无大病、慢病成员",
    detail="风险：{risks}；登记的大病、慢病 {ill_ever} 人", remedy="请核对病情，更正成员健康状况或风险。",
    fields="risks ill_ever", departments="health", failing={"ill_ever": 0},
)  # fmt: skip
_rule(
    "error", "R-MON-14", "风险因学但家中无在校生", UNDER & has("risks", "schooling") & (c("students") == 0),
    "户内无在校生",
    detail="风险：{risks}；在校生 {students} 人", remedy="请核对学籍，更正成员在校生状况或风险。",
    fields="risks students", departments="education", failing={"risks": "schooling", "students": 0},
    passing={"risks": "schooling"},
)  # fmt: skip
_rule(
    "warn", "R-MON-15", "风险缺劳动力但劳动力占比超过1/4",
    UNDER & has("risks", "lack_labour") & (c("labour_count") * 4 > c("members")), "普通、技能劳动力占比超过四分之一",
    detail="{members} 人中有劳动力 {labour_count} 人", remedy="请核对成员劳动技能和风险成因。",
    fields="risks labour_count", departments="hr_social",
    failing={"risks": "lack_labour", "labour_count": 2}, passing={"risks": "lack_labour"},
)  # fmt: skip
_rule(
    "error", "R-MON-16", "风险因务工就业不稳但全户无劳动力",
    UNDER & has("risks", "job_unstable") & (c("members") > 0) & (c("without_labour") == c("members")),
    "全户为无劳动力或丧失劳动力",
    detail="{members} 人均无劳动力", remedy="请核对成员劳动技能和风险成因。", fields="risks without_labour",
    departments="hr_social", failing={"risks": "job_unstable", "without_labour": 4},
    passing={"risks": "job_unstable"},
)  # fmt: skip
_rule(
    "error", "R-MON-18", "识别时住房/饮水出问题但风险未含对应项",
    MARKED & (
        (~c("id_house_safe") & ~has("risks", "unsafe_house"))
        | (~c("id_water_safe") & ~has("risks", "unsafe_water"))
    ),
    "识别核查的住房、饮水与风险不符",
    detail="识别时住房安全 {id_house_safe}、饮水安全 {id_water_safe}；风险：{risks}",
    remedy="请在“监测”页补登住房或饮水风险，经乡镇确认。", fields="risks", departments="housing water",
    failing={"id_house_safe": False}, passing={"id_house_safe": False, "risks": "illness,unsafe_house"},
)  # fmt: skip
_rule(
    "error", "R-MON-19", "识别时收入周期不符合口径",
    MARKED & ((c("id_from") != c("id_due_from")) | (c("id_to") != c("id_due_to"))), "不是基准月上一月往前12个月",
    detail="收入周期 {id_from} 至 {id_to}，应为 {id_due_from} 至 {id_due_to}",
    remedy="请县级退回重新核查，按基准月上一月往前12个月测算。", fields="id_from id_to", clause="通知三(一)",
    failing={"id_from": "2020-10-01", "id_to": "2021-09-30"},
)  # fmt: skip
_rule(
    "error", "R-MON-20", "识别程序日期倒序", MARKED & ~c("is_advance").fill_null(False) & _out_of_order,
    "核查、评议、公示、乡镇审核、县级审定的日期不依次",
    detail="核查 {checked_on}，评议 {held_on}，公示 {posted_on}，乡镇 {township_on}，县级 {county_on}",
    remedy="请核对各环节的纸质资料，由县级说明情况。", fields="checked_on held_on posted_on township_on county_on",
    clause="业务规程 §4.3", failing={"held_on": "2021-04-05"},
    passing={"held_on": "2021-04-05", "is_advance": True},
)  # fmt: skip
_rule(
    "warn", "R-MON-21", "识别程序超过规定期限", MARKED & (c("county_on") > c("total_due_on")), "县级审定晚于全程期限",
    detail="全程期限 {total_due_on}，{county_on} 审定", remedy="请说明超期原因，按先行帮扶补上期间的措施。",
    fields="county_on", clause="业务规程 §4.3", failing={"county_on": "2021-05-10"},
)  # fmt: skip
_rule(
    "error", "R-MON-23", "公示期不足",
    MARKED & (
        (c("notice_days") < parameter("village_notice_days"))
        | (c("submitted_on") <= c("posted_on").dt.offset_by(pl.format("{}d", c("notice_days").fill_null(0))))
    ),
    "公示天数少于规定，或公示未满即提交",
    detail="{posted_on} 公示 {notice_days} 天，{submitted_on} 提交", remedy="请由县级责成重新公示，留存公示照片。",
    fields="notice_days", clause="业务规程 §4.3 T8、T9", needs="village_notice_days",
    failing={"notice_days": 3}, passing={"submitted_on": "2021-04-17"},
)  # fmt: skip
_rule(
    "error", "R-MON-24", "四有人员纳入监测无例外说明", UNDER & c("siyou").is_not_null() & c("siyou_note").is_null(),
    "有四有情形而例外说明空",
    detail="四有情形：{siyou}", remedy="请在“概况”页写明例外情形；不符合例外的，按识别不准退出办理。",
    fields="siyou siyou_note", departments="public_security natural_resources market_regulation finance",
    failing={"siyou": "vehicle", "mark_category": "sudden"},
    passing={"siyou": "vehicle", "mark_category": "sudden", "siyou_note": "车祸重伤，车辆已报废"},
)  # fmt: skip
_rule(
    "error", "R-MON-25", "四有人员例外纳入但类别不是突发严重困难户",
    UNDER & c("siyou").is_not_null() & ~lit_in("mark_category", ("sudden",)), "例外仅限突发严重困难户",
    detail="四有情形：{siyou}；类别 {mark_category}", remedy="请由县级复核：不符合例外的，按识别不准退出办理。",
    fields="siyou mark_category", failing={"siyou": "house", "siyou_note": "住院"},
    passing={"siyou": "house", "siyou_note": "住院", "mark_category": "sudden"},
)  # fmt: skip
