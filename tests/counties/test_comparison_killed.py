"""The worker dies by SIGKILL in the middle of a comparison: the next one goes on, nothing lost or doubled."""

import pytest
from django.db import connection, transaction

from counties.comparison import COMPARED
from counties.models import CheckPart, CheckRun, Finding
from counties.services import comparisons
from fanpin.jobs.choices import Status
from households.selectors.parameters import current_campaign
from tests.counties.books import agreeing_rows, hand_in
from tests.factories import register

pytestmark = pytest.mark.django_db(transaction=True)


def found() -> list[tuple[str, str]]:
    return list(
        Finding.objects.filter(origin="comparison")
        .order_by("code", "pk")
        .values_list("code", "state")
    )


def test_a_comparison_killed_in_the_middle_goes_on(worker, tree, insured_family, reviewer):
    hand_in("police", agreeing_rows("police")[:1], by=reviewer)
    hand_in("disabled", [], by=reviewer)
    hand_in("insured", [], by=reviewer)
    hand_in("school", [], by=reviewer)
    county, campaign = tree[register.COUNTY], current_campaign()
    run = comparisons.start(county, campaign=campaign, by=reviewer)
    blocker = _lock_third_part(run)
    worker.start()
    worker.wait_for(lambda: CheckPart.objects.filter(run=run).count() == 2)
    worker.kill()
    blocker.rollback()
    blocker.close()
    run.job.refresh_from_db()
    assert (run.job.status, run.job.done) == (Status.RUNNING, 2)
    assert run.finished_at is None
    worker.start()
    worker.wait_for(lambda: CheckRun.objects.get(pk=run.pk).finished_at is not None)
    worker.wait_for(lambda: type(run.job).objects.get(pk=run.job_id).status == Status.DONE)
    assert list(CheckPart.objects.filter(run=run).values_list("ledger", flat=True)) == run.ledgers
    assert found() == [
        *[("R-XDP-01", "dispatched")] * 2, ("R-XDP-16", "dispatched"), *[("R-XDP-19", "dispatched")] * 3
    ]  # fmt: skip
    assert len(COMPARED) == 9


def _lock_third_part(run):
    """Hold back the third ledger: its finding of 王建国 is being written by somebody else, not yet committed."""
    other = connection.copy()
    other.set_autocommit(False)
    ledger = run.ledgers[2]
    assert ledger == "insured"
    member = run.division and register.Household.objects.get().members.get(name="王建国")
    with other.cursor() as cursor:
        cursor.execute(
            """INSERT INTO counties_finding (origin, code, title, severity, household_id, member_id,
                campaign_id, division_path, county_code, fingerprint, detail, fields, department,
                state, owner_level, first_seen_at, refreshed_at)
            SELECT 'comparison', 'R-XDP-19', '', 'error', h.id, %s, %s, h.division_path,
                h.county_code, %s, '', '{}', '', 'open', 'village', now(), now()
            FROM households_household h""",
            [
                member.pk,
                run.campaign_id,
                f"comparison:R-XDP-19:{run.campaign_id}:member:{member.pk}",
            ],
        )
    assert transaction.get_autocommit()
    return other
