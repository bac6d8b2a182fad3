"""A printed paper that was filled in on the computer: known by the code on it, read back box by box.

A box that was not touched, or hides a number, says nothing.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
from django.utils import timezone

from fanpin.papers import codes
from fanpin.papers.layout import OPEN, TICKED
from fanpin.sheets.columns import Sheet
from fanpin.sheets.reading import ROW, Read, placed_tables

FIRST_ROWS = 6
_CODE = re.compile(r"[A-Z]{2}-\d{2,17}-\d{8}")
_AS_OF = re.compile(r"数据截至(\d{4}-\d\d-\d\d \d\d:\d\d)")
_TICKS = re.compile(rf"([{TICKED}{OPEN}☑✓√☐])\s*([^{TICKED}{OPEN}☑✓√☐\s]+)")
_CHOSEN = (TICKED, "☑", "✓", "√")
Row = dict[str, str]
Cells = list[list[str]]


def papers_in(path: Path | str, mark: str) -> Iterator[tuple[codes.Code, Cells]]:
    """The papers of this kind in a workbook, one sheet each. Raises SheetRefused."""
    for _name, table in placed_tables(path):
        cells = [[(text or "").strip() for text in row] for row in table.iter_rows()]
        code = _code(cells)
        if code is not None and code.mark == mark:
            yield code, cells


def _code(cells: Cells) -> codes.Code | None:
    for row in cells[:FIRST_ROWS]:
        for text in row:
            if found := _CODE.search(text.upper()):
                return codes.read(found[0])
    return None


def printed_at(cells: Cells, code: codes.Code) -> datetime.datetime:
    """As of when the paper was printed; by the note at its foot, else the end of the day in its code."""
    for row in reversed(cells):
        for text in row:
            if found := _AS_OF.search(text):
                return timezone.make_aware(datetime.datetime.fromisoformat(found[1]))
    last = datetime.datetime.combine(code.printed_on, datetime.time.max)
    return timezone.make_aware(last)


def boxes(rows: Iterable[list[str]], key_of: Callable[[str], str | None], *, reach: int = 2) -> Row:
    """Key → what was filled in beside its label, of every box that says something.

    `reach`: over how many columns of the sheet a label goes, two where three boxes stand beside each other.
    """
    found: Row = {}
    for row in rows:
        for at, text in enumerate(row):
            key = key_of(text) if text else None
            if key is not None and (said := value(_beside(row[at + 1 : at + 1 + reach], key_of))):
                found.setdefault(key, said)
    return found


def _beside(cells: list[str], key_of: Callable[[str], str | None]) -> str:
    """The value of the box to the left of these cells: the next one that is not part of the label."""
    for text in cells:
        if text:
            return "" if key_of(text) is not None else text
    return ""


def value(text: str) -> str:
    """What was filled in: the ticked words, or the text; nothing for an empty or a hidden one."""
    if "*" in text:
        return ""
    if any(mark in text for mark in (TICKED, OPEN, "☐")):
        return ",".join(words for mark, words in _TICKS.findall(text) if mark in _CHOSEN)
    return text


def as_read(sheet: Sheet, rows: list[Row]) -> Read:
    """Rows as a reading would give them; boxes have no cell of their own in a table."""
    keys = [column.key for column in sheet.columns if any(column.key in row for row in rows)]
    table: Mapping[str, list[str | None]] = {key: [row.get(key) for row in rows] for key in keys}
    frame = pl.DataFrame(table, schema=dict.fromkeys(keys, pl.String)).select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW), *keys
    )
    return Read(sheet, sheet.title, frame, dict.fromkeys(keys, ""), 0)
