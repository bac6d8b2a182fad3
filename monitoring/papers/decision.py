"""审定表 / 备案审查表: the county's decision on an identification (policy.md §4.3 T11, §4.5)."""

from fanpin.papers.layout import Opinion, Opinions
from monitoring.choices import CaseKind, ReviewKind
from monitoring.models import Review
from monitoring.papers import blocks as b
from monitoring.papers.declaring import CasePaper, Page, Written
from monitoring.papers.review import TOWNSHIP, copies_of, digest
from monitoring.selectors.case_file import CaseFile

COUNTY = (ReviewKind.DETERMINATION, ReviewKind.FILING_REVIEW)
REVIEWER = {ReviewKind.REVIEW: "乡镇审核人", ReviewKind.GOVERNMENT: "乡镇分管领导"}


def opinions(page: Page, words: str, height: float = 22) -> Opinions:
    """Village, township, county: as each had decided by then."""
    then = page.then
    town = then.review(*TOWNSHIP)
    signer = REVIEWER[ReviewKind(town.kind)] if town else "乡镇审核人"
    found: list[Opinion] = [
        b.village_opinion(then),
        b.review_opinion("乡镇意见", town, b.township(then), signer),
        b.review_opinion(words, page.row, b.county(then), "县级负责人"),
    ]
    return Opinions("各级意见", found, height=height)


def _missing(file: CaseFile) -> str:
    return "县级尚未审定"


def _write(page: Page) -> Written:
    filing = _is_filing(page.row)
    words = "县级备案审查意见" if filing else "县级审定意见"
    number = page.row.number
    return Written(
        blocks=(b.household(page), digest(page), opinions(page, words)),
        facts=(f"文号：{number}",) if number else (),
    )


def _is_filing(review: Review) -> bool:
    return review.kind == ReviewKind.FILING_REVIEW


def _titled(page: Page) -> str:
    if page.row is not None and _is_filing(page.row):
        return "四有人员纳入监测对象备案审查表"
    return "监测对象审定表"


PAPER = CasePaper(
    key="decision",
    title="审定表（备案审查表）",
    mark="SD",
    order=80,
    kinds=(CaseKind.IDENTIFY,),
    step="县级审定",
    copies=copies_of(*COUNTY),
    write=_write,
    missing=_missing,
    about="村、乡、县三级意见；四有人员为备案审查表",
    titled=_titled,
    row_height=7.0,
)
