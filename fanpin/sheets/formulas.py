"""Formulas that gave an error or no value: the parser leaves such cells empty, we name them."""

import re
import zipfile
from pathlib import Path
from typing import cast

import polars as pl

from fanpin.sheets.columns import column_index

# What stands in the cell for the check, which refuses it. The first is ours, for no value at all.
UNCALCULATED = "#没有结果"
ERROR_TEXT = r"^#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|没有结果)$"
# Where this stands in a worksheet's XML there are formulas or errors.
MAY_BREAK = r"""<f[ >]|\st=["']e["']"""
_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"([^>]*)(?<!/)>(.*?)</c>', re.DOTALL)
_VALUE = re.compile(rb"<v>([^<]+)</v>|<is>")


def broken_cells(path: Path, part: str) -> list[tuple[int, int, str]]:
    """(row from 1, column from 0, text) of each cell whose formula failed or was never computed."""
    with zipfile.ZipFile(path) as archive:
        xml = archive.read(part)
    found = []
    for letters, row, attributes, inside in _CELL.findall(xml):
        value = _VALUE.search(inside)
        if b't="e"' in attributes:
            text = value[1].decode("utf-8", "replace") if value and value[1] else "#VALUE!"
        elif b"<f" in inside and value is None:
            text = UNCALCULATED
        else:
            continue
        found.append((int(row), column_index(letters.decode()), text))
    return found


def with_broken_cells(
    table: pl.DataFrame, broken: list[tuple[int, int, str]], shift: int
) -> pl.DataFrame:
    """The table with the error texts in their cells; `shift` columns at the left are not in it."""
    by_column: dict[int, dict[int, str]] = {}
    for row, column, text in broken:
        if row <= table.height and 0 <= column - shift < table.width:
            by_column.setdefault(column - shift, {})[row - 1] = text
    for column, texts in by_column.items():
        cells = table.to_series(column).to_list()
        for row, text in texts.items():
            cells[row] = cast("str", cells[row]) or text
        table = table.with_columns(pl.Series(table.columns[column], cells, dtype=pl.String))
    return table
