"""审核表: the township's review, or its government's verification of a four-haves case (§4.3 T10, §4.7)."""

from fanpin.papers.layout import Box, Boxes, Opinions
from monitoring.choices import ReviewKind
from monitoring.models import Review
from monitoring.papers import blocks as b
from monitoring.papers.declaring import EVERY, CasePaper, Copy, Page, Written
from monitoring.selectors.case_file import CaseFile

TOWNSHIP = (ReviewKind.REVIEW, ReviewKind.GOVERNMENT)


def copies_of(*kinds: str):  # type: ignore[no-untyped-def]
    def copies(file: CaseFile) -> list[Copy]:
        return [Copy(r.made_at, r.reviewed_on, r) for r in file.reviews if r.kind in kinds]

    return copies


def digest(page: Page) -> Boxes:
    """What the level above is shown of all that went before."""
    then, check = page.then, page.then.check
    statement = check.statement if check else None
    line = page.file.line(check) if check else None
    case = page.file.case
    boxes = [
        Box("业务", case.get_kind_display()),
        Box("受理日期", b.day(case.opened_on)),
        Box("线索来源", "、".join(dict.fromkeys(c.get_source_display() for c in then.clues))),
        Box("入户核查", b.day(check.checked_on if check else None)),
        Box("人均纯收入", b.yuan(statement.inc_net_pc) if statement else "", "元"),
        Box("与监测范围比较", b.against(statement, line)),
        Box("返贫致贫风险", b.causes(check), span=3),
    ]
    if page.file.answers:
        boxes.append(Box("部门比对", b.comparison(then), span=3))
    boxes += [
        Box("村级评议", b.votes(then), span=3),
        Box("公示", b.notice_days(then), span=3),
        Box("公示异议", b.objections(then), span=3),
    ]
    if then.category:
        boxes.append(Box("评议类别", then.category, span=3))
    if case.is_four_haves:
        boxes.append(
            Box(
                "四有人员",
                "涉及，按突发严重困难户由村级评议确认、乡镇政府核实、县级备案审查",
                span=3,
            )
        )
    return Boxes("办理情况", boxes)


def _missing(file: CaseFile) -> str:
    return "乡镇尚未审核"


def _write(page: Page) -> Written:
    review: Review = page.row
    government = review.kind == ReviewKind.GOVERNMENT
    signer = "乡镇分管领导" if government else "乡镇审核人"
    title = "乡镇政府核实意见" if government else "乡镇审核意见"
    opinion = b.review_opinion(title, review, b.township(page.then), signer)
    return Written(
        blocks=(
            b.household(page),
            digest(page),
            Opinions("审核意见", (b.village_opinion(page.then), opinion), height=30),
        ),
    )


def _titled(page: Page) -> str:
    government = page.row and page.row.kind == ReviewKind.GOVERNMENT
    return "四有人员乡镇政府核实表" if government else "监测对象乡镇审核表"


PAPER = CasePaper(
    key="review",
    title="乡镇审核表",
    mark="SH",
    order=70,
    kinds=EVERY,
    step="乡镇审核",
    copies=copies_of(*TOWNSHIP),
    write=_write,
    missing=_missing,
    about="核查、比对、评议、公示情况和乡镇审核意见",
    titled=_titled,
    row_height=7.0,
)
