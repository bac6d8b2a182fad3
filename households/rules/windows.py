"""Income windows and formulas (policy.md §7): which twelve months count, and what comes out per
person.

Pure. Per-capita figures stay exact fractions until they are shown: 5,999.996 is below a line of
6,000.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Protocol

CENT = Decimal("0.01")
Amount = Decimal | int
Window = tuple[date, date]


class HasWindow(Protocol):
    income_from: date
    income_to: date


def window_annual(campaign: HasWindow | int) -> Window:
    """ANNUAL(Y), both days included: the campaign's own dates, or Oct 1 of the year before to Sep
    30 (notice 三(一)).
    """
    if isinstance(campaign, int):
        return date(campaign - 1, 10, 1), date(campaign, 9, 30)
    return campaign.income_from, campaign.income_to


def window_event(month: str) -> Window:
    """EVENT(M): the twelve full months that end with the month before M ("202111"), policy.md
    §7.3.
    """
    start = shift_month(month, -12)
    end = shift_month(month, -1)
    return first_day(start), last_day(end)


def first_day(month: str) -> date:
    return date(int(month[:4]), int(month[4:6]), 1)


def last_day(month: str) -> date:
    year, number = int(month[:4]), int(month[4:6])
    return date(year, number, calendar.monthrange(year, number)[1])


def shift_month(month: str, by: int) -> str:
    """ "202101" shifted by -1 is "202012"."""
    index = int(month[:4]) * 12 + int(month[4:6]) - 1 + by
    return f"{index // 12:04d}{index % 12 + 1:02d}"


def months_between(earlier: str, later: str) -> int:
    """Whole calendar months from one YYYYMM to another."""
    return (int(later[:4]) - int(earlier[:4])) * 12 + int(later[4:6]) - int(earlier[4:6])


def received_in(day: date, window: Window) -> bool:
    """Cash basis: what counts is the day the money was received (policy.md §7.1)."""
    return window[0] <= day <= window[1]


def income_is_stale(reference_month: str, approval_month: str, *, max_lag: int) -> bool:
    """The county decides too long after the household check: the income window has run out
    (policy.md §7.4).
    """
    return months_between(reference_month, approval_month) > max_lag


@dataclass(frozen=True, kw_only=True)
class Income:
    """One statement's totals in 元, named as on the form: A wage, B business, C property, D
    transfer, E expenses, F, G.
    """

    inc_wage: Amount = 0
    inc_business: Amount = 0
    inc_property: Amount = 0
    inc_transfer: Amount = 0
    exp_business: Amount = 0
    claim_income: Amount = 0
    self_pay: Amount = 0
    members_count: int

    @property
    def gross(self) -> Decimal:
        return Decimal(self.inc_wage) + self.inc_business + self.inc_property + self.inc_transfer

    @property
    def net(self) -> Decimal:
        """A + B + C + D − E; may be negative and is never clamped."""
        return self.gross - self.exp_business

    @property
    def net_pc(self) -> Fraction:
        return per_capita(self.net, self.members_count)

    @property
    def reference(self) -> Decimal:
        """Net + claims received − compliant payments of one's own (纳入监测的收入参考范围)."""
        return self.net + self.claim_income - self.self_pay

    @property
    def reference_pc(self) -> Fraction:
        return per_capita(self.reference, self.members_count)


def per_capita(total: Amount, members: int) -> Fraction:
    """Unrounded; a household without members counts as one so that the form can still be shown."""
    return Fraction(total) / max(members, 1)


def shown(amount: Fraction) -> Decimal:
    """Half-up to the cent, for display only."""
    quotient = Decimal(amount.numerator) / Decimal(amount.denominator)
    return quotient.quantize(CENT, rounding=ROUND_HALF_UP)


def is_below(amount: Fraction, line: Amount) -> bool:
    """Strictly below, on the unrounded figure: exactly 6,000.00 is not below 6,000 (policy.md
    §3.2).
    """
    return amount < Fraction(line)
