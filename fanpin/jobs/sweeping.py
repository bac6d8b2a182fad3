"""Finds jobs whose worker died or whose message was lost. Runs at worker start and every minute."""

import socket
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from fanpin.embedded.processes import is_gone
from fanpin.jobs.choices import Status
from fanpin.jobs.models import MAX_ATTEMPTS, Job
from fanpin.jobs.services import announce_on_commit, finish, requeue

STALE_AFTER = timedelta(seconds=30)
ANNOUNCE_AGAIN_AFTER = timedelta(minutes=2)


@transaction.atomic
def sweep() -> int:
    """Number of jobs put right. A row that is locked is being worked on and is left alone."""
    now = timezone.now()
    touched = 0
    running = Job.objects.filter(status__in=(Status.RUNNING, Status.CANCELLING))
    for job in running.select_for_update(skip_locked=True, of=("self",)):
        if _is_dead(job, now - STALE_AFTER):
            _put_right(job)
            touched += 1
    forgotten = Job.objects.filter(
        status=Status.QUEUED, queued_at__lt=now - ANNOUNCE_AGAIN_AFTER
    ).select_for_update(skip_locked=True, of=("self",))
    for job in forgotten:
        job.queued_at = now
        job.save(update_fields=["queued_at"])
        announce_on_commit(job)
        touched += 1
    return touched


def _put_right(job: Job) -> None:
    if job.status == Status.CANCELLING:
        finish(job, Status.CANCELLED, message="已取消，已完成的部分保留")
    elif job.attempts >= MAX_ATTEMPTS:
        finish(
            job,
            Status.FAILED,
            message="未能完成",
            error=f"执行进程已连续{MAX_ATTEMPTS}次意外中断，任务停止。"
            "请联系系统管理员检查内存和运行日志后，再点“继续执行”。",
        )
    else:
        requeue(job, message=f"执行进程中断，从第{job.done}条之后继续")


def _is_dead(job: Job, stale_before) -> bool:  # type: ignore[no-untyped-def]
    """A stale heartbeat, or at once when the process ran on this machine and is no more."""
    if job.heartbeat_at is None or job.heartbeat_at < stale_before:
        return True
    host, _, pid = job.worker.rpartition(":")
    return host == socket.gethostname() and pid.isdigit() and is_gone(int(pid))
