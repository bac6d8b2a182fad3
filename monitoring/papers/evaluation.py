"""帮扶成效评估表: what a year of help brought (notice 一(二)); of the household's year, and with its elimination."""

from collections.abc import Sequence

from fanpin.papers.codes import Code
from fanpin.papers.declaring import Printing
from fanpin.papers.layout import Block, Box, Boxes, Document, Opinion, Opinions, Rows
from households.rules import windows
from households.selectors.history import known_at
from monitoring.choices import CaseKind, EvaluationState
from monitoring.models import Evaluation
from monitoring.papers import blocks as b
from monitoring.papers.declaring import CasePaper, Copy, Page, Written, note_of
from monitoring.selectors.case_file import CaseFile

TITLE = "帮扶成效评估表"
MARK = "CX"
SHOWN = (EvaluationState.SUBMITTED, EvaluationState.PASSED)


def of_object(object_id: int) -> list[Evaluation]:
    """The evaluations of a household that stand, oldest first."""
    rows = Evaluation.objects.filter(object_id=object_id, state__in=SHOWN)
    rows = rows.select_related("object__household__village", "made_by", "reviewed_by")
    return list(rows.prefetch_related("risks__risk__member").order_by("year"))


def document(evaluation: Evaluation, printing: Printing) -> Document:
    """One evaluation, with the household as it was known when it was handed in."""
    household, members = known_at(evaluation.object.household, evaluation.made_at)
    mark = Code(MARK, household.hh_code, printing.day)
    return Document(
        title=f"{TITLE}（{evaluation.year}年度）",
        about=f"{household.village.full_name} {household.head_name}户",
        facts=(f"户号：{household.hh_code}",),
        code=str(mark),
        address=printing.address(mark),
        blocks=(b.household_boxes(household, members, printing), *blocks(evaluation)),
        signatures=_signatures(evaluation),
        note=note_of(printing, evaluation.made_at),
        style="official",
        row_height=8.0,
    )


def blocks(e: Evaluation) -> Sequence[Block]:
    """The figures and lights of the day it was handed in, the risks, what is to follow, the township's word."""
    below = e.income_pc is not None and e.line is not None and e.income_pc < e.line
    against = "" if e.income_pc is None or e.line is None else "低于" if below else "不低于"
    figures = Boxes(
        "评估情况",
        (
            Box("评估年度", f"{e.year}年度"),
            Box("评估日期", b.day(e.evaluated_on)),
            Box("评估人员", "、".join(e.visitors)),
            Box("人均纯收入", b.yuan(e.income_pc), "元"),
            Box("当年监测范围", b.yuan(e.line), "元"),
            Box("与监测范围比较", f"{against}监测范围" if against else ""),
            Box("已落实措施", str(e.delivered), "项"),
            Box("计划未落实措施", str(e.undelivered), "项"),
            Box("评估结论", e.get_conclusion_display()),
            Box("帮扶成效", e.effect, span=3),
            Box("下步措施", e.next_steps, span=3),
            Box("当日未达条件", e.words or "无", span=3),
            Box("农户是否认可", b.tick(e.household_agrees, "认可", "不认可"), span=2),
            Box("农户意见", e.disagreement),
        ),
    )
    rows = [
        (
            str(n),
            row.risk.get_cause_display(),
            row.risk.member.name if row.risk.member else "全户",
            row.get_result_display(),
            row.note,
        )
        for n, row in enumerate(e.risks.all(), 1)
    ]
    heads = ("序号", "风险类型", "涉及成员", "成效", "说明")
    passed = e.state == EvaluationState.PASSED and e.reviewed_by is not None
    opinion = Opinion(
        "乡镇审核意见",
        (e.opinion or "审核通过") if passed else "",
        (
            "乡镇审核人（签字）：" + (e.reviewed_by.name if passed and e.reviewed_by else ""),
            "乡（镇）人民政府（盖章）",
            b.day(b.china_day(e.reviewed_at)) if passed else b.DATE,
        ),
    )
    return (
        figures,
        Rows("各项风险帮扶成效", heads, rows, (0.5, 1.6, 1.0, 1.1, 3.0)),
        Opinions("审核意见", (opinion,), height=24),
    )


def _signatures(e: Evaluation) -> tuple[str, ...]:
    return (
        "户主（签字、按手印）：",
        "评估人（签字）：",
        "帮扶责任人（签字）：",
        f"提交人（签字）：{e.made_by.name}",
        "行政村（盖章）：",
        f"日期：{b.day(e.evaluated_on)}",
    )


def _copies(file: CaseFile) -> list[Copy]:
    """Those of this episode, up to the end of the case."""
    case = file.case
    begun = case.episode.identified_month if case.episode else ""
    since = windows.first_day(begun) if begun else case.opened_on
    rows = Evaluation.objects.filter(object_id=case.object_id, state__in=SHOWN).order_by("year")
    return [
        Copy(e.made_at, e.evaluated_on, e)
        for e in rows.select_related("made_by", "reviewed_by")
        if e.evaluated_on >= since and (case.ended_on is None or e.evaluated_on <= case.ended_on)
    ]


def _missing(file: CaseFile) -> str:
    return "尚未提交帮扶成效评估"


def _write(page: Page) -> Written:
    e: Evaluation = page.row
    return Written(
        blocks=(b.household(page), *blocks(e)),
        signatures=_signatures(e),
    )


PAPER = CasePaper(
    key="evaluation",
    title=TITLE,
    mark=MARK,
    order=25,
    kinds=(CaseKind.ELIMINATE,),
    step="成效评估",
    copies=_copies,
    write=_write,
    missing=_missing,
    about="年度帮扶成效评估的情况、各项风险成效和乡镇审核意见",
)
