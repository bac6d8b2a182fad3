"""The facts the rules on marks speak of: one row for each household ever admitted and still on the register.

selectors/rule_facts.py fills them; `id_` is what the identification of the last episode found, `el_` its elimination.
Several codes are one comma-joined text.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from fanpin.rules import frame_of

D = date
# name → (type, a value that is right, what the catalogue calls it)
MARK: Mapping[str, tuple[Any, Any, str]] = {
    "id": (pl.Int64, 1, ""),
    "household_id": (pl.Int64, 1, ""),
    "hh_type": (pl.String, "general", "户类型"),
    "mark_state": (pl.String, "monitored", "监测状态"),
    "mark_category": (pl.String, "marginal", "监测对象类别"),
    "siyou": (pl.String, None, "四有人员情形"),
    "siyou_note": (pl.String, None, "四有例外说明"),
    "is_dangerous_house": (pl.Boolean, False, "是否危房"),
    "has_safe_water": (pl.Boolean, True, "饮水是否安全"),
    "labour_count": (pl.Int64, 1, "有劳动能力人数"),
    "members": (pl.Int64, 4, "家庭人口"),
    "without_labour": (pl.Int64, 1, "无劳动力成员数"),
    "disabled_ever": (pl.Int64, 0, "有过残疾人的成员数"),
    "ill_ever": (pl.Int64, 1, "有过大病慢病的成员数"),
    "students": (pl.Int64, 1, "在校生数"),
    "opened_by": (pl.String, "identify", "标注方式"),
    "identified_month": (pl.String, "202104", "识别监测时间"),
    "closed_month": (pl.String, None, "消除监测时间"),
    "method": (pl.String, None, "风险消除方式"),
    "risks": (pl.String, "illness", "返贫致贫风险"),
    "risks_repeated": (pl.Int64, 0, "重复的风险数"),
    "risks_unexplained": (pl.Int64, 0, "未备注的其他风险数"),
    "risks_unspecified": (pl.Int64, 0, "未填子项的自然灾害风险数"),
    "contact_name": (pl.String, "李秀英", "监测联系人"),
    "contact_phone": (pl.String, "13912345678", "监测联系人电话"),
    "last_mark": (pl.String, "identify", "最近标注"),
    "clues_after": (pl.Int64, 0, "消除后未处理的线索数"),
    "id_net_pc": (pl.Float64, 5400.0, "识别时人均纯收入"),
    "id_reference_pc": (pl.Float64, 5400.0, "识别时人均收入参考值"),
    "id_line": (pl.Float64, 6000.0, "识别时监测范围"),
    "id_from": (pl.Date, D(2020, 4, 1), "识别收入周期起"),
    "id_to": (pl.Date, D(2021, 3, 31), "识别收入周期止"),
    "id_due_from": (pl.Date, D(2020, 4, 1), "识别收入周期应起"),
    "id_due_to": (pl.Date, D(2021, 3, 31), "识别收入周期应止"),
    "id_house_safe": (pl.Boolean, True, "识别时住房安全"),
    "id_water_safe": (pl.Boolean, True, "识别时饮水安全"),
    "checked_on": (pl.Date, D(2021, 4, 8), "入户核查日期"),
    "held_on": (pl.Date, D(2021, 4, 11), "评议日期"),
    "posted_on": (pl.Date, D(2021, 4, 11), "公示日期"),
    "notice_days": (pl.Int64, 5, "公示天数"),
    "submitted_on": (pl.Date, D(2021, 4, 17), "提交乡镇日期"),
    "township_on": (pl.Date, D(2021, 4, 18), "乡镇审核日期"),
    "county_on": (pl.Date, D(2021, 4, 19), "县级审定日期"),
    "total_due_on": (pl.Date, D(2021, 5, 6), "识别全程期限"),
    "is_advance": (pl.Boolean, False, "先行帮扶"),
    "el_checked": (pl.Boolean, None, "有消除核查"),
    "el_assessed": (pl.Boolean, None, "有帮扶成效评估表"),
    "el_wage": (pl.Float64, None, "消除时工资性收入"),
    "el_business": (pl.Float64, None, "消除时生产经营性收入"),
    "el_transfer": (pl.Float64, None, "消除时转移性收入"),
    "el_reference_pc": (pl.Float64, None, "消除时人均收入参考值"),
    "el_line": (pl.Float64, None, "消除时监测范围"),
    "el_defects": (pl.String, None, "消除时三保障和饮水问题"),
    "el_months": (pl.Int64, None, "识别到消除月数"),
    "el_least_months": (pl.Int64, None, "消除前最少监测月数"),
    # What the one list of the seven finds: as the elimination stood, and on the register today.
    "hits_then": (pl.String, None, "消除时命中的七个不消"),
    "hits_now": (pl.String, None, "现命中的七个不消"),
    # filled from the facts of assistance by `prepare`
    "measures": (pl.Int64, 1, "帮扶措施数"),
    "categories": (pl.String, "health", "已登记的措施大类"),
}
ELIMINATED = {
    "mark_state": "eliminated", "closed_month": "202110", "method": "assisted", "last_mark": "eliminate",
    "el_checked": True, "el_assessed": True, "el_wage": 36000.0, "el_business": 2000.0,
    "el_transfer": 4000.0, "el_reference_pc": 10500.0, "el_line": 6000.0, "el_months": 6,
    "el_least_months": 0,
}  # fmt: skip
LABELS = {name: label for name, (_dtype, _good, label) in MARK.items() if label}
FROM_ASSISTANCE = ("measures", "categories")


def polars_schema() -> dict[str, Any]:
    return {name: dtype for name, (dtype, _good, _label) in MARK.items()}


def example_frames(subject: str, example: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """A rightly marked household (of an eliminated one when the example says so), changed as the example says."""
    row = {name: good for name, (_dtype, good, _label) in MARK.items()}
    if example.get("mark_state") == "eliminated":
        row |= ELIMINATED
    return {subject: frame_of([row | dict(example)], polars_schema())}


def prepare(frames: dict[str, pl.DataFrame], values: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    """Measures are counted once, by assistance; take them from there."""
    marks, support = frames.get("mark"), frames.get("support")
    if marks is None or support is None:
        return frames
    helped = support.select("household_id", *FROM_ASSISTANCE)
    joined = marks.drop(FROM_ASSISTANCE).join(helped, on="household_id", how="left")
    return frames | {"mark": joined.with_columns(pl.col("measures").fill_null(0))}
