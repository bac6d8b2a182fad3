"""Numbers that are right in form and belong to nobody as far as can be arranged: order numbers 990–999."""

import datetime
from random import Random

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# So many draws without a free number: the day is taken for full.
MOST_TRIES = 100
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


class Numbers:
    """Hands out identity numbers, phones and cooperative codes, each once per seed."""

    def __init__(self, rng: Random, regions: list[str]):
        self.rng = rng
        self.regions = regions
        self.used: set[str] = set()
        self.phones = 0
        self.cooperatives = 0

    def identity(self, born: datetime.date, sex: str) -> str:
        """An unused 18-digit number: odd order numbers 991…999 for men, even ones 990…998 for women.

        A day whose numbers are all given away passes the birth on to the day before: the number tells.
        """
        last = (991, 993, 995, 997, 999) if sex == "1" else (990, 992, 994, 996, 998)
        tries = 0
        while True:
            region = self.rng.choice(self.regions)
            body = f"{region}{born:%Y%m%d}{self.rng.choice(last)}"
            if body not in self.used:
                self.used.add(body)
                return body + check_character(body)
            tries += 1
            if tries % MOST_TRIES == 0:
                born -= datetime.timedelta(days=1)

    def phone(self) -> str:
        """A mobile number in form, numbered from 199 0000 0001 on."""
        self.phones += 1
        return f"1990{self.phones:07d}"

    def cooperative(self, county: str) -> str:
        """A cooperative's credit code (93 + county + running number) with its check character."""
        self.cooperatives += 1
        body = f"93{county}{self.cooperatives:09d}"
        total = sum(_USCC.index(c) * pow(3, i, 31) for i, c in enumerate(body))
        return body + _USCC[(31 - total % 31) % 31]


def check_character(body: str) -> str:
    """The 18th character for the first 17 (GB 11643)."""
    return _CHECKS[sum(int(c) * w for c, w in zip(body, _WEIGHTS, strict=True)) % 11]
