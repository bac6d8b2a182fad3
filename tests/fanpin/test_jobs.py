"""Jobs with a real worker process: run, twice, cancelled, killed in the middle and gone on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from fanpin.embedded.pytest_plugin import Worker
from fanpin.jobs import enqueue
from fanpin.jobs.choices import Status
from fanpin.jobs.models import MAX_ATTEMPTS, Job
from fanpin.jobs.running import execute
from fanpin.jobs.services import cancel, resume
from fanpin.jobs.sweeping import sweep
from tests.fanpin import runners

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.runners("tests.fanpin.runners")]


def status_of(job: Job) -> str:
    job.refresh_from_db()
    return job.status


def steps_written() -> list[int]:
    rows = Job.objects.filter(kind="tests.row").values_list("label", flat=True)
    return sorted(int(label) for label in rows)


def count_to_the_end(pause: float = 0.0) -> Job:
    return enqueue("tests.count", by=None, params={"pause": pause})


def test_a_worker_runs_a_job_and_keeps_its_result(worker: Worker) -> None:
    job = count_to_the_end()
    worker.start()
    worker.wait_for(lambda: status_of(job) == Status.DONE)
    assert (job.done, job.total, job.attempts) == (runners.STEPS, runners.STEPS, 1)
    assert job.result_text == "共40步"
    assert job.result_name == "结果.csv"
    with job.result_file.open("rb") as kept:
        assert kept.read().decode() == "一,二"
    assert steps_written() == list(range(runners.STEPS))


def test_a_job_killed_in_the_middle_goes_on_without_losing_or_doubling_a_row(
    worker: Worker,
) -> None:
    job = count_to_the_end(pause=0.05)
    worker.start()
    worker.wait_for(lambda: len(steps_written()) >= 5)
    worker.kill()
    assert status_of(job) == Status.RUNNING
    assert 5 <= len(steps_written()) < runners.STEPS
    worker.start()
    worker.wait_for(lambda: status_of(job) == Status.DONE)
    assert job.attempts == 2
    assert steps_written() == list(range(runners.STEPS))


def test_a_running_job_is_cancelled_at_its_next_step_and_can_go_on(worker: Worker) -> None:
    job = count_to_the_end(pause=0.05)
    worker.start()
    worker.wait_for(lambda: len(steps_written()) >= 3)
    cancel(job, by=None)
    worker.wait_for(lambda: status_of(job) == Status.CANCELLED)
    assert len(steps_written()) < runners.STEPS
    resume(job, by=None)
    worker.wait_for(lambda: status_of(job) == Status.DONE)
    assert steps_written() == list(range(runners.STEPS))


def test_a_message_that_arrives_twice_runs_the_job_once() -> None:
    job = count_to_the_end()
    execute(job.pk)
    execute(job.pk)
    assert status_of(job) == Status.DONE
    assert job.attempts == 1
    assert steps_written() == list(range(runners.STEPS))


def test_a_waiting_job_is_cancelled_at_once() -> None:
    job = count_to_the_end()
    cancel(job, by=None)
    execute(job.pk)
    assert status_of(job) == Status.CANCELLED
    assert steps_written() == []


def test_a_refusal_ends_the_job_with_all_its_reasons() -> None:
    job = enqueue("tests.refuse", by=None)
    execute(job.pk)
    assert status_of(job) == Status.FAILED
    assert job.error_lines == ["2021年度监测线未设置", "请先设置参数"]


def test_a_crash_shows_a_number_and_no_detail(caplog: pytest.LogCaptureFixture) -> None:
    job = enqueue("tests.crash", by=None)
    execute(job.pk)
    assert status_of(job) == Status.FAILED
    assert "错误编号" in job.error
    assert "secret" not in job.error
    assert job.error.split("错误编号 ")[1][:8] in caplog.text


def abandoned(*, attempts: int, status: Status = Status.RUNNING) -> Job:
    job = count_to_the_end()
    job.status = status
    job.attempts = attempts
    job.worker = "elsewhere:1"
    job.heartbeat_at = timezone.now() - timedelta(minutes=1)
    job.save()
    return job


def test_a_stale_heartbeat_brings_the_job_back_into_the_queue() -> None:
    job = abandoned(attempts=1)
    assert sweep() == 1
    assert status_of(job) == Status.QUEUED
    assert sweep() == 0


def test_a_fresh_heartbeat_is_left_alone() -> None:
    job = abandoned(attempts=1)
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now())
    assert sweep() == 0


def test_after_the_last_attempt_the_job_fails_in_words() -> None:
    job = abandoned(attempts=MAX_ATTEMPTS)
    sweep()
    assert status_of(job) == Status.FAILED
    assert "连续5次" in job.error


def test_a_cancelled_job_whose_worker_died_counts_as_cancelled() -> None:
    job = abandoned(attempts=1, status=Status.CANCELLING)
    sweep()
    assert status_of(job) == Status.CANCELLED


def test_a_job_whose_message_was_lost_is_announced_again(worker: Worker) -> None:
    job = count_to_the_end()
    Job.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(minutes=3))
    assert sweep() == 1
    assert sweep() == 0
