"""《户年度基础信息采集表》: every declared column of the household and its people, filled or empty (forms.md §1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fanpin import clock
from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Box, Boxes, Document, Prose, Rows
from fanpin.regions.models import Division
from fanpin.sheets.columns import Column
from households.choices import label
from households.models import Campaign, Helper, Helping, Household, IncomeStatement, Member
from households.papers.homes import about, code, facts, homes, with_helpers, with_statements
from households.papers.wording import box_of, boxes_of, guide_lines, place_columns, text_of
from households.rules.identity import age_on
from households.selectors.parameters import current_campaign, later_on
from households.sheets.columns import (
    CLASSIFICATION,
    INCOME,
    LATER_INCOME,
    LATER_LIVING,
    LATER_MEMBER,
    LIVING,
    LOCATION,
    PERSON,
    PROTECTION,
    SUPPORT,
    WORK,
)
from households.sheets.declaring import column

MARK = "HK"
TITLE = "户年度基础信息采集表"
PEOPLE_ACROSS = 5
# A household of five stands on one sheet, front and back.
ROW_HEIGHT = 4.7
# What the system works out; it stands on the paper beside what is collected.
COUNTED = tuple(
    column(Household, name, unit="人")
    for name in ("family_size", "labour_count", "migrant_count", "public_post_count")
)
FIGURES = tuple(
    column(IncomeStatement, name, unit="元")
    for name in ("inc_gross", "inc_net", "inc_net_pc", "ref_income", "ref_income_pc")
)
CERTIFIED = tuple(
    column(Member, name) for name in ("disability_type", "disability_level", "work_region")
)
HELPER = (
    *(column(Helper, name) for name in ("name", "sex", "political_status", "unit")),
    column(Helper, "phone", kind="phone"),
)
HELPING = tuple(column(Helping, name) for name in ("start_on", "end_on"))
MEMBER_COLUMNS = (*PERSON, *CERTIFIED[:2], *WORK, CERTIFIED[2], *PROTECTION)
SIGNATURES = (
    "户主（签字、按手印）：",
    "填表人（签字）：",
    "填表日期：　　　年　　月　　日",
    "行政村（盖章）：",
    "乡镇审核人（签字）：",
    "乡镇（盖章）：",
)


def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    campaign, columns = current_campaign(), columns_at(place)
    rows = list(with_helpers(with_statements(homes(ids))))
    names = _place_names(rows)
    for household in rows:
        yield _card(household, columns, campaign, names, printing)


@dataclass(frozen=True)
class Columns:
    """What stands on the card at a place: with the indicators of later sheets where they are in use."""

    income: tuple[Column, ...]
    living: tuple[Column, ...]
    member: tuple[Column, ...]


def columns_at(place: str) -> Columns:
    division = Division.objects.filter(code=place).first()
    if division is None or not later_on(division.path):
        return Columns(INCOME, LIVING, MEMBER_COLUMNS)
    return Columns(
        (*INCOME, *LATER_INCOME), (*LIVING, *LATER_LIVING), (*MEMBER_COLUMNS, *LATER_MEMBER)
    )


def _card(
    household: Household,
    columns: Columns,
    campaign: Campaign,
    names: dict[str, str],
    printing: Printing,
) -> Document:
    people: list[Member] = household.people  # type: ignore[attr-defined]
    mark = code(household, MARK, printing)
    return Document(
        title=f"{TITLE}（{campaign.year}年度）",
        about=about(household),
        facts=(*facts(household), f"采集状态：{_state(household)}"),
        code=str(mark),
        address=printing.address(mark),
        blocks=(
            _whose(household, printing),
            boxes_of("B. 户类型", CLASSIFICATION, household, printing),
            _income(household, columns.income, campaign, printing),
            boxes_of("D. 生产生活条件", columns.living, household, printing),
            boxes_of("E. 产业、搬迁、信贷", (*SUPPORT, *COUNTED[1:]), household, printing),
            *_members(people, columns.member, names, printing),
            _helpers(household, printing),
        ),
        signatures=SIGNATURES,
        note=printing.note,
        row_height=ROW_HEIGHT,
    )


def _state(household: Household) -> str:
    forms = household.current_forms  # type: ignore[attr-defined]
    return label("collect_status", forms[0].state if forms else "todo")


def _whose(household: Household, printing: Printing) -> Boxes:
    head = (
        Box("户主姓名", household.head_name),
        Box("户主证件号码", printing.number(household.head_id_no)),
        box_of(COUNTED[0], household.family_size, printing),
    )
    rest = boxes_of("A. 户标识与位置", LOCATION, household, printing)
    return Boxes(rest.title, (*head, *rest.boxes))


def _income(
    household: Household, columns: Sequence[Column], campaign: Campaign, printing: Printing
) -> Boxes:
    annual = next(
        (s for s in household.earned if s.campaign_id == campaign.pk and s.purpose == "annual"),  # type: ignore[attr-defined]
        None,
    )
    title = f"C. 家庭收入（收入计算周期 {campaign.income_from} 至 {campaign.income_to}）"
    return boxes_of(title, (*columns, *FIGURES), annual, printing)


def _members(
    people: list[Member], columns: Sequence[Column], names: dict[str, str], printing: Printing
) -> Iterator[Rows]:
    """One column for each person, five to a sheet; the empty ones are for who joins."""
    for start in range(0, max(len(people), 1), PEOPLE_ACROSS):
        some: list[Member | None] = [*people[start : start + PEOPLE_ACROSS]]
        some += [None] * (PEOPLE_ACROSS - len(some))
        rows = [(c.title, *(_said(c, m, names, printing) for m in some)) for c in columns]
        ages = ("年龄（周岁）", *(_age(member) for member in some))
        yield Rows(
            title=f"L. 家庭成员（共{len(people)}人）",
            heads=("项目", *(f"第{start + n + 1}人" for n in range(PEOPLE_ACROSS))),
            rows=[*rows[:6], ages, *rows[6:]],
            widths=(1.45, *(1.0,) * PEOPLE_ACROSS),
            stub=1,
            fresh=True,
        )


def _helpers(household: Household, printing: Printing) -> Rows:
    """Who helps now, and a line for the next one."""
    rows = [
        tuple(text_of(c, getattr(helping.helper, c.key), printing) for c in HELPER)
        + tuple(text_of(c, getattr(helping, c.key), printing) for c in HELPING)
        for helping in household.helped  # type: ignore[attr-defined]
    ]
    heads = tuple(c.label for c in (*HELPER, *HELPING))
    widths = (1.1, 0.5, 0.9, 2.0, 1.1, 1.0, 1.0)
    return Rows("F. 帮扶责任人", heads, rows, widths, blank=0 if rows else 1)


def _said(column: Column, member: Member | None, names: dict[str, str], printing: Printing) -> str:
    value: Any = getattr(member, column.key, None)
    if column.key in place_columns():
        return names.get(value or "", value or "")
    said = text_of(column, value, printing)
    return said or ("□是　□否" if column.kind == "bool" else "")


def _age(member: Member | None) -> str:
    born = member.birth_date if member else None
    return str(age_on(born, clock.today())) if born else ""


def _place_names(rows: Sequence[Household]) -> dict[str, str]:
    """The names of the places where people work, for the codes that are stored."""
    codes = {
        getattr(member, name)
        for household in rows
        for member in household.people  # type: ignore[attr-defined]
        for name in place_columns()
    }
    return dict(Division.objects.filter(code__in=codes - {""}).values_list("code", "name"))


def guide(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    """填表说明: what may stand in each box, for whoever fills in the paper by hand."""
    columns = columns_at(place)
    household = (*LOCATION, *CLASSIFICATION, *columns.income, *columns.living, *SUPPORT)
    yield Document(
        title=f"{TITLE}填表说明",
        about="可填的内容以本说明所列词语为准；金额单位为元，面积单位为亩，没有的金额填0",
        blocks=(
            Prose("户信息", guide_lines(household), small=True),
            Prose("家庭成员", guide_lines(columns.member), small=True),
        ),
        note=printing.note,
    )


PAPER = Paper(
    key="card",
    title=TITLE,
    mark=MARK,
    level="household",
    build=build,
    about="户信息、收入、生产生活条件和全部成员；没有采集的栏目留空，可带到户里手填",
    order=10,
    opens="households:edit",
)
GUIDE = Paper(
    key="guide",
    title=f"{TITLE}填表说明",
    mark="SM",
    level="once",
    build=guide,
    about="每个栏目怎么填、可以填哪些内容，手填时对照",
    order=50,
)
