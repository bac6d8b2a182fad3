"""Every policy parameter: how it reads, what it is called, which clause it rests on (policy.md Appendix A)."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


def _flag(text: str) -> bool:
    if text not in ("是", "否"):
        raise ValueError("填“是”或“否”")
    return text == "是"


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("不能为负数")
    return number


def _month_day(text: str) -> str:
    try:
        datetime.date.fromisoformat(f"2000-{text}")
    except ValueError as wrong:
        raise ValueError("填月-日，例如 12-15") from wrong
    return text


# Where the comparison stands: after the visit, or beside it; always before the meeting (policy.md §4.2).
BEFORE_DELIBERATION, WITH_CHECK = "before_deliberation", "with_check"


def _position(text: str) -> str:
    if text not in (BEFORE_DELIBERATION, WITH_CHECK):
        raise ValueError("填 before_deliberation（核查后、评议前）或 with_check（与核查同步）")
    return text


def _amount(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or number < 0:
        raise ValueError("应为不小于 0 的数")
    return number


@dataclass(frozen=True)
class ParameterKind:
    """A parameter's key, Chinese name, reader of the stored text, unit and clause."""

    key: str
    label: str
    read: Callable[[str], Any]
    unit: str
    clause: str


def _kinds(*kinds: ParameterKind) -> dict[str, ParameterKind]:
    return {kind.key: kind for kind in kinds}


K = ParameterKind
PARAMETERS = _kinds(
    K("monitoring_line", "监测范围（人均纯收入）", _amount, "元/人·年", "业务规程 §3.1"),
    K("village_notice_days", "村级公示天数", _count, "天", "业务规程 §4.3 T8"),
    K("identification_total_days", "识别总时限", _count, "天", "业务规程 §4.3"),
    K("identification_in_working_days", "识别总时限按工作日计", _flag, "", "业务规程 §4.3"),
    K("check_days", "入户核查时限", _count, "工作日", "业务规程 §4.3 T5"),
    K("reply_days", "答复申请人时限", _count, "工作日", "业务规程 §4.3 T3b"),
    K("comparison_days", "部门比对时限", _count, "天", "业务规程 §4.3 T6"),
    K("deliberation_days", "比对后评议时限", _count, "天", "业务规程 §4.3 T7"),
    K("notice_post_days", "评议后张贴公示时限", _count, "天", "业务规程 §4.3 T8"),
    K("notice_contact_village", "村级公示联系人和电话", str, "", "业务规程 §4.3 T8"),
    K("notice_contact_township", "乡镇公示联系人和电话", str, "", "业务规程 §4.3 T8"),
    K("notice_contact_county", "县级公示联系人和电话", str, "", "业务规程 §4.3 T8"),
    K("supervision_phone", "监督电话", str, "", "业务规程 §4.1"),
    K("township_days", "乡镇审核时限", _count, "工作日", "业务规程 §4.3 T10"),
    K("county_days", "县级审定时限", _count, "工作日", "业务规程 §4.3 T11"),
    K("announce_days", "公告时限", _count, "天", "业务规程 §4.3 T12"),
    K("entry_days", "国家系统录入时限", _count, "天", "业务规程 §4.3 T13"),
    K("analysis_min_attendees", "分析研判最少人数", _count, "人", "业务规程 §4.3 T2"),
    K("check_group_min", "入户核查最少人数", _count, "人", "业务规程 §4.3 T5"),
    K("check_position_required", "入户核查须定位", _flag, "", "业务规程 §4.3 T5"),
    K("deliberation_min_attendees", "评议最少到会人数", _count, "人", "业务规程 §4.3 T7"),
    K("deliberation_quorum_percent", "评议法定到会比例", _count, "%", "业务规程 §4.3 T7"),
    K("reference_month_basis", "基准月份取自", str, "", "业务规程 §7.4"),
    K("reference_month_max_lag", "基准月份最多滞后", _count, "个月", "业务规程 §7.4"),
    K("comparison_position", "部门比对位置", _position, "", "业务规程 §4.2"),
    K("comparison_departments", "识别比对部门", str, "", "业务规程 §4.3 T6"),
    K("min_months_monitored", "消除前最少监测月数", _count, "个月", "业务规程 §5.1 E6"),
    K("income_sustained_months", "收入稳定最少月数", _count, "个月", "业务规程 §5.1 E2"),
    K("evaluation_due", "帮扶成效评估截止", _month_day, "月-日", "通知一(二)"),
    K("evaluation_lead_days", "帮扶成效评估提前提醒", _count, "天", "通知一(二)"),
    K("transfer_share_max", "转移性收入占比上限", _amount, "%", "业务规程 §5.3 N1"),
    K("income_collapse_percent", "收入骤减判定", _amount, "%", "业务规程 §3.2"),
    K("advance_max_days", "先行帮扶补办时限", _count, "天", "业务规程 §4.6"),
    K("rollback_notice_required", "回退须公示", _flag, "", "业务规程 §5.4"),
    K("rollback_reason_after_months", "回退须县级说明的月数", _count, "个月", "业务规程 §5.4"),
    K("allow_sudden_for_guarantee_defect", "三保障缺陷可按突发纳入", _flag, "", "业务规程 §3.2"),
    K("four_haves_extra_causes", "四有例外的其他成因", str, "", "业务规程 §4.7"),
    K("plan_due_days", "一户一策制定时限", _count, "天", "业务规程 §8.1"),
    K("first_measure_days", "首项措施落实时限", _count, "天", "业务规程 §8.1"),
    K("missing_min_months", "失踪认定最少月数", _count, "个月", "业务规程 §6.2 D4"),
    K("newborn_max_months", "新生儿登记最大月龄", _count, "个月", "业务规程 §6.3"),
    K("change_review_days", "人口变更、分户并户审核时限", _count, "工作日", "业务规程 §6.3"),
    K("clue_days", "线索处理时限", _count, "工作日", "业务规程 §4.3 T2"),
    K("risk_review_days", "风险变动确认时限", _count, "工作日", "业务规程 §5.6"),
    K("closing_days", "整户减少提出和确认时限", _count, "工作日", "业务规程 §5.6"),
    K("explanation_review_days", "疑点说明审核时限", _count, "工作日", "业务规程 §11.4"),
    K("correction_days", "退回和更正办理时限", _count, "工作日", "业务规程 §11.4"),
    K("split_check_days", "分户后核查时限", _count, "天", "业务规程 §6.4"),
    K("split_warning_months", "预警后分户须说明的月数", _count, "个月", "业务规程 §6.4"),
    K("look_back_after_loss_days", "减少劳动力后回头看时限", _count, "天", "业务规程 §6.5"),
    K("prompt_days", "人口变动提示办理时限", _count, "天", "业务规程 §6.5"),
    K("decrease_alert_days", "拟消除前减员预警天数", _count, "天", "业务规程 §6.5"),
    K("dispute_days", "两村核对答复时限", _count, "天", "业务规程 §6.1"),
    K("finding_answer_days", "疑点反馈时限", _count, "天", "业务规程 §2.3"),
    K("exemption_days", "疑点豁免最长期限", _count, "天", "业务规程 §11.3"),
    K("dibao_tolerance_percent", "低保金额允许误差", _amount, "%", "业务规程 §11.2 CC-08"),
    K("warnings_explained_percent", "提醒项说明比例", _amount, "%", "业务规程 §11.4"),
    K("location_tolerance_km", "家庭位置允许偏差", _amount, "公里", "业务规程 §10.3"),
    K("poverty_line", "脱贫攻坚期标准", _amount, "元/人·年", "forms.md §6.2"),
    K("pasture_max", "牧草地面积上限", _amount, "亩", "forms.md §6.2"),
    K("income_up_percent", "收入增幅提醒", _amount, "%", "forms.md §6.2"),
    K("visit_days", "监测对象走访间隔", _count, "天", "forms.md §6.2"),
    K("medical_warning_lifted", "住院自付预警线（脱贫户）", _amount, "元", "业务规程 §2.3"),
    K("medical_warning_general", "住院自付预警线（一般农户）", _amount, "元", "业务规程 §2.3"),
    K("outpatient_warning", "门诊自付预警线", _amount, "元/月", "业务规程 §2.3"),
    K("school_cost_warning", "学年自付费用预警线", _amount, "元", "业务规程 §2.3"),
    K("chronic_burden_percent", "慢性病负担较重判定", _amount, "%", "通知一(三)"),
    K("elder_age", "老年人口年龄", _count, "周岁", "通知一(三)"),
    K("away_months", "外出务工视为不在家的月数", _count, "个月", "通知一(三)"),
    K("screening_red", "重点核查红色分值", _count, "分", "通知一(三)"),
    K("screening_orange", "重点核查橙色分值", _count, "分", "通知一(三)"),
    K("screening_yellow", "重点核查黄色分值", _count, "分", "通知一(三)"),
    K("application_days", "自主申请受理时限", _count, "工作日", "业务规程 §4.3 T3b"),
    K("apply_per_address", "同一地址每小时自主申请上限", _count, "件", "业务规程 §4.1"),
    K("apply_per_village", "一个村每天扫码申请上限", _count, "件", "业务规程 §4.1"),
    K("status_per_address", "同一地址每小时查询上限", _count, "次", "业务规程 §4.1"),
    K("key_check_days", "重点核查户核查时限", _count, "工作日", "通知一(三)"),
    K("screening_worse_percent", "排除后重新列出的加重幅度", _amount, "%", "通知一(三)"),
    K("later_fields", "启用2022年以后的指标", _flag, "", "forms.md §0.2"),
    K("income_down_percent", "收入降幅提醒", _amount, "%", "forms.md §6.2"),
)

POLICY_LISTS: dict[str, str] = {
    "risk_cause": "返贫致贫风险成因",
    "four_haves_type": "四有人员情形",
    "no_elim_rule": "七个不消（可配置，待省级核定）",
    "file_checklist": "户内资料清单",
    "change_document": "人口变更佐证材料",
    "case_paper": "监测程序材料（阈值为份数）",
    "review_phrase": "审核常用意见",
    "screening_signal": "重点核查情形（阈值为分值）",
    "key_county": "乡村振兴重点帮扶县",
    "listed_village": "出列村（阈值为出列年度）",
}
