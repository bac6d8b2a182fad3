"""Makes, submits, approves and returns a 一户一策. Approved versions never change; a change is a new version."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from assistance import verbs
from assistance.choices import EDITABLE_STATES, OPEN_STATES, DocumentKind, PlanState
from assistance.models import Measure, Plan, PlanDocument, PlanDuty, PlanItem, PlanRisk
from assistance.policies import plans as policies
from assistance.services import due
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.files.storing import store
from households.models import Household
from households.selectors.parameters import parameter
from households.services.telling import tell

CONTENT = ("made_on", "village_secretary", "township_cadre", "helper", "helper_phone", "team_leader",
           "situation", "debts", "dev_measure_status", "adjust_note", "signed_on")  # fmt: skip
COPIED_FIELDS = ("category", "item", "domain", "content", "quantity", "amount", "responsible_name",
                 "responsible_phone", "responsible_unit", "start_on", "deadline", "funding_source",
                 "status")  # fmt: skip


@transaction.atomic
def open_due(
    household: Household,
    due_on: datetime.date,
    *,
    risks: Iterable[str] = (),
    registered_on: datetime.date | None = None,
    by: User | None = None,
) -> Plan:
    """Monitoring registered the household: a plan is due. Opens the draft with the known risks, or keeps what there is.

    Called by monitoring after its own policy; safe to call again.
    """
    household = Household.objects.select_for_update().get(pk=household.pk)
    codes = list(dict.fromkeys(risks))
    duty, made = PlanDuty.objects.get_or_create(
        household=household,
        defaults={
            "registered_on": registered_on or clock.today(),
            "risks": codes,
            "due_on": due_on,
            "opened_at": clock.now(),
        },
    )
    if not made:
        duty.risks = codes or duty.risks
        duty.due_on = due_on
        duty.registered_on = registered_on or duty.registered_on
        duty.save()
    live = Plan.objects.filter(household=household, state__in=(*OPEN_STATES, PlanState.APPROVED))
    plan = live.order_by("-version").first() or _create(household, due_on=due_on, by=by)
    if plan.state in EDITABLE_STATES:
        plan.due_on = due_on
        plan.save(update_fields=["due_on"])
        _add_missing_risks(plan, codes)
    _record(verbs.PLAN_DUE_OPENED, plan, by, after={"due_on": due_on, "risks": codes})
    tell([household.pk], "measure")
    return plan


@transaction.atomic
def draft(household: Household, *, by: User, **content: Any) -> Plan:
    """The version being made: the open draft, or a new one."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    policies.may_draft(by, household).require()
    plan = Plan.objects.filter(household=household, state__in=EDITABLE_STATES).first()
    if plan is None:
        plan = _next_version(household, by=by, reason="")
    if content:
        _fill(plan, content)
    _record(verbs.PLAN_DRAFTED, plan, by, after={"version": plan.version})
    return plan


@transaction.atomic
def new_version(household: Household, *, by: User, reason: str) -> Plan:
    """The next version, with risks and measures of the last one to start from."""
    household = Household.objects.select_for_update().get(pk=household.pk)
    policies.may_new_version(by, household).require()
    if not reason.strip():
        raise ValidationError({"reason": "请填写调整原因"})
    plan = _next_version(household, by=by, reason=reason)
    _record(verbs.PLAN_VERSION_OPENED, plan, by, note=reason)
    return plan


@transaction.atomic
def reopen_for_rollback(
    household: Household, *, by: User | None = None, reason: str = "风险回退，重新制定"
) -> Plan:
    """A rolled-back household needs a new version within the days set for a first plan (policy.md §5.4).

    Called by monitoring after its own policy. A version already being made is kept.
    """
    household = Household.objects.select_for_update().get(pk=household.pk)
    plan = Plan.objects.filter(household=household, state__in=OPEN_STATES).first()
    if plan is None:
        plan = _next_version(household, by=by, reason=reason)
    days = parameter("plan_due_days", household.division_path, clock.today())
    plan.due_on = clock.today() + datetime.timedelta(days=days)
    plan.reopened_reason = reason
    plan.save(update_fields=["due_on", "reopened_reason"])
    _record(verbs.PLAN_VERSION_OPENED, plan, by, note=reason, after={"due_on": plan.due_on})
    tell([household.pk], "measure")
    return plan


@transaction.atomic
def edit(plan: Plan, *, by: User, **content: Any) -> Plan:
    """Change the head of a draft: parties, situation, dates."""
    plan = _locked(plan)
    policies.may_edit(by, plan).require()
    before = {name: getattr(plan, name) for name in content}
    _fill(plan, content)
    _record(verbs.PLAN_EDITED, plan, by, before=before, after=content)
    return plan


@transaction.atomic
def add_document(plan: Plan, *, by: User, upload: UploadedFile, kind: str) -> PlanDocument:
    """File the signed page or another paper with a draft."""
    plan = _locked(plan)
    policies.may_edit(by, plan).require()
    document = store(PlanDocument, upload, by=by, plan=plan, kind=DocumentKind(kind))
    _record(verbs.PLAN_DOCUMENT_ADDED, plan, by, after={"sha256": document.sha256, "kind": kind})
    return document


@transaction.atomic
def submit(plan: Plan, *, by: User) -> Plan:
    """To the township, complete."""
    plan = _locked(plan)
    policies.may_submit(by, plan).require()
    _move(plan, PlanState.SUBMITTED, submitted_at=clock.now(), submitted_by=by,
          decided_at=None, decided_by=None, decision_note="")  # fmt: skip
    _record(verbs.PLAN_SUBMITTED, plan, by)
    tell([plan.household_id], "measure")
    return plan


@transaction.atomic
def approve(plan: Plan, *, by: User, note: str = "") -> Plan:
    """Township: this version is in force, the one before becomes history and its measures go on under this one."""
    plan = _locked(plan)
    policies.may_decide(by, plan).require()
    Plan.objects.filter(household=plan.household, state=PlanState.APPROVED).update(
        state=PlanState.CLOSED
    )
    _move(plan, PlanState.APPROVED, decided_at=clock.now(), decided_by=by, decision_note=note)
    for item in plan.items.filter(previous__isnull=False):
        Measure.objects.filter(plan_item=item.previous_id).update(plan_item=item)
    due.follow(plan.household_id)
    _record(verbs.PLAN_APPROVED, plan, by, note=note)
    tell([plan.household_id], "measure")
    return plan


@transaction.atomic
def return_(plan: Plan, *, by: User, reason: str) -> Plan:
    """Township: back to the village with the reason."""
    plan = _locked(plan)
    policies.may_decide(by, plan).require()
    if not reason.strip():
        raise ValidationError({"reason": "请填写退回原因"})
    _move(plan, PlanState.RETURNED, decided_at=clock.now(), decided_by=by, decision_note=reason)
    _record(verbs.PLAN_RETURNED, plan, by, note=reason)
    tell([plan.household_id], "measure")
    return plan


def _locked(plan: Plan) -> Plan:
    return Plan.objects.select_for_update(of=("self",)).select_related("household").get(pk=plan.pk)


def _move(plan: Plan, state: PlanState, **fields: Any) -> None:
    plan.state = state
    for name, value in fields.items():
        setattr(plan, name, value)
    plan.save(update_fields=["state", *fields])


def _fill(plan: Plan, content: dict[str, Any]) -> None:
    unknown = set(content) - set(CONTENT)
    if unknown:
        raise TypeError(f"not part of a plan: {sorted(unknown)}")
    for name, value in content.items():
        setattr(plan, name, value)
    plan.clean_fields(exclude={f.name for f in Plan._meta.fields} - set(content))
    if plan.made_on and plan.made_on > clock.today():
        raise ValidationError({"made_on": "制定日期不能晚于今天"})
    if plan.signed_on and plan.made_on and plan.signed_on < plan.made_on:
        raise ValidationError({"signed_on": "户主签字日期不能早于制定日期"})
    plan.save(update_fields=list(content))


def _create(
    household: Household, *, by: User | None, due_on: datetime.date | None, reason: str = ""
) -> Plan:
    last = Plan.objects.filter(household=household).order_by("-version").first()
    return Plan.objects.create(
        household=household,
        version=last.version + 1 if last else 1,
        due_on=due_on,
        reopened_reason=reason,
        created_at=clock.now(),
        created_by=by,
    )


def _next_version(household: Household, *, by: User | None, reason: str) -> Plan:
    last = Plan.objects.filter(household=household).order_by("-version").first()
    duty = PlanDuty.objects.filter(household=household).first()
    plan = _create(
        household, by=by, due_on=duty.due_on if duty and not last else None, reason=reason
    )
    if last:
        _copy(last, plan)
    elif duty:
        _add_missing_risks(plan, duty.risks)
    return plan


def _copy(last: Plan, plan: Plan) -> None:
    for name in ("village_secretary", "township_cadre", "helper", "helper_phone", "team_leader",
                 "situation", "debts", "dev_measure_status"):  # fmt: skip
        setattr(plan, name, getattr(last, name))
    plan.save()
    twins: dict[int | None, PlanRisk | None] = {None: None}
    for risk in last.risks.all():
        twins[risk.pk] = PlanRisk.objects.create(
            plan=plan,
            cause=risk.cause,
            bearer=risk.bearer,
            description=risk.description,
            effect=risk.effect,
            effect_on=risk.effect_on,
            effect_note=risk.effect_note,
        )
    PlanItem.objects.bulk_create(
        PlanItem(
            plan=plan,
            risk=twins[item.risk_id],
            previous=item,
            **{name: getattr(item, name) for name in COPIED_FIELDS},
        )
        for item in last.items.exclude(status="cancelled")
    )


def _add_missing_risks(plan: Plan, codes: Iterable[str]) -> None:
    known = set(plan.risks.values_list("cause", flat=True))
    PlanRisk.objects.bulk_create(
        PlanRisk(plan=plan, cause=code) for code in codes if code not in known
    )


def _record(verb: str, plan: Plan, by: User | None, **rest: Any) -> None:
    record(verb, by=by, on=plan, path=plan.household.division_path, **rest)
