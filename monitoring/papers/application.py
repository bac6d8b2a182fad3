"""申请书: the household asks to be looked at (policy.md §4.1 SELF)."""

from fanpin.papers.layout import Box, Boxes, Prose
from monitoring.choices import APPLICANT_SOURCES
from monitoring.models import Clue
from monitoring.papers import blocks as b
from monitoring.papers.declaring import MARKING, CasePaper, Copy, Page, Written
from monitoring.selectors.case_file import CaseFile

WORDS = (
    "我户因上述原因，家庭生活出现困难，存在返贫致贫风险，自愿申请纳入防止返贫动态监测和帮扶范围。",
    "本人承诺：所提供的家庭成员、收入、支出、财产等情况真实、准确、完整，愿意接受入户核查、部门比对、民主评议和公示；"
    "如有隐瞒、虚报，愿意承担相应责任。",
)


def _copies(file: CaseFile) -> list[Copy]:
    asked = [clue for clue in file.clues if clue.source in APPLICANT_SOURCES]
    return [Copy(clue.filed_at, clue.received_on, clue) for clue in asked]


def _missing(file: CaseFile) -> str:
    source = file.clues[0].get_source_display() if file.clues else ""
    return f"线索来自“{source}”，不是农户自主申请，没有申请书；农户补写的可打印空表"


def _write(page: Page) -> Written:
    clue: Clue | None = page.row
    on = clue.received_on if clue else page.printing.day
    applicant = clue.applicant or page.then.household.head_name if clue else ""
    boxes = Boxes(
        "申请事项",
        (
            Box("申请人", applicant),
            Box("受理方式", clue.channel or clue.get_source_display() if clue else ""),
            Box("收到日期", b.day(clue.received_on) if clue else b.DATE),
            Box("突发事件", _event(clue), span=3),
            Box("家庭情况和困难", clue.facts if clue else "\n\n\n\n", span=3),
        ),
    )
    return Written(
        blocks=(
            b.household(page),
            b.people(page.then.members, on, page.printing, blank=2 if page.is_blank else 0),
            boxes,
            Prose("申请和承诺", WORDS),
        ),
        signatures=(
            "申请人（签字、按手印）：",
            "代写人（签字）：",
            f"申请日期：{b.DATE if clue is None else b.day(on)}",
            "受理人（签字）：" + (clue.filed_by.name if clue else ""),
        ),
    )


def _event(clue: Clue | None) -> str:
    if clue is None or not clue.event_type:
        return ""
    return f"{clue.get_event_type_display()}　{b.day(clue.event_on)}"


PAPER = CasePaper(
    key="application",
    title="防止返贫监测帮扶申请书",
    mark="SB",
    order=10,
    kinds=MARKING,
    step="受理",
    copies=_copies,
    write=_write,
    missing=_missing,
    about="农户自主申请的内容；空表可手填",
    has_blank=True,
)
