"""收支明细 sorted into a window, and what the departments' ledgers offer for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fanpin.clock import month_of
from households.models import Household, IncomeStatement, Receipt
from households.rules.windows import Window, months_between
from households.selectors.income import LINES, PARTS
from households.selectors.wording import label_of

# Lines that money is booked on: a total that has parts is their sum and takes nothing itself.
BOOKED = tuple(line for line in LINES if line not in PARTS)
WAGE, WAGE_PARTS = "inc_wage", tuple(line for line in LINES if line.startswith("inc_wage_"))


@dataclass(frozen=True)
class Counted:
    """A receipt and what of it falls into the window: how many times, how much."""

    receipt: Receipt
    times: int
    amount: Decimal

    @property
    def label(self) -> str:
        return line_label(self.receipt.line)


@dataclass(frozen=True)
class Offer:
    """A sum that a department's ledger knows for this household: a receipt that nobody has to type."""

    key: str
    line: str
    amount: Decimal
    source: str
    member_id: int | None
    member_name: str
    first_month: str
    last_month: str

    @property
    def label(self) -> str:
        return line_label(self.line)


OfferProvider = Callable[[Household, Window], Iterable[Offer]]
_providers: list[OfferProvider] = []


def register(provider: OfferProvider) -> OfferProvider:
    """Apps above tell what their ledgers know; called once, at start."""
    _providers.append(provider)
    return provider


def line_label(line: str) -> str:
    text = label_of(IncomeStatement, line)
    return f"{text}（未分项）" if line == WAGE else text


def times_in(receipt: Receipt, window: Window) -> int:
    """How often the sum falls into a window of whole months; both ends included."""
    if receipt.received_on is not None:
        return int(window[0] <= receipt.received_on <= window[1])
    first = max(receipt.first_month, month_of(window[0]))
    last = min(receipt.last_month or "999912", month_of(window[1]))
    return max(0, months_between(first, last) + 1)


def counted(household: Household, window: Window) -> list[Counted]:
    """Every standing receipt in the order of the paper form with its share of the window."""
    rows = household.receipts.filter(withdrawn_at__isnull=True).select_related("member", "made_by")
    found = []
    for row in sorted(rows, key=lambda row: (LINES.index(row.line), row.pk)):
        times = times_in(row, window)
        found.append(Counted(row, times, row.amount * times))
    return found


def sums(rows: Iterable[Counted]) -> dict[str, Decimal]:
    """Line → sum in the window, only of lines that have a receipt; wages are the sum of their parts too."""
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row.receipt.line] = found.get(row.receipt.line, Decimal(0)) + row.amount
    wages = [found[line] for line in (WAGE, *WAGE_PARTS) if line in found]
    if wages:
        found[WAGE] = sum(wages, Decimal(0))
    return found


def offers(household: Household, window: Window) -> list[Offer]:
    """What ledgers know and nobody has taken yet; a sum that changed since is offered again."""
    taken = {
        row.source_key: row
        for row in household.receipts.filter(withdrawn_at__isnull=True).exclude(source_key="")
    }
    known = (offer for provider in _providers for offer in provider(household, window))
    return [offer for offer in known if not _same(taken.get(offer.key), offer)]


def _same(receipt: Receipt | None, offer: Offer) -> bool:
    return receipt is not None and _facts(receipt) == _facts(offer)


def _facts(row: Any) -> tuple[Any, ...]:
    return (row.line, row.amount, row.member_id, row.first_month, row.last_month)
