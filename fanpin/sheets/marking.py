"""The error workbook: the user's own file, wrong cells coloured, the reason as a comment.

Long files come back as a workbook of the wrong rows only, with their row numbers, because marking
up a hundred thousand rows takes minutes and nobody scrolls through the good ones.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from fanpin.sheets.columns import column_index
from fanpin.sheets.guards import inspect
from fanpin.sheets.problems import Problem
from fanpin.sheets.reading import raw_tables
from fanpin.sheets.templates import HEAD_FILL, text_cell

WRONG = PatternFill("solid", fgColor="F8C9C4")
LIST_TITLE = "问题清单"
MARK_WHOLE_UP_TO = 4 * 1024 * 1024
MAX_LISTED = 50_000


def write_error_workbook(
    path: Path | str, problems: Sequence[Problem], target: IO[bytes] | str
) -> None:
    """Write the marked-up workbook for the file at `path`."""
    found = inspect(path)
    small = found.path.stat().st_size <= MARK_WHOLE_UP_TO
    if found.kind == "xlsx" and small:
        workbook = openpyxl.load_workbook(found.path)
        numbers: dict[str, dict[int, int]] | None = None
    else:
        workbook, numbers = _wrong_rows_only(found.path, problems)
    for problem in problems[:MAX_LISTED]:
        if problem.cell and problem.sheet in workbook.sheetnames:
            _mark(workbook[problem.sheet], problem, numbers)
    _write_list(workbook, problems)
    workbook.save(target)


def _mark(page: Worksheet, problem: Problem, numbers: dict[str, dict[int, int]] | None) -> None:
    letters = problem.cell.rstrip("0123456789")
    row, column = problem.row, column_index(letters) + 1
    if numbers is not None:
        row, column = numbers[problem.sheet][problem.row], column + 1
    cell = page.cell(row, column)
    if type(cell).__name__ == "MergedCell":
        return
    cell.fill = WRONG
    text = f"{problem.message}。{problem.remedy}"
    if cell.comment is not None and "填写说明" not in (cell.comment.author or ""):
        text = f"{cell.comment.text}\n{text}"
    cell.comment = Comment(text, "系统检查", width=260, height=110)


def _wrong_rows_only(
    path: Path, problems: Sequence[Problem]
) -> tuple[Workbook, dict[str, dict[int, int]]]:
    """A new workbook of heads and wrong rows; the first column is the row in the user's file."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    numbers: dict[str, dict[int, int]] = {}
    wrong = {
        sheet: sorted({p.row for p in problems if p.sheet == sheet and p.row})
        for sheet in {p.sheet for p in problems}
    }
    for name, table in raw_tables(path):
        if name not in wrong:
            continue
        page = workbook.create_sheet(name)
        numbers[name] = {}
        first = min(wrong[name], default=1)
        for row in [*range(1, min(first, 6)), *(n for n in wrong[name] if n >= min(first, 6))]:
            if row in numbers[name] or row > table.height:
                continue
            numbers[name][row] = line = len(numbers[name]) + 1
            page.cell(line, 1, f"原第{row}行")
            for n, value in enumerate(table.row(row - 1), 2):
                if value is not None:
                    text_cell(page, line, n, value)
    return workbook, numbers


def _write_list(workbook: Workbook, problems: Sequence[Problem]) -> None:
    title = LIST_TITLE if LIST_TITLE not in workbook.sheetnames else f"{LIST_TITLE}2"
    page = workbook.create_sheet(title, 0)
    page.append(["工作表", "单元格", "列名", "原值", "问题", "改法"])
    for cell in page[1]:
        cell.font = Font(bold=True)
        cell.fill = HEAD_FILL
    for line, problem in enumerate(problems[:MAX_LISTED], 2):
        parts = (
            problem.sheet,
            problem.cell,
            problem.column,
            problem.value,
            problem.message,
            problem.remedy,
        )
        for n, text in enumerate(parts, 1):
            text_cell(page, line, n, text)
    for letters, width in zip("ABCDEF", (14, 10, 26, 26, 50, 60), strict=True):
        page.column_dimensions[letters].width = width
    page.freeze_panes = "A2"
    workbook.active = 0
