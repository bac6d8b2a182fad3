"""The workbook people download to fill in: heads, drop-downs, notes, all from the declared columns.

Lists stand on a very hidden sheet, because a list written into the cell rule itself ends at 255
characters. A cascading column (乡镇 → 村) reads the list named after the cell it depends on.
"""

import re
from collections.abc import Mapping, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from fanpin.sheets.columns import Book, Column, Sheet, letter

LISTS = "代码表"
GUIDE = "填写说明"
LAST_ROW = 20_000
HEAD_FILL = PatternFill("solid", fgColor="E7EDF5")
REQUIRED_FILL = PatternFill("solid", fgColor="FCE9D9")
THIN = Side(style="thin", color="B7C3D0")
KIND_WORDS = {
    "int": "整数",
    "decimal": "数字",
    "date": "日期，如2021-01-31",
    "ym": "年月，如202109",
    "choice": "从下拉列表中选",
    "multi": "可多选，用逗号隔开",
    "bool": "是或否",
    "id_number": "18位身份证号，残疾人填20或22位残疾人证号，按文本填写",
    "phone": "11位手机号",
    "digits": "数字，按文本填写",
}

Options = Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]


def write_template(target: IO[bytes] | str, book: Book, options: Options | None = None) -> None:
    """Write the empty workbook.

    `options` gives drop-downs known only at this moment: column key → values, or for a cascading
    column the value above → values.
    """
    workbook = Workbook()
    lists = _Lists(workbook)
    for n, sheet in enumerate(book.sheets):
        page = workbook.active if n == 0 else workbook.create_sheet()
        page.title = sheet.title
        _write_sheet(page, sheet, lists, options or {})
    _write_guide(workbook.create_sheet(GUIDE), book)
    lists.hide()
    workbook.save(target)


class _Lists:
    """The very hidden sheet of lists; each list one column."""

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.page = workbook.create_sheet(LISTS)
        self.count = 0
        self.known: dict[tuple[str, ...], str] = {}

    def place(self, values: Sequence[str]) -> str:
        """The absolute range where these values stand."""
        key = tuple(values)
        if key not in self.known:
            letters = letter(self.count)
            for n, value in enumerate(values, 1):
                text_cell(self.page, n, self.count + 1, value)
            self.known[key] = f"'{LISTS}'!${letters}$1:${letters}${len(values)}"
            self.count += 1
        return self.known[key]

    def name(self, name: str, values: Sequence[str]) -> None:
        self.workbook.defined_names[name] = DefinedName(name, attr_text=self.place(values))

    def hide(self) -> None:
        self.page.sheet_state = "veryHidden"
        self.workbook.move_sheet(self.page, offset=len(self.workbook.sheetnames))


def text_cell(page: Worksheet, row: int, column: int, value: str) -> None:
    """Write a text that stays a text, also when it begins like a formula."""
    cell = page.cell(row, column)
    cell.value = value
    if cell.data_type == "f":
        cell.data_type = "s"
        cell.quotePrefix = True


def _write_sheet(page: Worksheet, sheet: Sheet, lists: _Lists, options: Options) -> None:
    head = sheet.header_row
    columns = [column for column in sheet.columns if column.in_template]
    letters = {column.key: letter(n) for n, column in enumerate(columns)}
    for n, column in enumerate(columns, 1):
        _write_head(page, head, n, column)
        if rule := _rule(column, letters, head + 1, lists, options):
            rule.add(f"{letters[column.key]}{head + 1}:{letters[column.key]}{LAST_ROW}")
            page.add_data_validation(rule)
    page.row_dimensions[head].height = 36
    page.freeze_panes = page.cell(head + 1, min(3, len(columns)))
    page.auto_filter.ref = f"A{head}:{letter(len(columns) - 1)}{head}"
    page.print_title_rows = f"{head}:{head}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True


def _write_head(page: Worksheet, row: int, position: int, column: Column) -> None:
    cell = page.cell(row, position, f"{column.title}*" if column.required else column.title)
    cell.font = Font(bold=True)
    cell.fill = REQUIRED_FILL if column.required else HEAD_FILL
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    cell.border = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
    if column.help:
        cell.comment = Comment(column.help, "填写说明")
    dimension = page.column_dimensions[letter(position - 1)]
    dimension.width = column.width or max(9, min(24, 2 * len(column.label) + 2))
    if not column.is_number:
        dimension.number_format = "@"


def _rule(
    column: Column, letters: dict[str, str], first: int, lists: _Lists, options: Options
) -> DataValidation | None:
    given = options.get(column.key)
    if isinstance(given, Mapping):
        return _cascade(column, letters, first, lists, given)
    values = list(given) if given else [label for _, label in column.choices]
    if values and column.kind != "multi":
        return _list_rule(column, lists.place(values))
    if column.is_number and (column.least is not None or column.most is not None):
        least, most = column.least, column.most
        operator = (
            "between"
            if None not in (least, most)
            else "greaterThanOrEqual"
            if most is None
            else "lessThanOrEqual"
        )
        formulas = [value for value in (least, most) if value is not None]
        return _titled(
            DataValidation(
                type="whole" if column.kind == "int" else "decimal",
                operator=operator,
                formula1=str(formulas[0]),
                formula2=str(formulas[1]) if len(formulas) > 1 else None,
                allow_blank=True,
            ),
            column,
            "数值超出范围",
        )
    return None


def _list_rule(column: Column, formula: str) -> DataValidation:
    rule = DataValidation(type="list", formula1=formula, allow_blank=not column.required)
    return _titled(rule, column, "请从下拉列表中选择")


def _titled(rule: DataValidation, column: Column, error: str) -> DataValidation:
    rule.error = error
    rule.errorTitle = column.label[:30]
    if column.help:
        rule.prompt = column.help[:250]
        rule.promptTitle = column.label[:30]
        rule.showInputMessage = True
    rule.showErrorMessage = True
    return rule


def _cascade(
    column: Column,
    letters: dict[str, str],
    first: int,
    lists: _Lists,
    groups: Mapping[str, Sequence[str]],
) -> DataValidation | None:
    if column.cascade_from not in letters:
        return None
    for name, values in groups.items():
        if values:
            lists.name(f"{column.key}_{_name_part(name)}", values)
    above = f"${letters[column.cascade_from]}{first}"
    return _list_rule(column, f'INDIRECT("{column.key}_"&{above})')


def _name_part(text: str) -> str:
    """A defined name holds letters, digits and dots only."""
    return re.sub(r"[^\w.]", "_", text)


def _write_guide(page: Worksheet, book: Book) -> None:
    page.append(["工作表", "列名", "必填", "怎么填", "可填的值", "例"])
    for sheet in book.sheets:
        for column in sheet.columns:
            if column.in_template:
                page.append(_guide_line(sheet, column))
    for cell in page[1]:
        cell.font = Font(bold=True)
        cell.fill = HEAD_FILL
    for letters, width in zip("ABCDEF", (12, 34, 6, 50, 70, 24), strict=True):
        page.column_dimensions[letters].width = width
    page.freeze_panes = "A2"


def _guide_line(sheet: Sheet, column: Column) -> list[str]:
    labels = [] if column.kind == "bool" else [label for _, label in column.choices]
    shown = "、".join(labels[:40]) + ("等" if len(labels) > 40 else "")
    how = "；".join(part for part in (KIND_WORDS.get(column.kind, "文字"), column.help) if part)
    return [
        sheet.title,
        column.title,
        "必填" if column.required else "",
        how,
        shown,
        column.example,
    ]
