"""How far a sheet reaches, found before anything parses it: one blank cell in the last row or column
makes the parser lay out every cell in between, and the machine runs out of memory."""

import re
from typing import IO
from xml.parsers import expat

from fanpin.sheets.columns import column_index, letter

MAX_ROWS = 600_000
MAX_COLUMNS = 182  # to column FZ; ours have 110
# Columns of three letters, of two from G on, rows of more than MAX_ROWS: then the piece is looked at closely.
FAR = r"""["'](?:[A-Z]{3}|[G-Z][A-Z]|[A-Z]{1,2}(?:[6-9][0-9]{5}|[0-9]{7}))[0-9]*["']"""
# A cell that only has a style stands there as <c …/> or as <c …></c>, whoever wrote the file.
_FILLED = re.compile(
    rb"""<c (?:[^<>]* )?r=["']([A-Z]{1,3})(\d{1,7})["'][^<>]*(?<!/)>(?=[^<]|<[a-z])"""
)


def far_cell(window: bytes) -> str:
    """The name of a cell beyond the limits in this piece of a worksheet's XML where FAR was found, or nothing."""
    for letters, row in _FILLED.findall(window):
        name = letters.decode()
        if int(row) > MAX_ROWS or column_index(name) >= MAX_COLUMNS:
            return f"{name}{int(row)}"
    return ""


class _Extent:
    """Follows the rows and cells of an OpenDocument table with their repetitions."""

    def __init__(self) -> None:
        self.row = self.column = 0
        self.row_times = 1
        self.cell: tuple[int, bool] = (1, False)
        self.far = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.row = 0
        elif name == "table:table-row":
            self.row_times = _times(attributes, "table:number-rows-repeated")
            self.column = 0
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            times = _times(attributes, "table:number-columns-repeated")
            filled = "office:value-type" in attributes
            end_row, end_column = self.row + self.row_times, self.column + times
            if filled and not self.far and (end_row > MAX_ROWS or end_column > MAX_COLUMNS):
                self.far = f"{letter(end_column - 1)}{end_row}"
            self.column = end_column

    def end(self, name: str) -> None:
        if name == "table:table-row":
            self.row += self.row_times


def _times(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    return int(text) if text.isdecimal() and len(text) < 9 else 10**9


def far_cell_of_document(content: IO[bytes]) -> str:
    """The same for an OpenDocument sheet; raises ValueError when it is not well formed."""
    extent = _Extent()
    parser = expat.ParserCreate()
    parser.StartElementHandler = extent.start
    parser.EndElementHandler = extent.end
    try:
        parser.ParseFile(content)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return extent.far
