"""风险再标注审批表: the new risk after an elimination that was right (policy.md §5.4)."""

from fanpin.papers.layout import Block, Box, Boxes
from monitoring.choices import CaseKind
from monitoring.models import Episode
from monitoring.papers import blocks as b
from monitoring.papers.approvals import approval
from monitoring.papers.declaring import Page


def _middle(page: Page) -> list[Block]:
    case, check = page.file.case, page.then.check
    before = _before(page)
    earlier = Boxes(
        "原监测情况",
        (
            Box("原监测对象类别", before.get_category_display() if before else ""),
            Box("识别监测时间", b.month(before.identified_month) if before else ""),
            Box("风险消除时间", b.month(before.closed_month) if before else ""),
            Box("新风险首次发现", b.day(case.event_on) if case.event_on else ""),
            Box("突发事件", case.get_event_type_display() if case.event_type else ""),
            Box("再标注类别", page.then.category),
            Box("新风险情况", case.event_note, span=3),
        ),
    )
    statement = check.statement if check else None
    line = page.file.line(check) if check else None
    return [earlier, b.income(statement, line), b.risks(check)]


def _before(page: Page) -> Episode | None:
    """The episode that ended before this case was opened."""
    rows = Episode.objects.filter(
        object_id=page.file.case.object_id, closed_on__lte=page.file.case.opened_on
    )
    return rows.order_by("-seq").first()


PAPER = approval(
    CaseKind.RELABEL, "风险再标注审批表", "ZB", "县级审定意见",
    "原监测情况、新风险、收入和三级意见", _middle,
)  # fmt: skip
