"""Registers measures and their delivery with date, amount and proof (notice 一(四), policy.md §9)."""

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from assistance import verbs
from assistance.choices import CANCELLED, DONE, ONGOING, PLANNED, VERIFIED
from assistance.models import Measure, MeasureEvidence, PlanItem
from assistance.policies import measures as policies
from assistance.services import due
from assistance.validators import measure_kind
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.files.storing import store, validate_evidence
from households.models import Household, Member
from households.services.telling import tell


@transaction.atomic
def plan(
    household: Household,
    *,
    by: User,
    category: str,
    item: str,
    domain: str,
    start_on: datetime.date,
    department: str,
    risk: str = "",
    member: Member | None = None,
    plan_item: PlanItem | None = None,
    end_on: datetime.date | None = None,
    amount: Decimal | None = None,
    project_no: str = "",
    note: str = "",
) -> Measure:
    """Register a measure: 计划 when it starts later, 实施中 when it has begun; 先行帮扶 when not yet admitted."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    policies.may_plan(by, household).require()
    measure = Measure(
        household=household,
        member=member,
        plan_item=plan_item,
        category=category,
        item=item,
        domain=domain,
        risk=risk,
        start_on=start_on,
        end_on=end_on,
        amount=amount,  # type: ignore[misc]
        department=department,
        project_no=project_no,
        note=note,
        status=PLANNED if start_on > clock.today() else ONGOING,
        is_advance=not policies.is_entitled(household),
        recorded_at=clock.now(),
        recorded_by=by,
    )
    _validate(measure)
    measure.save(force_insert=True)
    _follow(measure)
    after = {"item": str(measure), "start_on": start_on, "amount": amount, "risk": risk}
    _record(verbs.MEASURE_PLANNED, measure, by, after=after | {"is_advance": measure.is_advance})
    tell([household.pk], "measure")
    return measure


@transaction.atomic
def deliver(
    measure: Measure,
    *,
    by: User,
    delivered_on: datetime.date,
    evidence: Iterable[UploadedFile],
    amount: Decimal | None = None,
    note: str = "",
) -> Measure:
    """The measure reached the household: day, amount (元) and at least one proof."""
    measure = _locked(measure)
    files = list(evidence)
    verdict = policies.may_deliver(by, measure)
    verdict &= policies.is_plausible_delivery(measure, delivered_on, amount, len(files))
    verdict.require()
    for upload in files:
        validate_evidence(upload)
    before = {"status": measure.status, "amount": measure.amount}
    measure.status, measure.delivered_on = DONE, delivered_on
    if amount is not None:
        measure.amount = amount
    measure.note = note or measure.note
    measure.save(update_fields=["status", "delivered_on", "amount", "note"])
    stored = [store(MeasureEvidence, upload, by=by, measure=measure) for upload in files]
    _follow(measure)
    after = {
        "status": DONE,
        "delivered_on": delivered_on,
        "amount": measure.amount,
        "evidence": [row.sha256 for row in stored],
    }
    _record(verbs.MEASURE_DELIVERED, measure, by, before=before, after=after)
    tell([measure.household_id], "measure")
    return measure


@transaction.atomic
def cancel(measure: Measure, *, by: User, reason: str) -> Measure:
    """Take a measure back: it stays on the books as 取消 with the reason."""
    measure = _locked(measure)
    policies.may_cancel(by, measure).require()
    if not reason.strip():
        raise ValidationError({"reason": "请填写取消原因"})
    before = {"status": measure.status}
    measure.status, measure.cancel_reason = CANCELLED, reason
    measure.save(update_fields=["status", "cancel_reason"])
    _follow(measure)
    _record(verbs.MEASURE_CANCELLED, measure, by, before=before, note=reason)
    tell([measure.household_id], "measure")
    return measure


@transaction.atomic
def verify(ledger_refs: Mapping[int, str], *, by: User | None) -> int:
    """A department's ledger agrees: measure id → ledger row number. Only delivered ones move; returns how many."""
    found = list(
        Measure.objects.select_for_update(of=("self",))
        .select_related("household")
        .filter(pk__in=ledger_refs, status=DONE)
    )
    for measure in found:
        measure.status, measure.ledger_ref = VERIFIED, ledger_refs[measure.pk]
        _record(verbs.MEASURE_VERIFIED, measure, by, after={"ledger_ref": measure.ledger_ref})
    Measure.objects.bulk_update(found, ["status", "ledger_ref"])
    PlanItem.objects.filter(measures__in=found).update(status=VERIFIED)
    tell([measure.household_id for measure in found], "measure")
    return len(found)


def _locked(measure: Measure) -> Measure:
    rows = Measure.objects.select_for_update(of=("self",))
    return rows.select_related("household", "plan_item").get(pk=measure.pk)


def _validate(measure: Measure) -> None:
    wrong: dict[str, str] = {}
    if measure.member and measure.member.household_id != measure.household_id:
        wrong["member"] = "受益成员不是本户成员"
    if measure.plan_item and measure.plan_item.plan.household_id != measure.household_id:
        wrong["plan_item"] = "所选计划措施不属于本户"
    if wrong:
        raise ValidationError(wrong)
    measure_kind(measure.category, measure.item, measure.note)
    measure.full_clean(exclude=["household", "recorded_by"])


def _follow(measure: Measure) -> None:
    """The plan's line shows the furthest of its measures, the household what is due next."""
    if measure.plan_item_id is None:
        return
    states = set(
        Measure.objects.filter(plan_item=measure.plan_item_id).values_list("status", flat=True)
    )
    furthest = next((s for s in (VERIFIED, DONE, ONGOING) if s in states), PLANNED)
    PlanItem.objects.filter(pk=measure.plan_item_id).update(status=furthest)
    due.follow(measure.household_id)


def _record(verb: str, measure: Measure, by: User | None, **rest: Any) -> None:
    household = measure.household
    record(
        verb,
        by=by,
        on=measure,
        subject=f"{household}{measure}",
        path=household.division_path,
        **rest,
    )
