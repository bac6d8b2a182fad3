"""A column of a workbook, declared once: template, import, export and the round trip all read it.

`Column.key` is the name in code, `label` the head on paper, `aliases` the other heads the same
column has in the national exports. `Sheet` is one sheet of columns, `Book` the sheets of one file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

Kind = Literal[
    "text",
    "int",
    "decimal",
    "date",
    "ym",
    "choice",
    "multi",
    "bool",
    "id_number",
    "phone",
    "digits",
]
YES_NO = (("1", "是"), ("0", "否"))
FULL_TO_HALF = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "}
HALF_WIDTH = str.maketrans(FULL_TO_HALF)
_PARENTHESIS = re.compile(r"\([^()]*\)$")
_NOISE = re.compile(r"[\s*:：、,，]+")


def plain_head(text: str) -> str:
    """A column head as it is compared: half-width, without blanks, stars and colons."""
    return _NOISE.sub("", (text or "").translate(HALF_WIDTH))


def bare_head(text: str) -> str:
    """The same without a closing bracket: 住房面积(平方米) → 住房面积."""
    return _PARENTHESIS.sub("", plain_head(text))


@dataclass(frozen=True)
class Check:
    """A test of one column beyond its kind: `wrong` is true for bad values, `explain` says why.

    `wrong` works on the whole column; `explain` is a sentence, or a function of the one bad value.
    """

    wrong: Callable[[pl.Expr], pl.Expr]
    explain: str | Callable[[str], str]
    remedy: str = ""


@dataclass(frozen=True)
class Column:
    """One column. `codes` are (code, label) pairs, or a function that gives them.

    `least`/`most` bound numbers and dates (ISO text); `at_most` bounds how many values a multi
    column may hold; `synonyms` are labels of older exports with the code they stand for.
    `cascade_from` names the column above in a cascade (乡镇 → 村) for the template's drop-down.
    """

    key: str
    label: str
    kind: Kind = "text"
    codes: tuple[tuple[str, str], ...] | Callable[[], list[tuple[str, str]]] = ()
    synonyms: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()
    unit: str = ""
    required: bool = False
    example: str = ""
    help: str = ""
    max_length: int = 0
    least: float | str | None = None
    most: float | str | None = None
    places: int = 2
    at_most: int = 0
    checks: tuple[Check, ...] = ()
    in_template: bool = True
    cascade_from: str = ""
    width: int = 0

    @cached_property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """The (code, label) pairs of this column; 是/否 for a bool."""
        if self.kind == "bool":
            return YES_NO
        return tuple(self.codes() if callable(self.codes) else self.codes)

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Every head this column may have in a file, as compared."""
        return tuple(dict.fromkeys(plain_head(text) for text in (self.label, *self.aliases)))

    @property
    def title(self) -> str:
        """The head written into templates and exports, with its unit."""
        return f"{self.label}({self.unit})" if self.unit else self.label

    @property
    def is_number(self) -> bool:
        return self.kind in {"int", "decimal"}


@dataclass(frozen=True)
class Sheet:
    """A sheet: its title, its columns, the row of its head, and other titles it may have."""

    title: str
    columns: tuple[Column, ...]
    header_row: int = 1
    aliases: tuple[str, ...] = ()
    note: str = ""

    @cached_property
    def by_key(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns}

    @cached_property
    def heads(self) -> dict[str, str]:
        """Compared head → column key; an exact head wins over one without its bracket."""
        exact = {head: column.key for column in self.columns for head in column.heads}
        bare = {bare_head(head): key for head, key in exact.items()}
        return {**bare, **exact}

    def key_of(self, head: str) -> str | None:
        """The column a head in a file stands for, or None."""
        return self.heads.get(plain_head(head)) or self.heads.get(bare_head(head))


@dataclass(frozen=True)
class Book:
    """The sheets of one workbook, in order."""

    title: str
    sheets: tuple[Sheet, ...]

    @cached_property
    def by_title(self) -> dict[str, Sheet]:
        return {title: sheet for sheet in self.sheets for title in (sheet.title, *sheet.aliases)}


def letter(index: int) -> str:
    """The letters of a column, counted from 0: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The way back: A → 0, AA → 26."""
    index = 0
    for char in letters:
        index = index * 26 + ord(char) - 64
    return index - 1
