"""Marks of 风险消除, 回退 and 再标注 held against what was found and what is (R-MON-60 … R-MON-77)."""

from fanpin.rules import Rule, has, lit_in
from monitoring.rules.declaring import ASSISTED, ELIMINATION, GONE, c, declared

RULES: list[Rule] = []
_rule = declared(RULES, ELIMINATION, "通知一(二)、业务规程 §5")
_BACK = "风险未真正消除的，按风险消除回退办理。"


def _out(**more: object) -> dict[str, object]:
    """A household rightly out of risk, but for this."""
    return {"mark_state": "eliminated", **more}


_rule(
    "error", "R-MON-60", "消除风险无成效评估", GONE & ~c("el_assessed").fill_null(False), "消除办件没有帮扶成效评估表",
    detail="{closed_month} 标注消除，没有帮扶成效评估表", remedy=f"请补做帮扶成效评估并存入户内资料；{_BACK}",
    fields="el_assessed", failing=_out(el_assessed=False), passing=_out(),
)  # fmt: skip
_rule(
    "error", "R-MON-61", "存在七个不消情形仍消除", GONE & c("hits_then").is_not_null(), "消除时已命中七个不消",
    detail="消除时：{hits_then}", remedy=f"请由县级复核消除资料；{_BACK}", fields="hits_then",
    failing=_out(hits_then="N4 整户无劳动能力"), passing=_out(),
)  # fmt: skip
_rule(
    "error", "R-MON-62", "应回退未回退", GONE & c("hits_now").is_not_null(), "消除后命中七个不消情形且未回退",
    detail="现存：{hits_now}", remedy=_BACK, fields="hits_now", failing=_out(hits_now="N3 住房不安全：C级"),
    passing=_out(),
)  # fmt: skip
_rule(
    "error", "R-MON-63", "帮扶消除但无任何措施", ASSISTED & (c("measures") == 0), "消除方式为帮扶消除而没有措施",
    detail="措施 {measures} 项", remedy="请补登已落实的措施；没有帮扶的，由县级复核消除方式。",
    fields="method measures",
    failing=_out(measures=0), passing=_out(measures=0, method="natural"),
)  # fmt: skip
_rule(
    "error", "R-MON-64", "消除时快照缺项", GONE & (~c("el_checked").fill_null(False) | c("el_reference_pc").is_null()),
    "没有消除环节的入户核查或收入",
    detail="消除监测时间 {closed_month}", remedy="请补齐消除环节的收入测算、三保障和饮水核查。", fields="el_checked",
    failing=_out(el_reference_pc=None), passing=_out(),
)  # fmt: skip
_rule(
    "error", "R-MON-65", "消除时仍有辍学/危房/饮水/未参保问题", GONE & c("el_defects").is_not_null(),
    "消除核查的三保障或饮水没有保障",
    detail="消除核查：{el_defects}没有保障", remedy=_BACK, fields="el_defects",
    departments="education housing water medical_insurance", failing=_out(el_defects="住房"), passing=_out(),
)  # fmt: skip
_rule(
    "error", "R-MON-66", "已消除风险户当前住危房或饮水不安全",
    GONE & (c("is_dangerous_house") | ~c("has_safe_water")), "消除后年度表仍有问题",
    detail="是否危房 {is_dangerous_house}，饮水是否安全 {has_safe_water}", remedy=f"请入户核实并落实措施；{_BACK}",
    fields="is_dangerous_house has_safe_water", departments="housing water",
    failing=_out(is_dangerous_house=True), passing=_out(),
)  # fmt: skip
_rule(
    "error", "R-MON-67", "帮扶消除时人均收入低于监测线", ASSISTED & (c("el_reference_pc") < c("el_line")),
    "消除时人均收入参考值低于当年监测范围",
    detail="消除时人均收入参考值 {el_reference_pc} 元，监测范围 {el_line} 元", remedy=_BACK,
    fields="el_reference_pc", failing=_out(el_reference_pc=5800.0),
    passing=_out(el_reference_pc=5800.0, method="natural"),
)  # fmt: skip
_rule(
    "warn", "R-MON-68", "从识别到帮扶消除时间不足", ASSISTED & (c("el_months") < c("el_least_months")),
    "识别到消除的月数少于消除当月的规定",
    detail="识别 {identified_month}，消除 {closed_month}，{el_months} 个月，规定 {el_least_months} 个月",
    remedy=f"请由县级复核消除时间；{_BACK}", fields="closed_month", clause="业务规程 §5.1 E6",
    failing=_out(el_months=3, el_least_months=6), passing=_out(el_months=3),
)  # fmt: skip
_rule(
    "error", "R-MON-69", "整户无劳动力户标注风险消除",
    ASSISTED & (c("members") > 0) & (c("without_labour") == c("members")), "全户无劳动力或丧失劳动力（自然消除除外）",
    detail="{members} 人均无劳动力", remedy=_BACK, fields="without_labour", departments="civil_affairs",
    failing=_out(without_labour=4), passing=_out(without_labour=4, method="natural"),
)  # fmt: skip
_rule(
    "error", "R-MON-70", "已消除但未填监测联系人及电话",
    GONE & (c("contact_name").is_null() | c("contact_phone").is_null()), "联系人或电话空",
    detail="联系人 {contact_name}", remedy="请补填监测联系人和电话。", fields="contact_name contact_phone",
    failing=_out(contact_phone=None), passing=_out(),
)  # fmt: skip
_rule(
    "warn", "R-MON-71", "享受产业帮扶但消除时无经营收入",
    GONE & has("categories", "industry") & (c("el_business") == 0),
    "登记产业措施而消除时生产经营性收入为零",
    detail="措施大类：{categories}；消除时生产经营性收入 {el_business} 元",
    remedy="请核对消除环节的收入测算表和产业措施的落实。", fields="categories el_business", departments="agriculture",
    failing=_out(categories="industry", el_business=0.0), passing=_out(categories="industry"),
)  # fmt: skip
_rule(
    "warn", "R-MON-72", "享受就业/公益岗帮扶但消除时无工资收入",
    GONE & has("categories", "employment", "public_post") & (c("el_wage") == 0), "措施与收入不符",
    detail="措施大类：{categories}；消除时工资性收入 {el_wage} 元",
    remedy="请核对消除环节的收入测算表和就业措施的落实。", fields="categories el_wage", departments="hr_social",
    failing=_out(categories="employment", el_wage=0.0), passing=_out(categories="employment"),
)  # fmt: skip
_rule(
    "warn", "R-MON-73", "享受低保特困残补但消除时无转移收入",
    GONE & has("categories", "comprehensive") & (c("el_transfer") == 0), "措施与收入不符",
    detail="措施大类：{categories}；消除时转移性收入 {el_transfer} 元",
    remedy="请核对消除环节的收入测算表和综合保障的发放。", fields="categories el_transfer",
    departments="civil_affairs", failing=_out(categories="comprehensive", el_transfer=0.0),
    passing=_out(categories="comprehensive"),
)  # fmt: skip
_rule(
    "error", "R-MON-74", "消除时间早于识别时间", GONE & (c("closed_month") < c("identified_month")),
    "消除监测时间早于识别监测时间",
    detail="识别 {identified_month}，消除 {closed_month}", remedy="请核对国家系统，由县级更正标注月份。",
    fields="closed_month identified_month", failing=_out(closed_month="202103"), passing=_out(),
)  # fmt: skip
_rule(
    "error", "R-MON-75", "消除后出现新风险未再标注", GONE & (c("clues_after") > 0),
    "消除后收到的线索没有处理，也没有再标注",
    detail="消除后的线索 {clues_after} 条", remedy="请核实线索：出现新风险的办理风险再标注，没有的登记处理结果。",
    fields="clues_after", failing=_out(clues_after=1), passing=_out(),
)  # fmt: skip
_rule(
    "error", "R-MON-76", "再标注未记录新风险", lit_in("opened_by", ("relabel",)) & c("risks").is_null(),
    "再标注的监测周期没有风险",
    detail="{identified_month} 再标注，没有登记风险", remedy="请在“监测”页登记新风险，经乡镇确认。", fields="risks",
    failing={"opened_by": "relabel", "risks": None}, passing={"opened_by": "relabel"},
)  # fmt: skip
_rule(
    "error", "R-MON-77", "回退后仍标消除", GONE & lit_in("last_mark", ("rollback",)),
    "最近的标注是回退，状态仍为风险已消除",
    detail="最近的标注为回退，消除监测时间 {closed_month}", remedy="请由县级核对标注记录，更正监测状态。",
    fields="last_mark closed_month", failing=_out(last_mark="rollback"), passing=_out(),
)  # fmt: skip
