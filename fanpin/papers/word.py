"""Documents as DOCX for WPS, LibreOffice and Word: real tables, A4, 宋体 and 仿宋, page numbers, one section each.

Tables are written as markup in one piece: the library's own cells look the whole table through at every cell.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from docx import Document as new_document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Mm, Pt

from fanpin.papers.layout import STYLES, Block, Boxes, Document, Opinions, Prose, Rows

SONG, FANGSONG = "宋体", "仿宋"
# What a machine without these fonts takes instead.
STANDS_FOR = {
    SONG: "SimSun;NSimSun;Noto Serif CJK SC;Source Han Serif SC",
    FANGSONG: "FangSong;FangSong_GB2312;仿宋_GB2312;STFangsong;Noto Serif CJK SC",
}
A4 = (210.0, 297.0)
A3_SCALE = 1.414
TWIPS = 56.7  # in a millimetre
SHADE = "ECECEC"
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class _Cell:
    text: str
    span: int = 1
    bold: bool = False
    shaded: bool = False
    align: str = "left"


def docx_of(documents: Iterable[Document]) -> bytes:
    """The documents behind each other, each beginning on a new page with its own page numbers."""
    book = new_document()
    _fonts(book)
    found = list(documents)
    for n, document in enumerate(found):
        section = book.sections[0] if n == 0 else book.add_section(WD_SECTION.NEW_PAGE)
        _Page(book, section, document, alone=len(found) == 1).draw()
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fonts(book: Any) -> None:
    """The names of the fonts and what stands in for them; no space between characters and figures."""
    normal = book.styles["Normal"]
    normal.font.name = FANGSONG
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FANGSONG)
    normal.element.rPr.append(
        parse_xml(f'<w:lang {nsdecls("w")} w:val="en-US" w:eastAsia="zh-CN"/>')
    )
    normal.paragraph_format.space_after = Pt(0)
    for part in book.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            entries = "".join(
                f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
                '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
                for name, others in STANDS_FOR.items()
            )
            part._blob = part.blob.replace(b"</w:fonts>", f"{entries}</w:fonts>".encode())


class _Page:
    """One document while it is written, block by block."""

    def __init__(self, book: Any, section: Section, document: Document, *, alone: bool) -> None:
        self.document = document
        # Every paper of a stack counts its own pages, which LibreOffice cannot; it counts all.
        self.pages = "NUMPAGES" if alone else "SECTIONPAGES"
        self.section = section
        self.style = STYLES[document.style]
        self.scale = A3_SCALE if document.size == "a3" else 1
        self.body = book.element.body
        self.width = 0.0

    def draw(self) -> None:
        d, style = self.document, self.style
        self._set_up()
        self._line(d.title, style.title, "center", font=SONG, bold=True, after=4)
        self._line(d.about, style.text, "center", after=4)
        if facts := "　　".join(part for part in (*d.facts, d.code) if part):
            self._line(facts, max(style.text * 0.8, 8), after=3)
        for block in d.blocks:
            if block.title:
                self._line(block.title, style.heading, bold=True, before=6, after=3, keep=True)
            self._block(block)
        self._signatures()
        for text in d.closing:
            self._line(text, style.prose, "right", before=6)
        self._apart()

    def _set_up(self) -> None:
        d, margin = self.document, Mm(max(self.style.margin, 12))
        wide, high = (side * self.scale for side in A4)
        if d.landscape:
            wide, high = high, wide
        s = self.section
        s.orientation = WD_ORIENT.LANDSCAPE if d.landscape else WD_ORIENT.PORTRAIT
        s.page_width, s.page_height = Mm(wide), Mm(high)
        s.left_margin = s.right_margin = s.top_margin = s.bottom_margin = margin
        s.footer_distance = s.header_distance = Mm(8)
        self.width = (wide - 2 * margin.mm) * TWIPS
        s.footer.is_linked_to_previous = False
        foot = s.footer._element
        for old in list(foot):
            foot.remove(old)
        fields = (
            f"{_run(d.note, 8)}<w:r><w:tab/></w:r>{_run('第 ', 8)}{_field('PAGE')}"
            f"{_run(' 页，共 ', 8)}{_field(self.pages)}{_run(' 页', 8)}"
        )
        tab = f'<w:tabs><w:tab w:val="right" w:pos="{int(self.width)}"/></w:tabs>'
        foot.append(parse_xml(f"<w:p {nsdecls('w')}><w:pPr>{tab}</w:pPr>{fields}</w:p>"))
        for old in s._sectPr.findall(qn("w:pgNumType")):
            s._sectPr.remove(old)
        number = parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="1"/>')
        s._sectPr.find(qn("w:pgMar")).addnext(number)

    def _add(self, xml: str) -> None:
        """Before the properties of the last section, which end the body."""
        self.body.insert(len(self.body) - 1, parse_xml(xml))

    def _apart(self) -> None:
        """Two tables that follow each other would become one."""
        if len(self.body) > 1 and self.body[-2].tag == qn("w:tbl"):
            self._line("", 3)

    def _line(
        self, text: str, size: float, align: str = "left", *, font: str = FANGSONG, bold: bool = False,
        before: float = 0, after: float = 0, keep: bool = False, indent: bool = False,
    ) -> None:  # fmt: skip
        size *= self.scale
        follow = "<w:keepNext/>" if keep else ""
        first = f'<w:ind w:firstLineChars="200" w:firstLine="{int(size * 40)}"/>' if indent else ""
        spacing = f'<w:spacing w:before="{int(before * 20)}" w:after="{int(after * 20)}" w:line="{self._leading}" w:lineRule="auto"/>'  # noqa: E501 – markup reads along its line
        properties = f'<w:pPr>{follow}{spacing}{first}<w:jc w:val="{align}"/></w:pPr>'
        self._add(f"<w:p {nsdecls('w')}>{properties}{_run(text, size, font=font, bold=bold)}</w:p>")

    @property
    def _leading(self) -> int:
        return int(240 * (1 + self.style.leading / 2))

    def _block(self, block: Block) -> None:
        if isinstance(block, Boxes):
            self._boxes(block)
        elif isinstance(block, Rows):
            self._rows(block)
        elif isinstance(block, Opinions):
            self._opinions(block)
        else:
            self._prose(block)

    def _boxes(self, block: Boxes) -> None:
        lines = [
            [
                cell
                for box in line
                for cell in (
                    _Cell(box.head, shaded=True, align="center"),
                    _Cell(box.value, box.span * 2 - 1),
                )
            ]
            for line in block.lines()
        ]
        self._table([1.06, 1.0] * block.across, lines, height=self.document.row_height)

    def _rows(self, block: Rows) -> None:
        head = [_Cell(text, bold=True, shaded=True, align="center") for text in block.heads]
        lines = [head]
        for n, row in enumerate(block.all_rows()):
            lines.append(
                [
                    _Cell(
                        value,
                        bold=n in block.strong,
                        shaded=i < block.stub,
                        align="right" if i in block.numbers else "left",
                    )
                    for i, value in enumerate(row)
                ]
            )
        self._table(list(block.widths), lines, heads=1, height=self.document.row_height)

    def _opinions(self, block: Opinions) -> None:
        total = self.width / TWIPS
        lines = [
            [
                _Cell(o.label, bold=True, shaded=True, align="center"),
                _Cell(_opinion(o.text, o.foot)),
            ]
            for o in block.opinions
        ]
        self._table([30, total - 30], lines, height=block.height)

    def _prose(self, block: Prose) -> None:
        size = 7 if block.small else self.style.prose
        for text in block.lines:
            self._line(text, size, "both", indent=self.style.serif and not block.small)

    def _signatures(self) -> None:
        words = self.document.signatures
        per_line = min(len(words), 3)
        if not words:
            return
        lines = [
            [_Cell(text) for text in [*words[at : at + per_line], *[""] * per_line][:per_line]]
            for at in range(0, len(words), per_line)
        ]
        self._table([1.0] * per_line, lines, height=11, framed=False)

    def _table(
        self, widths: Sequence[float], lines: Sequence[Sequence[_Cell]], *, height: float, heads: int = 0,
        framed: bool = True,
    ) -> None:  # fmt: skip
        self._apart()
        share = self.width / sum(widths)
        columns = [int(width * share) for width in widths]
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        frame = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="000000"/>' for side in sides)
        borders = f"<w:tblBorders>{frame}</w:tblBorders>" if framed else ""
        margins = '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar>'
        properties = f'<w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:jc w:val="center"/>{borders}<w:tblLayout w:type="fixed"/>{margins}</w:tblPr>'  # noqa: E501
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in columns)
        rows = "".join(
            self._row(line, columns, height, is_head=n < heads) for n, line in enumerate(lines)
        )
        self._add(f"<w:tbl {nsdecls('w')}>{properties}<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>")

    def _row(
        self, line: Sequence[_Cell], columns: Sequence[int], height: float, *, is_head: bool
    ) -> str:
        least = f'<w:trHeight w:val="{int(height * self.scale * TWIPS)}" w:hRule="atLeast"/>'
        repeated = "<w:tblHeader/>" if is_head else ""
        cells, at = [], 0
        for cell in line:
            width = sum(columns[at : at + cell.span])
            at += cell.span
            cells.append(self._cell(cell, width))
        return f"<w:tr><w:trPr><w:cantSplit/>{least}{repeated}</w:trPr>{''.join(cells)}</w:tr>"

    def _cell(self, cell: _Cell, width: int) -> str:
        span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{SHADE}"/>' if cell.shaded else ""
        size = self.style.text * self.scale
        words = "".join(
            f'<w:p><w:pPr><w:jc w:val="{"right" if text.startswith(FOOT) else cell.align}"/></w:pPr>'
            f"{_run(text.removeprefix(FOOT), size, bold=cell.bold)}</w:p>"
            for text in cell.text.split("\n")
        )
        return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{shade}<w:vAlign w:val="center"/></w:tcPr>{words}</w:tc>'  # noqa: E501


# A line that stands at the right of its cell.
FOOT = "\u2067"


def _opinion(text: str, foot: Sequence[str]) -> str:
    return "\n".join([f"　　{text}" if text else "", "", *(f"{FOOT}{line}" for line in foot)])


def _run(text: str, size: float, *, font: str = FANGSONG, bold: bool = False) -> str:
    """Text in a font and size; control characters, which no XML may hold, are left out."""
    said = escape(_NOT_IN_XML.sub("", text)).replace(
        "\n", '</w:t><w:br/><w:t xml:space="preserve">'
    )
    weight = "<w:b/>" if bold else ""
    half = int(size * 2)
    names = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/>'
    return f'<w:r><w:rPr>{names}{weight}<w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr><w:t xml:space="preserve">{said}</w:t></w:r>'  # noqa: E501


def _field(name: str) -> str:
    size = '<w:rPr><w:sz w:val="16"/></w:rPr>'
    return f'<w:fldSimple w:instr=" {name} "><w:r>{size}<w:t>1</w:t></w:r></w:fldSimple>'
