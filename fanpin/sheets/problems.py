"""What is wrong in an uploaded file, as values: where it stands, why, and what to do about it.

`Problem` speaks of one cell, `SheetRefused` of a file that cannot be read at all.
"""

from dataclasses import dataclass, field

import polars as pl

PROBLEM_SCHEMA = {
    "sheet": pl.String,
    "row": pl.Int64,
    "cell": pl.String,
    "key": pl.String,
    "column": pl.String,
    "value": pl.String,
    "message": pl.String,
    "remedy": pl.String,
}


@dataclass(frozen=True)
class Problem:
    """One wrong cell (or one wrong sheet, when `cell` is empty)."""

    message: str
    remedy: str = ""
    sheet: str = ""
    cell: str = ""
    column: str = ""
    value: str = ""
    row: int = 0
    key: str = ""

    def as_json(self) -> dict[str, str]:
        """The six values of the command's JSON answer."""
        names = ("sheet", "cell", "column", "value", "message", "remedy")
        return {name: getattr(self, name) or "" for name in names}

    def __str__(self) -> str:
        where = "".join(f"【{part}】" for part in (self.sheet, self.cell, self.column) if part)
        return f"{where}{self.message}" + (f"，{self.remedy}" if self.remedy else "")


class SheetRefused(Exception):
    """The file as a whole cannot be taken; carries every reason found."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("；".join(str(problem) for problem in problems))
        self.problems = list(problems)


@dataclass
class Problems:
    """Problems of one reading, collected as frames; rows keep the file's own numbers."""

    frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, frame: pl.DataFrame) -> None:
        if len(frame):
            self.frames.append(frame.select(list(PROBLEM_SCHEMA)))

    def frame(self) -> pl.DataFrame:
        """All problems in reading order, one line per wrong cell and reason."""
        if not self.frames:
            return pl.DataFrame(schema=PROBLEM_SCHEMA)
        return pl.concat(self.frames).sort("sheet", "row", maintain_order=True)


def from_frame(frame: pl.DataFrame) -> list[Problem]:
    """The lines of a problem frame as `Problem` values."""
    return [Problem(**row) for row in frame.fill_null("").iter_rows(named=True)]
