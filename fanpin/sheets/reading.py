"""From a file to text frames: which sheet, which row is the head, which column is which.

`read_book` gives for each declared sheet a frame of texts named by column key plus `_row`, the row
number in the file, and the letters of each column, so that every later problem names its cell.
"""

import zipfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import fastexcel
import polars as pl

from fanpin.sheets.columns import Book, Column, Sheet, column_index, letter, plain_head
from fanpin.sheets.guards import (
    Inspected,
    first_column,
    inspect,
    refuse,
    sheet_part,
)
from fanpin.sheets.halving import HALVED_FROM, Halves
from fanpin.sheets.problems import Problem, SheetRefused

HEAD_ROWS = 5
MAX_ROWS = 600_000
PARSERS = 2
ROW = "_row"
CSV_ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
FULL_DIGITS = 15  # a spreadsheet keeps 15 digits of a number; the rest is lost for good


@dataclass
class Read:
    """One sheet as read: texts by column key, the file's row numbers and column letters."""

    sheet: Sheet
    name: str
    frame: pl.DataFrame
    letters: dict[str, str]
    head_row: int
    ignored: list[str] = field(default_factory=list)
    lost_digits: pl.DataFrame | None = None


def read_book(
    path: Path | str,
    book: Book,
    *,
    needed: Mapping[str, Sequence[str]],
    max_rows: int = MAX_ROWS,
    halved_from: int = HALVED_FROM,
) -> list[Read]:
    """Read the sheets of `book` found in the file.

    `needed` names for each sheet title the keys without which a row means nothing; a file with no
    sheet that has them is refused with what was looked for. Raises SheetRefused.
    """
    with Halves(halved_from=halved_from) as halves:
        found = inspect(path, halves)
        tables = _csv_tables(found) if found.kind == "csv" else _workbook_tables(found, halves)
    reads: list[Read] = []
    reasons: list[Problem] = []
    for name, table in tables:
        if table.height > max_rows:
            raise refuse(f"工作表“{name}”超过{max_rows}行", "请按乡镇分成几个文件上传")
        sheet, head = _match(book, name, table, needed)
        if sheet is None or head is None:
            continue
        if any(read.sheet is sheet for read in reads):
            reasons.append(Problem("文件里有两张同样的表", "请合并成一张", sheet=name))
            continue
        if problems := _head_problems(name, sheet, head, needed.get(sheet.title, ())):
            reasons.extend(problems)
            continue
        read = _read_of(found, name, sheet, table, head)
        if found.long_numbers:
            read.lost_digits = _lost_digits(found, read)
        reads.append(read)
    if reasons:
        raise SheetRefused(*reasons)
    if not reads:
        raise refuse(
            f"没有找到表头：前{HEAD_ROWS}行里没有“{_looked_for(book, needed)}”等列名",
            "请使用系统下载的模板，或国家系统导出的原表",
        )
    return reads


def raw_tables(path: Path | str) -> list[tuple[str, pl.DataFrame]]:
    """Every visible sheet as texts, unmatched: (name, table) with row n of the file at n - 1."""
    found = inspect(path)
    return _csv_tables(found) if found.kind == "csv" else _workbook_tables(found)


def _looked_for(book: Book, needed: Mapping[str, Sequence[str]]) -> str:
    labels = [s.by_key[key].label for s in book.sheets for key in needed.get(s.title, ())]
    return "、".join(dict.fromkeys(labels))


def _workbook_tables(
    found: Inspected, halves: Halves | None = None
) -> list[tuple[str, pl.DataFrame]]:
    try:
        reader = fastexcel.read_excel(found.path)
        names = reader.sheet_names
        # Two sheets take the time of the longer one; a reader serves one sheet at a time.
        readers = [reader, *(None for _ in names[1:])]
        with ThreadPoolExecutor(PARSERS) as pool:
            tables = list(
                pool.map(
                    lambda name, opened: _visible_table(found, name, opened, halves), names, readers
                )
            )
    except (fastexcel.FastExcelError, ValueError, OSError) as error:
        raise refuse("文件已损坏，无法打开") from error
    return [(name, table) for name, table in zip(names, tables, strict=True) if table is not None]


def _visible_table(
    found: Inspected, name: str, opened: fastexcel.ExcelReader | None, halves: Halves | None
) -> pl.DataFrame | None:
    if halves and found.kind == "xlsx":
        with zipfile.ZipFile(found.path) as archive:
            part = sheet_part(archive, name)
        if (joined := halves.table(part, name)) is not None:
            return joined
    reader = opened or fastexcel.read_excel(found.path)
    loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    if loaded.visible != "visible" or not loaded.width:
        return None
    return _numbered(loaded.to_polars())


def _csv_tables(found: Inspected) -> list[tuple[str, pl.DataFrame]]:
    raw = found.path.read_bytes()
    text = _decoded(raw)
    separator = max(",\t;", key=text[:4000].count)
    try:
        table = pl.read_csv(
            _even(text, separator).encode(),
            has_header=False,
            infer_schema=False,
            separator=separator,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError as error:
        raise refuse("文件不是表格，或逗号、引号写错了") from error
    if table.width < 2:
        raise refuse("文件不是表格", "请上传XLSX工作簿，或用逗号分隔的CSV")
    # What our own export put in front of a text that looks like a formula comes off again.
    table = table.with_columns(pl.all().str.replace(r"^'([=+\-@])", "$1"))
    return [(found.path.stem, _numbered(table))]


def _even(text: str, separator: str) -> str:
    """A title line has fewer cells than the table, and the parser takes the width from it."""
    width = max(line.count(separator) for line in text.split("\n", 20)[:20])
    first, _, rest = text.partition("\n")
    missing = width - first.count(separator)
    return f"{first.rstrip(chr(13))}{separator * missing}\n{rest}" if missing > 0 else text


def _decoded(raw: bytes) -> str:
    for encoding in CSV_ENCODINGS:
        if encoding == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("文件的文字编码不是UTF-8或GB18030")


def _numbered(table: pl.DataFrame) -> pl.DataFrame:
    table.columns = [f"{n}" for n in range(table.width)]
    return table


@dataclass(frozen=True)
class _Head:
    row: int  # 0-based
    keys: dict[str, int]  # column key → position
    twice: list[str]
    ignored: list[str]


def _match(
    book: Book, name: str, table: pl.DataFrame, needed: Mapping[str, Sequence[str]]
) -> tuple[Sheet | None, _Head | None]:
    """The declared sheet this table is: by its title, else by its head."""
    named = book.by_title.get(name.strip())
    best: tuple[int, Sheet | None, _Head | None] = (0, None, None)
    for sheet in (named,) if named else book.sheets:
        head = _find_head(sheet, table)
        if head is None:
            continue
        has_all = all(key in head.keys for key in needed.get(sheet.title, ()))
        score = len(head.keys) + (1000 if has_all else 0)
        if (named or has_all) and score > best[0]:
            best = (score, sheet, head)
    return best[1], best[2]


def _find_head(sheet: Sheet, table: pl.DataFrame) -> _Head | None:
    """The row within the first five that names most columns; two-line heads are joined."""
    top = [[cell or "" for cell in row] for row in table.head(HEAD_ROWS).iter_rows()]
    best: _Head | None = None
    for n, row in enumerate(top):
        above = top[n - 1] if n else [""] * len(row)
        joined = [cell or upper for cell, upper in zip(row, above, strict=True)]
        for candidate in (row, joined):
            head = _head_of(sheet, n, candidate)
            if head.keys and (best is None or len(head.keys) > len(best.keys)):
                best = head
    return best if best and len(best.keys) >= 2 else None


def _head_of(sheet: Sheet, row: int, texts: list[str]) -> _Head:
    keys: dict[str, int] = {}
    twice, ignored = [], []
    for position, text in enumerate(texts):
        if not plain_head(text):
            continue
        key = sheet.key_of(text)
        if key is None:
            ignored.append(text.strip())
        elif key in keys:
            twice.append(text.strip())
        else:
            keys[key] = position
    return _Head(row, keys, twice, ignored)


def _head_problems(name: str, sheet: Sheet, head: _Head, needed: Sequence[str]) -> list[Problem]:
    problems = [
        Problem(
            f"缺少列“{sheet.by_key[key].label}”",
            "请补上这一列，或使用系统下载的模板",
            sheet=name,
            column=sheet.by_key[key].label,
            row=head.row + 1,
        )
        for key in needed
        if key not in head.keys
    ]
    problems += [
        Problem(
            f"列“{text}”出现了两次", "请删去其中一列", sheet=name, column=text, row=head.row + 1
        )
        for text in head.twice
    ]
    return problems


def _read_of(found: Inspected, name: str, sheet: Sheet, table: pl.DataFrame, head: _Head) -> Read:
    shift = 0
    if found.kind == "xlsx":
        first = min(int(n) for n, cell in enumerate(table.row(head.row)) if cell)
        shift = max(0, first_column(found.path, name, head.row + 1) - first)
    body = (
        table.with_row_index(ROW, offset=1)
        .slice(head.row + 1)
        .select(
            pl.col(ROW).cast(pl.Int64), *(pl.col(f"{n}").alias(key) for key, n in head.keys.items())
        )
    )
    body = body.filter(~_empty(body.drop(ROW)))
    letters = {key: letter(n + shift) for key, n in head.keys.items()}
    return Read(sheet, name, body, letters, head.row + 1, head.ignored)


def _empty(body: pl.DataFrame) -> pl.Series:
    """The rows in which nothing but blanks stands. As a rule the first column tells for all."""
    empty = pl.Series([True]).new_from_index(0, body.height)
    for texts in body.get_columns():
        empty &= (texts.str.strip_chars() == "").fill_null(value=True)
        if not empty.any():
            break
    return empty


def exact_columns(sheet: Sheet) -> list[Column]:
    """The columns whose digits must all be there."""
    return [column for column in sheet.columns if column.kind in {"id_number", "digits"}]


def _lost_digits(found: Inspected, read: Read) -> pl.DataFrame | None:
    """Cells (`_row`, `key`) typed as numbers of more than 15 digits, whose end is therefore lost.

    Text and number come out of the parser alike, so the columns are read again as booleans:
    numbers give a value, texts none.
    """
    columns = [c.key for c in exact_columns(read.sheet) if c.key in read.letters]
    if not columns:
        return None
    loaded = fastexcel.read_excel(found.path).load_sheet(
        read.name, header_row=None, skip_rows=0, dtypes="boolean"
    )
    # A table that starts further right: the parser counts from its first column, a half from A.
    shift = loaded.selected_columns[0].absolute_index if found.kind == "xlsx" else 0
    again = _numbered(loaded.to_polars()).select(
        pl.nth(column_index(read.letters[key]) - shift).alias(key) for key in columns
    )
    numeric = again.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
    both = read.frame.select(ROW, *columns).join(numeric, on=ROW, suffix="#")
    hits = [
        both.filter(
            pl.col(f"{key}#").is_not_null() & (pl.col(key).str.len_chars() > FULL_DIGITS)
        ).select(ROW, pl.lit(key).alias("key"))
        for key in columns
    ]
    return pl.concat(hits)
