"""Large lists as XLSX or CSV, made columnwise; what a person typed can never become a formula.

Cells are written as inline strings with the quote-prefix style, which spreadsheet programs never
evaluate, so the file read back equals the data. CSV has no types: a text that starts like a
formula gets an apostrophe in front, which the reader takes off again.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

import polars as pl

from fanpin.sheets.columns import Sheet, letter
from fanpin.sheets.package import (
    HEAD_STYLE,
    MONEY_STYLE,
    PLAIN_STYLE,
    TEXT_STYLE,
    TITLE_STYLE,
    sheet_start,
    write_parts,
)

FORMULA_START = r"^[=+\-@\t\r]"
FORBIDDEN_IN_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\uFFFE\uFFFF]"
BLOCK = 10_000
NUMERIC = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Float32, pl.Float64, pl.UInt32)


@dataclass(frozen=True)
class Table:
    """One sheet to write: heads in order, a frame with as many columns, an optional title line, a line below it."""

    title: str
    heads: Sequence[str]
    frame: pl.DataFrame
    caption: str = ""
    widths: Sequence[int] = ()
    note: str = ""


def table_of(sheet: Sheet, frame: pl.DataFrame, caption: str = "") -> Table:
    """The frame (columns named by key, values as shown) as the declared sheet."""
    columns = [column for column in sheet.columns if column.key in frame.columns]
    return Table(
        title=sheet.title,
        heads=[column.title for column in columns],
        frame=frame.select(column.key for column in columns),
        caption=caption,
        widths=[column.width or max(8, 2 * len(column.title) + 2) for column in columns],
    )


def write_xlsx(target: IO[bytes] | str, tables: Iterable[Table]) -> None:
    """Write the tables as one workbook; memory stays at one block of rows."""
    tables = list(tables)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for n, part in enumerate(tables, 1):
            with book.open(f"xl/worksheets/sheet{n}.xml", "w", force_zip64=True) as out:
                _write_sheet(out, part)
        write_parts(book, [part.title for part in tables])


def write_plain(target: Path, tables: Sequence[tuple[str, pl.DataFrame]]) -> None:
    """Texts as they stand, from the first cell on, without heads or titles of ours."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for n, (_name, frame) in enumerate(tables, 1):
            with book.open(f"xl/worksheets/sheet{n}.xml", "w", force_zip64=True) as out:
                out.write(sheet_start(0, ()))
                for offset in range(0, len(frame), BLOCK):
                    out.write(_rows_xml(frame.slice(offset, BLOCK), 1 + offset))
                out.write(b"</sheetData></worksheet>")
        write_parts(book, [name for name, _frame in tables])


@dataclass(frozen=True)
class Stream:
    """One sheet whose rows come in blocks. `caption` is asked at the end for the title line, with the rows written:
    the number in the file is the number of rows in the file.
    """

    title: str
    heads: Sequence[str]
    frames: Iterable[pl.DataFrame]
    caption: Callable[[int], str]
    widths: Sequence[int] = ()


def stream_xlsx(target: IO[bytes] | str, part: Stream) -> int:
    """Write the blocks as they come and give back the number of rows; memory stays at one block."""
    rows = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as out:
            out.write(sheet_start(2, part.widths))
            # A shared text: it stands in a part of its own, written when the rows are counted.
            out.write(f'<row r="1"><c r="A1" s="{TITLE_STYLE}" t="s"><v>0</v></c></row>'.encode())
            out.write(_plain_row(2, part.heads, HEAD_STYLE).encode())
            for frame in part.frames:
                out.write(_rows_xml(frame, 3 + rows))
                rows += len(frame)
            out.write(b"</sheetData></worksheet>")
        write_parts(book, [part.title], shared=[part.caption(rows)])
    return rows


def stream_csv(target: IO[bytes], part: Stream) -> int:
    """The same as CSV; the rows wait in a file of their own until they are counted."""
    rows = 0
    with tempfile.TemporaryFile() as body:
        for frame in part.frames:
            body.write(_defused(frame).write_csv(include_header=False).encode())
            rows += len(frame)
        top = [[part.caption(rows), *[""] * (len(part.heads) - 1)], list(part.heads)]
        head = pl.DataFrame(top, orient="row", schema=[f"{n}" for n in range(len(part.heads))])
        target.write(head.write_csv(include_header=False, include_bom=True).encode())
        body.seek(0)
        shutil.copyfileobj(body, target)
    return rows


def xlsx_bytes(*tables: Table) -> bytes:
    """The same in memory, for what is small enough to be answered at once."""
    buffer = BytesIO()
    write_xlsx(buffer, tables)
    return buffer.getvalue()


def write_csv(target: IO[bytes] | str, part: Table) -> None:
    """CSV that a Chinese Excel opens as it stands: UTF-8 with a mark, formulas defused."""
    frame = _defused(part.frame)
    frame.columns = [f"{n}" for n in range(frame.width)]
    head = pl.DataFrame({f"{n}": [text] for n, text in enumerate(part.heads)})
    data = head.write_csv(include_header=False, include_bom=True)
    body = frame.write_csv(include_header=False)
    if isinstance(target, str):
        with open(target, "wb") as out:
            out.write((data + body).encode())
    else:
        target.write((data + body).encode())


def _defused(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts that look like a formula get an apostrophe in front."""
    return frame.with_columns(
        pl.when(pl.col(pl.String).str.contains(FORMULA_START))
        .then(pl.lit("'") + pl.col(pl.String))
        .otherwise(pl.col(pl.String))
        .name.keep()
    )


def _write_sheet(out: IO[bytes], part: Table) -> None:
    top = [
        (text, style)
        for text, style in ((part.caption, TITLE_STYLE), (part.note, TEXT_STYLE))
        if text
    ]
    first = len(top) + 1
    out.write(sheet_start(first, part.widths))
    for number, (text, style) in enumerate(top, 1):
        out.write(_plain_row(number, [text], style).encode())
    out.write(_plain_row(first, part.heads, HEAD_STYLE).encode())
    for offset in range(0, len(part.frame), BLOCK):
        out.write(_rows_xml(part.frame.slice(offset, BLOCK), first + 1 + offset))
    out.write(b"</sheetData>")
    if part.caption and len(part.heads) > 1:
        merged = f'<mergeCell ref="A1:{letter(len(part.heads) - 1)}1"/>'
        out.write(f'<mergeCells count="1">{merged}</mergeCells>'.encode())
    out.write(b"</worksheet>")


def _plain_row(number: int, texts: Sequence[str], style: int) -> str:
    cells = "".join(
        f'<c r="{letter(n)}{number}" s="{style}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
        for n, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


def _rows_xml(frame: pl.DataFrame, first_row: int) -> bytes:
    """The <row> elements of a block, concatenated by polars."""
    frame = frame.with_row_index("__row", offset=first_row)
    row = pl.col("__row").cast(pl.String)
    names = [name for name in frame.columns if name != "__row"]
    cells = [_cell_xml(name, frame.schema[name], letter(n), row) for n, name in enumerate(names)]
    line = pl.concat_str(pl.lit('<row r="'), row, pl.lit('">'), *cells, pl.lit("</row>"))
    return frame.lazy().select(line.str.join("")).collect().item().encode()


def _cell_xml(name: str, dtype: pl.DataType, letters: str, row: pl.Expr) -> pl.Expr:
    value = pl.col(name)
    if dtype in NUMERIC or isinstance(dtype, pl.Decimal):
        style = PLAIN_STYLE if dtype.is_integer() else MONEY_STYLE
        start, text, end = f'<c s="{style}" r="{letters}', value.cast(pl.String), "</v></c>"
        xml = pl.concat_str(pl.lit(start), row, pl.lit('"><v>'), text, pl.lit(end))
        return pl.when(value.is_null()).then(pl.lit("")).otherwise(xml)
    if dtype == pl.Boolean:
        text = pl.when(value).then(pl.lit("是")).otherwise(pl.lit("否"))
    else:
        text = value.cast(pl.String).str.replace_all(FORBIDDEN_IN_XML, "")
        text = text.str.replace_many(["&", "<", ">"], ["&amp;", "&lt;", "&gt;"])
    start, end = f'<c s="{TEXT_STYLE}" t="inlineStr" r="{letters}', "</t></is></c>"
    xml = pl.concat_str(pl.lit(start), row, pl.lit('"><is><t>'), text, pl.lit(end))
    return pl.when(value.is_null()).then(pl.lit("")).otherwise(xml)
