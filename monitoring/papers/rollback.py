"""风险消除回退审批表: which of the 七个不消 there is, since when, with which proof (policy.md §5.4)."""

from fanpin.papers.layout import Block, Box, Boxes, Rows
from households.selectors.parameters import policy_items
from monitoring.choices import CaseKind
from monitoring.papers import blocks as b
from monitoring.papers.approvals import approval, episode
from monitoring.papers.declaring import Page


def _middle(page: Page) -> list[Block]:
    case = page.file.case
    rows = policy_items("no_elim_rule", case.division_path, case.opened_on)
    named = {row.code: row.label for row in rows}
    found = [(str(n), named.get(code, code)) for n, code in enumerate(case.rule_codes, 1)]
    proof = Boxes(
        "回退依据",
        (
            Box("情形出现时间", b.day(case.event_on) if case.event_on else ""),
            Box("情况及佐证", case.event_note, span=2),
        ),
    )
    return [
        episode(page),
        Rows("存在的“七个不消”情形", ("序号", "情形"), found, (0.5, 6.0)),
        proof,
        b.risks(page.then.check),
    ]


PAPER = approval(
    CaseKind.ROLLBACK, "风险消除回退审批表", "HT", "县级审定意见",
    "“七个不消”情形、佐证和三级意见", _middle,
)  # fmt: skip
