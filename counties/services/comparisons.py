"""Starts a comparison: the run as a row, the work by name in the worker."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from counties.models import CheckPart, CheckRun, LedgerBatch
from counties.models.ledgers import WARNING, BatchState
from counties.policies.ledgers import may_compare
from counties.verbs import COMPARISON_FINISHED, COMPARISON_STARTED
from fanpin import clock
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from fanpin.jobs import enqueue
from fanpin.regions.models import Division
from households.models import Campaign
from households.selectors.parameters import parameter

ANSWER_DAYS = "finding_answer_days"


@transaction.atomic
def start(
    county: Division,
    *,
    campaign: Campaign,
    departments: Sequence[str] = (),
    by: Any,
    wait: bool = False,
) -> CheckRun:
    """Compare the ledgers in use of these departments (none: all) with the register; `wait`: without the worker.

    Raises Refused when no ledger was handed in or the county is locked.
    """
    if by is not None:
        may_compare(by, county, campaign).require()
    parameter(ANSWER_DAYS, county.path, clock.today())
    batches = LedgerBatch.objects.filter(
        county_code=county.code, campaign=campaign, state=BatchState.IN_USE
    ).exclude(ledger__startswith=WARNING)
    if departments:
        batches = batches.filter(department__in=departments)
    ledgers = list(batches.order_by("pk").values_list("ledger", flat=True))
    if not ledgers:
        Verdict.no("还没有可比对的部门台账，请先由部门报送").require()
    run = CheckRun.objects.create(
        division=county, campaign=campaign, ledgers=ledgers, started_at=clock.now(), started_by=by
    )
    record(COMPARISON_STARTED, by=by, on=run, path=county.path, after={"ledgers": ledgers})
    if not wait:
        run.job = enqueue(
            "counties.compare",
            by=by,
            params={"run": run.pk},
            path=county.path,
            label=f"{county.name}部门比对",
        )
        run.save(update_fields=["job"])
    return run


@transaction.atomic
def finish(run: CheckRun) -> None:
    """Every ledger of the run is compared."""
    run.finished_at = clock.now()
    run.save(update_fields=["finished_at"])
    found = sum(CheckPart.objects.filter(run=run).values_list("opened", flat=True))
    record(
        COMPARISON_FINISHED,
        by=run.started_by,
        on=run,
        path=run.division.path,
        after={"ledgers": run.ledgers, "opened": found},
    )
