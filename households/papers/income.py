"""收入测算表: the lines of a household's statements, their totals, who was counted, how it stands to the line."""

from collections.abc import Iterator, Sequence
from functools import cache

from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Box, Boxes, Document, Prose, Rows
from households.models import Campaign, Household, IncomeStatement
from households.papers.homes import about, code, facts, homes, with_statements
from households.papers.wording import plain
from households.selectors.income import LINES, PARTS, TOTALS, line_day
from households.selectors.parameters import MissingParameter, current_campaign, monitoring_line
from households.selectors.wording import label_of

MARK = "SR"
TITLE = "收入测算表"
FIGURES = ("inc_gross", "inc_net", "inc_net_pc", "ref_income", "ref_income_pc")
HOW = {
    "inc_gross": "工资性＋生产经营性＋财产性＋转移性收入",
    "inc_net": "年总收入－生产经营性支出",
    "inc_net_pc": "年纯收入÷计算人口数",
    "ref_income": "年纯收入＋理赔收入－合规自付支出",
    "ref_income_pc": "收入参考值÷计算人口数",
}
SIGNATURES = (
    "户主（签字、按手印）：",
    "测算人（签字）：",
    "测算日期：　　　年　　月　　日",
    "行政村（盖章）：",
    "乡镇审核人（签字）：",
    "审核日期：　　　年　　月　　日",
)


def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
    """One sheet for each statement; an empty one of this year where there is none."""
    campaign = current_campaign()
    line = cache(monitoring_line)
    for household in with_statements(homes(ids)):
        made: list[IncomeStatement] = household.earned  # type: ignore[attr-defined]
        sheets: list[IncomeStatement | None] = [*made] or [None]
        for statement in sheets:
            yield _sheet(household, statement, campaign, line, printing)


def _sheet(household, statement, campaign, line, printing) -> Document:  # type: ignore[no-untyped-def]
    mark = code(household, MARK, printing)
    which = f"{campaign.year}年度" if statement is None else _which(statement)
    return Document(
        title=f"{TITLE}（{which}）",
        about=about(household),
        facts=facts(household),
        code=str(mark),
        address=printing.address(mark),
        blocks=(
            _head(household, statement, campaign),
            lines_of(statement),
            *_people(household, statement),
            *_standing(household, statement, line),
        ),
        signatures=SIGNATURES,
        note=printing.note,
        row_height=5.2,
    )


def _which(statement: IncomeStatement) -> str:
    if statement.purpose == IncomeStatement.Purpose.ANNUAL:
        return str(statement.campaign)
    month = statement.reference_month
    return f"{statement.get_purpose_display()}，基准月份{month[:4]}-{month[4:]}"


def _head(household: Household, statement: IncomeStatement | None, campaign: Campaign) -> Boxes:
    since = statement.window_from if statement else campaign.income_from
    until = statement.window_to if statement else campaign.income_to
    size = statement.members_count if statement else household.family_size
    return Boxes(
        "",
        (
            Box("户主姓名", household.head_name),
            Box("收入计算周期", f"{since} 至 {until}", span=2),
            Box("计算人口数", plain(size), "人"),
            Box("状态", statement.get_state_display() if statement else ""),
            Box("填写人", statement.made_by.name if statement and statement.made_by else ""),
        ),
    )


def lines_of(statement: IncomeStatement | None) -> Rows:
    """Every line of a statement with its totals and how each is reckoned."""
    rows: list[tuple[str, ...]] = []
    strong: list[int] = []
    for name in (*LINES, *FIGURES):
        is_total = name in TOTALS or name in FIGURES
        if is_total:
            strong.append(len(rows))
        said = label_of(IncomeStatement, name)
        value = getattr(statement, name, None)
        rows.append(
            (said if is_total else f"　其中：{said}", plain(value), HOW.get(name, _sum(name)))
        )
    return Rows(
        "收入和支出",
        ("项目", "金额（元）", "计算说明、凭证"),
        rows,
        (1.3, 0.8, 1.6),
        numbers=(1,),
        strong=strong,
    )


def _sum(name: str) -> str:
    return "各分项之和" if name in PARTS else ""


def _people(household: Household, statement: IncomeStatement | None) -> Iterator[Prose]:
    if statement is None:
        return
    counted = [m.name for m in household.people if m.pk in statement.roster]  # type: ignore[attr-defined]
    gone = len(statement.roster) - len(counted)
    more = f"，另有{gone}人现已不在册" if gone else ""
    yield Prose("计算人口", [f"{'、'.join(counted)}（共{statement.members_count}人{more}）"])


def _standing(household, statement, line) -> Iterator[Prose]:  # type: ignore[no-untyped-def]
    if statement is None:
        return
    try:
        limit = line(household.division_path, line_day(statement))
    except MissingParameter as missing:
        yield Prose("与监测范围比较", list(missing.messages))
        return
    word = "低于" if statement.per_capita < limit else "不低于"
    reference = "低于" if statement.reference_per_capita < limit else "不低于"
    yield Prose(
        "与监测范围比较",
        [
            f"监测范围{plain(limit)}元。人均纯收入{plain(statement.inc_net_pc)}元，{word}监测范围；"
            f"人均收入参考值{plain(statement.ref_income_pc)}元，{reference}监测范围。"
        ],
    )


PAPER = Paper(
    key="income",
    title=TITLE,
    mark=MARK,
    level="household",
    build=build,
    about="年度和识别、消除时的收入逐项测算；还没有测算的印空表",
    order=20,
)
