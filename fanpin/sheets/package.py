"""The fixed parts of an XLSX package: content types, relations, styles, the start of a sheet."""

import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATION_TYPE = "application/vnd.openxmlformats-package.relationships+xml"

PLAIN_STYLE, TEXT_STYLE, HEAD_STYLE, MONEY_STYLE, TITLE_STYLE = range(5)
_TEXT = 'numFmtId="49" quotePrefix="1" applyNumberFormat="1"'
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="3"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="16"/><name val="宋体"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFE7EDF5"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    f'<cellXfs count="5"><xf xfId="0"/><xf xfId="0" {_TEXT}/>'
    f'<xf xfId="0" fontId="1" fillId="2" applyFont="1" applyFill="1" {_TEXT}/>'
    '<xf xfId="0" numFmtId="4" applyNumberFormat="1"/>'
    f'<xf xfId="0" fontId="2" applyFont="1" {_TEXT}/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def sheet_start(head_row: int, widths: Sequence[int]) -> bytes:
    """A worksheet up to its first row: the head stays in view, columns have their widths."""
    pane = (
        f'<pane ySplit="{head_row}" topLeftCell="A{head_row + 1}" activePane="bottomLeft"'
        ' state="frozen"/>'
        if head_row
        else ""
    )
    cols = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(widths, 1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}'
        f"</sheetView></sheetViews>{f'<cols>{cols}</cols>' if cols else ''}<sheetData>"
    ).encode()


def write_parts(book: zipfile.ZipFile, titles: Sequence[str], shared: Sequence[str] = ()) -> None:
    """Everything but the worksheets, which are named xl/worksheets/sheet1.xml and so on.

    `shared` are the texts that cells of type "s" name by their number.
    """
    numbers = range(1, len(titles) + 1)
    names = [escape(title[:31], {'"': "&quot;"}) for title in titles]
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    relations = [(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    relations.append((len(titles) + 1, "styles", "styles.xml"))
    if shared:
        relations.append((len(titles) + 2, "sharedStrings", "sharedStrings.xml"))
        book.writestr("xl/sharedStrings.xml", _shared(shared))
    book.writestr("xl/styles.xml", _STYLES)
    book.writestr(
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
    )
    book.writestr("xl/_rels/workbook.xml.rels", _relations(relations))
    book.writestr("_rels/.rels", _relations([(1, "officeDocument", "xl/workbook.xml")]))
    book.writestr("[Content_Types].xml", _content_types(numbers, bool(shared)))


def _relations(items: Sequence[tuple[int, str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, kind, target in items
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def _shared(texts: Sequence[str]) -> str:
    items = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    return (
        f'{_XML}<sst xmlns="{_MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{items}</sst>'
    )


def _content_types(numbers: Sequence[int], shared: bool) -> str:
    parts = [("/xl/workbook.xml", "sheet.main"), ("/xl/styles.xml", "styles")]
    if shared:
        parts.append(("/xl/sharedStrings.xml", "sharedStrings"))
    parts += [(f"/xl/worksheets/sheet{n}.xml", "worksheet") for n in numbers]
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{_RELATION_TYPE}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
