"""收支明细: booked by hand or taken over from a department's ledger; a wrong one is taken back."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households import verbs
from households.models import Household, Receipt
from households.policies.households import may_record_income
from households.rules.windows import Window
from households.selectors.receipts import BOOKED, Offer, line_label, offers
from households.services import writing

TEXTS = ("first_month", "last_month", "note")


@transaction.atomic
def book(household: Household, *, fields: dict[str, Any], by: User) -> Receipt:
    """One sum on a day, or monthly. `fields`: line, amount, member, received_on, first_month, last_month, note."""
    household = _open(household, by)
    values = {**fields, **{name: fields.get(name) or "" for name in TEXTS}}
    row = Receipt(household=household, **values)
    _sensible(row).require()
    return _save(row, by)


@transaction.atomic
def take_offers(household: Household, keys: Collection[str], *, window: Window, by: User) -> int:
    """Take over what ledgers offer; a sum that was taken before and changed replaces the older one."""
    household = _open(household, by)
    wanted = [offer for offer in offers(household, window) if offer.key in keys]
    for offer in wanted:
        standing = household.receipts.filter(source_key=offer.key, withdrawn_at__isnull=True)
        for row in standing:
            _withdraw(row, by, "台账金额已更新")
        _save(_of(household, offer), by)
    return len(wanted)


@transaction.atomic
def withdraw(receipt: Receipt, *, by: User) -> Receipt:
    """Take a wrong receipt back; the row stays with who and when."""
    household = _open(receipt.household, by)
    row = household.receipts.select_for_update(of=("self",)).get(pk=receipt.pk)
    if row.withdrawn_at is None:
        _withdraw(row, by, "")
    return row


def _open(household: Household, by: User) -> Household:
    household = Household.objects.select_for_update().get(pk=household.pk)
    may_record_income(by, household).require()
    return household


def _of(household: Household, offer: Offer) -> Receipt:
    return Receipt(
        household=household,
        line=offer.line,
        member_id=offer.member_id,
        amount=offer.amount,
        first_month=offer.first_month,
        last_month=offer.last_month,
        source=offer.source,
        source_key=offer.key,
    )


def _sensible(row: Receipt) -> Verdict:
    verdict = Verdict.yes()
    if row.line not in BOOKED:
        verdict &= Verdict.no(Reason("请选择收支项目；合计项由系统相加", field="line"))
    if row.received_on is not None and row.received_on > clock.today():
        verdict &= Verdict.no(Reason("收支日期不能晚于今天", field="received_on"))
    if row.first_month and row.first_month > clock.month_of(clock.today()):
        verdict &= Verdict.no(Reason("起始月份不能晚于本月", field="first_month"))
    if row.member is not None and row.member.household_id != row.household_id:
        verdict &= Verdict.no(Reason("该成员不在本户", field="member"))
    return verdict


def _save(row: Receipt, by: User) -> Receipt:
    row.made_at, row.made_by = clock.now(), by
    writing.save(row, exclude=("household", "made_by", "withdrawn_by"))
    record(verbs.RECEIPT_BOOKED, by=by, on=row, path=row.household.division_path,
           subject=f"{row.household}{line_label(row.line)}", after={"amount": row.amount})  # fmt: skip
    return row


def _withdraw(row: Receipt, by: User, note: str) -> None:
    row.withdrawn_at, row.withdrawn_by = clock.now(), by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(verbs.RECEIPT_WITHDRAWN, by=by, on=row, path=row.household.division_path,
           subject=f"{row.household}{line_label(row.line)}", before={"amount": row.amount},
           note=note)  # fmt: skip
