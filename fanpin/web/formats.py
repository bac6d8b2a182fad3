"""How a value is written on screen: money, counts, dates, masked personal data.

Pure functions, used by the template filters, by lists and by print views. An empty value is
written "—" in lists and definition grids (`display`) and "" by the single filters.
"""

import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

EMPTY = "—"
TONES = ("grey", "blue", "green", "amber", "orange", "red")

# Words that kernel objects (jobs, findings, rules) use for their states; apps keep their own
# tones in choices.
_TONE_OF_WORD = {
    "error": "red",
    "failed": "red",
    "blocked": "red",
    "overdue": "red",
    "danger": "red",
    "due": "orange",
    "warning": "orange",
    "due_soon": "orange",
    "warn": "amber",
    "pending": "amber",
    "review": "amber",
    "returned": "amber",
    "draft": "amber",
    "running": "blue",
    "open": "blue",
    "current": "blue",
    "submitted": "blue",
    "info": "blue",
    "done": "green",
    "ok": "green",
    "passed": "green",
    "approved": "green",
    "closed": "green",
    "success": "green",
    "queued": "grey",
    "todo": "grey",
    "cancelled": "grey",
    "ended": "grey",
}


def tone(value: object) -> str:
    """The tone of a state word; a tone names itself, an unknown word is grey."""
    word = str(value or "").lower()
    return word if word in TONES else _TONE_OF_WORD.get(word, "grey")


def money(value: object) -> str:
    """12345.6 → "12,345.60" (元, two decimals)."""
    if value in (None, ""):
        return ""
    try:
        return f"{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


def int1000(value: object) -> str:
    """12345 → "12,345"; a decimal keeps its own places."""
    if value in (None, ""):
        return ""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    return f"{number:,}"


def ymd(value: object) -> str:
    """A date, a date-time (Chinese time) or "20211108" → "2021-11-08"."""
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return value.strftime("%Y-%m-%d")
    if isinstance(value, datetime.date):
        return value.isoformat()
    text = str(value or "")
    if len(text) == 8 and text.isdigit():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text


def ymdhm(value: object) -> str:
    """A moment in Chinese time → "2021-11-08 09:30"."""
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return value.strftime("%Y-%m-%d %H:%M")
    return ymd(value)


def ym(value: object) -> str:
    """A date or "202111" → "2021-11"."""
    if isinstance(value, datetime.date):
        return ymd(value)[:7]
    text = str(value or "")
    if len(text) == 6 and text.isdigit():
        return f"{text[:4]}-{text[4:]}"
    return text


def mask_id(value: object) -> str:
    """An identity or disability number with its middle hidden: 620421********9913."""
    text = str(value or "")
    if len(text) < 12:
        return "*" * len(text)
    return f"{text[:6]}{'*' * (len(text) - 10)}{text[-4:]}"


def mask_phone(value: object) -> str:
    """138****5678."""
    text = str(value or "")
    if len(text) < 8:
        return "*" * len(text)
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"


def mask_name(value: object) -> str:
    """A name with its middle hidden: 张*, 张*强."""
    text = str(value or "").strip()
    if len(text) < 2:
        return "*" * len(text)
    if len(text) == 2:
        return f"{text[0]}*"
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}"


def display(value: object) -> Any:
    """Any cell value as a reader expects it; HTML that is already safe passes."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime.datetime):
        return ymdhm(value)
    if isinstance(value, datetime.date):
        return ymd(value)
    if isinstance(value, int):
        return int1000(value)
    if isinstance(value, Decimal | float):
        return money(value)
    if isinstance(value, list | tuple | set):
        return "、".join(str(display(part)) for part in value) or EMPTY
    return value
