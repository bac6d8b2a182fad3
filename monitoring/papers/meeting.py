"""评议记录: the village meeting, who came, how they voted, and the list to sign (policy.md §4.3 T7, §5.2 V3)."""

from fanpin.papers.layout import Box, Boxes, Prose, Rows
from monitoring.choices import CaseKind
from monitoring.models import Deliberation
from monitoring.papers import blocks as b
from monitoring.papers.declaring import EVERY, CasePaper, Copy, Page, Written
from monitoring.selectors.case_file import CaseFile

PER_LINE = 3
MATTERS = {
    CaseKind.IDENTIFY: "评议是否纳入监测对象",
    CaseKind.RELABEL: "评议是否风险再标注",
    CaseKind.ELIMINATE: "评议是否标注风险消除",
    CaseKind.ROLLBACK: "评议是否风险消除回退",
}


def _copies(file: CaseFile) -> list[Copy]:
    return [Copy(d.made_at, d.held_on, d) for d in file.deliberations]


def _missing(file: CaseFile) -> str:
    return "尚未召开村级评议"


def _write(page: Page) -> Written:
    d: Deliberation = page.row
    result = "通过" if d.is_passed else "未通过"
    boxes = [
        Box("会议时间", b.day(d.held_on)),
        Box("会议地点", d.place),
        Box("主持人", d.chair),
        Box("评议事项", MATTERS[CaseKind(page.file.case.kind)], span=2),
        Box("到会人数", str(len(d.attendees)), "人"),
        Box(
            "表决结果",
            f"同意{d.votes_for}票，不同意{d.votes_against}票，弃权{d.votes_abstain}票",
            span=2,
        ),
        Box("评议结论", result),
    ]
    if page.file.case.kind in (CaseKind.IDENTIFY, CaseKind.RELABEL):
        boxes += [
            Box("评议类别", d.get_category_display() if d.category else ""),
            Box("基本生活严重困难", b.tick(d.has_hardship), span=2),
            Box("类别说明", d.category_reason, span=3),
            Box("初步帮扶需求", d.needs, span=3),
        ]
        if d.confirms_four_haves:
            boxes.append(Box("四有人员", "会议确认属因灾因意外事故等的突发严重困难家庭", span=3))
    return Written(
        blocks=(
            _subject(page),
            Boxes("会议情况", boxes),
            Prose("会议记录", d.minutes.splitlines() or [""]),
            _signing(d),
        ),
        signatures=(f"主持人（签字）：{d.chair}", "记录人（签字）：", "行政村（盖章）："),
    )


def _subject(page: Page) -> Boxes:
    then, check = page.then, page.then.check
    statement = check.statement if check else None
    return Boxes(
        "评议对象",
        (
            Box("户主姓名", then.household.head_name),
            Box("家庭人口", str(len(then.members)), "人"),
            Box("人均纯收入", b.yuan(statement.inc_net_pc) if statement else "", "元"),
            Box("返贫致贫风险", b.causes(check), span=3),
        ),
    )


def _signing(d: Deliberation) -> Rows:
    """The people who came, each with room for a signature."""
    names = list(d.attendees)
    names += [""] * (-len(names) % PER_LINE)
    rows = [
        [cell for name in names[at : at + PER_LINE] for cell in (name, "")]
        for at in range(0, len(names), PER_LINE)
    ]
    return Rows("到会人员签到", ("姓名", "签字") * PER_LINE, rows, (1.0, 1.4) * PER_LINE)


PAPER = CasePaper(
    key="meeting",
    title="村级民主评议会议记录",
    mark="PY",
    order=50,
    kinds=EVERY,
    step="村级评议",
    copies=_copies,
    write=_write,
    missing=_missing,
    about="会议时间、地点、参加人员、表决和结论，附签到表",
    row_height=9.0,
)
