"""风险消除审批表 (policy.md §5.2 V3 to V5)."""

from fanpin.papers.layout import Block, Box
from monitoring.choices import CaseKind
from monitoring.papers import blocks as b
from monitoring.papers.approvals import approval, episode
from monitoring.papers.declaring import Page


def _middle(page: Page) -> list[Block]:
    method = Box("风险消除方式", page.file.case.get_method_display())
    check = page.then.check
    return [episode(page, method), b.guarantees(check), b.risks(check, outcome=True)]


PAPER = approval(
    CaseKind.ELIMINATE, "风险消除审批表", "XC", "县级综合审定意见",
    "消除方式、各项风险消除情况和三级意见", _middle,
)  # fmt: skip
