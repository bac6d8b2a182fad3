"""Counting the days of a public notice, and what a notice may not say (policy.md §4.3, Appendix B). Pure."""

import datetime
import re

_NUMBERS = (
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"), "18位身份证号码"),
    (re.compile(r"(?<!\d)\d{15}(?!\d)"), "15位身份证号码"),
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), "手机号码"),
    (re.compile(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)"), "电话号码"),
    (re.compile(r"(?<!\d)(?:\d[ -]?){16,19}(?![\dXx])"), "银行账号"),
)


def complete_on(posted_on: datetime.date, days: int) -> datetime.date:
    """The last day of the notice: posted on D0 it counts from D0+1 and is complete at the end of D0+days."""
    return posted_on + datetime.timedelta(days=days)


def earliest_submission(posted_on: datetime.date, days: int) -> datetime.date:
    """The first day on which the case may be handed in."""
    return complete_on(posted_on, days) + datetime.timedelta(days=1)


def days_served(posted_on: datetime.date, today: datetime.date) -> int:
    """Whole notice days already behind us at the beginning of `today`."""
    return max(0, (today - posted_on).days - 1)


def too_short(posted_on: datetime.date, days: int, today: datetime.date) -> str:
    """Why the case may not be handed in yet, with the first day on which it may; "" when it may."""
    first = earliest_submission(posted_on, days)
    return "" if today >= first else f"公示未满{days}天，最早可提交 {first:%Y-%m-%d}"


def personal_data(text: str, *, names_of_health: tuple[str, ...] = ()) -> list[str]:
    """What personal data a notice text contains: identity numbers, phones, bank accounts, named illnesses."""
    squeezed = re.sub(r"(?<=\d)[\s　](?=[\dXx])", "", text)
    found = []
    for pattern, label in _NUMBERS:
        if pattern.search(squeezed):
            found.append(f"公示内容含有{label}，请删去")
            squeezed = pattern.sub("", squeezed)
    found += [
        f"公示内容含有健康信息“{name}”，请删去" for name in names_of_health if name and name in text
    ]
    return found
