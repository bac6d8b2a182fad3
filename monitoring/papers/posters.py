"""公示 and 公告 of a whole village on one sheet to hang up, A4 or A3: every case that is in the step now.

It says who, how many people, what is intended and until when; never a number, telephone, account, illness or
disability, nor the risk, whose name may be one (policy.md Appendix B).
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.core.exceptions import ValidationError

from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Document, Prose, Rows
from fanpin.regions.models import Division
from households.selectors.parameters import MissingParameter, parameters
from monitoring.choices import CaseKind, CaseStatus, NoticeKind
from monitoring.models import Case, PublicNotice
from monitoring.papers import blocks as b
from monitoring.papers.declaring import WITH
from monitoring.rules.notices import complete_on
from monitoring.selectors.case_file import CaseFile, Then, case_file

Size = Literal["a4", "a3"]
WHO = ("序号", "户主姓名", "家庭人口", "自然村（组）")
ROOM = "　　　　　　　　　　　　　　"
MATTERS = {
    CaseKind.IDENTIFY: "纳入监测对象",
    CaseKind.RELABEL: "风险再标注，再次纳入监测",
    CaseKind.ELIMINATE: "标注风险消除",
    CaseKind.ROLLBACK: "风险消除回退，恢复监测帮扶",
}


@dataclass(frozen=True)
class Stage:
    """What hangs, or is about to: the cases' status, and which notice it is."""

    key: str
    label: str
    status: str
    kind: str

    @property
    def is_final(self) -> bool:
        return self.kind == NoticeKind.FINAL


STAGES = {
    stage.key: stage
    for stage in (
        Stage("to-post", "待公示", CaseStatus.DELIBERATED, NoticeKind.DRAFT),
        Stage("posted", "公示中", CaseStatus.NOTICED, NoticeKind.DRAFT),
        Stage("to-announce", "待公告", CaseStatus.COUNTY_APPROVED, NoticeKind.FINAL),
        Stage("announced", "已公告待录入", CaseStatus.ANNOUNCED, NoticeKind.FINAL),
    )
}


@dataclass(frozen=True)
class Line:
    """One household on the poster."""

    case: Case
    then: Then
    posted_on: datetime.date
    until: datetime.date
    place: str


def sheet(village: Division, ids: Sequence[int], printing: Printing, *, kind: str) -> Document:
    """The poster of these cases of a village; ValidationError when there is none or the days are not set."""
    cases = Case.objects.filter(pk__in=ids).select_related(*WITH).order_by("number")
    values = parameters(village.path, printing.day)
    if kind == NoticeKind.DRAFT and "village_notice_days" not in values:
        raise MissingParameter("未设置参数“村级公示天数”，请联系县级或省级在“参数”中录入后再打印")
    days = int(values.get("village_notice_days", 0)) if kind == NoticeKind.DRAFT else 0
    lines = [_line(case_file(case), kind, days, printing) for case in cases]
    if not lines:
        raise ValidationError(f"{village.name}现在没有这一环节的办件")
    write = _announcement if kind == NoticeKind.FINAL else _notice
    return write(village, lines, values)


def _line(file: CaseFile, kind: str, days: int, printing: Printing) -> Line:
    """As registered; before that as if it were put up on the day of printing."""
    posted: list[PublicNotice] = file.posted(kind)
    if posted and file.case.status in (CaseStatus.NOTICED, CaseStatus.ANNOUNCED):
        n = posted[-1]
        return Line(file.case, file.then(n.made_at), n.posted_on, n.complete_on, n.place)
    then = file.then(printing.at)
    return Line(file.case, then, printing.day, complete_on(printing.day, days), "")


def _notice(village: Division, lines: list[Line], values: dict[str, Any]) -> Document:
    heads = (*WHO, "拟办理事项", "监测对象类别", "评议日期", "公示开始", "公示期满")
    widths = (0.55, 1.05, 0.65, 1.1, 1.75, 1.7, 1.15, 1.15, 1.15)
    rows = [(*_who(n, x), _met(x), _short(x.posted_on), _short(x.until)) for n, x in _each(lines)]
    days = lines[0].until - lines[0].posted_on
    words = [
        "经入户核查、部门比对和村级民主评议，现将下列农户的拟办理事项予以公示，接受群众监督。",
    ]
    rules = [
        f"公示期{days.days}天，自张贴次日起计算，{_period(lines)}。",
        f"张贴地点：{_places(lines)}。",
        "对公示内容有异议的，可以在公示期内以口头、书面或者电话方式向下列单位反映，由村民委员会或者乡（镇）人民政府核实并答复：",
        *_contacts(village, values),
    ]
    return Document(
        title="防止返贫监测帮扶公示",
        about=village.full_name,
        blocks=(Prose("", words), Rows("", heads, rows, widths, numbers=(2,)), Prose("", rules)),
        closing=(f"{village.name}村民委员会（盖章）", b.day(lines[0].posted_on)),
        style="poster",
        row_height=10,
    )


def _announcement(village: Division, lines: list[Line], values: dict[str, Any]) -> Document:
    heads = (*WHO, "办理事项", "监测对象类别", "公告日期")
    widths = (0.6, 1.1, 0.7, 1.2, 1.9, 1.5, 1.2)
    rows = [(*_who(n, x), _short(x.posted_on)) for n, x in _each(lines)]
    township = village.parent
    unit = f"{township.name}人民政府" if township else "乡（镇）人民政府"
    words = ["经村级民主评议、公示，乡（镇）审核，县级审定，现将下列农户的办理结果予以公告。"]
    more = [f"张贴地点：{_places(lines)}。", *_contacts(village, values)]
    return Document(
        title="防止返贫监测帮扶公告",
        about=village.full_name,
        blocks=(Prose("", words), Rows("", heads, rows, widths, numbers=(2,)), Prose("", more)),
        closing=(f"{unit}（盖章）", b.day(lines[0].posted_on)),
        style="poster",
        row_height=10,
    )


def _each(lines: list[Line]) -> Iterator[tuple[int, Line]]:
    return iter(enumerate(lines, 1))


def _who(n: int, line: Line) -> tuple[str, ...]:
    h, case = line.then.household, line.case
    category = line.then.category
    if not category and case.episode:
        category = case.episode.get_category_display()
    matter = MATTERS[CaseKind(case.kind)]
    if case.kind == CaseKind.ELIMINATE and case.method:
        matter += f"（{case.get_method_display()}）"
    hamlet = h.natural_village.name if h.natural_village else ""
    return (str(n), h.head_name, str(len(line.then.members)), hamlet, matter, category)


def _met(line: Line) -> str:
    return _short(line.then.deliberation.held_on) if line.then.deliberation else ""


def _short(day: datetime.date) -> str:
    return f"{day.month}月{day.day}日"


def _period(lines: list[Line]) -> str:
    """One period for all, or each its own as the table says."""
    periods = {(line.posted_on, line.until) for line in lines}
    if len(periods) > 1:
        return "各户公示开始和期满日期见上表"
    (start, end) = periods.pop()
    return f"{b.day(start)}张贴，至{b.day(end)}期满"


def _places(lines: list[Line]) -> str:
    return b.no_text(list(dict.fromkeys(line.place for line in lines))) or ROOM


def _contacts(village: Division, values: dict[str, Any]) -> list[str]:
    """Where to turn; what is not set yet is left to be written in by hand."""
    township = village.parent
    county = township.parent if township else None
    named = (
        (f"{village.name}村民委员会", "notice_contact_village"),
        (f"{township.name}人民政府" if township else "", "notice_contact_township"),
        (f"{county.name}乡村振兴局" if county else "", "notice_contact_county"),
    )
    found = [f"{unit}：{values.get(key) or ROOM}" for unit, key in named if unit]
    if phone := values.get("supervision_phone"):
        found.append(f"监督电话：{phone}")
    return found


def _paper(key: str, title: str, mark: str, kind: str, size: Size) -> Paper:
    def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
        village = Division.objects.select_related("parent__parent").get(code=place)
        yield replace(sheet(village, ids, printing, kind=kind), size=size)

    return Paper(
        key=key, title=title, mark=mark, level="board", build=build, order=60, permission="view_cases",
        about="一村一张，列出该环节的全部农户", opens="",
    )  # fmt: skip


POSTERS = {
    (NoticeKind.DRAFT, "a4"): _paper("poster_notice_a4", "村级公示（A4）", "GA", NoticeKind.DRAFT, "a4"),
    (NoticeKind.DRAFT, "a3"): _paper("poster_notice_a3", "村级公示（A3）", "GB", NoticeKind.DRAFT, "a3"),
    (NoticeKind.FINAL, "a4"): _paper("poster_final_a4", "公告（A4）", "GC", NoticeKind.FINAL, "a4"),
    (NoticeKind.FINAL, "a3"): _paper("poster_final_a3", "公告（A3）", "GD", NoticeKind.FINAL, "a3"),
}  # fmt: skip
