"""数据字典: every indicator with what its column and the rules say of it, printed from the declarations."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from fanpin.accounts.departments import Department
from fanpin.rules import registry
from households.choices import lists
from households.forms.building import unit_of
from households.forms.households import HouseholdForm
from households.forms.income import IncomeForm
from households.forms.members import MemberForm
from households.indicators import ERAS, FILLERS, Indicator, indicators
from households.models import Household, IncomeStatement, Member
from households.sheets.columns import BOOK

FORMS: dict[type[models.Model], tuple[str, frozenset[str]]] = {
    Household: ("农户表", frozenset(HouseholdForm.columns)),
    Member: ("成员表", frozenset(MemberForm.columns)),
    IncomeStatement: ("收入测算表", frozenset(IncomeForm.columns)),
}
API = (Household, Member)


@dataclass(frozen=True)
class Row:
    """One indicator as the page and the workbook show it."""

    indicator: Indicator
    model: type[models.Model]
    column: Any
    rules: tuple[str, ...]

    @property
    def pk(self) -> str:
        return self.indicator.code

    @property
    def era(self) -> str:
        return ERAS[self.indicator.era]

    @property
    def kind(self) -> str:
        return kind_of(self.column)

    @property
    def unit(self) -> str:
        return unit_of(self.column)

    @property
    def code_list(self) -> str:
        return getattr(self.column, "code_list", "")

    @property
    def entries(self) -> str:
        """「healthy 健康；chronic 长期慢性病」"""
        codes = lists()[self.code_list] if self.code_list else {}
        return "；".join(f"{code} {label}" for code, label in codes.items())

    @property
    def ledgers(self) -> str:
        known = dict(Department.choices)
        return "、".join(known.get(code, code) for code in self.indicator.ledgers)

    @property
    def filled_by(self) -> str:
        return FILLERS.get(self.indicator.filled_by, self.indicator.filled_by)

    @property
    def used_in(self) -> str:
        """Which form, whether in the workbook and the API."""
        found = []
        form, columns = FORMS.get(self.model, ("", frozenset()))
        if self.column.name in columns:
            found.append(form)
            if self.column.name in _in_workbook():
                found.append("导入模板")
            if self.model in API:
                found.append("接口")
        return "、".join(found)

    @property
    def rule_codes(self) -> str:
        return "、".join(self.rules)


def kind_of(column: Any) -> str:
    """The type in a caseworker's words."""
    if getattr(column, "code_list", ""):
        return "多选" if isinstance(column, ArrayField) else "单选"
    if isinstance(column, models.FileField):
        return "附件"
    if isinstance(column, models.BooleanField):
        return "是/否"
    if isinstance(column, models.DateTimeField):
        return "日期时间"
    if isinstance(column, models.DateField):
        return "日期"
    if isinstance(column, models.DecimalField):
        return f"数值（{column.decimal_places}位小数）"
    if isinstance(column, models.IntegerField):
        return "整数"
    if column.is_relation:
        return "选择"
    return f"文本（{column.max_length}字以内）" if getattr(column, "max_length", None) else "文本"


@cache
def rows() -> tuple[Row, ...]:
    """In the order of the paper form; nothing of it changes while the program runs."""
    rules = _rules()
    found = []
    for each in indicators():
        name, _, field = each.column.rpartition(".")
        model = apps.get_model(name)
        found.append(Row(each, model, model._meta.get_field(field), rules.get(field, ())))
    return tuple(found)


def blocks() -> list[str]:
    return list(dict.fromkeys(row.indicator.block for row in rows()))


def _rules() -> dict[str, tuple[str, ...]]:
    """Field → codes of the rules that ask to correct it."""
    found: dict[str, list[str]] = defaultdict(list)
    for rule in registry:
        for name in rule.fields:
            found[name].append(rule.code)
    return {name: tuple(codes) for name, codes in found.items()}


@cache
def _in_workbook() -> frozenset[str]:
    return frozenset(column.key for sheet in BOOK.sheets for column in sheet.columns)
