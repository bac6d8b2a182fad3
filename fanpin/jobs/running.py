"""One attempt at one job, inside the worker: claim, heartbeat, progress, end."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from fanpin.jobs.choices import Status
from fanpin.jobs.models import Job
from fanpin.jobs.registry import runner_for
from fanpin.jobs.services import finish

HEARTBEAT_SECONDS = 5.0
logger = logging.getLogger(__name__)


class Cancelled(Exception):
    """Somebody cancelled the job; raised by `advance`, not to be caught by runners."""


class Superseded(Exception):
    """The sweeper took this attempt for dead and another worker has the job now."""


class Progress:
    """What a runner gets. `done` says where an earlier attempt stopped; 0 at the first."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.done = job.done
        self.total = job.total

    @property
    def owner(self) -> Any:
        return self.job.owner

    def advance(self, done: int, total: int | None = None, message: str = "") -> None:
        """Call after each chunk, as the last statement of the chunk's own transaction: then the
        work and the place where a later attempt goes on are committed together.
        """
        self.done = done
        self.total = self.total if total is None else total
        status = self._write(done=done, total=self.total, message=message[:500])
        if status == Status.CANCELLING:
            raise Cancelled

    def result(self, *, text: str = "", url: str = "", file: Path | File | None = None) -> None:
        """What the user finds when the job has ended; `file` is copied, its name is kept."""
        values: dict[str, str] = {"result_text": text, "result_url": url}
        if file is not None:
            values["result_file"] = self._keep(file)
        self._write(**values)

    def _keep(self, file: Path | File) -> str:
        if isinstance(file, File):
            self.job.result_file.save(Path(file.name or "结果").name, file, save=False)
        else:
            with file.open("rb") as handle:
                self.job.result_file.save(file.name, File(handle), save=False)
        return str(self.job.result_file.name)

    def _write(self, **values: Any) -> str:
        """Sets columns of this attempt and answers with the job's status in the same round trip."""
        assignments = ", ".join(f'"{name}" = %s' for name in values)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE jobs_job SET {assignments}, heartbeat_at = clock_timestamp()"
                " WHERE id = %s AND run_token = %s RETURNING status",
                [*values.values(), self.job.pk, self.job.run_token],
            )
            row = cursor.fetchone()
        if row is None:
            raise Superseded
        return str(row[0])


def execute(pk: int) -> None:
    """Runs the job unless it is over or somebody else has it: a message may arrive twice."""
    job = _claim(pk)
    if job is None:
        return
    status, message, error = _attempt(job)
    with transaction.atomic():
        current = Job.objects.select_for_update(of=("self",)).filter(run_token=job.run_token)
        row = current.filter(pk=pk).first()
        if row is not None and status is not None:
            finish(row, status, message=message, error=error)


def _attempt(job: Job) -> tuple[Status | None, str, str]:
    """(how it ended, message, reason); no status when the job is no longer ours to end."""
    try:
        with _heartbeat(job):
            runner_for(job.kind).function(Progress(job), **job.params)
    except Cancelled:
        return Status.CANCELLED, "已取消，已完成的部分保留", ""
    except Superseded:
        logger.warning("job %s went to another worker", job.pk)
        return None, "", ""
    except ValidationError as refusal:
        return Status.FAILED, "未能完成", "\n".join(refusal.messages)
    except (OperationalError, InterfaceError):
        # The database went away: the heartbeat grows stale and the sweeper starts the next attempt.
        logger.exception("job %s lost its database", job.pk)
        connection.close()
        return None, "", ""
    except Exception:
        number = uuid.uuid4().hex[:8]
        logger.exception("job %s failed, error number %s", job.pk, number)
        return Status.FAILED, "未能完成", f"程序出错，错误编号 {number}，请联系系统管理员查看日志。"
    return Status.DONE, "已完成", ""


@transaction.atomic
def _claim(pk: int) -> Job | None:
    job = Job.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if job is None or job.status != Status.QUEUED:
        return None
    job.status = Status.RUNNING
    job.attempts += 1
    job.run_token = uuid.uuid4()
    job.worker = worker_name()
    job.started_at = job.heartbeat_at = timezone.now()
    job.save()
    return job


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@contextmanager
def _heartbeat(job: Job) -> Iterator[None]:
    """A thread says that we are alive, also during one long statement."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            try:
                Job.objects.filter(pk=job.pk, run_token=job.run_token).update(
                    heartbeat_at=timezone.now()
                )
            except (OperationalError, InterfaceError):
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, daemon=True, name=f"heartbeat-{job.pk}")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=HEARTBEAT_SECONDS)
