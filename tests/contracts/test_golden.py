"""What offices rely on, written out: heads of every workbook, the catalogue of rules and checks.

A change is recorded with FANPIN_RECORD=1 and read in the diff: a head renamed here breaks somebody's file.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from counties.closure import CHECKS
from counties.comparison import SPECS
from counties.models.findings import OwnerLevel
from counties.rules.lines import HAMLET_LINES, VILLAGE_LINES, Line
from fanpin.rules import registry
from fanpin.sheets.columns import Book, Column
from households.sheets.columns import BOOK
from tests.recording import agreed


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def column_line(book: Book, sheet: str, column: Column) -> list[object]:
    codes = column.choices if len(column.choices) <= 12 else column.choices[:12]
    shown = "|".join(f"{code}={label}" for code, label in codes)
    more = "" if len(column.choices) <= 12 else f"|…共{len(column.choices)}项"
    return [
        book.title, sheet, column.key, column.title, column.kind, "必填" if column.required else "",
        column.max_length or "", column.least if column.least is not None else "",
        column.most if column.most is not None else "", "|".join(column.aliases), shown + more,
    ]  # fmt: skip


def paper_line(title: str, line: Line) -> list[object]:
    return [
        title, title, line.name, line.label + (f"({line.unit})" if line.unit else ""), line.kind,
        line.need, line.length, line.least if line.least is not None else "",
        line.most if line.most is not None else "", "|".join(line.aliases), line.codes,
    ]  # fmt: skip


def test_the_columns_of_every_workbook():
    books = [BOOK, *(spec.book for spec in SPECS.values())]
    rows = [
        column_line(book, sheet.title, column)
        for book in books
        for sheet in book.sheets
        for column in sheet.columns
    ]
    head = (
        "工作簿",
        "工作表",
        "字段",
        "表头",
        "类型",
        "必填",
        "长度",
        "最小",
        "最大",
        "别名",
        "可选项",
    )
    rows += [
        paper_line(title, line)
        for title, declared in (("行政村表", VILLAGE_LINES), ("自然村表", HAMLET_LINES))
        for line in declared
    ]
    agreed("sheets.csv", lines(head, rows))


def test_the_catalogue_of_rules_comparisons_and_checks():
    rules = [
        (rule.code, rule.severity, rule.subject, rule.title, rule.clause)
        for rule in sorted(registry, key=lambda rule: rule.code)
    ]
    compared = [
        (d.code, d.severity, spec.title, d.title, d.direction)
        for spec in SPECS.values()
        for d in spec.differences
    ]
    checks = [
        (c.code, "阻断", OwnerLevel(c.owner_level).label, c.title, c.clause)
        for c in CHECKS.values()
    ]
    head = ("编号", "级别", "对象", "名称", "依据")
    agreed("rules.csv", lines(head, [*rules, *sorted(compared), *checks]))
