"""The kinds of export of the national system: the five workbooks of its custom export, and the list of people of 2021.

Each is its heads in order, each with our column where the register knows the same (forms.md §0.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from counties.reconciling.heads import (
    CATEGORIES,
    HOUSEHOLD_HEADS,
    MEMBER_HEADS,
    OBJECT_HEADS,
    PLANNED_HEADS,
    VILLAGE_HEADS,
    WORKER_HEADS,
    Head,
)
from counties.rules.lines import VILLAGE_LINES
from counties.sheets.columns import column as line_column
from fanpin.sheets.columns import Book, Column, Sheet
from households.choices import choices, lists
from households.models import Household, IncomeStatement, Member
from households.selectors import workplaces
from households.sheets.columns import HOUSEHOLD_SHEET, MEMBER_SHEET
from households.sheets.declaring import column

Subject = Literal["household", "member", "village"]
HEAD_ROW = 3
"""Their workbooks: a title, a line of who exported and when, then the head."""


@dataclass(frozen=True)
class Layout:
    """One kind of export. `lists_all`: whoever ought to be in it and is not, is missing there."""

    key: str
    title: str
    subject: Subject
    heads: tuple[Head, ...]
    needed: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    lists_all: bool = True
    adoptable: bool = False

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Key → our column under their head, for every head that has one."""
        known = POOLS[self.subject] | (OBJECT if self.key == "object" else {})
        return {head.key: _named(known[head.key], head) for head in self.heads if head.key}

    @cached_property
    def by_key(self) -> dict[str, Head]:
        return {head.key: head for head in self.heads if head.key}

    @cached_property
    def compared(self) -> tuple[str, ...]:
        return tuple(head.key for head in self.heads if head.key and head.compared)

    @cached_property
    def sheet(self) -> Sheet:
        extra = () if "village_code" in self.columns else (HOUSEHOLD_SHEET.by_key["village_code"],)
        names = (
            *self.aliases,
            *(alias.replace("（", "(").replace("）", ")") for alias in self.aliases),
        )
        return Sheet(self.title, (*self.columns.values(), *extra), HEAD_ROW, aliases=names)


def _named(column: Column, head: Head) -> Column:
    aliases = dict.fromkeys((column.label, *column.aliases, *head.aliases))
    return replace(column, label=head.text, aliases=tuple(aliases), unit="", required=False)


def _plain(key: str, label: str) -> Column:
    return Column(key, label, max_length=120)


PROVINCES = tuple(workplaces.province_names().items())
PLACES = {
    key: _plain(key, label)
    for key, label in (
        ("province", "省"), ("city", "市"), ("county", "县"), ("township", "乡"), ("village", "村"),
    )
}  # fmt: skip
DERIVED = {
    "head_person_no": _plain("head_person_no", "户主编号"),
    "year": Column("year", "年度", "int"),
    **{
        name: column(IncomeStatement, name, unit="元")
        for name in ("inc_gross", "inc_net", "inc_net_pc", "ref_income", "ref_income_pc")
    },
    "family_size": column(Household, "family_size", kind="int"),
}
PEOPLE = {
    **{name: column(Member, name) for name in ("disability_type", "work_region")},
    "work_province": Column("work_province", "务工所在地", "choice", codes=PROVINCES),
    "household_phone": replace(HOUSEHOLD_SHEET.by_key["phone"], key="household_phone"),
    "household_standard": replace(
        HOUSEHOLD_SHEET.by_key["poverty_standard"], key="household_standard"
    ),
}
_HOME = HOUSEHOLD_SHEET.by_key
POOLS: dict[str, dict[str, Column]] = {
    "household": {**_HOME, **PLACES, **DERIVED},
    "member": {**_HOME, **MEMBER_SHEET.by_key, **PLACES, **DERIVED, **PEOPLE},
    "village": {
        **{line.name: line_column(line) for line in VILLAGE_LINES},
        **PLACES,
        "year": DERIVED["year"],
    },
}


def _items(category: str) -> tuple[tuple[str, str], ...]:
    """The items of a category as their cells name them: 产业帮扶:技术指导 → 技术指导."""
    found = lists()["measure_item"].items()
    return tuple(
        (code, label.partition(":")[2])
        for code, label in found
        if code.partition(".")[0] == category
    )


OBJECT: dict[str, Column] = {
    "monitor_type": Column("monitor_type", "监测对象类别", "choice", codes=tuple(choices("monitor_type"))),
    "identified_month": Column("identified_month", "识别监测时间", "ym"),
    **{
        f"risk{n}": Column(f"risk{n}", f"致贫/返贫风险{n}", "choice", codes=tuple(choices("risk_type")))
        for n in range(1, 6)
    },
    "disaster_sub": Column("disaster_sub", "因自然灾害子项", "choice", codes=tuple(choices("disaster_subtype"))),
    "risk_note": _plain("risk_note", "其他备注"),
    "dev_measure_status": Column(
        "dev_measure_status", "实施开发式帮扶措施情况", "choice", codes=tuple(choices("dev_measure_status"))
    ),
    "edu_dropout": Column("edu_dropout", "是否义务教育阶段适龄儿童少年失学辍学", "bool"),
    "house_problem": Column("house_problem", "是否住房出现安全问题", "bool"),
    "water_problem": Column("water_problem", "是否饮水出现安全问题", "bool"),
    "insurance_missing": Column(
        "insurance_missing", "是否有家庭成员未参加城乡居民（职工）基本医疗保险", "bool"
    ),
    "eliminated": Column("eliminated", "风险是否已消除", "bool"),
    "elim_method": Column("elim_method", "风险消除方式", "choice", codes=tuple(choices("elim_method"))),
    "closed_month": Column("closed_month", "风险消除时间", "ym"),
    "contact_name": _plain("contact_name", "监测联系人"),
    "contact_phone": Column("contact_phone", "监测联系人电话", "phone"),
    **{
        f"help_{category}": Column(f"help_{category}", label, "multi", codes=_items(category))
        for category, label in CATEGORIES.items()
    },
}  # fmt: skip

LAYOUTS: dict[str, Layout] = {
    layout.key: layout
    for layout in (
        Layout(
            "household", "户信息", "household", HOUSEHOLD_HEADS, ("national_hh_no", "house_area"),
            ("（乡村建设）户信息", "（自定义）户信息"), adoptable=True,
        ),
        Layout(
            "member", "人口信息", "member", MEMBER_HEADS, ("name", "relation"),
            ("（自定义）人口信息", "成员信息"), adoptable=True,
        ),
        Layout(
            "object", "监测对象信息", "household", OBJECT_HEADS, ("national_hh_no", "monitor_type"),
            ("（自定义）监测对象信息",),
        ),
        Layout(
            "worker", "已外出务工信息", "member", WORKER_HEADS, ("name", "work_start_ym"),
            ("（务工月监测）已外出务工信息",), adoptable=True,
        ),
        Layout(
            "planned", "计划外出务工信息", "member", PLANNED_HEADS, ("name", "id_no"),
            ("（务工月监测）计划外出务工信息",), lists_all=False,
        ),
        Layout(
            "village", "行政村信息", "village", VILLAGE_HEADS, ("village", "hh_total"),
            ("（自定义）行政村信息",),
        ),
    )
}  # fmt: skip
BOOK = Book("国家系统导出表", tuple(layout.sheet for layout in LAYOUTS.values()))
NEEDED = {layout.title: layout.needed for layout in LAYOUTS.values()}
BY_TITLE = {layout.title: layout for layout in LAYOUTS.values()}


def columns_of(layout: Layout) -> Sequence[tuple[Head, Column | None]]:
    """Their heads in order, each with our column where the register has one."""
    return [(head, layout.columns.get(head.key)) for head in layout.heads]


def hinted(file_name: str) -> Layout | None:
    """The layout that a file's name speaks of; the longest title first, as 户信息 stands in others."""
    by_length = sorted(LAYOUTS.values(), key=lambda layout: -len(layout.title))
    return next((layout for layout in by_length if layout.title in file_name), None)
