"""The papers of the procedure: each is declared once and made from the facts of one case as of its step.

A declaration says which cases it belongs to, which copies there are (one for each record: a second visit is a second
copy), why there is none yet, and what stands on it. It becomes a `fanpin.papers` Paper, so that single download, job
and formats are those of every other paper.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from fanpin.papers.codes import Code
from fanpin.papers.declaring import Paper, Printing
from fanpin.papers.layout import Block, Document, StyleName
from monitoring.choices import CaseKind
from monitoring.models import Case
from monitoring.selectors.case_file import CaseFile, Then, case_file

MARKING = (CaseKind.IDENTIFY, CaseKind.RELABEL)
EVERY = tuple(CaseKind)
WHOLE = "case_all"


@dataclass(frozen=True)
class Copy:
    """One copy of a paper: the moment whose facts it prints, the day it carries, the record it is about."""

    at: datetime.datetime
    on: datetime.date
    row: Any = None


@dataclass(frozen=True)
class Page:
    """What a declaration writes from. Without `row` it is a form to fill in by hand, with today's register."""

    file: CaseFile
    then: Then
    printing: Printing
    copy: Copy | None = None

    @property
    def row(self) -> Any:
        return self.copy.row if self.copy else None

    @property
    def is_blank(self) -> bool:
        return self.copy is None


@dataclass(frozen=True)
class Written:
    """What stands on the paper between its head and its foot."""

    blocks: Sequence[Block]
    signatures: Sequence[str] = ()
    closing: Sequence[str] = ()
    facts: Sequence[str] = ()
    about: str = ""


@dataclass(frozen=True)
class CasePaper:
    """One kind of paper. `step`: the folder it is filed under; `missing`: why there is none yet; `is_public`: hangs
    where everybody reads it.
    """

    key: str
    title: str
    mark: str
    order: int
    kinds: Sequence[str]
    step: str
    copies: Callable[[CaseFile], list[Copy]]
    write: Callable[[Page], Written]
    missing: Callable[[CaseFile], str]
    about: str = ""
    has_blank: bool = False
    style: StyleName = "official"
    row_height: float = 8.0
    titles: Mapping[str, str] = field(default_factory=dict)
    titled: Callable[[Page], str] | None = None
    is_public: bool = False

    @property
    def register_key(self) -> str:
        """Its key among all papers."""
        return f"case_{self.key}"

    def title_of(self, kind: str) -> str:
        """What it is called in a kind of case."""
        return self.titles.get(kind, self.title)

    def document(self, page: Page) -> Document:
        """The whole paper: head, code and foot are the same on all."""
        case, household = page.file.case, page.then.household
        written = self.write(page)
        mark = Code(self.mark, household.hh_code, page.printing.day)
        # What hangs in the village leads nobody to the household's record.
        facts = () if self.is_public else (f"户号：{household.hh_code}", f"办件编号：{case.number}")
        title = self.titled(page) if self.titled else self.title_of(case.kind)
        return Document(
            title=title,
            about=written.about or f"{household.village.full_name} {household.head_name}户",
            facts=(*facts, *written.facts),
            code="" if self.is_public else str(mark),
            address="" if self.is_public else page.printing.address(mark),
            blocks=written.blocks,
            signatures=written.signatures,
            closing=written.closing,
            note="" if self.is_public else _note(page),
            row_height=self.row_height,
            style=self.style,
        )

    def documents(self, file: CaseFile, printing: Printing, number: int = 0) -> Iterator[Document]:
        """The copy of that number (the first is 1), the newest unless told."""
        copies = self.copies(file)
        if copies and number <= len(copies):
            copy = copies[number - 1] if number else copies[-1]
            yield self.document(Page(file, file.then(copy.at), printing, copy))

    def blank(self, file: CaseFile, printing: Printing) -> Document:
        """A form with whose it is and its lines empty."""
        return self.document(Page(file, file.then(printing.at), printing))

    def paper(self) -> Paper:
        """For the mechanism of all papers; `ids` are cases."""

        def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
            for case in Case.objects.filter(pk__in=ids).select_related(*WITH).order_by("number"):
                yield from self.documents(case_file(case), printing)

        return Paper(
            key=self.register_key,
            title=self.title,
            mark=self.mark,
            level="case",
            build=build,
            about=self.about,
            order=self.order,
            permission="view_cases",
            opens="monitoring:household",
        )


def whole_set(of_kind: Callable[[str], list[CasePaper]]) -> Paper:
    """Everything a case has so far as one pile, in the order of the procedure."""

    def build(place: str, ids: Sequence[int], printing: Printing) -> Iterator[Document]:
        for case in Case.objects.filter(pk__in=ids).select_related(*WITH).order_by("number"):
            file = case_file(case)
            for paper in of_kind(case.kind):
                yield from paper.documents(file, printing)

    return Paper(
        key=WHOLE,
        title="本案全部表册",
        mark="QB",
        level="case",
        build=build,
        about="每件已有的全部表册，按办理顺序",
        order=5,
        permission="view_cases",
        opens="monitoring:household",
    )


WITH = ("household", "household__village", "household__village__parent", "object", "episode")


def _note(page: Page) -> str:
    """As of when: of the step, or of the printing for a form still to be filled in."""
    if page.copy is not None:
        return note_of(page.printing, page.copy.at)
    printed = page.printing
    return f"空表，登记情况截至{printed.day}　打印：{printed.by}{_masked(printed)}"


def note_of(printed: Printing, at: datetime.datetime) -> str:
    """The foot of a paper that prints the facts of a moment."""
    then = timezone.localtime(at)
    return f"数据截至{then:%Y-%m-%d %H:%M}（办理时）　{printed.day}打印：{printed.by}{_masked(printed)}"


def _masked(printed: Printing) -> str:
    return "" if printed.full else "　证件号码、电话已隐去中间位"
