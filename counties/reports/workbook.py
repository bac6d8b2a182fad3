"""The city summary as an official workbook: title, unit, date, merged heads, signature line, A4 landscape."""

from typing import IO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from counties.reports import TABLES
from counties.reports.figures import TOTAL, Report
from counties.reports.table import Table

LINE = Side(style="thin", color="808080")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
HEAD = PatternFill("solid", fgColor="E7EDF5")
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
TITLE_FONT = Font(name="方正小标宋简体", size=18)
TEXT_FONT = Font(name="仿宋_GB2312", size=11)
BOLD_FONT = Font(name="仿宋_GB2312", size=11, bold=True)
FIRST_HEAD = 3


def write(target: IO[bytes] | str, report: Report) -> None:
    """One sheet for each table."""
    book = Workbook()
    book.remove(book.active)
    for table in TABLES.values():
        _sheet(book.create_sheet(f"{table.code}{table.title}"[:31]), table, report)
    book.save(target)


def _sheet(page: Worksheet, table: Table, report: Report) -> None:
    width = 2 + len(table.cells)
    _caption(page, table, report, width)
    _heads(page, table)
    last = _body(page, table, report)
    _foot(page, table, report, last, width)
    _print_setup(page, last)


def _caption(page: Worksheet, table: Table, report: Report, width: int) -> None:
    draft = "（草稿）" if report.is_draft else ""
    page.cell(1, 1, f"{report.city.name}{report.campaign.year}年{table.title}{draft}")
    page.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
    page.cell(1, 1).font = TITLE_FONT
    page.cell(1, 1).alignment = CENTRE
    page.row_dimensions[1].height = 34
    middle = max(2, width // 2)
    page.cell(2, 1, f"填报单位：{report.city.name}")
    page.merge_cells(start_row=2, end_row=2, start_column=1, end_column=middle)
    page.cell(2, middle + 1, f"数据截止：{report.as_of:%Y年%m月%d日}　　单位：{table.units}")
    page.merge_cells(start_row=2, end_row=2, start_column=middle + 1, end_column=width)
    page.cell(2, middle + 1).alignment = Alignment(horizontal="right")
    for cell in page[2]:
        cell.font = TEXT_FONT


def _heads(page: Worksheet, table: Table) -> None:
    top, below = FIRST_HEAD, FIRST_HEAD + 1
    for column, text in ((1, "序号"), (2, "县（市、区）")):
        page.cell(top, column, text)
        page.merge_cells(start_row=top, end_row=below, start_column=column, end_column=column)
    column = 3
    for group in table.groups:
        page.cell(top, column, group.label)
        last = column + len(group.cells) - 1
        if last > column:
            page.merge_cells(start_row=top, end_row=top, start_column=column, end_column=last)
        for offset, cell in enumerate(group.cells):
            page.cell(below, column + offset, cell.head)
        column = last + 1
    for row in page.iter_rows(min_row=top, max_row=below, max_col=column - 1):
        for cell in row:
            cell.font, cell.alignment, cell.border, cell.fill = BOLD_FONT, CENTRE, BOX, HEAD
    page.row_dimensions[top].height = 44
    page.column_dimensions["A"].width = 6
    page.column_dimensions["B"].width = 16
    for n in range(3, column):
        page.column_dimensions[get_column_letter(n)].width = 9.5
    page.freeze_panes = page.cell(below + 1, 3)


def _body(page: Worksheet, table: Table, report: Report) -> int:
    row = FIRST_HEAD + 1
    places = [(n, county.name, county.code) for n, county in enumerate(report.counties, 1)]
    for number, name, code in [*places, ("", "合计", TOTAL)]:
        row += 1
        page.cell(row, 1, number)
        page.cell(row, 2, name)
        for column, cell in enumerate(table.cells, 3):
            value = report.value(table, code, cell)
            written = page.cell(row, column, float(value) if cell.of else int(value))
            written.number_format = "0.00" if cell.of else "#,##0"
        for cell in page[row]:
            cell.font = BOLD_FONT if code == TOTAL else TEXT_FONT
            cell.border = BOX
            if cell.column <= 2:
                cell.alignment = CENTRE
    return row


def _foot(page: Worksheet, table: Table, report: Report, last: int, width: int) -> None:
    row = last + 1
    empty = "、".join(county.name for county in report.without_data)
    note = table.note + (f"无农户数据：{empty}。" if empty else "")
    if note:
        page.cell(row, 1, f"注：{note}")
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        row += 1
    page.cell(row, 1, "单位负责人：　　　　　　审核人：　　　　　　填表人：　　　　　　联系电话：　　　　　　"
                      "填报日期：　　　　年　　月　　日")  # fmt: skip
    page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
    page.row_dimensions[row].height = 30
    for line in (row - 1, row):
        page.cell(line, 1).alignment = Alignment(vertical="center")
        if page.cell(line, 1).border.left.style is None:
            page.cell(line, 1).font = TEXT_FONT


def _print_setup(page: Worksheet, last: int) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = f"1:{FIRST_HEAD + 1}"
    page.page_margins.left = page.page_margins.right = 0.4
    page.print_options.horizontalCentered = True
    page.oddFooter.center.text = "第 &P 页，共 &N 页"
