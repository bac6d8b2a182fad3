"""Which papers the procedure has, in the order in which they arise. Each is declared in its own module."""

from fanpin.papers.declaring import Paper
from monitoring.papers import (
    announcement,
    application,
    authorisation,
    decision,
    earnings,
    elimination,
    evaluation,
    meeting,
    notice,
    posters,
    refusal,
    relabel,
    review,
    rollback,
    visit,
)
from monitoring.papers.declaring import CasePaper, whole_set

_MODULES = (
    application,
    authorisation,
    visit,
    earnings,
    evaluation,
    meeting,
    notice,
    review,
    decision,
    elimination,
    rollback,
    relabel,
    announcement,
    refusal,
)
CASE_PAPERS: dict[str, CasePaper] = {module.PAPER.key: module.PAPER for module in _MODULES}


def of_kind(kind: str) -> list[CasePaper]:
    """The papers of a kind of case, in order."""
    found = [paper for paper in CASE_PAPERS.values() if kind in paper.kinds]
    return sorted(found, key=lambda paper: paper.order)


def registered() -> list[Paper]:
    """As the mechanism of all papers knows them."""
    whole = whole_set(of_kind)
    return [whole, *(paper.paper() for paper in CASE_PAPERS.values()), *posters.POSTERS.values()]
