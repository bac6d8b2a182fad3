"""Printed village sheets that were filled in on the computer, as rows that an import would have: the boxes are the
village's, the table behind them its natural villages'; a natural village's own paper has boxes too.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from django.utils import timezone

from counties.models import SheetBatch
from counties.models.sheets import Kind
from counties.papers.village import MARK
from counties.selectors import sheets as selectors
from counties.sheets.columns import LINES, TITLES, book
from fanpin.papers import filled
from fanpin.papers.codes import Code
from fanpin.papers.filled import Cells, Row
from fanpin.regions.models import Division, Level
from fanpin.sheets.columns import plain_head
from fanpin.sheets.reading import Read

HAMLETS = plain_head("自然村（村民小组）")
_PLACE = re.compile(r"区划代码：(\d{12,15})")
VILLAGE_DIGITS = 12
Key = Callable[[str], str | None]


def read_papers(path: Path, batch: SheetBatch) -> tuple[Read, list[str]] | None:
    """The rows of the batch's kind, and what was filled again since they were printed; None when there is no paper."""
    rows: list[Row] = []
    notes: list[str] = []
    for code, cells in filled.papers_in(path, MARK):
        found = _rows(cells, Kind(batch.kind))
        rows += found
        notes += _filled_since(batch, [row["place_code"] for row in found], cells, code)
    return (filled.as_read(book(batch.kind).sheets[0], rows), notes) if rows else None


def _rows(cells: Cells, kind: Kind) -> list[Row]:
    place, key = _place(cells), _key_of(kind)
    own = Kind.VILLAGE if len(place) == VILLAGE_DIGITS else Kind.HAMLET
    if own == kind:
        return [{"place_code": place} | filled.boxes(_before_table(cells), key)] if place else []
    return _table(cells, place, key) if kind == Kind.HAMLET else []


def _place(cells: Cells) -> str:
    for row in cells[: filled.FIRST_ROWS]:
        for text in row:
            if found := _PLACE.search(text):
                return found[1]
    return ""


def _key_of(kind: Kind) -> Key:
    sheet = book(kind).sheets[0]
    lines = {line.name for line in LINES[kind] if not line.system}

    def key(text: str) -> str | None:
        found = sheet.key_of(text)
        return found if found in lines else None

    return key


def _is_head(row: list[str]) -> bool:
    """The head of the table of natural villages; the title above it stands alone in its row."""
    return bool(row) and plain_head(row[0]) == HAMLETS and any(row[1:])


def _before_table(cells: Cells) -> Iterable[list[str]]:
    for row in cells:
        if _is_head(row):
            return
        yield row


def _table(cells: Cells, village: str, key: Key) -> list[Row]:
    """One row for each natural village of the table, known by its name."""
    start = next((n for n, row in enumerate(cells) if _is_head(row)), None)
    if start is None:
        return []
    known = dict(
        Division.objects.filter(
            parent=village, level=Level.HAMLET, valid_until__isnull=True
        ).values_list("name", "code")
    )
    columns = {n: name for n, text in enumerate(cells[start]) if text and (name := key(text))}
    found = []
    for row in cells[start + 1 :]:
        if row and (code := known.get(row[0])):
            said = {name: filled.value(row[n]) for n, name in columns.items() if n < len(row)}
            found.append({"place_code": code} | {name: text for name, text in said.items() if text})
    return found


def _filled_since(batch: SheetBatch, codes: list[str], cells: Cells, code: Code) -> list[str]:
    at = filled.printed_at(cells, code)
    rows = selectors.MODELS[batch.kind].objects.filter(
        division__in=codes, campaign=batch.campaign, changed_at__gt=at, version__gt=0
    )
    when = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
    return [
        f"{row.division.name}的表打印（{when}）以后，系统里又填写过{TITLES[Kind(batch.kind)]}。请在下面核对，"
        "以免用旧值覆盖新值"
        for row in rows.select_related("division")
    ]
