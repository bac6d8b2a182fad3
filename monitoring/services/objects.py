"""Moves a monitoring object along its edges (policy.md §5.6) and does what concerns the object outside a case."""

import datetime
from typing import Any

from django.db import transaction

from assistance.services import stopping
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Refused, Verdict
from fanpin.audit.recording import record
from households.choices import EVER_ADMITTED
from households.models import Household
from households.selectors.members import roster
from households.services import standing, telling
from monitoring import verbs
from monitoring.choices import FlagAction
from monitoring.models import Case, Episode, MonitoringObject, RiskFlag
from monitoring.policies import objects as policies
from monitoring.selectors import cases
from monitoring.workflow.objects import PREVIOUS, edge


def of(household: Household) -> MonitoringObject:
    """The household's object, locked; made on first use. The caller holds the household's lock."""
    found = MonitoringObject.objects.select_for_update().filter(household=household).first()
    return found or MonitoringObject.objects.create(household=household, state_on=clock.today())


def move(obj: MonitoringObject, event: str) -> None:
    """The only writer of an object's state. Refuses every edge that §5.6 does not list."""
    found = edge(obj.state, event)
    if found is None:
        raise Refused(
            (Reason(f"监测状态为“{obj.label}”，不能办理此项业务", clause="业务规程 §5.6"),)
        )
    if found.target == "closed":
        obj.previous_state = obj.state
    obj.state = obj.previous_state if found.target == PREVIOUS else found.target
    obj.state_on = clock.today()
    obj.save()
    mirror(obj)


def mirror(obj: MonitoringObject) -> None:
    """Show the object's state and category on the household."""
    shown = obj.category if obj.state in EVER_ADMITTED else ""
    standing.set_monitoring(obj.household_id, state=obj.state, monitor_type=shown)


def flag(
    obj: MonitoringObject,
    action: str,
    *,
    by: User | None,
    month: str,
    episode: Episode | None = None,
    case: Case | None = None,
    reason: str = "",
    **more: Any,
) -> RiskFlag:
    """Append one mark to the object's history."""
    household = obj.household
    return RiskFlag.objects.create(
        object=obj,
        episode=episode,
        case=case,
        action=action,
        month=month,
        category=obj.category,
        is_four_haves=obj.is_four_haves,
        persons=roster(household).count(),
        county_code=household.county_code,
        division_path=household.division_path,
        set_on=clock.today(),
        set_at=clock.now(),
        set_by=by,
        role=by.role_at(household.division_path) if by else "",
        reason=reason,
        **more,
    )


@transaction.atomic
def change_category(
    obj: MonitoringObject,
    *,
    category: str,
    deliberated_on: datetime.date | None,
    reason: str,
    by: User,
) -> MonitoringObject:
    """Edge 9: the county changes the category because type or income changed, after a village meeting."""
    obj = _locked(obj)
    verdict = policies.may_change_category(by, obj)
    verdict &= policies.category_change_holds(
        obj, category=category, deliberated_on=deliberated_on, reason=reason
    )
    verdict.require()
    before = obj.category
    obj.category = category
    move(obj, "change_category")
    episode = cases.last_episode(obj.pk)
    if episode:
        Episode.objects.filter(pk=episode.pk).update(category=category)
    flag(obj, FlagAction.CATEGORY, by=by, month=clock.month_of(clock.today()), episode=episode,
         reason=reason, category_before=before)  # fmt: skip
    _record(verbs.CATEGORY_CHANGED, obj, by, note=reason, before={"category": before},
            after={"category": category, "deliberated_on": deliberated_on})  # fmt: skip
    return obj


@transaction.atomic
def void(obj: MonitoringObject, *, reason: str, city_filing_no: str, by: User) -> MonitoringObject:
    """Edge 13: 识别不准. The county's reason and the city's filing number."""
    obj = _locked(obj)
    verdict = policies.may_void(by, obj)
    if not city_filing_no.strip():
        verdict &= Verdict.no(Reason("请填写市州备案文号", field="city_filing_no"))
    (verdict & policies.written(reason)).require()
    obj.city_filing_no = city_filing_no.strip()
    _close_episode(obj)
    move(obj, "void")
    flag(obj, FlagAction.VOID, by=by, month=clock.month_of(clock.today()),
         episode=cases.last_episode(obj.pk), reason=reason)  # fmt: skip
    standing.set_due(obj.household_id, due_on=None)
    _record(verbs.VOIDED, obj, by, note=reason, after={"city_filing_no": obj.city_filing_no})
    return obj


@transaction.atomic
def note_gone(obj: MonitoringObject) -> None:
    """The system sees that nobody is left: the township is asked to propose the closing. Never automatic."""
    obj = _locked(obj)
    if obj.gone_on is None:
        obj.gone_on = clock.today()
        obj.save()
        _record(verbs.GONE_NOTED, obj, None)


@transaction.atomic
def forget_gone(obj: MonitoringObject) -> None:
    """Somebody is back on the roster before the county confirmed."""
    obj = _locked(obj)
    if obj.gone_on and obj.state != "closed":
        obj.gone_on = obj.gone_proposed_at = obj.gone_proposed_by = None
        obj.save()


@transaction.atomic
def propose_close(obj: MonitoringObject, *, reason: str, by: User) -> MonitoringObject:
    """The township proposes 整户减少 once every member has left by a valid reason."""
    obj = _locked(obj)
    (policies.may_propose_close(by, obj) & policies.written(reason, 4)).require()
    obj.gone_on = obj.gone_on or clock.today()
    obj.gone_proposed_at, obj.gone_proposed_by = clock.now(), by
    obj.save()
    _record(verbs.GONE_PROPOSED, obj, by, note=reason)
    return obj


@transaction.atomic
def close(obj: MonitoringObject, *, reason: str, by: User) -> MonitoringObject:
    """Edges 12 and 25: the county confirms; not counted as eliminated."""
    obj = _locked(obj)
    (policies.may_close(by, obj) & policies.written(reason, 4)).require()
    move(obj, "close")
    flag(obj, FlagAction.CLOSE, by=by, month=clock.month_of(clock.today()),
         episode=cases.last_episode(obj.pk), reason=reason)  # fmt: skip
    stopping.stop(obj.household, reason="整户减少", by=by)
    standing.set_due(obj.household_id, due_on=None)
    _record(verbs.CLOSED, obj, by, note=reason)
    return obj


@transaction.atomic
def reopen(obj: MonitoringObject, *, reason: str, by: User) -> MonitoringObject:
    """Edge 26: a missing person returned, or the closing was a mistake."""
    obj = _locked(obj)
    (policies.may_reopen(by, obj) & policies.written(reason)).require()
    obj.gone_on = obj.gone_proposed_at = obj.gone_proposed_by = None
    move(obj, "reopen")
    flag(obj, FlagAction.REOPEN, by=by, month=clock.month_of(clock.today()),
         episode=cases.last_episode(obj.pk), reason=reason)  # fmt: skip
    _record(verbs.REOPENED_OBJECT, obj, by, note=reason)
    return obj


def _locked(obj: MonitoringObject) -> MonitoringObject:
    Household.objects.select_for_update().get(pk=obj.household_id)
    rows = MonitoringObject.objects.select_for_update(of=("self",))
    return rows.select_related("household").get(pk=obj.pk)


def _close_episode(obj: MonitoringObject) -> None:
    Episode.objects.filter(object=obj, closed_month="").update(
        closed_month=clock.month_of(clock.today()), closed_on=clock.today()
    )


def _record(verb: str, obj: MonitoringObject, by: User | None, **rest: Any) -> None:
    record(verb, by=by, on=obj, path=obj.household.division_path, **rest)
    telling.tell([obj.household_id], "monitoring")
