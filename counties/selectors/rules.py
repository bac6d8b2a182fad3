"""The rule catalogue as pages show it: rules in words, live findings in one's own scope, examples."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Count

from counties.selectors.rule_history import LIVE, findings, since_monday
from fanpin.accounts.departments import Department
from fanpin.accounts.models import User
from fanpin.rules import Rule, registry
from households.choices import lists
from households.models import Household, Member
from households.parameters import PARAMETERS

SUBJECTS = {
    "household": "户", "member": "成员", "support": "一户一策", "measure": "帮扶措施",
    "mark": "监测对象", "village": "村表", "county": "县表",
}  # fmt: skip
SEVERITIES = {"error": "错误", "warn": "疑点"}
TONES = {"error": "red", "warn": "amber"}
# Facts of plans and measures that are no column of a household or member.
CODE_LISTS = {
    "risks": "risk_type",
    "mark_category": "monitor_type",
    "method": "elim_method",
    "siyou": "siyou_type",
    "categories": "measure_category",
    "category": "measure_category",
    "items": "measure_item",
    "item": "measure_item",
    "dev_measure_status": "dev_measure_status",
    "member_school": "school_status",
    "member_left_reason": "change_reason",
    "prev_hh_type": "hh_type",
    "prev_education": "education",
    "prev_school_status": "school_status",
    "prev_health": "health",
    "prev_labour": "labour",
}
REACHES = {"household": "保存后立即检查", "village": "全县检查时对照全村"}


@dataclass(frozen=True)
class Row:
    """A rule with the numbers of live and of newly broken findings the reader may see."""

    rule: Rule
    live: int
    new: int

    @property
    def pk(self) -> str:
        return self.rule.code

    @property
    def subject(self) -> str:
        return SUBJECTS.get(self.rule.subject, self.rule.subject)

    @property
    def severity(self) -> str:
        return SEVERITIES[self.rule.severity]

    @property
    def tone(self) -> str:
        return TONES[self.rule.severity]

    @property
    def departments(self) -> str:
        return departments(self.rule)


def rows(user: User) -> list[Row]:
    """Every rule in the order of declaration, in one query."""
    counts = counts_by_code(user)
    return [row_of(rule, counts) for rule in registry]


def row_of(rule: Rule, counts: Mapping[str, tuple[int, int]]) -> Row:
    return Row(rule, *counts.get(rule.code, (0, 0)))


def counts_by_code(user: User) -> dict[str, tuple[int, int]]:
    """Rule code → (live findings, those new this week) in the user's scope."""
    live = findings(user).filter(LIVE).values("code")
    counted = live.annotate(live=Count("pk"), new=Count("pk", filter=since_monday()))
    return {row["code"]: (row["live"], row["new"]) for row in counted}


def departments(rule: Rule) -> str:
    known = dict(Department.choices)
    return "、".join(known.get(code, code) for code in rule.departments)


def groups() -> list[str]:
    return list(dict.fromkeys(rule.group for rule in registry))


def needs(rule: Rule) -> str:
    """The policy values it is compared with; days of the campaign need no naming."""
    return "、".join(PARAMETERS[name].label for name in rule.needs if name in PARAMETERS)


def fields(rule: Rule) -> str:
    return "、".join(label_of(name) for name in rule.fields)


def label_of(name: str) -> str:
    return registry.labels.get(name, name)


def example(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """An example's facts as (label, value); what it does not name is as in a right household."""
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        if name == "members":
            for number, person in enumerate(value, 1):
                told = "，".join(f"{label}：{text}" for label, text in example(person))
                found.append((f"成员{number}", told or "填写正确"))
        elif name == "h":
            found += example(value)
        elif name == "neighbours":
            found.append(("同村同坐标的其他户", f"{value} 户"))
        else:
            found.append((label_of(name), in_words(name, value)))
    return found


def in_words(name: str, value: Any) -> str:
    if value is None:
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 10_000 else f"{value:.0f}"
    codes = _codes(name)
    return (
        "、".join(codes.get(part, part) for part in str(value).split(",")) if codes else str(value)
    )


@cache
def _codes(name: str) -> dict[str, str]:
    """The code list of a fact, by the model field of the same name."""
    if name in CODE_LISTS:
        return lists()[CODE_LISTS[name]]
    for model in (Household, Member):
        for column in model._meta.get_fields():
            code_list = getattr(column, "code_list", "")
            if column.name == name and code_list:
                return lists()[code_list]
    return {}
