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

from fanpin.sheets.bounds import MAX_ROWS
from fanpin.sheets.columns import Book, Column, Sheet, column_index, letter, plain_head
from fanpin.sheets.formulas import broken_cells, with_broken_cells
from fanpin.sheets.guards import (
    Inspected,
    inspect,
    refuse,
    sheet_part,
)
from fanpin.sheets.halving import HALVED_FROM, Halves
from fanpin.sheets.problems import Problem, SheetRefused

HEAD_ROWS = 5
PARSERS = 2
ROW = "_row"
LISTED = 20
NOT_DATA = ("填写说明", "代码表", "问题清单")
_NO_HEAD = f"前{HEAD_ROWS}行里没有找到表头"
_USE_OURS = "请使用系统下载的模板，或国家系统导出的原表"
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
    unread: list[str] = field(default_factory=list)  # on a book's first: visible sheets left aside


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
    unread: list[str] = []
    for each in tables:
        if each.table.height > max_rows:
            raise refuse(f"工作表“{each.name}”超过{max_rows}行", "请按乡镇分成几个文件上传")
        sheet, head = _match(book, each.name, each.table, needed)
        if sheet is None or head is None:
            if not each.hidden and each.table.height:
                unread.append(each.name)
            continue
        if problems := _problems_of(each, sheet, head, reads, needed.get(sheet.title, ())):
            reasons.extend(problems)
            continue
        read = _read_of(found, each, sheet, head)
        if found.long_numbers:
            read.lost_digits = _lost_digits(found, read)
        reads.append(read)
    lost = [name for name in unread if reads and name.strip() in book.by_title]
    reasons += [Problem(_NO_HEAD, _USE_OURS, sheet=name) for name in lost]
    if reasons:
        raise SheetRefused(*reasons)
    if not reads:
        raise refuse(
            f"没有找到表头：前{HEAD_ROWS}行里没有“{_looked_for(book, needed)}”等列名", _USE_OURS
        )
    reads[0].unread = [name for name in unread if name not in NOT_DATA]
    return reads


def _problems_of(
    each: "_Table", sheet: Sheet, head: "_Head", reads: list[Read], needed: Sequence[str]
) -> list[Problem]:
    if each.hidden:
        return [Problem("这张工作表是隐藏的", "请取消隐藏；不需要的请删去", sheet=each.name)]
    if any(read.sheet is sheet for read in reads):
        return [Problem("文件里有两张同样的表", "请合并成一张", sheet=each.name)]
    return _head_problems(each.name, sheet, head, needed) or _overflowing(each, head)


def placed_tables(path: Path | str) -> list[tuple[str, pl.DataFrame]]:
    """Every sheet as texts, unmatched: (name, table), each value in its own row and column of the file."""
    found = inspect(path)
    tables = _csv_tables(found) if found.kind == "csv" else _workbook_tables(found)
    return [(each.name, _shifted(each)) for each in tables]


def _shifted(each: "_Table") -> pl.DataFrame:
    """With the empty columns at the left again, which the parser drops."""
    if not each.shift:
        return each.table
    empty = pl.Series("", [None], dtype=pl.String).new_from_index(0, each.table.height)
    left = [empty.alias(f"left{n}") for n in range(each.shift)]
    return pl.DataFrame([*left, *each.table.get_columns()])


def _looked_for(book: Book, needed: Mapping[str, Sequence[str]]) -> str:
    labels = [s.by_key[key].label for s in book.sheets for key in needed.get(s.title, ())]
    return "、".join(dict.fromkeys(labels))


@dataclass(frozen=True)
class _Table:
    name: str
    table: pl.DataFrame
    hidden: bool = False
    is_csv: bool = False
    shift: int = 0  # empty columns at the left, which the parser drops


def _workbook_tables(found: Inspected, halves: Halves | None = None) -> list[_Table]:
    try:
        reader = _opened(found)
        names = reader.sheet_names
        # Two sheets take the time of the longer one; a reader serves one sheet at a time.
        readers = [reader, *(None for _ in names[1:])]
        with ThreadPoolExecutor(PARSERS) as pool:
            tables = list(
                pool.map(lambda name, opened: _table(found, name, opened, halves), names, readers)
            )
    except (fastexcel.FastExcelError, ValueError, OSError) as error:
        raise refuse("文件已损坏，无法打开") from error
    except BaseException as error:  # the parser's own panics are no Exception and cannot be named
        if type(error).__name__ != "PanicException":
            raise
        raise refuse("文件已损坏，无法打开") from error
    return [table for table in tables if table is not None]


def _opened(found: Inspected) -> fastexcel.ExcelReader:
    """The parser believes the file's name; where that lies, it gets the content."""
    told = found.path.suffix.lower() == f".{found.kind}"
    return fastexcel.read_excel(found.path if told else found.path.read_bytes())


def _table(
    found: Inspected, name: str, opened: fastexcel.ExcelReader | None, halves: Halves | None
) -> _Table | None:
    if halves and found.kind == "xlsx":
        with zipfile.ZipFile(found.path) as archive:
            part = sheet_part(archive, name)
        if (joined := halves.table(part, name)) is not None:
            return _Table(name, joined)
    reader = opened or _opened(found)
    loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    if loaded.visible == "veryhidden" or not loaded.width:
        return None
    return _Table(
        name,
        _numbered(loaded.to_polars()),
        hidden=loaded.visible != "visible",
        shift=loaded.selected_columns[0].absolute_index,
    )


def _csv_tables(found: Inspected) -> list[_Table]:
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
    if table.width < 3:  # the last one takes what is too much
        raise refuse("文件不是表格", "请上传XLSX工作簿，或用逗号分隔的CSV")
    # What our own export put in front of a text that looks like a formula comes off again.
    table = table.with_columns(pl.all().str.replace(r"^'([=+\-@])", "$1"))
    return [_Table(found.path.stem, _numbered(table), is_csv=True)]


def _even(text: str, separator: str) -> str:
    """A title line has fewer cells than the table, and the parser takes the width from it. It gets
    one cell more than the head: what falls into that one stands in a line with too many."""
    width = max(line.count(separator) for line in text.split("\n", HEAD_ROWS)[:HEAD_ROWS])
    first, _, rest = text.partition("\n")
    missing = width - first.count(separator) + 1
    return f"{first.rstrip(chr(13))}{separator * missing}\n{rest}"


def _overflowing(each: _Table, head: "_Head") -> list[Problem]:
    """Lines of a CSV with more cells than the head: a comma inside a text has moved everything."""
    if not each.is_csv:
        return []
    named = [n for n, cell in enumerate(each.table.row(head.row)) if (cell or "").strip()]
    beyond = each.table.columns[named[-1] + 1 :]
    filled = pl.any_horizontal(pl.col(beyond).str.strip_chars() != "") if beyond else pl.lit(False)
    rows = each.table.with_row_index(ROW, offset=1).slice(head.row + 1).filter(filled)
    return [
        Problem(
            f"第{row}行的格数比表头多",
            "内容里有逗号的，请用双引号括起来；或另存为Excel工作簿再上传",
            row=row,
        )
        for row in rows.get_column(ROW).head(LISTED)
    ]


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


def _read_of(found: Inspected, each: _Table, sheet: Sheet, head: _Head) -> Read:
    table = each.table
    if found.formulas:
        table = _with_broken(found.path, each)
    body = (
        table.with_row_index(ROW, offset=1)
        .slice(head.row + 1)
        .select(
            pl.col(ROW).cast(pl.Int64), *(pl.col(f"{n}").alias(key) for key, n in head.keys.items())
        )
    )
    body = body.filter(~_empty(body.drop(ROW)))
    letters = {key: letter(n + each.shift) for key, n in head.keys.items()}
    return Read(sheet, each.name, body, letters, head.row + 1, head.ignored)


def _with_broken(path: Path, each: _Table) -> pl.DataFrame:
    with zipfile.ZipFile(path) as archive:
        part = sheet_part(archive, each.name)
    return (
        with_broken_cells(each.table, broken_cells(path, part), each.shift) if part else each.table
    )


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
    loaded = _opened(found).load_sheet(read.name, header_row=None, skip_rows=0, dtypes="boolean")
    # A table that starts further right: the parser counts from its first column, a half from A.
    shift = loaded.selected_columns[0].absolute_index
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
