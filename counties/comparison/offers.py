"""What the ledgers in use pay to the people of a household: offered as receipts, so that nobody types them."""

from collections.abc import Iterator

from counties.comparison import SPECS, LedgerSpec
from counties.models import LedgerBatch, LedgerRow
from counties.models.ledgers import BatchState
from fanpin.clock import month_of
from households.models import Household, Member
from households.rules.windows import Window
from households.selectors.members import roster
from households.selectors.receipts import Offer, register


@register
def paid(household: Household, window: Window) -> Iterator[Offer]:
    """Rows of the newest ledgers with an amount whose months touch the window."""
    people = {member.id18: member for member in roster(household) if member.id18}
    for spec in SPECS.values():
        if spec.pays and people:
            for row in _rows(spec, household, list(people)):
                yield from _offer(spec, row, people[row.id18], window)


def _rows(spec: LedgerSpec, household: Household, numbers: list[str]) -> list[LedgerRow]:
    batch = (
        LedgerBatch.objects.filter(
            county_code=household.county_code, ledger=spec.key, state=BatchState.IN_USE
        )
        .order_by("-campaign")
        .first()
    )
    if batch is None:
        return []
    rows = LedgerRow.objects.filter(batch=batch, id18__in=numbers, kind__in=spec.pays)
    return list(rows.select_related("batch").order_by("number"))


def _offer(spec: LedgerSpec, row: LedgerRow, member: Member, window: Window) -> Iterator[Offer]:
    """A total paid in the year stands for itself in the year's window; else monthly from the first day to the last."""
    line, source = spec.pays[row.kind], f"{spec.title}台账（{row.batch.period}）第{row.number}行"
    campaign = row.batch.campaign
    amount = row.amount
    if row.total is not None:
        if window != (campaign.income_from, campaign.income_to):
            return
        month = month_of(campaign.income_to)
        amount, first, last = row.total, month, month
    else:
        first = month_of(max(row.from_on or window[0], window[0]))
        last = month_of(row.until_on) if row.until_on else ""
        if first > month_of(window[1]) or (last and last < first):
            return
    if amount:
        key = f"{spec.key}:{member.pk}:{line}:{campaign.year}"
        yield Offer(key, line, amount, source, member.pk, member.name, first, last)
