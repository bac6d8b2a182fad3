"""An import whose worker is killed with SIGKILL goes on: no row lost, none doubled."""

import pytest

from fanpin.embedded.pytest_plugin import Worker
from fanpin.jobs import enqueue
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from households.models import Household, ImportBatch, Member, MemberChange
from tests.households import slow_import
from tests.households.workbooks import checked, family, home, workbook

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.runners("households.jobs", slow_import.__name__),
]
FAMILIES = 12


def status_of(job: Job) -> str:
    job.refresh_from_db()
    return job.status


def test_an_import_killed_in_the_middle_ends_with_every_row_once(
    county, worker: Worker, monkeypatch, settings
):
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"  # where the worker, another process, looks
    monkeypatch.setattr("households.sheets.results.CHUNK", 1)
    families = [family() for _ in range(FAMILIES)]
    content = workbook([home(people[0]) for people in families], [p for f in families for p in f])
    batch = checked(content, county)
    assert batch.chunks == FAMILIES
    params = {"batch": batch.pk, "user": county.pk}
    job = enqueue("tests.slow_import", by=county, params=params, path=batch.division.path)
    worker.start()
    worker.wait_for(lambda: Household.objects.count() >= 3)
    worker.kill()
    assert 3 <= Household.objects.count() < FAMILIES
    worker.start()
    worker.wait_for(lambda: status_of(job) == Status.DONE)
    assert job.attempts == 2
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.APPLIED
    assert (Household.objects.count(), Member.objects.count()) == (FAMILIES, 3 * FAMILIES)
    assert MemberChange.objects.filter(batch=batch, kind="register").count() == FAMILIES
    assert Household.objects.values("hh_code").distinct().count() == FAMILIES
