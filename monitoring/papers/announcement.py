"""公告 after the county's decision (policy.md §4.3 T12)."""

from fanpin.papers.layout import Prose
from monitoring.choices import NoticeKind
from monitoring.models import PublicNotice
from monitoring.papers import blocks as b
from monitoring.papers.declaring import EVERY, CasePaper, Page, Written
from monitoring.papers.notice import copies_of
from monitoring.selectors.case_file import CaseFile


def _missing(file: CaseFile) -> str:
    return "尚未公告；县级审定后由乡镇公告"


def _write(page: Page) -> Written:
    n: PublicNotice = page.row
    return Written(
        blocks=(Prose("", [*n.text.splitlines(), f"张贴地点：{n.place}。监督电话12317。"]),),
        closing=(f"{b.township(page.then)}（盖章）", b.day(n.posted_on)),
        about=page.then.household.village.full_name,
    )


PAPER = CasePaper(
    key="announcement",
    title="公告",
    mark="GG",
    order=90,
    kinds=EVERY,
    step="公告",
    copies=copies_of(NoticeKind.FINAL),
    write=_write,
    missing=_missing,
    about="县级审定结果公告",
    style="letter",
    is_public=True,
)
