"""What a file must be before anything parses it: kind by content, size, nothing hidden in it.

`inspect` reads only the zip directory and the compressed stream, never the XML as a document.
"""

import re
import struct
import zipfile
from collections.abc import Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import polars as pl

from fanpin.sheets.bounds import FAR, MAX_COLUMNS, MAX_ROWS, far_cell, far_cell_of_document
from fanpin.sheets.columns import letter
from fanpin.sheets.formulas import MAY_BREAK
from fanpin.sheets.halving import Halves
from fanpin.sheets.problems import Problem, SheetRefused

FileKind = Literal["xlsx", "xls", "ods", "csv"]
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 100  # real workbooks pack 8 to 16 times, a bomb a thousand times
RATIO_COUNTS_FROM = 1024 * 1024  # a short part of equal cells packs well and harms nobody
MAX_ENTRIES = 500
MAX_PLAIN = 150 * 1024 * 1024
_PIECE = 1 << 20
_NOT_ASCII = bytes(range(128, 256))
_LONG_NUMBER = r"<v>[0-9]{16}"
_EXPONENT = r"[Ee]\+?[0-9]{2}</v>"
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml$")
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
# The record after the workbook's first one that says its content is encrypted.
_FILE_PASS = re.compile(
    rb"\x09\x08.\x00\x00[\x05\x06]\x05\x00.{8,12}?\x2f\x00[\x04-\xff]", re.DOTALL
)
# Of the head: size of a sector as a power of two; sectors of directory, table, table of short streams, far table.
_HEAD = struct.Struct("<30xH8xII16xI4xI")
LOCKED = ("文件设有打开密码", "请去掉密码后再上传")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
SAVE_AGAIN = "请用WPS或Excel打开后另存为“Excel工作簿(.xlsx)”再上传"


@dataclass(frozen=True)
class Inspected:
    """A file found harmless, and its kind.

    `long_numbers`: a number of 16 digits or more may stand in it as a number. Known at once only
    for XLSX; the other workbooks must be looked at cell by cell, and a CSV holds texts.
    `formulas`: an XLSX sheet holds formulas or their errors, which must be looked at too.
    """

    path: Path
    kind: FileKind
    long_numbers: bool = False
    formulas: bool = False


def refuse(message: str, remedy: str = SAVE_AGAIN) -> SheetRefused:
    return SheetRefused(Problem(message=message, remedy=remedy))


def inspect(path: Path | str, halves: Halves | None = None) -> Inspected:
    """The kind of the file; raises SheetRefused with the reason when it may not be parsed.

    `halves` keeps the large sheets of an XLSX, which has to be unpacked here anyway, in two parts.
    """
    path = Path(path)
    if not path.exists() or path.stat().st_size == 0:
        raise refuse("文件是空的", "请检查所选文件")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        return _inspect_zip(path, halves)
    if path.stat().st_size > MAX_PLAIN:
        raise refuse("文件超过150MB", "请按乡镇分成几个文件上传")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        _check_compound(path)
        if _has_password(path):
            raise refuse(*LOCKED)
        return Inspected(path, "xls", long_numbers=True)
    if (b"\x00" in start and not start.startswith(UTF_16)) or start.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z")
    ):
        raise refuse("文件不是表格")
    if _is_markup(path):
        raise refuse("文件其实是网页或XML，不是Excel工作簿")
    return Inspected(path, "csv")


def _check_compound(path: Path) -> None:
    """The head of a compound document counts its own sectors: the parser reserves what it says, also when that is more
    than the file could hold.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise refuse("文件已损坏，无法打开")
    shift, directory, table, short_table, far_table = _HEAD.unpack(head)
    if shift not in (9, 12):
        raise refuse("文件已损坏，无法打开")
    sectors = path.stat().st_size >> shift
    if max(directory, table, short_table, far_table) > sectors:
        raise refuse("文件已损坏，无法打开")


def _has_password(path: Path) -> bool:
    """A workbook with an opening password is a compound document with one encrypted stream in it."""
    raw = path.read_bytes()
    names = (name.encode("utf-16-le") for name in ("EncryptedPackage", "EncryptionInfo"))
    return any(name in raw for name in names) or bool(_FILE_PASS.search(raw))


def _is_markup(path: Path) -> bool:
    """Some offices' systems save a web page and call it .xls."""
    with path.open("rb") as file:
        start = file.read(2048).replace(b"\x00", b"").removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<html", b"<!doctype", b"<?xml", b"<table", b"<meta", b"<head"))


def _inspect_zip(path: Path, halves: Halves | None) -> Inspected:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive)
            seen = _unpack(archive, halves)
            names = archive.namelist()
            if "mimetype" in names and archive.read("mimetype").startswith(_ODS_TYPE):
                _check_document(archive)
                return Inspected(path, "ods", long_numbers=True)
            if "xl/workbook.xml" not in names:
                raise refuse("文件不是Excel工作簿")
            return Inspected(path, "xlsx", seen.long_numbers, seen.formulas)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise refuse("文件已损坏，无法打开") from error
    except Exception as error:
        if isinstance(error, SheetRefused):
            raise
        raise refuse("文件已损坏，无法打开") from error  # zlib.error is not an OSError


def _check_directory(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise refuse(f"文件内部有{len(entries)}个部分，超过{MAX_ENTRIES}个")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise refuse("文件解开后超过300MB", "请按乡镇分成几个文件上传")
    for entry in entries:
        name = entry.filename.lower()
        if entry.flag_bits & 1:
            raise refuse(*LOCKED)
        if entry.file_size > max(RATIO_COUNTS_FROM, MAX_RATIO * max(entry.compress_size, 1)):
            raise refuse("文件压缩比异常，可能损坏或被改动")
        if name.endswith(("vbaproject.bin", ".xlm")) or "/macrosheets/" in name:
            raise refuse("文件带有宏")
        if "/externallinks/" in name or "/embeddings/" in name:
            raise refuse("文件引用了其他文件", "请把引用的单元格粘贴为数值，另存后再上传")


def _check_document(archive: zipfile.ZipFile) -> None:
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise refuse(*LOCKED)
    with archive.open("content.xml") as content:
        _refuse_far(far_cell_of_document(content))


def _refuse_far(cell: str) -> None:
    if cell:
        raise refuse(
            f"表里的内容一直到单元格{cell}，超出了{letter(MAX_COLUMNS - 1)}列或第{MAX_ROWS}行",
            "请删去右边和下边多余的行列；行数确实多的，请按乡镇分成几个文件上传",
        )


@dataclass
class _Seen:
    """What passed by while the parts were unpacked."""

    long_numbers: bool = False
    formulas: bool = False

    def look(self, window: bytes) -> None:
        text = _text(window)
        if _holds(text, FAR):
            _refuse_far(far_cell(window))
        self.long_numbers = (
            self.long_numbers or _holds(text, _LONG_NUMBER) or _holds(text, _EXPONENT)
        )
        self.formulas = self.formulas or _holds(text, MAY_BREAK)


def _text(window: bytes) -> pl.Series:
    """A piece of XML, cut anywhere, as one text: polars searches it many times faster than `re`, and
    while other threads work."""
    whole = window.strip(
        _NOT_ASCII
    )  # with a character that the cut went through; nothing we look for
    try:
        return pl.Series([whole], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series([whole.decode("utf-8", "replace")])


def _holds(text: pl.Series, pattern: str) -> bool:
    return bool(text.str.contains(pattern).item())


def _unpack(archive: zipfile.ZipFile, halves: Halves | None) -> _Seen:
    """Unpack every part once, so that a directory that lies about sizes is found: the part is then
    longer than it says, and its checksum fails. Tells what must be looked at more closely."""
    seen = _Seen()
    entries = archive.infolist()
    if halves:
        halves.expect(entry for entry in entries if _WORKSHEET.match(entry.filename))
    with ThreadPoolExecutor(1) as beside:
        for entry in entries:
            is_sheet = bool(_WORKSHEET.match(entry.filename))
            tail = b""
            with archive.open(entry) as stream:
                pieces = _ahead(stream, beside)
                if halves:
                    pieces = halves.passing(entry, pieces, is_sheet=is_sheet)
                with closing(pieces):
                    for piece in pieces:
                        if is_sheet:
                            seen.look(tail + piece)
                        tail = piece[-96:]
    if halves:
        halves.finish()
    return seen


def _ahead(stream: IO[bytes], beside: Executor) -> Generator[bytes]:
    """The pieces of a stream; while one is looked at, the next is unpacked."""
    coming = beside.submit(stream.read, _PIECE)
    while piece := coming.result():
        coming = beside.submit(stream.read, _PIECE)
        yield piece


def sheet_part(archive: zipfile.ZipFile, sheet_name: str) -> str | None:
    """Where in the package the sheet of this name lies."""
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    rels = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    escaped = sheet_name.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    for tag in re.findall(r"<sheet [^>]*>", book):
        if f'name="{escaped}"' not in tag:
            continue
        rel = re.search(r'r:id="([^"]+)"', tag)
        for link in re.findall(r"<Relationship [^>]*>", rels):
            target = re.search(r'Target="([^"]+)"', link)
            if rel and target and f'Id="{rel[1]}"' in link:
                name = target[1].lstrip("/")
                name = name if name.startswith("xl/") else f"xl/{name}"
                return name if name in archive.namelist() else None
    return None
