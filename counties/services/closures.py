"""The county signs, the data freezes; a correction order lifts the lock and the next signature is a new edition."""

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from counties.models import (
    ClosureRun,
    ClosureSignature,
    CountySheet,
    HamletSheet,
    VillageSheet,
)
from counties.models.sheets import SheetState
from counties.policies import closures as policies
from counties.selectors.closures import CLOSURE_JOB, SIGN_JOB, latest_job, latest_run, next_edition
from counties.verbs import CLOSURE_SIGNED, CORRECTION_ORDERED
from fanpin import clock
from fanpin.accounts.verdicts import Reason, Refused, Verdict
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.jobs.models import Job
from fanpin.regions.models import Division
from households.models import Campaign, CountyLock, HouseholdSnapshot


@transaction.atomic
def start_run(county: Division, *, campaign: Campaign, by: Any) -> Job:
    """Run the checks in the worker; a second click finds the run that is under way."""
    policies.may_run(by, county, campaign).require()
    under_way = latest_job(county)
    if under_way is not None and under_way.is_active:
        return under_way
    return enqueue(
        CLOSURE_JOB,
        by=by,
        params={"county": county.pk, "campaign": campaign.pk, "user": by.pk},
        path=county.path,
        label=f"{county.name}县级闭合检查",
    )


@transaction.atomic
def start_signing(county: Division, *, campaign: Campaign, leader_name: str, by: Any) -> Job:
    """Check once more and sign, in the worker; a second click finds the signature that is under way.

    Raises Refused with what stands in the way according to the last run.
    """
    run = latest_run(county, campaign)
    if run is None:
        raise Refused((Reason("请先运行闭合检查"),))
    policies.may_sign(by, run).require()
    if not leader_name.strip():
        raise ValidationError({"leader_name": "请填写签署领导姓名"})
    under_way = latest_job(county)
    if under_way is not None and under_way.is_active:
        if under_way.kind == SIGN_JOB:
            return under_way
        raise Refused((Reason("闭合检查正在运行，请等检查完成后再签署"),))
    return enqueue(
        SIGN_JOB,
        by=by,
        params={
            "county": county.pk,
            "campaign": campaign.pk,
            "user": by.pk,
            "leader_name": leader_name.strip(),
            "edition": next_edition(county, campaign),
        },
        path=county.path,
        label=f"{county.name}签署县级闭合",
    )


@transaction.atomic
def sign(run: ClosureRun, *, leader_name: str, by: Any) -> ClosureSignature:
    """Freeze the county as it was just checked: snapshot, hash, lock. `run` must be the latest, made in this call.

    Raises Refused with every blocking item.
    """
    policies.may_sign(by, run).require()
    if not leader_name.strip():
        raise ValidationError({"leader_name": "请填写签署领导姓名"})
    now = clock.now()
    edition = next_edition(run.division, run.campaign)
    households, persons = _snapshot(run, edition)
    signature = ClosureSignature.objects.create(
        division=run.division,
        campaign=run.campaign,
        edition=edition,
        run=run,
        leader_name=leader_name.strip(),
        signed_at=now,
        signed_by=by,
        households=households,
        persons=persons,
        sha256=snapshot_hash(run.division_id, run.campaign_id, edition),
    )
    CountyLock.objects.create(
        county_code=run.division_id, campaign=run.campaign, locked_at=now, locked_by=by
    )
    _move_sheets(run.division, run.campaign, SheetState.REVIEWED, SheetState.CLOSED)
    record(
        CLOSURE_SIGNED,
        by=by,
        on=signature,
        path=run.division.path,
        after={"edition": edition, "households": households, "sha256": signature.sha256},
    )
    return signature


@transaction.atomic
def order_correction(
    signature: ClosureSignature, *, number: str, reason: str, by: Any
) -> ClosureSignature:
    """Lift the lock by an order; the city is told by its to-do list until the county signs again."""
    signature = (
        ClosureSignature.objects.select_for_update(of=("self",))
        .select_related("division", "campaign")
        .get(pk=signature.pk)
    )
    policies.may_order_correction(by, signature).require()
    if not number.strip() or len(reason.strip()) < 4:
        Verdict.no("请填写更正令文号和更正原因（不少于4个字）").require()
    now = clock.now()
    signature.order_no, signature.order_reason = number.strip(), reason.strip()
    signature.ordered_at, signature.ordered_by = now, by
    signature.save()
    CountyLock.objects.filter(
        county_code=signature.division_id, campaign=signature.campaign, lifted_at__isnull=True
    ).update(lifted_at=now, lifted_by=by, order_no=signature.order_no)
    _move_sheets(signature.division, signature.campaign, SheetState.CLOSED, SheetState.REVIEWED)
    record(
        CORRECTION_ORDERED,
        by=by,
        on=signature,
        path=signature.division.path,
        after={"order_no": signature.order_no, "edition": signature.edition},
        note=signature.order_reason,
    )
    return signature


def _move_sheets(county: Division, campaign: Campaign, source: str, target: str) -> None:
    """The passed sheets of a county are locked with it and unlocked with it."""
    for model in (VillageSheet, HamletSheet, CountySheet):
        model.objects.filter(
            division__path__startswith=county.path, campaign=campaign, state=source
        ).update(state=target)


_SNAPSHOT = """
INSERT INTO households_householdsnapshot (campaign_id, county_code, edition, household_id, hh_code,
    village_code, head_name, hh_type, family_size, monitoring_state, monitor_type,
    collection_state, inc_net, inc_net_pc)
SELECT %(campaign)s, h.county_code, %(edition)s, h.id, h.hh_code, h.village_id, h.head_name,
    h.hh_type, h.family_size, h.monitoring_state, h.monitor_type, coalesce(c.state, ''),
    s.inc_net, s.inc_net_pc
FROM households_household h
LEFT JOIN households_collection c ON c.household_id = h.id AND c.campaign_id = %(campaign)s
LEFT JOIN households_incomestatement s ON s.household_id = h.id AND s.purpose = 'annual'
     AND s.campaign_id = %(campaign)s AND NOT s.is_carried
WHERE h.county_code = %(county)s AND h.ended_on IS NULL
"""


def _snapshot(run: ClosureRun, edition: int) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _SNAPSHOT,
            {"campaign": run.campaign_id, "edition": edition, "county": run.division_id},
        )
    sizes = HouseholdSnapshot.objects.filter(
        campaign=run.campaign, county_code=run.division_id, edition=edition
    ).values_list("family_size", flat=True)
    return len(sizes), sum(sizes)


def snapshot_hash(county_code: str, campaign_id: int, edition: int) -> str:
    """SHA-256 over the snapshot's rows in the order of household numbers, columns in a fixed order, tab-separated."""
    fields = (
        "hh_code", "village_code", "head_name", "hh_type", "family_size", "monitoring_state",
        "monitor_type", "collection_state", "inc_net", "inc_net_pc",
    )  # fmt: skip
    rows = HouseholdSnapshot.objects.filter(
        campaign_id=campaign_id, county_code=county_code, edition=edition
    ).order_by("hh_code")
    digest = hashlib.sha256()
    for row in rows.values_list(*fields).iterator(chunk_size=5000):
        digest.update(("\t".join("" if v is None else str(v) for v in row) + "\n").encode())
    return digest.hexdigest()
