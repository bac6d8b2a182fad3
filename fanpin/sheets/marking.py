"""The error workbook: the user's own file, wrong cells coloured, the reason as a comment, all of it listed behind.

An XLSX stays what it is, of any size: only the marks are put in. XLS, ODS and CSV cannot carry them that way; they come
back as an XLSX with all their sheets, every value in its own row and column.
"""

import tempfile
import zipfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import IO

from fanpin.sheets.columns import column_index
from fanpin.sheets.guards import Inspected, inspect, sheet_part
from fanpin.sheets.markup import is_plain, mark
from fanpin.sheets.problems import Problem
from fanpin.sheets.reading import placed_tables
from fanpin.sheets.writing import write_plain

LIST_TITLE = "问题清单"
LIST_HEADS = ("工作表", "单元格", "列名", "原值", "问题", "改法")
LIST_WIDTHS = (14, 10, 26, 26, 50, 60)
MAX_LISTED = 50_000
LONGEST_VALUE = 2_000
CONVERTED = "原文件是{kind}，不能带批注，已另存为XLSX：全部工作表和内容都在，行列位置不变"


def converted_note(path: Path | str) -> str:
    """What to say beside the download, when the file comes back as another kind than it was."""
    suffix = Path(path).suffix.lower().removeprefix(".")
    return "" if suffix == "xlsx" else CONVERTED.format(kind=suffix.upper())


def write_error_workbook(
    path: Path | str,
    problems: Sequence[Problem],
    target: IO[bytes] | str,
    advance: Callable[[int], None] = lambda rows: None,
) -> None:
    """Write the marked-up workbook for the file at `path`; `advance` hears now and then how many rows are done."""
    found = inspect(path)
    listed = problems[:MAX_LISTED]
    with tempfile.TemporaryDirectory(prefix="marking-") as folder:
        wanted = _marks(listed)
        source, parts = _markable(found, list(wanted), Path(folder))
        marks = {parts[name]: cells for name, cells in wanted.items() if name in parts}
        lines = [LIST_HEADS, *(_line(problem) for problem in listed)]
        with open(target, "wb") if isinstance(target, str) else nullcontext(target) as out:
            mark(source, out, marks=marks, title=LIST_TITLE, lines=lines, widths=LIST_WIDTHS,
                 advance=advance)  # fmt: skip


def _markable(found: Inspected, wanted: Sequence[str], folder: Path) -> tuple[Path, dict[str, str]]:
    """A package that can be marked, and the parts of its sheets by their names in the user's file."""
    if found.kind == "xlsx":
        with zipfile.ZipFile(found.path) as archive:
            parts = {name: part for name in wanted if (part := sheet_part(archive, name))}
            if is_plain(archive, list(parts.values())):
                return found.path, parts
    tables = placed_tables(found.path)
    path = folder / "converted.xlsx"
    write_plain(path, tables)
    return path, {name: f"xl/worksheets/sheet{n}.xml" for n, (name, _table) in enumerate(tables, 1)}


def _marks(problems: Sequence[Problem]) -> dict[str, dict[int, dict[int, str]]]:
    """Sheet → row → column → everything that is wrong in that cell."""
    found: dict[str, dict[int, dict[int, str]]] = {}
    for problem in problems:
        if not problem.cell or not problem.row:
            continue
        column = column_index(problem.cell.rstrip("0123456789"))
        row = found.setdefault(problem.sheet, {}).setdefault(problem.row, {})
        said = f"{problem.message}。{problem.remedy}"
        row[column] = f"{row[column]}\n{said}" if column in row else said
    return found


def _line(problem: Problem) -> tuple[str, ...]:
    return (
        problem.sheet, problem.cell, problem.column, problem.value[:LONGEST_VALUE], problem.message,
        problem.remedy,
    )  # fmt: skip
