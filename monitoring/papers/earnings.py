"""收入测算表 of the visit: every line of the statement that the case rests on (policy.md §7)."""

from fanpin.papers.layout import Box, Boxes, Prose
from households.models import IncomeStatement
from households.papers import income as sheet
from monitoring.choices import CaseKind
from monitoring.models import HouseholdCheck
from monitoring.papers import blocks as b
from monitoring.papers.declaring import CasePaper, Copy, Page, Written
from monitoring.selectors.case_file import CaseFile


def _copies(file: CaseFile) -> list[Copy]:
    return [Copy(c.made_at, c.checked_on, c) for c in file.checks if c.statement]


def _missing(file: CaseFile) -> str:
    return "尚未入户核查，收入随核查测算"


def _write(page: Page) -> Written:
    check: HouseholdCheck = page.row
    statement: IncomeStatement = page.row.statement
    line = page.file.line(check)
    head = Boxes(
        "",
        (
            Box("户主姓名", page.then.household.head_name),
            Box(
                "收入计算周期",
                f"{b.day(statement.window_from)}至{b.day(statement.window_to)}",
                span=2,
            ),
            Box("用途", statement.get_purpose_display()),
            Box("基准月份", b.month(statement.reference_month)),
            Box("计算人口", str(statement.members_count), "人"),
        ),
    )
    names = "、".join(m.name for m in page.then.members)
    reference = statement.reference_per_capita
    also = "" if line is None else ("低于" if reference < line else "不低于")
    standing = (
        "当年监测范围未设置。"
        if line is None
        else f"当年监测范围为人均{b.yuan(line)}元。人均纯收入{b.yuan(statement.inc_net_pc)}元，"
        f"{b.against(statement, line)}；人均收入参考值{b.yuan(statement.ref_income_pc)}元，{also}监测范围。"
    )
    return Written(
        blocks=(
            head,
            sheet.lines_of(statement),
            Prose("计算人口", [f"{names}（共{statement.members_count}人）"]),
            Prose("与监测范围比较", [standing]),
        ),
        signatures=(
            "户主（签字、按手印）：",
            f"测算人（签字）：{check.made_by.name}",
            f"测算日期：{b.day(check.checked_on)}",
            "行政村（盖章）：",
            "乡镇审核人（签字）：",
            f"审核日期：{b.DATE}",
        ),
    )


PAPER = CasePaper(
    key="earnings",
    title="收入测算表",
    mark="CS",
    order=40,
    kinds=(CaseKind.IDENTIFY, CaseKind.RELABEL, CaseKind.ELIMINATE),
    step="入户核查",
    copies=_copies,
    write=_write,
    missing=_missing,
    about="识别或消除时上一月往前12个月的收入逐项测算",
    row_height=5.2,
)
