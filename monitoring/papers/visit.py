"""入户核查表: what at least two people saw (policy.md §4.3 T5, §5.2 V2); at an elimination its collection form."""

from fanpin.papers.layout import Block, Box, Boxes, Prose
from monitoring.choices import CaseKind
from monitoring.models import HouseholdCheck
from monitoring.papers import blocks as b
from monitoring.papers.declaring import EVERY, CasePaper, Copy, Page, Written
from monitoring.selectors.case_file import CaseFile

ELIMINATION_TITLE = "风险消除信息采集表"
BLANK_RISKS = 3


def copies(file: CaseFile) -> list[Copy]:
    """One for each visit."""
    return [Copy(check.made_at, check.checked_on, check) for check in file.checks]


def _missing(file: CaseFile) -> str:
    return "尚未入户核查；可打印空表带到户上填写"


def _write(page: Page) -> Written:
    check: HouseholdCheck | None = page.row
    kind = page.file.case.kind
    eliminating = kind == CaseKind.ELIMINATE
    blank = 2 if page.is_blank else 0
    found: list[Block] = [
        b.household(page, *_place(page, check)),
        b.people(page.then.members, _on(page), page.printing, blank=blank),
    ]
    if kind != CaseKind.ROLLBACK:
        statement = check.statement if check else None
        found.append(b.income(statement, page.file.line(check) if check else None))
    found.append(b.guarantees(check))
    if eliminating:
        found.append(_stability(check))
    elif kind != CaseKind.ROLLBACK:
        found.append(_shock(check))
    found.append(b.risks(check, outcome=eliminating, blank=BLANK_RISKS if page.is_blank else 0))
    found += _words(check)
    return Written(blocks=found, signatures=_signatures(page, check))


def _on(page: Page):  # type: ignore[no-untyped-def]
    return page.row.checked_on if page.row else page.printing.day


def _place(page: Page, check: HouseholdCheck | None) -> tuple[Box, ...]:
    where = ""
    if check and check.longitude is not None and check.latitude is not None:
        # A position leads to the door: in full only where numbers are.
        where = f"{check.longitude}，{check.latitude}" if page.printing.full else "已定位"
    basis = check.get_scope_basis_display() if check and check.scope_basis else ""
    return (
        Box("核查日期", b.day(check.checked_on if check else None)),
        Box("纳入范围依据", basis),
        Box("定位", where),
    )


def _shock(check: HouseholdCheck | None) -> Boxes:
    has = check.has_shock if check else None
    return Boxes(
        "突发事件",
        (
            Box("支出骤增、收入骤减", b.tick(has, "有", "无"), span=2),
            Box("事件日期", b.day(check.event_on) if check and check.event_on else ""),
            Box("情况及佐证", check.shock_note if check else "", span=3),
        ),
        across=3,
    )


def _stability(check: HouseholdCheck | None) -> Boxes:
    months = check.income_months if check else None
    return Boxes(
        "消除条件",
        (
            Box("收入持续稳定", b.tick(check.income_stable if check else None)),
            Box("已稳定月数", str(months) if months is not None else "", "个月"),
            Box("大额刚性支出未解决", b.tick(check.rigid_expense_open if check else None)),
        ),
    )


def _words(check: HouseholdCheck | None) -> list[Block]:
    agrees = check.household_agrees if check else None
    boxes = Boxes(
        "核查情况",
        (
            Box("家庭情况", check.situation if check else "\n\n\n", span=3),
            Box("农户是否认可", b.tick(agrees, "认可", "不认可"), span=2),
            Box("农户意见", check.disagreement if check else ""),
        ),
    )
    if check is None:
        return [boxes]
    group = "、".join(f"{p.name}（{p.get_unit_display()}）" for p in check.persons.all())
    signed = "农户已在核查表上签字确认。" if check.household_signed else "农户未签字。"
    return [boxes, Prose("核查组", [f"{group}。{signed}"])]


def _signatures(page: Page, check: HouseholdCheck | None) -> tuple[str, ...]:
    return (
        "户主（签字、按手印）：",
        "核查人（签字）：",
        "核查人（签字）：",
        "农户或见证人（签字）：",
        f"核查日期：{b.day(check.checked_on if check else None)}",
    )


PAPER = CasePaper(
    key="visit",
    title="入户核查表",
    mark="RC",
    order=30,
    kinds=EVERY,
    step="入户核查",
    copies=copies,
    write=_write,
    missing=_missing,
    about="家庭成员、收入、“三保障”、风险和核查情况；空表已填好登记的家庭成员",
    has_blank=True,
    row_height=6.4,
    titles={CaseKind.ELIMINATE: ELIMINATION_TITLE},
)
