"""A stored value on paper: boxes to tick where the choices are few, an empty box where nothing is known."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from fanpin.papers.declaring import Printing
from fanpin.papers.layout import OPEN, TICKED, Box, Boxes
from fanpin.sheets.columns import Column

# Choices that fit beside each other in one box, with a square each, are printed to be ticked.
TICK_WIDTH = 10
NUMBERS = ("id_no", "head_id_no", "disability_cert_no")
CARDS = ("bank_card_no",)


def text_of(column: Column, value: Any, printing: Printing) -> str:
    """The value as it is read; "" when nothing is filled in."""
    if value is None or value == "" or value == []:
        return ""
    if column.key in NUMBERS:
        return printing.number(str(value))
    if column.key in CARDS:
        return printing.card(str(value))
    if column.kind == "phone":
        return printing.phone(str(value))
    if column.kind == "bool":
        return "是" if value else "否"
    if column.kind == "multi":
        labels = dict(column.choices)
        return "、".join(labels.get(code, code) for code in value)
    if column.kind == "choice":
        return dict(column.choices).get(value, value)
    if column.kind == "ym":
        return f"{value[:4]}-{value[4:]}"
    if column.kind == "decimal" and column.unit != "元":
        return _trimmed(value)
    return plain(value)


def _trimmed(value: Decimal) -> str:
    """Areas, distances and positions without needless zeros."""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def plain(value: Any) -> str:
    """Money with two decimals and thousands, dates as 2021-11-08."""
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "" if value is None else str(value)


def is_ticked(column: Column) -> bool:
    """Whether the choices stand on the paper themselves."""
    width = sum(2 + len(label) for _, label in column.choices)
    return column.kind in ("bool", "choice") and 0 < width <= TICK_WIDTH


def ticks(column: Column, value: Any) -> str:
    """■是　□否: the choices with the stored one filled."""
    stored = ("1" if value else "0") if isinstance(value, bool) else value
    return "　".join(
        f"{TICKED if stored == code else OPEN}{label}" for code, label in column.choices
    )


def box_of(column: Column, value: Any, printing: Printing) -> Box:
    said = ticks(column, value) if is_ticked(column) else text_of(column, value, printing)
    return Box(column.label, said, column.unit, _span(column))


def _span(column: Column) -> int:
    if column.kind == "multi":
        return 2
    if column.kind == "text" and not column.choices:
        return 3 if column.max_length == 0 else 2 if column.max_length > 100 else 1
    return 1


def boxes_of(
    title: str, columns: Sequence[Column], row: Any, printing: Printing, across: int = 3
) -> Boxes:
    """A block of the paper: the declared columns with the row's values, or empty without a row."""
    values = [getattr(row, column.key, None) for column in columns]
    boxes = [box_of(column, value, printing) for column, value in zip(columns, values, strict=True)]
    return Boxes(title, boxes, across)


def place_columns() -> tuple[str, ...]:
    """Columns that hold codes of places."""
    return ("work_city", "work_county", "work_township")


def guide_lines(columns: Sequence[Column]) -> list[str]:
    """How each column is filled in: its explanation, and the words to choose from."""
    found = []
    for column in columns:
        labels = [label for _, label in column.choices]
        words = "、".join(labels) if labels and column.kind != "bool" else ""
        if is_ticked(column):
            words = ""
        how = "；".join(part for part in (column.help, words) if part)
        if how:
            found.append(
                f"【{column.label}】{how}" + ("（可多选）" if column.kind == "multi" else "")
            )
    return found
