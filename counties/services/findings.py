"""What people do with findings: dispatch, explain with evidence, judge the explanation, waive for a time.

A finding closes by itself when the books agree (counties.services.upserting); nobody closes one by hand.
"""

import datetime
from collections.abc import Iterable, Sequence
from posixpath import commonpath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import QuerySet

from counties import verbs
from counties.models import Finding, FindingAction, FindingEvidence
from counties.models.findings import Origin, OwnerLevel, State
from counties.policies import findings as policies
from counties.services.upserting import Dispatch, recount
from fanpin import clock
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from fanpin.files.storing import store
from fanpin.jobs import every_day
from fanpin.regions.models import Division
from households.choices import label
from households.models import Campaign, CountyLock
from households.selectors.limits import limit
from households.selectors.parameters import parameter

DISPATCHABLE = (State.OPEN, State.DISPATCHED)


@transaction.atomic
def dispatch(*, ids: Sequence[int], by: Any, due_on: datetime.date | None = None) -> int:
    """Send open findings inside the user's scope down with a due date; returns how many."""
    rows = Finding.objects.within(by.scope).filter(pk__in=ids, state__in=DISPATCHABLE)
    asked = set()
    for finding in rows.select_related("campaign"):
        asked.add((finding.division_path, finding.campaign))
    for path, campaign in asked:
        policies.may_dispatch(by, path, campaign).require()
    return _dispatch(rows, by, due_on)


@transaction.atomic
def refer(*, ids: Sequence[int], by: Any, due_on: datetime.date | None = None) -> int:
    """Hand disagreements to the departments whose books they are, all or none; returns how many."""
    rows = Finding.objects.within(by.scope).filter(pk__in=ids)
    locked = list(rows.select_for_update(of=("self",)).select_related("campaign").order_by("pk"))
    for finding in locked:
        policies.may_refer(by, finding).require()
    if not locked:
        return 0
    path = _common_path([finding.division_path for finding in locked])
    due = due_on or _due(path)
    FindingAction.objects.bulk_create(
        [
            FindingAction(
                finding=finding, verb="referred", source=finding.state, target=State.DISPATCHED,
                note=f"转{label('department', finding.department)}核实，限{due:%Y-%m-%d}前答复",
                done_at=clock.now(), done_by=by,
            )
            for finding in locked
        ]
    )  # fmt: skip
    rows.filter(pk__in=[finding.pk for finding in locked]).update(
        state=State.DISPATCHED, owner_level=OwnerLevel.DEPARTMENT, dispatched_at=clock.now(),
        dispatched_by=by, due_on=due,
    )  # fmt: skip
    record(
        verbs.FINDINGS_REFERRED,
        by=by,
        path=path,
        subject=f"{len(locked)}条，限{due:%Y-%m-%d}",
        after={"count": len(locked), "due_on": due},
    )
    return len(locked)


@transaction.atomic
def dispatch_new(*, county: Division, campaign: Campaign, origin: str, by: Any) -> int:
    """Send every open finding of a county down with the due date of the parameter: what no run sent at once."""
    rows = Finding.objects.filter(
        county_code=county.code, campaign=campaign, origin=origin, state=State.OPEN
    )
    return _dispatch(rows, by, None)


def at_once(county: Division, by: Any, how: str = "") -> Dispatch:
    """How a run started by this person sends down what it finds: in the statement that writes it."""
    return Dispatch(by.pk, _due(county.path), how)


def note_dispatched(count: int, dispatch: Dispatch, *, path: str, by: Any) -> None:
    """One audit entry for all findings a statement sent down."""
    record(
        verbs.FINDINGS_DISPATCHED,
        by=by,
        path=path,
        subject=f"{count}条，限{dispatch.due_on:%Y-%m-%d}",
        after={"count": count, "due_on": dispatch.due_on},
    )


def _due(path: str) -> datetime.date:
    days = parameter("finding_answer_days", path, clock.today())
    return clock.today() + datetime.timedelta(days=days)


def _dispatch(rows: QuerySet[Finding], by: Any, due_on: datetime.date | None) -> int:
    """Set-based: a county may have tens of thousands."""
    locked = rows.select_for_update(of=("self",)).order_by("pk")
    found = list(locked.values_list("pk", "division_path"))
    if not found:
        return 0
    path = _common_path([place for _pk, place in found])
    dispatch = Dispatch(by.pk, due_on or _due(path))
    values = {
        "ids": [pk for pk, _place in found], "now": clock.now(), "by": by.pk,
        "due": dispatch.due_on, "note": dispatch.note,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_DISPATCH, values)
    note_dispatched(len(found), dispatch, path=path, by=by)
    return len(found)


_DISPATCH = """
INSERT INTO counties_findingaction (finding_id, verb, source, target, note, done_at, done_by_id)
SELECT id, 'dispatched', state, 'dispatched', %(note)s, %(now)s, %(by)s
FROM counties_finding WHERE id = ANY(%(ids)s) ORDER BY id;
UPDATE counties_finding SET state = 'dispatched', dispatched_at = %(now)s,
    dispatched_by_id = %(by)s, due_on = %(due)s,
    owner_level = CASE owner_level WHEN 'department' THEN 'village' ELSE owner_level END
WHERE id = ANY(%(ids)s)
"""


def _common_path(paths: list[str]) -> str:
    """The lowest division that holds all of them."""
    return commonpath(paths) + "/"


@transaction.atomic
def explain(
    finding: Finding, *, text: str, evidence: Sequence[UploadedFile] = (), by: Any
) -> Finding:
    """Say why the books differ, with papers; waits for the township (warning) or the county (error, department)."""
    finding = _locked(finding)
    policies.may_explain(by, finding).require()
    if finding.origin == Origin.WARNING and not finding.answer:
        Verdict.no("部门预警请选择答复").require()
    if len(text.strip()) < 4:
        Verdict.no("请写明情况，不少于4个字").require()
    for upload in evidence:
        store(FindingEvidence, upload, by=by, finding=finding)
    # From here on the days run for whoever judges the explanation.
    judged = limit("explanation_review_days", finding.division_path)
    finding.due_on = judged.due(clock.today()) if judged else None
    return move(finding, State.EXPLAINED, "explained", verbs.FINDING_EXPLAINED, text, by)


@transaction.atomic
def report_corrected(finding: Finding, *, by: Any, note: str = "") -> Finding:
    """The village says the record is mended; the next comparison or check closes it or sends it back."""
    finding = _locked(finding)
    verdict = policies.may_explain(by, finding)
    if finding.origin == Origin.WARNING:
        verdict &= Verdict.no("部门预警没有可以改正的登记，请选择答复")
    verdict.require()
    return move(finding, State.CORRECTED, "corrected", verbs.FINDING_CORRECTED, note, by)


@transaction.atomic
def accept(finding: Finding, *, by: Any, note: str = "") -> Finding:
    """The explanation holds: the finding is settled and no run opens it again."""
    finding = _locked(finding)
    policies.may_review(by, finding).require()
    return move(finding, State.WAIVED, "accepted", verbs.FINDING_ACCEPTED, note, by)


@transaction.atomic
def reject(finding: Finding, *, reason: str, by: Any) -> Finding:
    """The explanation does not hold; back to the village with the reason."""
    finding = _locked(finding)
    policies.may_review(by, finding).require()
    if not reason.strip():
        Verdict.no("请写明退回原因").require()
    target = State.DISPATCHED if finding.dispatched_at else State.OPEN
    finding.due_on = _due(finding.division_path) if finding.dispatched_at else None
    return move(finding, target, "rejected", verbs.FINDING_REJECTED, reason, by)


@transaction.atomic
def waive(finding: Finding, *, reason: str, until: datetime.date | None = None, by: Any) -> Finding:
    """Exempt a finding, with a reason and the day on which it ends: the latest allowed when none is given."""
    finding = _locked(finding)
    today = clock.today()
    latest = today + datetime.timedelta(
        days=parameter("exemption_days", finding.division_path, today)
    )
    policies.may_waive(by, finding, until=until, today=today, latest=latest).require()
    if len(reason.strip()) < 4:
        Verdict.no("请写明豁免原因，不少于4个字").require()
    finding.waived_until = until or latest
    finding.save(update_fields=["waived_until"])
    return move(finding, State.WAIVED, "waived", verbs.FINDING_WAIVED, reason, by)


@transaction.atomic
def revoke(finding: Finding, *, reason: str, by: Any) -> Finding:
    """Take an exemption back before its day; the finding is to be dealt with again."""
    finding = _locked(finding)
    policies.may_revoke(by, finding).require()
    if len(reason.strip()) < 4:
        Verdict.no("请写明撤销原因，不少于4个字").require()
    finding.waived_until = None
    finding.save(update_fields=["waived_until"])
    target = State.DISPATCHED if finding.dispatched_at else State.OPEN
    return move(finding, target, "revoked", verbs.FINDING_REVOKED, reason, by)


@every_day
def lapse() -> None:
    """Exemptions whose last day is over count again. A county that has signed keeps its books as they are."""
    today = clock.today()
    locked = CountyLock.objects.filter(lifted_at__isnull=True, campaign__is_current=True)
    over = Finding.objects.filter(
        state=State.WAIVED, waived_until__lt=today, campaign__is_current=True
    ).exclude(county_code__in=locked.values("county_code"))
    for county in over.order_by().values_list("county_code", flat=True).distinct():
        _lapse(over.filter(county_code=county))


@transaction.atomic
def _lapse(over: QuerySet[Finding]) -> None:
    rows = list(over.select_for_update().values_list("pk", "household_id", "division_path"))
    if not rows:
        return
    ids = [pk for pk, _home, _path in rows]
    Finding.objects.filter(pk__in=ids).update(
        state=State.OPEN, waived_until=None, dispatched_at=None, dispatched_by=None, due_on=None
    )
    path = _common_path([path for _pk, _home, path in rows])
    record(verbs.FINDINGS_LAPSED, by=None, path=path, subject=f"{len(ids)}条",
           after={"findings": ids[:100], "count": len(ids)})  # fmt: skip
    recount([home for _pk, home, _path in rows if home])


@transaction.atomic
def waive_all(
    findings: Iterable[Finding], *, reason: str, until: datetime.date | None = None, by: Any
) -> int:
    """Exempt several findings for the same reason, all or none; returns how many."""
    return sum(bool(waive(each, reason=reason, until=until, by=by)) for each in list(findings))


def _locked(finding: Finding) -> Finding:
    return Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)


def move(finding: Finding, target: str, verb: str, audit: str, note: str, by: Any) -> Finding:
    """Another state, with the line of its history and the audit. Called by this app's services after their policy."""
    source = finding.state
    FindingAction.objects.create(
        finding=finding, verb=verb, source=source, target=target, note=note.strip(),
        done_at=clock.now(), done_by=by,
    )  # fmt: skip
    finding.state = target
    finding.save(update_fields=["state", "due_on"])
    record(
        audit,
        by=by,
        on=finding,
        path=finding.division_path,
        before={"state": source},
        after={"state": target},
        note=note,
    )
    if finding.household_id:
        recount([finding.household_id])
    return finding
