"""What stands on a printed paper: title, code, boxes, tables, signature lines. Drawn by `pdf`, `word` and `workbook`.

Values are texts as they are read; an empty one prints an empty box, so that a paper can be filled in by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# Both are in GB 2312, so every Chinese font has them; ☑ is missing in WenQuanYi, which the image carries.
TICKED, OPEN = "■", "□"


@dataclass(frozen=True)
class Box:
    """A label and its value; `span` counts label-and-value pairs."""

    label: str
    value: str = ""
    unit: str = ""
    span: int = 1

    @property
    def head(self) -> str:
        return f"{self.label}（{self.unit}）" if self.unit else self.label


@dataclass(frozen=True)
class Boxes:
    """A block of labelled boxes, `across` pairs in a line."""

    title: str
    boxes: Sequence[Box]
    across: int = 3

    def lines(self) -> list[list[Box]]:
        """The boxes by line; the last of a line that is not full reaches to its end."""
        found: list[list[Box]] = []
        left = 0
        for box in self.boxes:
            span = min(box.span, self.across)
            if span > left:
                _stretch(found, left)
                found.append([])
                left = self.across
            found[-1].append(Box(box.label, box.value, box.unit, span))
            left -= span
        _stretch(found, left)
        return found


def _stretch(lines: list[list[Box]], left: int) -> None:
    if lines and left:
        last = lines[-1][-1]
        lines[-1][-1] = Box(last.label, last.value, last.unit, last.span + left)


@dataclass(frozen=True)
class Rows:
    """A table whose head is repeated on every page. `stub`: that many first columns are labels;
    `numbers`: columns set to the right; `blank`: empty rows to write in; `strong`: rows in bold;
    `fresh`: begins on a new page.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float]
    stub: int = 0
    numbers: Sequence[int] = ()
    blank: int = 0
    strong: Sequence[int] = ()
    fresh: bool = False

    def all_rows(self) -> list[Sequence[str]]:
        return [*self.rows, *([""] * len(self.heads) for _ in range(self.blank))]


@dataclass(frozen=True)
class Prose:
    """Explanations, one paragraph each. `small`: in the size of notes, several columns to a page."""

    title: str
    lines: Sequence[str]
    small: bool = False


@dataclass(frozen=True)
class Opinion:
    """What one level says on a form of approval; `foot`: who signs, seals and dates, set to the right."""

    label: str
    text: str = ""
    foot: Sequence[str] = ()


@dataclass(frozen=True)
class Opinions:
    """One opinion below the other, each with room for a seal: `height` mm at least."""

    title: str
    opinions: Sequence[Opinion]
    height: float = 26.0


Block = Boxes | Rows | Prose | Opinions


@dataclass(frozen=True)
class Style:
    """Sizes in pt, margins in mm. `serif`: set in 宋体 and 仿宋 as official papers are."""

    text: float
    title: float
    heading: float
    prose: float
    serif: bool
    margin: float
    leading: float = 0.13


StyleName = Literal["sheet", "official", "letter", "poster"]
# sheet: a collection form, as much as possible on a page; official: a form of the procedure that is signed and filed;
# letter: a text to somebody; poster: read standing in front of a wall.
STYLES: dict[StyleName, Style] = {
    "sheet": Style(8, 15, 9.5, 8, False, 11),
    "official": Style(10.5, 18, 12, 10.5, True, 18, 0.25),
    "letter": Style(12, 20, 14, 15, True, 26, 0.5),
    "poster": Style(12, 26, 15, 15, True, 18, 0.4),
}


@dataclass(frozen=True)
class Document:
    """One paper about one subject.

    `about` says whose paper it is, on every page; `facts` stand in a line under the title; `code` and
    `address` lead back to the subject, as text and for the camera of a telephone.
    `row_height`: mm of a line to write in. `closing`: who puts the paper up or sends it, and when, at its end
    to the right. On A3 everything is set half as large again.
    """

    title: str
    about: str
    blocks: Sequence[Block]
    facts: Sequence[str] = ()
    code: str = ""
    address: str = ""
    signatures: Sequence[str] = ()
    note: str = ""
    landscape: bool = False
    row_height: float = 6.0
    style: StyleName = "sheet"
    closing: Sequence[str] = ()
    size: Literal["a4", "a3"] = "a4"
