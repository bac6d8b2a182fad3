"""Starting, cancelling and giving back a job. Work itself happens in fanpin.jobs.running."""

import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from fanpin.audit.recording import record
from fanpin.celery import app
from fanpin.jobs import verbs
from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.jobs.registry import runner_for

TASK = "fanpin.jobs.run"
PROVINCE = "/62/"
logger = logging.getLogger(__name__)


@transaction.atomic
def enqueue(
    kind: str, *, by: Any, params: dict[str, Any] | None = None, path: str = "", label: str = ""
) -> Job:
    """A job by the name of its runner; the worker hears of it after commit."""
    job = Job.objects.create(
        kind=kind,
        label=label or runner_for(kind).label,
        params=params or {},
        owner=by,
        division_path=path,
    )
    announce_on_commit(job)
    return job


def announce_on_commit(job: Job) -> None:
    transaction.on_commit(lambda: _announce(job.pk), robust=True)


def _announce(pk: int) -> None:
    """A broker that is away loses nothing: the row waits and the sweeper announces it again."""
    try:
        app.send_task(TASK, args=[pk], retry_policy={"max_retries": 1, "interval_start": 0})
    except OperationalError:
        logger.warning("job %s could not be announced; the sweeper will do it", pk)


@transaction.atomic
def cancel(job: Job, *, by: Any) -> Job:
    """Takes effect at once for a waiting job, at the next step for a running one."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    before = job.get_status_display()
    if job.status == Status.QUEUED:
        finish(job, Status.CANCELLED, message="已在开始前取消")
    elif job.status == Status.RUNNING:
        job.status = Status.CANCELLING
        job.message = "正在取消，当前一步完成后停止"
        job.save(update_fields=["status", "message"])
    elif not job.is_active:
        raise ValidationError("任务已经结束，无需取消。")
    else:
        return job
    _record(verbs.CANCELLED, job, by, before)
    return job


@transaction.atomic
def resume(job: Job, *, by: Any) -> Job:
    """A failed or cancelled job goes on where it stopped, with fresh attempts."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if job.status not in (Status.FAILED, Status.CANCELLED):
        raise ValidationError("只有失败或已取消的任务可以继续执行。")
    before = job.get_status_display()
    job.attempts = 0
    job.error = ""
    requeue(job, message="重新排队，将从中断处继续")
    _record(verbs.RESUMED, job, by, before)
    return job


def _record(verb: str, job: Job, by: Any, before: str) -> None:
    record(
        verb,
        by=by,
        path=job.division_path or PROVINCE,
        on=job,
        subject=job.label,
        before={"status": before},
        after={"status": job.get_status_display(), "done": job.done, "total": job.total},
    )


def requeue(job: Job, *, message: str) -> None:
    """Back into the queue; `done` stays, so that the next attempt goes on from there."""
    job.status = Status.QUEUED
    job.message = message
    job.run_token = None
    job.finished_at = None
    job.queued_at = timezone.now()
    job.save()
    announce_on_commit(job)


def finish(job: Job, status: Status, *, message: str = "", error: str = "") -> None:
    job.status = status
    job.finished_at = timezone.now()
    job.message = message or job.message
    job.error = error
    job.run_token = None
    job.save()
