"""Files in the formats people really upload, and in broken ones: ODS, old XLS, packages bent by hand."""

import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from html import escape
from io import BytesIO
from typing import Any

import openpyxl

Grid = Sequence[Sequence[Any]]
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def edited(content: bytes, change: Callable[[Any], None]) -> bytes:
    """The workbook after somebody worked on it by hand."""
    book = openpyxl.load_workbook(BytesIO(content))
    change(book)
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def grids(content: bytes) -> dict[str, list[list[Any]]]:
    """The cells of each sheet, for writing them in another format."""
    book = openpyxl.load_workbook(BytesIO(content))
    return {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}


def repacked(
    content: bytes,
    extra: Mapping[str, bytes] | None = None,
    change: Mapping[str, Callable[[bytes], bytes]] | None = None,
) -> bytes:
    """The package with parts added, or with parts passed through a function."""
    buffer = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, (change or {}).get(name, bytes)(part))
        for name, part in (extra or {}).items():
            new.writestr(name, part)
    return buffer.getvalue()


def ods(sheets: Mapping[str, Grid], *, tail: str = "", manifest: str = "") -> bytes:
    """A LibreOffice workbook; `tail` is XML after the last row of each table."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_ods_row, grid))}{tail}</table:table>'
        for name, grid in sheets.items()
    )
    spaces = " ".join(f'xmlns:{n}="{_OFFICE}{n}:1.0"' for n in ("office", "table", "text"))
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}>{body}</office:document-content>'
    )
    about = manifest or '<manifest:manifest xmlns:manifest="urn:x"/>'
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", _ODS, zipfile.ZIP_STORED)
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", about)
    return buffer.getvalue()


def _ods_row(cells: Sequence[Any]) -> str:
    return f"<table:table-row>{''.join(map(ods_cell, cells))}</table:table-row>"


def ods_cell(value: Any, more: str = "") -> str:
    if value is None:
        return f"<table:table-cell {more}/>"
    if isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return (
        f"<table:table-cell {kind} {more}><text:p>{escape(str(value))}</text:p></table:table-cell>"
    )


def xls(sheets: Mapping[str, Grid]) -> bytes:
    """An Excel 97–2003 workbook (BIFF8), as the old offices still save them."""
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6))
    parts = [_biff_sheet(grid) for grid in sheets.values()]
    heads = [_name(name) for name in sheets]
    offset = len(start) + sum(4 + 6 + len(head) for head in heads) + 4
    bounds = b""
    for head, part in zip(heads, parts, strict=True):
        bounds += _record(0x0085, struct.pack("<IH", offset, 0) + head)
        offset += len(part)
    return compound({"Workbook": start + bounds + _record(0x000A) + b"".join(parts)})


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _name(name: str) -> bytes:
    return struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")


def _biff_sheet(grid: Grid) -> bytes:
    width = max(map(len, grid), default=0)
    parts = [
        _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6)),
        _record(0x0200, struct.pack("<IIHHH", 0, len(grid), 0, width, 0)),
    ]
    for r, row in enumerate(grid):
        for c, value in enumerate(row):
            if isinstance(value, int | float):
                parts.append(_record(0x0203, struct.pack("<HHHd", r, c, 0, value)))
            elif value is not None:
                text = str(value).encode("utf-16-le")
                parts.append(
                    _record(0x0204, struct.pack("<HHHHB", r, c, 0, len(text) // 2, 1) + text)
                )
    return b"".join([*parts, _record(0x000A)])


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound document (the container of XLS and of workbooks with a password)."""
    sectors: list[bytes] = []
    chains: list[int] = []
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for n, (name, stream) in enumerate(streams.items(), 1):
        full = stream.ljust(4096, b"\0")
        first, count = len(sectors), -(-len(full) // _SECTOR)
        padded = full.ljust(count * _SECTOR, b"\0")
        sectors += [padded[i * _SECTOR : (i + 1) * _SECTOR] for i in range(count)]
        chains += [*range(first + 1, first + count), _END]
        entries.append(
            _entry(name, 2, first, len(full), right=n + 1 if n < len(streams) else _FREE)
        )
    directory = len(sectors)
    while len(entries) % 4:
        entries.append(bytes(128))
    listing = b"".join(entries)
    for i in range(0, len(listing), _SECTOR):
        sectors.append(listing[i : i + _SECTOR])
        chains.append(len(sectors))
    chains[-1] = _END
    fats = 1
    while fats * 128 < len(chains) + fats:
        fats += 1
    where = [len(sectors) + n for n in range(fats)]
    chains += [_FAT] * fats
    table = struct.pack(f"<{fats * 128}I", *chains, *[_FREE] * (fats * 128 - len(chains)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, fats, directory, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", *where, *[_FREE] * (109 - fats))
    return head + b"".join(sectors) + table


def _entry(
    name: str, kind: int, first: int, size: int, *, child: int = _FREE, right: int = _FREE
) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0")
    head += struct.pack("<HBBIII", len(text) + 2, kind, 1, _FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", first, size)
