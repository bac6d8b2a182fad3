"""The papers of one case as a page or the API lists them: which copies there are, or why there is none yet."""

import datetime
from dataclasses import dataclass

from monitoring.papers import of_kind
from monitoring.papers.declaring import CasePaper
from monitoring.selectors.case_file import CaseFile

BLANK = 0


@dataclass(frozen=True)
class PaperCopy:
    """`number` names the copy in its address; 0 is the form to fill in by hand."""

    number: int
    on: datetime.date


@dataclass(frozen=True)
class PaperLine:
    """One paper of a case. `reason`: why there is no copy yet."""

    paper: CasePaper
    title: str
    copies: tuple[PaperCopy, ...]
    reason: str = ""

    @property
    def key(self) -> str:
        return self.paper.key

    @property
    def step(self) -> str:
        return self.paper.step

    @property
    def about(self) -> str:
        return self.paper.about

    @property
    def has_blank(self) -> bool:
        return self.paper.has_blank

    @property
    def is_ready(self) -> bool:
        return bool(self.copies)


def lines(file: CaseFile) -> list[PaperLine]:
    """Every paper of this kind of case, in order."""
    return [_line(paper, file) for paper in of_kind(file.case.kind)]


def _line(paper: CasePaper, file: CaseFile) -> PaperLine:
    copies = paper.copies(file)
    return PaperLine(
        paper=paper,
        title=paper.title_of(file.case.kind),
        copies=tuple(PaperCopy(n, copy.on) for n, copy in enumerate(copies, 1)),
        reason="" if copies else paper.missing(file),
    )
