"""The code printed on every paper: which paper, about which household or place, printed on which day.

MC-62042110020100001-20211108: two letters of the paper, the number of the household (17 digits) or the
code of the place (2 to 12 digits), the day.
"""

import datetime
import re
from dataclasses import dataclass

HOUSEHOLD_DIGITS = 17
_CODE = re.compile(r"([A-Z]{2})-(\d{17}|\d{12}|\d{9}|\d{6}|\d{4}|\d{2})-(20\d\d)(\d\d)(\d\d)")


@dataclass(frozen=True)
class Code:
    """What a code says."""

    mark: str
    number: str
    printed_on: datetime.date

    @property
    def is_household(self) -> bool:
        return len(self.number) == HOUSEHOLD_DIGITS

    def __str__(self) -> str:
        return f"{self.mark}-{self.number}-{self.printed_on:%Y%m%d}"


def read(text: str) -> Code | None:
    """The code as typed or scanned; None when it is none."""
    match = _CODE.fullmatch(text.strip().upper())
    if match is None:
        return None
    try:
        day = datetime.date(int(match[3]), int(match[4]), int(match[5]))
    except ValueError:
        return None
    return Code(match[1], match[2], day)
