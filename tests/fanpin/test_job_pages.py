"""Who sees a job, who may stop it, and whose the result file is."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fanpin.accounts.models import User
from fanpin.accounts.roles import Role
from fanpin.audit.models import AuditEntry
from fanpin.audit.verbs import sentence
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from tests.factories import register

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    register.places()
    return register.user(Role.TOWNSHIP_REVIEWER, register.TOWNSHIP, name="镇审核员")


@pytest.fixture
def county(clerk: User) -> User:
    return register.user(Role.COUNTY_REVIEWER, register.COUNTY, name="县审定员")


@pytest.fixture
def stranger(clerk: User) -> User:
    return register.user(Role.VILLAGE_CASEWORKER, register.FAR_VILLAGE)


@pytest.fixture
def job(clerk: User) -> Job:
    path = clerk.postings_today[0].division.path
    return Job.objects.create(
        kind="tests.count", label="导入农户表", owner=clerk, division_path=path, done=3, total=9
    )


def page(client: Client, user: User, name: str, job: Job, method: str = "get"):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return getattr(client, method)(reverse(f"jobs:{name}", args=[job.pk]))


def test_the_owner_and_the_county_above_see_a_job_and_a_stranger_finds_nothing(
    client: Client, job: Job, clerk: User, county: User, stranger: User
) -> None:
    for name in ("detail", "part"):
        assert "3 / 9" in page(client, clerk, name, job).content.decode()
        assert page(client, county, name, job).status_code == 200
        assert page(client, stranger, name, job).status_code == 404


def test_the_list_shows_only_visible_jobs(
    client: Client, job: Job, clerk: User, stranger: User
) -> None:
    for user, seen in ((clerk, True), (stranger, False)):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(reverse("jobs:list"))
        assert answer.status_code == 200
        assert (job.get_absolute_url() in answer.content.decode()) is seen


def test_only_who_started_a_job_may_cancel_it(
    client: Client, job: Job, clerk: User, county: User, stranger: User
) -> None:
    assert page(client, stranger, "cancel", job, "post").status_code == 404
    assert page(client, county, "cancel", job, "post").status_code == 403
    assert page(client, clerk, "cancel", job, "post").status_code == 302
    job.refresh_from_db()
    assert job.status == Status.CANCELLED


def test_who_stops_a_job_or_lets_it_go_on_stands_in_the_audit(
    client: Client, job: Job, clerk: User
) -> None:
    for name in ("cancel", "resume"):
        page(client, clerk, name, job, "post")
    rows = AuditEntry.objects.filter(target_model="jobs.job", target_id=str(job.pk))
    said = [(sentence(row.verb, row.subject), row.actor, row.before["status"]) for row in rows]
    assert sorted(said, key=str) == sorted(
        [("取消任务：导入农户表", clerk, "排队中"), ("继续执行任务：导入农户表", clerk, "已取消")],
        key=str,
    )
    assert {row.division_path for row in rows} == {job.division_path}


def test_a_job_that_is_over_leaves_no_second_cancellation(
    client: Client, job: Job, clerk: User
) -> None:
    Job.objects.filter(pk=job.pk).update(status=Status.CANCELLING)
    page(client, clerk, "cancel", job, "post")
    assert not AuditEntry.objects.filter(target_id=str(job.pk)).exists()


def test_a_job_that_is_over_stops_the_polling(client: Client, job: Job, clerk: User) -> None:
    Job.objects.filter(pk=job.pk).update(status=Status.DONE, finished_at=timezone.now())
    answer = page(client, clerk, "part", job)
    assert answer.status_code == 286
    assert "hx-trigger" not in answer.content.decode()


def test_the_result_file_is_for_who_started_the_job(
    client: Client, job: Job, clerk: User, county: User
) -> None:
    job.result_file.save("错误清单.xlsx", ContentFile(b"x"))
    answer = page(client, clerk, "file", job)
    assert b"".join(answer.streaming_content) == b"x"
    assert page(client, county, "file", job).status_code == 403
