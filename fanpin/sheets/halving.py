"""A large sheet of an XLSX is parsed as two halves at once: parsing is what a long import waits for.

While a workbook is unpacked for the first time (`guards.inspect`) its parts pass through `Halves`,
which writes them into two workbooks: one with the first half of each large sheet, one with the rest.
"""

import re
import zipfile
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import fastexcel
import polars as pl

HALVED_FROM = 40 * 1024 * 1024  # unpacked; some 25,000 rows of 30 columns
_ROW = re.compile(rb'<row (?:[^<>]* )?r="(\d+)"')
_START = b"<sheetData>"
_END = b"</sheetData></worksheet>"
_MARK = "¶"


class Halves:
    """Two workbooks in a folder of their own, gone when the block is left."""

    def __init__(self, *, halved_from: int = HALVED_FROM) -> None:
        self.halved_from = halved_from
        self._cuts: dict[str, int] = {}  # part → the row before which it was cut, from 1
        self._open = ExitStack()
        self._books: tuple[zipfile.ZipFile, zipfile.ZipFile] | None = None

    def __enter__(self) -> Self:
        self._folder = Path(self._open.enter_context(TemporaryDirectory()))
        return self

    def __exit__(self, *failure: object) -> None:
        self._open.close()

    def expect(self, sheets: Iterable[zipfile.ZipInfo]) -> None:
        """Told before the first part which sheets there are; nothing is written for small ones."""
        if any(sheet.file_size >= self.halved_from for sheet in sheets):
            self._books = (self._book(0), self._book(1))

    def passing(
        self, entry: zipfile.ZipInfo, pieces: Iterator[bytes], *, is_sheet: bool
    ) -> Generator[bytes]:
        """The pieces of a part, kept on the way: sheets cut in two, everything else in both books."""
        if self._books is None:
            yield from pieces
        elif is_sheet:
            yield from self._cut(entry, pieces, *self._books)
        else:
            first, second = self._books
            with first.open(entry.filename, "w") as one, second.open(entry.filename, "w") as two:
                for piece in pieces:
                    one.write(piece)
                    two.write(piece)
                    yield piece

    def finish(self) -> None:
        """Told after the last part; the halves can be read now."""
        for book in self._books or ():
            book.close()

    def table(self, part: str | None, name: str) -> pl.DataFrame | None:
        """The sheet of a part that was cut, as texts from its first row on; None: parse it whole."""
        cut = self._cuts.get(part or "")
        if cut is None:
            return None
        try:
            with ThreadPoolExecutor(2) as pool:
                upper = pool.submit(_texts, self._path(0), name, 0)
                lower = pool.submit(_texts, self._path(1), name, cut - 2)
                return _joined(upper.result(), lower.result(), cut)
        except (fastexcel.FastExcelError, ValueError, OSError):
            return None  # what is wrong with it is found, and said, when it is parsed whole

    def _cut(
        self,
        entry: zipfile.ZipInfo,
        pieces: Iterator[bytes],
        first: zipfile.ZipFile,
        second: zipfile.ZipFile,
    ) -> Iterator[bytes]:
        left, head = entry.file_size // 2, b""
        with ExitStack() as parts:
            out = parts.enter_context(first.open(entry.filename, "w"))
            for piece in pieces:
                head = head or _head(piece)
                found = _ROW.search(piece, max(left, 0)) if head and left < len(piece) else None
                if found and entry.filename not in self._cuts and (row := int(found[1])) > 1:
                    self._cuts[entry.filename] = row
                    out.write(piece[: found.start()] + _marker(row) + _END)
                    out = parts.enter_context(second.open(entry.filename, "w"))
                    out.write(head + _marker(row - 1) + piece[found.start() :])
                else:
                    out.write(piece)
                left -= len(piece)
                yield piece

    def _book(self, half: int) -> zipfile.ZipFile:
        book = zipfile.ZipFile(self._path(half), "w", zipfile.ZIP_STORED)
        return self._open.enter_context(book)

    def _path(self, half: int) -> Path:
        return self._folder / f"{half}.xlsx"


def _head(piece: bytes) -> bytes:
    """Everything before the first row; empty when the sheet is written in an unusual way."""
    start = piece.find(_START)
    return piece[: start + len(_START)] if start > 0 and b"<worksheet" in piece[:start] else b""


def _marker(row: int) -> bytes:
    """A row with a mark in column A. Without it the parser would begin at the leftmost filled
    column, which may differ between the halves."""
    return f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{_MARK}</t></is></c></row>'.encode()


def _texts(path: Path, name: str, skip: int) -> pl.DataFrame | None:
    loaded = fastexcel.read_excel(path).load_sheet(
        name, header_row=None, skip_rows=skip, dtypes="string"
    )
    if loaded.visible != "visible":
        return None
    table = loaded.to_polars()
    table.columns = [f"{n}" for n in range(table.width)]
    return table


def _joined(
    upper: pl.DataFrame | None, lower: pl.DataFrame | None, cut: int
) -> pl.DataFrame | None:
    """The halves without their marks; None when the marks are not where the cut was."""
    if upper is None or lower is None:
        return None
    if upper.height != cut or upper.item(-1, 0) != _MARK or lower.item(0, 0) != _MARK:
        return None
    return pl.concat([upper.head(-1), lower.slice(1)], how="diagonal")
