"""Which papers exist. An app declares its own and registers them in `AppConfig.ready()`; the pages that offer
papers, the job that prints many and the single download read this registry, so declaring one adds it everywhere.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils import timezone

from fanpin.papers.codes import Code
from fanpin.papers.layout import Document
from fanpin.web.formats import mask_id, mask_phone, ymdhm

# What one paper is about; "board": what hangs on a village's board, offered by its own page; "once": about nobody,
# printed one time for everything asked for.
Level = Literal["household", "case", "village", "county", "board", "once"]


@dataclass(frozen=True)
class Printing:
    """Who prints, when, and whether numbers are shown in full. `link` stands before a code to make an address."""

    by: str
    at: datetime.datetime
    link: str = ""
    full: bool = False

    def address(self, code: Code) -> str:
        """What the square code on the paper opens."""
        return f"{self.link}{code}/" if self.link else ""

    def number(self, text: str) -> str:
        """An identity or disability number as it may be printed."""
        return text if self.full else mask_id(text)

    def phone(self, text: str) -> str:
        return text if self.full else mask_phone(text)

    def card(self, text: str) -> str:
        """A bank card: its last four digits unless shown in full."""
        return text if self.full or not text else f"{'*' * (len(text) - 4)}{text[-4:]}"

    @property
    def day(self) -> datetime.date:
        """The day of printing, in China."""
        return timezone.localtime(self.at).date()

    @property
    def note(self) -> str:
        """The foot of every page: as of when, printed by whom; a watermark of where the paper came from."""
        masked = "" if self.full else "　证件号码、电话已隐去中间位"
        return f"数据截至{ymdhm(self.at)}　打印：{self.by}{masked}"


# (place, households, printing) → documents: the code of the village or county, and which of its households.
Build = Callable[[str, Sequence[int], Printing], Iterable[Document]]


@dataclass(frozen=True)
class Paper:
    """One kind of paper. `mark`: the two letters in its code; `level`: one paper for each of these.

    `opens` is the page that a paper's code leads to, by the household's key or the place's code.
    `build` is asked for up to CHUNK households of a village, or for a whole village or county at once.
    """

    key: str
    title: str
    mark: str
    level: Level
    build: Build
    about: str = ""
    order: int = 0
    permission: str = "view_households"
    opens: str = ""


@dataclass
class Papers:
    """Every declared paper, by key."""

    by_key: dict[str, Paper] = field(default_factory=dict)

    def register(self, *papers: Paper) -> None:
        for paper in papers:
            clash = next((p for p in self.by_key.values() if p.mark == paper.mark), None)
            if clash and clash.key != paper.key:
                raise ValueError(f"two papers with the mark {paper.mark}")
            self.by_key[paper.key] = paper

    @property
    def by_mark(self) -> dict[str, Paper]:
        """By the two letters in the code."""
        return {paper.mark: paper for paper in self.by_key.values()}

    def ordered(self, *levels: Level) -> list[Paper]:
        """In the order in which pages offer them, of all levels unless told."""
        found = (p for p in self.by_key.values() if not levels or p.level in levels)
        return sorted(found, key=lambda paper: (paper.order, paper.key))


papers = Papers()
