"""The worker dies by SIGKILL in the middle of a 对账: the next one goes on, nothing lost or doubled."""

from contextlib import contextmanager

import pytest
from django.db import connection

from counties.models import NationalFile, ReconciledPart, Reconciliation
from counties.services import reconciling
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.regions.models import Division
from households.models import Member
from households.selectors.parameters import current_campaign
from tests.counties import national
from tests.factories import register

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reconciliation_killed_between_two_parts_goes_on(
    worker, tree, insured_family, reviewer, settings
):
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"  # where the worker, another process, looks
    people = [national.person(m) for m in Member.objects.filter(household=insured_family)]
    run = reconciling.start(
        Division.objects.get(pk=register.COUNTY),
        campaign=current_campaign(),
        uploads=[
            national.upload("household", [national.home(insured_family)]),
            national.upload("member", people),
        ],
        by=reviewer,
    )
    with _holding_the_second_part(run):
        worker.start()
        worker.wait_for(lambda: ReconciledPart.objects.filter(run=run).count() == 1)
        worker.wait_for(lambda: Job.objects.get(pk=run.job_id).done == 3)
        worker.kill()
    read = NationalFile.objects.filter(run=run, state=NationalFile.State.READ)
    assert read.count() == 2
    assert Reconciliation.objects.get(pk=run.pk).finished_at is None
    worker.start()
    worker.wait_for(lambda: Job.objects.get(pk=run.job_id).status == Status.DONE)
    assert list(run.parts.values_list("kind", "rows")) == [("household", 1), ("member", 3)]
    assert sorted(run.items.values_list("kind", "label")) == [
        ("household", "王建国"), ("member", "李秀英"), ("member", "王小明"), ("member", "王建国")
    ]  # fmt: skip


@contextmanager
def _holding_the_second_part(run):
    """Somebody else is writing the part of 人口信息 and has not committed yet."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO counties_reconciledpart (run_id, kind, rows, seconds) VALUES (%s, 'member', 0, 0)",
            [run.pk],
        )
    try:
        yield
    finally:
        other.rollback()
        other.close()
