"""Starts a screening and moves a household of the list: 列入核查 files a clue, 排除 keeps who, when and why."""

import logging
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from counties import verbs
from counties.models import KeyCheck, KeyCheckAction, ScreeningRun
from counties.models.ledgers import WARNING
from counties.models.screening import CheckState
from counties.policies import screening as policies
from counties.selectors import screening as selectors
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.jobs import enqueue, every_day
from fanpin.regions.models import Division
from households.models import Campaign
from households.selectors.parameters import campaign_now, parameter
from monitoring.services import opening

logger = logging.getLogger(__name__)
JOB = "counties.screen"
SHORTEST = 4
THRESHOLDS = ("screening_red", "screening_orange", "screening_yellow", "screening_worse_percent")


def thresholds(path: str) -> dict[str, Any]:
    """The dated values behind the colours; refuses when one is not set."""
    return {key: parameter(key, path, clock.today()) for key in THRESHOLDS}


@transaction.atomic
def start(
    county: Division, *, campaign: Campaign, by: User | None, wait: bool = False
) -> ScreeningRun:
    """Screen a county in the worker (`wait`: the caller does it here). Without a person: after a comparison."""
    if by is not None:
        policies.may_screen(by, county, campaign).require()
    thresholds(county.path)
    row = ScreeningRun.objects.create(
        division=county, campaign=campaign, started_at=clock.now(), started_by=by
    )
    record(verbs.SCREENING_STARTED, by=by, on=row, path=county.path)
    if not wait:
        row.job = enqueue(
            JOB, by=by, params={"run": row.pk}, path=county.path, label=f"{county.name}重点筛查"
        )
        row.save(update_fields=["job"])
    return row


@every_day
def again() -> None:
    """Ages, changed thresholds and households not yet on the list: every screened county once more by night."""
    campaign = campaign_now()
    if campaign is None:
        return
    for county in selectors.screened():
        try:
            start(county, campaign=campaign, by=None)
        except ValidationError as refused:
            logger.warning("%s not screened: %s", county, "；".join(refused.messages))


@transaction.atomic
def finish(row: ScreeningRun) -> None:
    """Every township is screened."""
    row.refresh_from_db()
    row.finished_at = clock.now()
    row.save(update_fields=["finished_at"])
    after = {"appeared": row.appeared, "vanished": row.vanished, "came_back": row.came_back}
    record(verbs.SCREENING_FINISHED, by=row.started_by, on=row, path=row.division.path, after=after)


@transaction.atomic
def list_household(row: KeyCheck, *, note: str = "", by: User) -> KeyCheck:
    """列入核查: the reasons that stand become a clue, which opens the identification or joins the case under way."""
    row = _locked(row)
    policies.may_list(by, row).require()
    reasons = selectors.standing(row)
    warned = next(
        (r for r in reasons if r.ledger_row and r.ledger_row.batch.ledger.startswith(WARNING)), None
    )
    facts = "；".join(f"{r.title}：{r.detail}（{r.source}）" for r in reasons)
    row.clue = opening.file_clue(
        row.household,
        source="dept_warning" if warned else "key_group",
        received_on=clock.today(),
        facts=f"{note.strip()}　{facts}".strip(),
        department=warned.ledger_row.batch.department if warned and warned.ledger_row else "",
        key_group=next((r.key_group for r in reasons if r.key_group), ""),
        by=by,
    )
    _clear(row)
    return _move(row, CheckState.LISTED, verbs.KEY_CHECK_LISTED, note, by)


@transaction.atomic
def dismiss(row: KeyCheck, *, reason: str, by: User) -> KeyCheck:
    """排除: kept with the figures of today; the household comes back by itself when they get worse."""
    row = _locked(row)
    verdict = policies.may_dismiss(by, row)
    if len(reason.strip()) < SHORTEST:
        verdict &= Verdict.no(Reason(f"请写明排除原因，不少于{SHORTEST}个字", field="reason"))
    verdict.require()
    row.reasons.filter(gone_at=None).update(settled_figure=Coalesce(F("figure"), 0))
    row.dismissed_at, row.dismissed_by = clock.now(), by
    row.dismissed_reason = reason.strip()
    return _move(row, CheckState.DISMISSED, verbs.KEY_CHECK_DISMISSED, reason, by)


@transaction.atomic
def restore(row: KeyCheck, *, by: User) -> KeyCheck:
    """Take a dismissal back: the household waits again."""
    row = _locked(row)
    policies.may_restore(by, row).require()
    row.reasons.filter(gone_at=None).update(settled_figure=None)
    _clear(row)
    row.waiting_from = clock.now()
    target = CheckState.WAITING if row.reasons_count else CheckState.GONE
    return _move(row, target, verbs.KEY_CHECK_RESTORED, "", by)


@transaction.atomic
def list_all(rows: Iterable[KeyCheck], *, by: User) -> int:
    """List several households, all or none; returns how many."""
    return sum(bool(list_household(row, by=by)) for row in list(rows))


@transaction.atomic
def dismiss_all(rows: Iterable[KeyCheck], *, reason: str, by: User) -> int:
    """Dismiss several households for the same reason, all or none; returns how many."""
    return sum(bool(dismiss(row, reason=reason, by=by)) for row in list(rows))


def _locked(row: KeyCheck) -> KeyCheck:
    rows = KeyCheck.objects.select_for_update(of=("self",)).select_related("household")
    return rows.get(pk=row.pk)


def _clear(row: KeyCheck) -> None:
    row.dismissed_at, row.dismissed_by, row.dismissed_reason = None, None, ""


def _move(row: KeyCheck, target: str, verb: str, note: str, by: User) -> KeyCheck:
    source = row.state
    row.state, row.changed_at = target, clock.now()
    row.save()
    KeyCheckAction.objects.create(
        key_check=row, target=target, points=row.points, note=note.strip(), done_at=clock.now(),
        done_by=by,
    )  # fmt: skip
    record(verb, by=by, on=row, path=row.division_path, before={"state": source},
           after={"state": target, "points": row.points}, note=note)  # fmt: skip
    return row
