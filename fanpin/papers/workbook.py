"""Documents as a workbook: one sheet each, in the layout of the paper, set up for A4 with repeated heads."""

import io
import re
from collections.abc import Iterable, Sequence
from copy import copy
from itertools import accumulate
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from fanpin.papers.layout import Boxes, Document, Opinions, Prose, Rows
from fanpin.sheets.columns import letter

GRID = 12
A4 = "9"
WIDE, NARROW = 138, 94  # characters across an A4 sheet
LINE = 17
MM = 2.83  # points
_SIDE = Side(style="thin")
FRAME = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
SHADE = PatternFill("solid", fgColor="ECECEC")
PLAIN, BOLD, SMALL = Font(size=9), Font(size=9, bold=True), Font(size=8)
TITLE, HEADING = Font(size=16, bold=True), Font(size=10, bold=True)
LEFT = Alignment(vertical="center", wrap_text=True)
RIGHT = Alignment(vertical="center", horizontal="right", wrap_text=True)
MIDDLE = Alignment(vertical="center", horizontal="center", wrap_text=True)
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")


def xlsx_of(documents: Iterable[Document]) -> bytes:
    """The workbook; every value is text, so that nothing a person typed is ever a formula."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for document in documents:
        _Page(book.create_sheet(_title(document, book.sheetnames)), document).draw()
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _title(document: Document, taken: Sequence[str]) -> str:
    """A sheet is named after whose paper it is; names are short and unlike each other."""
    base = _NOT_IN_TITLES.sub("", document.about.rpartition(" ")[2] or document.title)[:24]
    name, n = base or "表", 1
    while name in taken:
        n += 1
        name = f"{base}{n}"
    return name


class _Page:
    """One sheet while it is drawn, line by line."""

    def __init__(self, page: Worksheet, document: Document) -> None:
        self.page = page
        self.document = document
        self.row = 1
        self.styles: dict[tuple, Any] = {}
        tables = [block for block in document.blocks if isinstance(block, Rows)]
        # A paper that is one table keeps a column for each of its own, so that it can be sorted.
        self.alone = tables[0] if len(document.blocks) == 1 and tables else None
        widths = list(self.alone.widths) if self.alone else [1.0] * GRID
        self.columns = len(widths)
        across = WIDE if document.landscape else NARROW
        for n, width in enumerate(widths):
            page.column_dimensions[letter(n)].width = round(width * across / sum(widths), 1)
        self.edges = [0.0, *accumulate(width * across / sum(widths) for width in widths)]

    def draw(self) -> None:
        d = self.document
        self._line(d.title, TITLE, MIDDLE, 28)
        self._line(d.about, HEADING, MIDDLE, LINE)
        self._line("　　".join([*d.facts, d.code]), SMALL, LEFT, LINE)
        for block in d.blocks:
            if block.title:
                self._line(block.title, HEADING, LEFT, 20)
            if isinstance(block, Boxes):
                self._boxes(block)
            elif isinstance(block, Rows):
                self._rows(block)
            elif isinstance(block, Opinions):
                self._opinions(block)
            else:
                self._prose(block)
        self._signatures()
        for text in d.closing:
            self._line(text, PLAIN, RIGHT, LINE)
        self._line(d.note, SMALL, LEFT, LINE)
        self._set_up()

    def _line(self, text: str, font: Font, alignment: Alignment, height: float) -> None:
        self._put(1, self.columns, text, font=font, alignment=alignment, framed=False)
        self._next(height)

    def _next(self, height: float) -> None:
        self.page.row_dimensions[self.row].height = height
        self.row += 1

    def _put(
        self,
        first: int,
        last: int,
        text: str,
        *,
        font: Font = PLAIN,
        alignment: Alignment = LEFT,
        shaded: bool = False,
        framed: bool = True,
    ) -> None:
        style = self._style(font, alignment, shaded, framed)
        cell = self.page.cell(self.row, first)
        if text:
            cell.value = text  # type: ignore[assignment]
            cell.data_type = "s"
        cell._style = copy(style)
        if last == first:
            return
        for position in range(first + 1, last + 1) if framed else ():
            self.page.cell(self.row, position)._style = copy(style)
        # Not by merge_cells(), which draws every frame again and compares each box with all before it.
        merged = CellRange(min_row=self.row, max_row=self.row, min_col=first, max_col=last)
        self.page.merged_cells.ranges.add(merged)

    def _style(self, font: Font, alignment: Alignment, shaded: bool, framed: bool) -> Any:
        """The numbers of a style in the workbook, looked up once for each that the sheet uses."""
        key = (id(font), id(alignment), shaded, framed)
        if key not in self.styles:
            cell = self.page.cell(self.row, 1)
            before = copy(cell._style)
            cell.font, cell.alignment, cell.number_format = font, alignment, "@"
            cell.quotePrefix = True
            cell.border = FRAME if framed else Border()
            cell.fill = SHADE if shaded else PatternFill()
            self.styles[key] = copy(cell._style)
            cell._style = before
        return self.styles[key]

    def _boxes(self, block: Boxes) -> None:
        unit = self.columns // (2 * block.across)
        for line in block.lines():
            at, most = 1, 0.0
            for box in line:
                value = unit * (2 * box.span - 1)
                self._put(at, at + unit - 1, box.head, shaded=True)
                self._put(at + unit, at + unit + value - 1, box.value)
                most = max(most, self._lines(box.head, unit), self._lines(box.value, value))
                at += unit + value
            self._next(max(1, most) * 13 + 4)

    def _rows(self, block: Rows) -> None:
        edges = [0, *accumulate(_shares(block.widths, self.columns))]
        spans = [(edges[n] + 1, edges[n + 1]) for n in range(len(block.heads))]
        self._cells(spans, block.heads, font=BOLD, shaded=len(block.heads), alignments={})
        if self.alone:
            self.page.print_title_rows = f"{self.row - 1}:{self.row - 1}"
            self.page.freeze_panes = f"A{self.row}"
        right = dict.fromkeys(block.numbers, RIGHT)
        for n, row in enumerate(block.all_rows()):
            font = BOLD if n in block.strong else PLAIN
            self._cells(spans, row, font=font, shaded=block.stub, alignments=right)

    def _cells(
        self,
        spans: Sequence[tuple[int, int]],
        values: Sequence[str],
        *,
        font: Font,
        shaded: int,
        alignments: dict[int, Alignment],
    ) -> None:
        most = 1
        for n, ((first, last), value) in enumerate(zip(spans, values, strict=True)):
            alignment = alignments.get(n, MIDDLE if font is BOLD and shaded > n else LEFT)
            self._put(first, last, value, font=font, alignment=alignment, shaded=n < shaded)
            most = max(most, self._lines(value, last - first + 1, first))
        self._next(most * 13 + 4)

    def _lines(self, text: str, columns: int, first: int = 1) -> int:
        """How many lines a text takes in so many columns."""
        width = self.edges[first + columns - 1] - self.edges[first - 1]
        wide = len(text) + sum(char > "\u2e80" for char in text)
        return max(1, -(-int(wide * 0.9) // max(1, int(width))))

    def _prose(self, block: Prose) -> None:
        for text in block.lines:
            self._line(text, PLAIN, LEFT, self._lines(text, self.columns) * 13 + 2)

    def _opinions(self, block: Opinions) -> None:
        wide = max(1, self.columns // 6)
        for opinion in block.opinions:
            text = "\n".join([opinion.text, "", *opinion.foot])
            self._put(1, wide, opinion.label, font=BOLD, alignment=MIDDLE, shaded=True)
            self._put(wide + 1, self.columns, text)
            rest = self.columns - wide
            lines = sum(self._lines(line, rest, wide + 1) for line in text.split("\n"))
            self._next(max(lines * 13 + 4, block.height * MM))

    def _signatures(self) -> None:
        words = self.document.signatures
        per_line = min(len(words), 3, self.columns) or 1
        for start in range(0, len(words), per_line):
            line = words[start : start + per_line]
            edges = [0, *accumulate(_shares([1.0] * per_line, self.columns))]
            for n, text in enumerate(line):
                self._put(edges[n] + 1, edges[n + 1], text, framed=False)
            self._next(34)

    def _set_up(self) -> None:
        page = self.page
        page.page_setup.paperSize = A4
        page.page_setup.orientation = "landscape" if self.document.landscape else "portrait"
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        page.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
        page.print_options.horizontalCentered = True
        margins = page.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom = 0.5, 0.6
        page.oddFooter.left.text = f"{self.document.code}　{self.document.note}"
        page.oddFooter.left.size = page.oddFooter.right.size = 8
        page.oddFooter.right.text = "第 &P 页，共 &N 页"


def _shares(widths: Sequence[float], columns: int) -> list[int]:
    """Whole columns for each width, at least one each, all of them used."""
    if len(widths) == columns:
        return [1] * columns
    total = sum(widths)
    edges = [round(part * columns / total) for part in accumulate(widths)]
    for n in range(len(edges)):
        least = (edges[n - 1] if n else 0) + 1
        edges[n] = min(max(edges[n], least), columns - (len(edges) - 1 - n))
    return [edge - before for edge, before in zip(edges, [0, *edges[:-1]], strict=True)]
