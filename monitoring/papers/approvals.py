"""What the approvals of elimination, rollback and re-label have in common: what went before, three opinions."""

from collections.abc import Callable

from fanpin.papers.layout import Block, Box, Boxes
from monitoring.papers import blocks as b
from monitoring.papers.decision import COUNTY, opinions
from monitoring.papers.declaring import CasePaper, Page, Written
from monitoring.papers.review import copies_of, digest
from monitoring.selectors.case_file import CaseFile


def approval(
    kind: str, title: str, mark: str, words: str, about: str, middle: Callable[[Page], list[Block]]
) -> CasePaper:
    """A form of approval of one kind of case; `middle`: what this kind has to show."""

    def write(page: Page) -> Written:
        number = page.row.number
        return Written(
            blocks=(b.household(page), digest(page), *middle(page), opinions(page, words, 17)),
            facts=(f"文号：{number}",) if number else (),
        )

    return CasePaper(
        key=f"approve_{kind}",
        title=title,
        mark=mark,
        order=85,
        kinds=(kind,),
        step="县级审定",
        copies=copies_of(*COUNTY),
        write=write,
        missing=_missing,
        about=about,
        row_height=7.0,
    )


def _missing(file: CaseFile) -> str:
    return "县级尚未审定"


def episode(page: Page, *more: Box) -> Boxes:
    """The episode at hand: since when, under which category, which elimination it speaks of."""
    e = page.file.case.episode
    boxes = (
        Box("监测周期", f"第{e.seq}次" if e else ""),
        Box("识别监测时间", b.month(e.identified_month) if e else ""),
        Box("监测对象类别", e.get_category_display() if e else ""),
        *more,
    )
    return Boxes("监测情况", boxes)
