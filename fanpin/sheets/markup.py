"""Marks in an XLSX package as it lies: cells get a colour and a comment, one sheet is added, every other part is copied
byte for byte. Worksheets pass through in pieces, so the size of a workbook does not matter.
"""

import posixpath
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from fanpin.sheets.columns import column_index, letter

Marks = Mapping[int, Mapping[int, str]]  # row → column (counted from 0) → what is wrong there

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PIECE = 1 << 20
_ROW = re.compile(rb"<row(?=[\s/>])[^>]*>")
_CELL = re.compile(rb"<c(?=[\s/>])([^>]*?)(/>|>.*?</c>)", re.DOTALL)
_NUMBER = re.compile(rb'\sr="(\d+)"')
_NAME = re.compile(rb'\sr="([A-Z]+)\d+"')
_STYLE = re.compile(rb'\ss="(\d+)"')
_AFTER = re.compile(
    rb"<(?:legacyDrawingHF|picture|oleObjects|controls|webPublishItems|tableParts)\b"
    rb"|<extLst\b(?:(?!<extLst).)*</extLst>\s*</worksheet>|</worksheet>",
    re.DOTALL,
)
_WRONG_FILL = (
    '<fill><patternFill patternType="solid"><fgColor rgb="FFF8C9C4"/><bgColor indexed="64"/>'
    "</patternFill></fill>"
)
_AUTHOR = "系统检查"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202"'
    ' coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/>'
    "</v:shapetype></xml>"
)
_SHAPE = (
    '<v:shape xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel" id="fanpin_{n}" type="#_x0000_t202"'
    ' style="position:absolute;margin-left:60pt;margin-top:2pt;width:195pt;height:82pt;z-index:{n};'
    'visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
    '<v:path o:connecttype="none"/><v:textbox/><x:ClientData ObjectType="Note"><x:MoveWithCells/>'
    "<x:SizeWithCells/><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row>"
    "<x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


def mark(
    source: Path,
    target: IO[bytes],
    *,
    marks: Mapping[str, Marks],
    title: str,
    lines: Sequence[Sequence[str]],
    widths: Sequence[int],
    advance: Callable[[int], None] = lambda rows: None,
) -> None:
    """Write the package at `source` to `target` with `marks` (by worksheet part) and, last, a sheet of texts: a head
    and its lines. `advance` hears how many rows have passed."""
    with (
        zipfile.ZipFile(source) as archive,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out,
    ):
        package = _Package(archive, out, advance)
        for part, wanted in marks.items():
            package.mark_sheet(part, wanted)
        package.add_sheet(title, lines, widths)
        package.copy_rest()


def is_plain(archive: zipfile.ZipFile, parts: Sequence[str]) -> bool:
    """Whether the package is written the way all office programs write: its elements have no prefix."""
    if "xl/styles.xml" not in archive.namelist() or b"<cellXfs" not in archive.read(
        "xl/styles.xml"
    ):
        return False
    for part in parts:
        with archive.open(part) as stream:
            if b"<worksheet" not in stream.read(4096):
                return False
    return True


class _Package:
    """A package while it is copied: what is changed is written anew, the rest as it is."""

    def __init__(
        self, archive: zipfile.ZipFile, out: zipfile.ZipFile, advance: Callable[[int], None]
    ) -> None:
        self.archive = archive
        self.advance = advance
        self.rows = 0
        self.out = out
        self.names = set(archive.namelist())
        self.changed: dict[str, bytes] = {}
        self.written: set[str] = set()
        self.styles = _Styles(self._text("xl/styles.xml"))
        self.types: list[str] = []
        self.shapes = 0

    def mark_sheet(self, part: str, marks: Marks) -> None:
        rels = _Rels(*self._rels_of(part))
        comments, had_comments = rels.target("comments", self._free("xl/comments{}.xml"))
        drawing, had_drawing = rels.target("vmlDrawing", self._free("xl/drawings/vmlDrawing{}.vml"))
        link = "" if had_drawing else rels.id_of("vmlDrawing")
        with self.archive.open(part) as stream, self.out.open(part, "w", force_zip64=True) as to:
            last = 0
            for piece, last in _marked(stream, marks, self.styles.wrong, link):
                to.write(piece)
                self.advance(self.rows + last)
            self.rows += last
        self.written.add(part)
        flat = [
            (row, column, text) for row, cells in marks.items() for column, text in cells.items()
        ]
        self.changed[comments] = _with_comments(self._text(comments) if had_comments else "", flat)
        fresh = [(r, c) for r, c, _ in flat if not self._has_comment(comments, had_comments, r, c)]
        self.changed[drawing] = self._with_shapes(
            self._text(drawing) if had_drawing else _VML, fresh
        )
        self.changed[rels.part] = rels.text.encode()
        if not had_comments:
            self.types.append(
                f'<Override PartName="/{comments}" ContentType="{_SHEET_TYPE}.comments+xml"/>'
            )

    def add_sheet(self, title: str, lines: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        part = self._free("xl/worksheets/problems{}.xml")
        book = self._text("xl/workbook.xml")
        rels = _Rels("xl/_rels/workbook.xml.rels", self._text("xl/_rels/workbook.xml.rels"), "xl")
        rels.target("worksheet", part, always=True)
        taken = [int(n) for n in re.findall(r'sheetId="(\d+)"', book)]
        names = re.findall(r'<sheet [^>]*?name="([^"]*)"', book)
        named = next(t for t in (title, *(f"{title}{n}" for n in range(2, 99))) if t not in names)
        entry = (
            f'<sheet xmlns:fp="{_OFFICE}" name={quoteattr(named)} sheetId="{max(taken, default=0) + 1}"'
            f' fp:id="{rels.last}"/>'
        )
        self.changed["xl/workbook.xml"] = book.replace("</sheets>", f"{entry}</sheets>", 1).encode()
        self.changed[rels.part] = rels.text.encode()
        self.types.append(
            f'<Override PartName="/{part}" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
        )
        self.changed[part] = _list_sheet(lines, widths, self.styles)

    def copy_rest(self) -> None:
        self.changed["xl/styles.xml"] = self.styles.text().encode()
        types = self._text("[Content_Types].xml")
        if 'Extension="vml"' not in types:
            self.types.insert(
                0,
                '<Default Extension="vml"'
                ' ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>',
            )
        self.changed["[Content_Types].xml"] = types.replace(
            "</Types>", "".join(self.types) + "</Types>", 1
        ).encode()
        for entry in self.archive.infolist():
            if entry.filename not in self.changed and entry.filename not in self.written:
                with self.archive.open(entry) as stream, self.out.open(entry.filename, "w") as to:
                    shutil.copyfileobj(stream, to, _PIECE)
        for name, data in self.changed.items():
            self.out.writestr(name, data)

    def _text(self, name: str) -> str:
        data = self.changed.get(name)
        return (self.archive.read(name) if data is None else data).decode("utf-8-sig")

    def _rels_of(self, part: str) -> tuple[str, str, str]:
        folder, name = posixpath.split(part)
        rels = f"{folder}/_rels/{name}.rels"
        empty = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        return rels, self._text(rels) if rels in self.names else empty, folder

    def _free(self, pattern: str) -> str:
        """A part name nobody has yet."""
        name = next(n for k in range(1, 10_000) if (n := pattern.format(k)) not in self.names)
        self.names.add(name)
        return name

    def _has_comment(self, comments: str, had: bool, row: int, column: int) -> bool:
        return had and f'ref="{letter(column)}{row}"' in self.archive.read(comments).decode()

    def _with_shapes(self, vml: str, cells: Sequence[tuple[int, int]]) -> bytes:
        shapes = []
        for row, column in cells:
            self.shapes += 1
            shapes.append(_SHAPE.format(n=self.shapes, row=row - 1, column=column))
        at = vml.rindex("</")
        return (vml[:at] + "".join(shapes) + vml[at:]).encode()


@dataclass
class _Rels:
    """The relations of one part."""

    part: str
    text: str
    folder: str
    last: str = ""

    def target(self, kind: str, fresh: str, *, always: bool = False) -> tuple[str, bool]:
        """Where the related part of a kind lies, and whether it was there; if not, `fresh` is added."""
        if not always and (tag := self._tag(kind)):
            found = re.search(r'Target="([^"]+)"', tag)
            assert found is not None
            path = found[1]
            return (
                path[1:] if path.startswith("/") else posixpath.normpath(f"{self.folder}/{path}")
            ), True
        self.last = next(i for n in range(1, 10_000) if f'"{(i := f"fp{n}")}"' not in self.text)
        link = (
            f'<Relationship Id="{self.last}" Type="{_OFFICE}/{kind}"'
            f' Target="{posixpath.relpath(fresh, self.folder)}"/>'
        )
        if self.text.rstrip().endswith("/>"):  # an empty root element
            self.text = re.sub(r"/>\s*$", "></Relationships>", self.text)
        self.text = self.text.replace("</Relationships>", f"{link}</Relationships>", 1)
        return fresh, False

    def id_of(self, kind: str) -> str:
        found = re.search(r'\bId="([^"]+)"', self._tag(kind))
        return found[1] if found else ""

    def _tag(self, kind: str) -> str:
        tags = re.findall(r"<Relationship\s[^>]*>", self.text)
        return next((tag for tag in tags if f'/{kind}"' in tag), "")


@dataclass
class _Styles:
    """The styles of a workbook: each style that a wrong cell had gets a twin with the colour."""

    xml: str
    twins: dict[int, int] = field(default_factory=dict)
    formats: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    wrong_fill: int = 0
    bold: int = 0

    def __post_init__(self) -> None:
        self.xml, self.wrong_fill = _appended(self.xml, "fills", "fill", _WRONG_FILL)
        self.xml, self.bold = _appended(
            self.xml, "fonts", "font", '<font><b/><sz val="11"/></font>'
        )
        block = re.search(r"<cellXfs\b[^>]*>(.*?)</cellXfs>", self.xml, re.DOTALL)
        self.formats = re.findall(
            r"<xf\b[^>]*?/>|<xf\b.*?</xf>", block[1] if block else "", re.DOTALL
        )

    def wrong(self, style: int) -> int:
        """The twin of a style, coloured."""
        if style not in self.twins:
            base = self.formats[style] if style < len(self.formats) else "<xf/>"
            head, rest = re.match(r"(<xf\b[^>]*?)(/?>.*)", base, re.DOTALL).groups()  # type: ignore[union-attr]
            head = re.sub(r'\s(?:fillId|applyFill)="[^"]*"', "", head)
            self.twins[style] = self.add(f'{head} fillId="{self.wrong_fill}" applyFill="1"{rest}')
        return self.twins[style]

    def add(self, xf: str) -> int:
        self.added.append(xf)
        return len(self.formats) + len(self.added) - 1

    def text(self) -> str:
        made = self.xml.replace("</cellXfs>", "".join(self.added) + "</cellXfs>", 1)
        count = len(self.formats) + len(self.added)
        return re.sub(r'(<cellXfs\b[^>]*?count=")\d+', rf"\g<1>{count}", made, count=1)


def _appended(xml: str, block: str, item: str, new: str) -> tuple[str, int]:
    """The block with one more item, and its number."""
    found = re.search(rf"<{block}\b[^>]*>(.*?)</{block}>", xml, re.DOTALL)
    if found is None:
        return xml, 0
    count = len(re.findall(rf"<{item}\b", found[1]))
    xml = xml[: found.end(1)] + new + xml[found.end(1) :]
    return re.sub(rf'(<{block}\b[^>]*?count=")\d+', rf"\g<1>{count + 1}", xml, count=1), count


def _marked(
    stream: IO[bytes], marks: Marks, restyle: Callable[[int], int], link: str
) -> Iterator[tuple[bytes, int]]:
    """The worksheet in pieces, each with the last row it reaches: rows with marks are rewritten, the drawing of the
    comments is linked at the end."""
    buffer, last = b"", 0
    while True:
        piece = stream.read(_PIECE)
        buffer += piece
        at = 0
        while found := _ROW.search(buffer, at):
            number = int(n[1]) if (n := _NUMBER.search(found[0])) else last + 1
            if number not in marks:
                yield buffer[at : found.end()], number
                at, last = found.end(), number
                continue
            end = (
                found.end() if found[0].endswith(b"/>") else buffer.find(b"</row>", found.end()) + 6
            )
            if end < found.end():
                break  # the row ends in a later piece
            yield buffer[at : found.start()], number
            yield _row(buffer[found.start() : end], number, marks[number], restyle), number
            at, last = end, number
        if not piece:
            yield _linked(buffer[at:], link), last
            return
        # What stands before the last rows' end may go; the rest waits for what follows the rows.
        cut = max(at, buffer.rfind(b"</row>"))
        yield buffer[at:cut], last
        buffer = buffer[cut:]


def _row(row: bytes, number: int, cells: Mapping[int, str], restyle: Callable[[int], int]) -> bytes:
    start = _ROW.match(row)
    assert start is not None
    head = start[0]
    found: dict[int, bytes] = {}
    position = -1
    for cell in _CELL.finditer(row, start.end()):
        name = _NAME.search(cell[1])
        position = column_index(name[1].decode()) if name else position + 1
        found[position] = _styled(cell, restyle) if position in cells else cell[0]
    for column in cells.keys() - found.keys():
        found[column] = b'<c r="%s%d" s="%d"/>' % (letter(column).encode(), number, restyle(0))
    if head.endswith(b"/>"):
        head = head[:-2] + b">"
    return head + b"".join(found[column] for column in sorted(found)) + b"</row>"


def _styled(cell: re.Match[bytes], restyle: Callable[[int], int]) -> bytes:
    attributes = cell[1]
    old = _STYLE.search(attributes)
    style = restyle(int(old[1]) if old else 0)
    return b'<c%s s="%d"%s' % (_STYLE.sub(b"", attributes), style, cell[2])


def _linked(tail: bytes, link: str) -> bytes:
    """The end of a worksheet with the drawing of its comments, where the order of elements wants it."""
    place = _AFTER.search(tail)
    if not link or place is None:
        return tail
    element = f'<legacyDrawing xmlns:fp="{_OFFICE}" fp:id="{link}"/>'.encode()
    return tail[: place.start()] + element + tail[place.start() :]


def _with_comments(xml: str, cells: Sequence[tuple[int, int, str]]) -> bytes:
    """The comments of a sheet with ours; where the user has one, ours stands below it."""
    xml = xml or (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><comments xmlns="{_MAIN}"><authors>'
        "</authors><commentList></commentList></comments>"
    )
    authors = len(re.findall(r"<author\b", xml))
    xml = xml.replace("</authors>", f"<author>{_AUTHOR}</author></authors>", 1)
    theirs = set(re.findall(r'<comment\b[^>]*?ref="([A-Z]+\d+)"', xml))
    fresh = []
    for row, column, text in cells:
        ref = f"{letter(column)}{row}"
        said = f'<t xml:space="preserve">{_escaped(text)}</t>'
        if ref in theirs:
            below = f'<r><t xml:space="preserve">&#10;{_AUTHOR}：{_escaped(text)}</t></r>'
            start = re.search(rf'<comment\b[^>]*?ref="{ref}"', xml)
            end = xml.index("</text>", start.end()) if start else len(xml)
            xml = xml[:end] + below + xml[end:]
        else:
            fresh.append(f'<comment ref="{ref}" authorId="{authors}"><text>{said}</text></comment>')
    return xml.replace("</commentList>", "".join(fresh) + "</commentList>", 1).encode()


def _list_sheet(lines: Sequence[Sequence[str]], widths: Sequence[int], styles: _Styles) -> bytes:
    """A sheet of texts, which no program takes for formulas; its head is bold and stays in view."""
    plain = styles.add('<xf numFmtId="49" fontId="0" fillId="0" borderId="0" quotePrefix="1"/>')
    head = styles.add(
        f'<xf numFmtId="49" fontId="{styles.bold}" fillId="0" borderId="0" applyFont="1"/>'
    )
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(widths, 1)
    )
    rows = "".join(
        f'<row r="{number}">{_cells(line, number, plain if number > 1 else head)}</row>'
        for number, line in enumerate(lines, 1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><worksheet xmlns="{_MAIN}"><sheetViews>'
        '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft"'
        f' state="frozen"/></sheetView></sheetViews><cols>{columns}</cols><sheetData>{rows}</sheetData>'
        "</worksheet>"
    ).encode()


def _escaped(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))


def _cells(texts: Sequence[str], number: int, style: int) -> str:
    return "".join(
        f'<c r="{letter(n)}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
        f"{_escaped(text)}</t></is></c>"
        for n, text in enumerate(texts)
        if text
    )
