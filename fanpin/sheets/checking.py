"""From texts to typed values, set-based, with every wrong cell listed and none of them raising.

`check(read)` normalises (full-width to half-width, blanks, labels to codes, dates to days) and
judges each column by its declaration. A wrong cell becomes null in the frame and a line in the
problems, so that a row can still be shown whole.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import polars as pl

from fanpin.sheets.columns import FULL_TO_HALF, Check, Column
from fanpin.sheets.formulas import ERROR_TEXT
from fanpin.sheets.problems import PROBLEM_SCHEMA, Problems
from fanpin.sheets.reading import ROW, Read

WIDE = r"[！-～\u3000]"
INVISIBLE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff\ufffe\uffff]"
TRUE_WORDS = ("是", "有", "对", "true", "1", "1.0", "√", "y", "yes")
FALSE_WORDS = ("否", "无", "没有", "错", "false", "0", "0.0", "×", "n", "no")
LOST = (
    "号码按数字存放，第16位以后已丢失",
    "请把这一列设为“文本”格式后重新填写号码，不能只改格式",
)
SERIAL = r"^([1-6]\d{4})(?:\.\d+)?$"  # 1927 to 2091
LIST_MARKS = r"[,，、;；|/]+"
THREADS = 2
FEW = 4  # texts that stand in more than this many rows on average are judged apart from the rows
MOBILE = r"^1[3-9]\d{9}$"
LANDLINE = r"^0\d{2,3}-?\d{7,8}$"
DTYPES: dict[str, pl.DataType] = {
    "int": pl.Int64(),
    "date": pl.Date(),
    "bool": pl.Boolean(),
    "multi": pl.List(pl.String),
}


@dataclass
class Checked:
    """A sheet's typed values with `_row`, and its problems; `wrong_rows` may not be merged."""

    read: Read
    frame: pl.DataFrame
    problems: Problems

    @property
    def wrong_rows(self) -> pl.Series:
        return self.problems.frame().get_column("row").unique()


def dtype_of(column: Column) -> pl.DataType:
    """The polars type of a checked column."""
    if column.kind == "decimal":
        return pl.Decimal(18, column.places)
    return DTYPES.get(column.kind, pl.String())


def check(read: Read, *, today: date) -> Checked:
    """Judge every cell of a sheet. `today` bounds dates that may not lie ahead."""
    columns = [read.sheet.by_key[key] for key in read.letters]
    with ThreadPoolExecutor(THREADS) as pool:
        judged = list(pool.map(lambda column: _judged(read.frame, column), columns))
    rows = read.frame.select(ROW)
    texts = rows.with_columns(each.text for each in judged)
    typed = rows.with_columns(each.value for each in judged)
    problems = Problems()
    lost = _lost_digits(read, texts)
    for column, each in zip(columns, judged, strict=True):
        known = texts.get_column(ROW).is_in(lost.get(column.key, []))
        for wrong, explain, remedy in each.faults:
            problems.add(_listed(read, column, texts, wrong & ~known, explain, remedy))
        if known.any():  # one wrong cell, one reason: what is left of the number says nothing
            problems.add(_listed(read, column, texts, known, *LOST))
    blanked = _blank_wrong_cells(read, typed, problems)
    return Checked(read, blanked, problems)


@dataclass(frozen=True)
class _Judged:
    """One column: its normalised texts, their values, and which rows are wrong and why."""

    text: pl.Series
    value: pl.Series
    faults: "list[Fault]"


def _judged(frame: pl.DataFrame, column: Column) -> _Judged:
    """Most columns hold few different texts (是, 汉族): these are judged once each, not row by row."""
    cells = frame.get_column(column.key)
    different = cells.drop_nulls().unique()
    if len(different) * FEW > len(cells):
        return _judged_cells(cells, column)
    where = cells.cast(pl.Enum(different)).to_physical().fill_null(len(different))
    empty = pl.Series(column.key, [None], dtype=pl.String)
    few = _judged_cells(pl.concat([different, empty]), column)
    faults = [(wrong.gather(where), why, remedy) for wrong, why, remedy in few.faults]
    return _Judged(few.text.gather(where), few.value.gather(where), faults)


def _judged_cells(cells: pl.Series, column: Column) -> _Judged:
    frame = cells.to_frame()
    texts = frame.select(_normalised(frame, column))
    typed = texts.select(_typed(column))
    return _Judged(texts.to_series(), typed.to_series(), _faults(column, texts, typed))


def half_width(column: pl.Expr) -> pl.Expr:
    return column.str.replace_many(list(FULL_TO_HALF), list(FULL_TO_HALF.values()))


def _normalised(frame: pl.DataFrame, column: Column) -> pl.Expr:
    text = pl.col(column.key)
    if frame.get_column(column.key).str.contains(WIDE).any():
        text = half_width(text)
    if frame.get_column(column.key).str.contains(INVISIBLE).any():
        text = text.str.replace_all(INVISIBLE, "")
    text = text.str.strip_chars()
    if column.kind in {"id_number", "digits", "phone", "ym", "int", "decimal"}:
        text = text.str.replace_all(r"\s", "").str.strip_prefix("'")
    if column.kind == "id_number":
        text = text.str.to_uppercase()
    if column.is_number:
        text = text.str.replace_all(r"^\+|,", "")
    if column.kind == "date":
        text = _date_text(text)
    if column.kind == "ym":
        text = _month_text(text)
    if column.kind in {"choice", "bool", "multi"}:
        text = text.str.replace_all(r"\s", "")
    return pl.when(text == "").then(None).otherwise(text).alias(column.key)


def _date_text(text: pl.Expr) -> pl.Expr:
    text = text.str.replace(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "")
    text = pl.when(text.str.contains(SERIAL)).then(_serial_date(text)).otherwise(text)
    text = text.str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3")
    text = text.str.replace(
        r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$", "$1-$2-$3"
    )
    text = text.str.replace(r"-(\d)-", "-0$1-")
    return text.str.replace(r"-(\d)$", "-0$1")


def _serial_date(text: pl.Expr) -> pl.Expr:
    """A date whose cell lost its format: the days since the end of 1899."""
    days = text.str.extract(SERIAL).cast(pl.Int32, strict=False)
    return (pl.lit(date(1899, 12, 30)) + pl.duration(days=days)).cast(pl.Date).cast(pl.String)


def _month_text(text: pl.Expr) -> pl.Expr:
    text = text.str.replace(r"^(\d{4})[-/.年](\d{1,2})月?([-/.]?\d{1,2}日?)?(\d{2}:.*)?$", "$1-$2")
    text = text.str.replace(r"^(\d{6})\d{2}$", "$1")
    return text.str.replace(r"-(\d)$", "0$1").str.replace("-", "", literal=True)


def labels_of(column: Column) -> dict[str, str]:
    """What may stand in a cell of a choice column (half-width, no blanks) → its code."""
    table = str.maketrans(FULL_TO_HALF)
    pairs = [(code, code) for code, _ in column.choices]
    pairs += [(code, label) for label, code in column.synonyms]
    pairs += [(code, label) for code, label in column.choices]
    return {"".join(text.translate(table).split()): code for code, text in pairs}


def _typed(column: Column) -> pl.Expr:
    text = pl.col(column.key)
    match column.kind:
        case "int":
            return text.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False)
        case "decimal":
            return text.cast(pl.Decimal(18, column.places), strict=False)
        case "date":
            return text.str.to_date("%Y-%m-%d", strict=False)
        case "bool":
            words = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)
            return text.str.to_lowercase().replace_strict(
                words, default=None, return_dtype=pl.Boolean
            )
        case "choice":
            return text.replace_strict(labels_of(column), default=None, return_dtype=pl.String)
        case "multi":
            return _multi(column, text)
        case _:
            return text


def _multi(column: Column, text: pl.Expr) -> pl.Expr:
    code = pl.element().replace_strict(labels_of(column), default=None, return_dtype=pl.String)
    parts = text.str.replace_all(LIST_MARKS, ",").str.strip_chars(",").str.split(",")
    return parts.list.eval(code).list.unique(maintain_order=True)


Fault = tuple[pl.Series, "str | pl.Expr | Check", str]


def _faults(column: Column, texts: pl.DataFrame, typed: pl.DataFrame) -> list[Fault]:
    """(which rows are wrong, why, what to do) for each way this column can be wrong."""
    text, value = texts.get_column(column.key), typed.get_column(column.key)
    faults: list[Fault] = []
    if column.required:
        faults.append((text.is_null(), "必须填写", f"请填写{column.label}"))
    bad = _unreadable(column, text, value)
    if bad is not None:
        faults.append((bad, *_kind_words(column)))
    faults += _bounds(column, text, value)
    for test in column.checks:
        wrong = typed.select(test.wrong(pl.col(column.key)).fill_null(False)).to_series()
        faults.append((wrong & value.is_not_null(), test, test.remedy))
    failed = text.str.contains(ERROR_TEXT).fill_null(False)
    if failed.any():  # one wrong cell, one reason
        faults = [(wrong & ~failed, why, remedy) for wrong, why, remedy in faults]
        faults.append((failed, "公式出错或没有结果", "请改正公式，或把结果粘贴为数值"))
    return [fault for fault in faults if fault[0].any()]


def _unreadable(column: Column, text: pl.Series, value: pl.Series) -> pl.Series | None:
    match column.kind:
        case "text" | "id_number":
            return None
        case "digits":
            return ~text.str.contains(r"^[0-9A-Za-z]+$").fill_null(True)
        case "phone":
            return ~text.str.contains(f"{MOBILE}|{LANDLINE}").fill_null(True)
        case "ym":
            return ~text.str.contains(r"^(19|20)\d{2}(0[1-9]|1[0-2])$").fill_null(True)
        case "multi":
            return text.is_not_null() & value.list.eval(pl.element().is_null()).list.any()
        case _:
            return text.is_not_null() & value.is_null()


def _kind_words(column: Column) -> tuple[str, str]:
    match column.kind:
        case "int":
            return "应为整数", "请只填数字，不带单位"
        case "decimal":
            return "应为数字", "请只填数字，不带单位"
        case "date":
            return "不是日期", "请写成2021-01-31或20210131"
        case "ym":
            return "不是年月", "请写成六位年月，如202109"
        case "bool":
            return "只能填“是”或“否”", "请从下拉列表中选择"
        case "phone":
            return "电话号码不对", "手机号为11位，座机写成0931-1234567"
        case "digits":
            return "只能是数字和字母", "请删去其他字符"
        case _:
            shown = "、".join(label for _, label in column.choices[:8])
            more = "等" if len(column.choices) > 8 else ""
            joined = "，多项用逗号隔开" if column.kind == "multi" else ""
            return "不在可选项中", f"可填：{shown}{more}{joined}"


def _bounds(column: Column, text: pl.Series, value: pl.Series) -> list[Fault]:
    faults: list[Fault] = []
    if column.max_length:
        long = (text.str.len_chars() > column.max_length).fill_null(False)
        faults.append((long, f"超过{column.max_length}个字", "请缩短"))
    if column.kind == "multi" and column.at_most:
        faults.append(
            (
                (value.list.len() > column.at_most).fill_null(False),
                f"最多填{column.at_most}项",
                "请删减",
            )
        )
    if column.least is None and column.most is None:
        return faults
    if column.kind == "date":
        least = date.fromisoformat(str(column.least)) if column.least else None
        most = date.fromisoformat(str(column.most)) if column.most else None
    else:
        least, most = column.least, column.most  # type: ignore[assignment]
        value = value.cast(pl.Float64, strict=False)
    wrong = pl.Series([False]).new_from_index(0, len(value))
    if least is not None:
        wrong |= (value < least).fill_null(False)
    if most is not None:
        wrong |= (value > most).fill_null(False)
    faults.append((wrong, _range_words(column), "请核对单位和小数点"))
    return faults


def _range_words(column: Column) -> str:
    if column.least is None:
        return f"不能大于{column.most}{column.unit}"
    if column.most is None:
        return f"不能小于{column.least}{column.unit}"
    return f"应在{column.least}至{column.most}{column.unit}之间"


def _listed(
    read: Read,
    column: Column,
    texts: pl.DataFrame,
    wrong: pl.Series,
    explain: "str | pl.Expr | Check",
    remedy: str,
) -> pl.DataFrame:
    """The wrong cells of one fault as problem lines."""
    rows = texts.select(ROW, value=pl.col(column.key)).filter(wrong)
    message: pl.Expr = pl.lit(explain) if isinstance(explain, str) else pl.lit("")
    lines = problem_lines(read, rows.rename({ROW: "row"}), column, message, remedy)
    if isinstance(explain, Check):
        reason = explain.explain
        words = reason if callable(reason) else (lambda _value, text=reason: text)
        lines = lines.with_columns(
            message=pl.Series([words(v or "") for v in lines["value"]], dtype=pl.String)
        )
    return lines


def problem_lines(
    read: Read, rows: pl.DataFrame, column: Column, message: pl.Expr, remedy: str
) -> pl.DataFrame:
    """Problem lines for `rows` (row, value) of one column; others use it for their own tests."""
    letters = read.letters.get(column.key, "")
    cell = pl.lit(letters) + pl.col("row").cast(pl.String) if letters else pl.lit("")
    return rows.select(
        sheet=pl.lit(read.name),
        row=pl.col("row").cast(pl.Int64),
        cell=cell,
        key=pl.lit(column.key),
        column=pl.lit(column.label),
        value=pl.col("value").cast(pl.String).fill_null(""),
        message=message,
        remedy=pl.lit(remedy),
    ).select(list(PROBLEM_SCHEMA))


def _lost_digits(read: Read, texts: pl.DataFrame) -> dict[str, list[int]]:
    """Column key → rows of numbers typed as numbers, or in scientific notation: their end is lost."""
    found: dict[str, list[int]] = {}
    for column in read.sheet.columns:
        if column.kind not in {"id_number", "digits"} or column.key not in read.letters:
            continue
        scientific = pl.col(column.key).str.contains(r"^\d(\.\d+)?E\+?\d+$").fill_null(False)
        rows = texts.filter(scientific).get_column(ROW).to_list()
        if read.lost_digits is not None:
            typed = read.lost_digits.filter(pl.col("key") == column.key)
            rows += typed.get_column(ROW).to_list()
        if rows:
            found[column.key] = rows
    return found


def _blank_wrong_cells(read: Read, typed: pl.DataFrame, problems: Problems) -> pl.DataFrame:
    wrong = problems.frame()
    for key in wrong.get_column("key").unique():
        if key in typed.columns:
            rows = wrong.filter(pl.col("key") == key).get_column("row").unique()
            bad = pl.col(ROW).is_in(rows.implode())
            typed = typed.with_columns(pl.when(bad).then(None).otherwise(pl.col(key)).alias(key))
    return typed
