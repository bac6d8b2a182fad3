"""What a file must be before anything parses it: kind by content, size, nothing hidden in it.

`inspect` reads only the zip directory and the compressed stream, never the XML as a document.
"""

import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from fanpin.sheets.halving import Halves
from fanpin.sheets.problems import Problem, SheetRefused

FileKind = Literal["xlsx", "xls", "ods", "csv"]
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 100  # real workbooks pack 8 to 16 times, a bomb a thousand times
RATIO_COUNTS_FROM = 1024 * 1024  # a short part of equal cells packs well and harms nobody
MAX_ENTRIES = 500
MAX_PLAIN = 150 * 1024 * 1024
_PIECE = 1 << 20
_TO_ZERO = bytes.maketrans(b"123456789e+", b"000000000EE")
_LONG_NUMBERS = (b"<v>0000000000000000", b"E00</v>")  # sixteen digits, or an exponent
_WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml$")
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
SAVE_AGAIN = "请用WPS或Excel打开后另存为“Excel工作簿(.xlsx)”再上传"


@dataclass(frozen=True)
class Inspected:
    """A file found harmless, and its kind.

    `long_numbers`: a number of 16 digits or more may stand in it as a number. Known at once only
    for XLSX; the other workbooks must be looked at cell by cell, and a CSV holds texts.
    """

    path: Path
    kind: FileKind
    long_numbers: bool = False


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
        return Inspected(path, "xls", long_numbers=True)
    if b"\x00" in start or start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z")):
        raise refuse("文件不是表格")
    return Inspected(path, "csv")


def _inspect_zip(path: Path, halves: Halves | None) -> Inspected:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive)
            long_numbers = _unpack(archive, halves)
            names = archive.namelist()
            if "mimetype" in names and archive.read("mimetype").startswith(_ODS_TYPE):
                return Inspected(path, "ods", long_numbers=True)
            if "xl/workbook.xml" not in names:
                raise refuse("文件不是Excel工作簿")
            return Inspected(path, "xlsx", long_numbers)
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
            raise refuse("文件设有打开密码", "请去掉密码后再上传")
        if entry.file_size > max(RATIO_COUNTS_FROM, MAX_RATIO * max(entry.compress_size, 1)):
            raise refuse("文件压缩比异常，可能损坏或被改动")
        if name.endswith(("vbaproject.bin", ".xlm")) or "/macrosheets/" in name:
            raise refuse("文件带有宏")
        if "/externallinks/" in name or "/embeddings/" in name:
            raise refuse("文件引用了其他文件", "请把引用的单元格粘贴为数值，另存后再上传")


def _unpack(archive: zipfile.ZipFile, halves: Halves | None) -> bool:
    """Unpack every part once, so that a directory that lies about sizes is found: the part is then
    longer than it says, and its checksum fails. Tells on the way whether a sheet may hold a long
    number."""
    found = False
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
                for piece in pieces:
                    found = found or (is_sheet and _has_long_number(tail + piece))
                    tail = piece[-32:]
    if halves:
        halves.finish()
    return found


def _ahead(stream: IO[bytes], beside: Executor) -> Iterator[bytes]:
    """The pieces of a stream; while one is looked at, the next is unpacked."""
    coming = beside.submit(stream.read, _PIECE)
    while piece := coming.result():
        coming = beside.submit(stream.read, _PIECE)
        yield piece


def _has_long_number(window: bytes) -> bool:
    plain = window.translate(_TO_ZERO)
    return any(plain.find(mark) >= 0 for mark in _LONG_NUMBERS)


def first_column(path: Path, sheet_name: str, row: int) -> int:
    """Where the head row of an XLSX sheet really starts (0 = column A).

    The parser drops empty columns at the left, which would shift every cell name we report.
    """
    with zipfile.ZipFile(path) as archive:
        part = sheet_part(archive, sheet_name)
        if part is None:
            return 0
        with archive.open(part) as stream:
            start = stream.read(_PIECE).decode("utf-8", "replace")
    columns = re.findall(r'<c [^>]*?r="([A-Z]+)' + str(row) + r'"[^>]*?>(?:<f>|<v>|<is>)', start)
    index = 0
    for char in columns[0] if columns else "A":
        index = index * 26 + ord(char) - 64
    return index - 1


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
