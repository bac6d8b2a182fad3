"""The only Celery tasks there are: run the job with this number, and sweep."""

from typing import Any

from celery.signals import worker_ready

from fanpin.celery import app
from fanpin.jobs.running import execute
from fanpin.jobs.services import TASK
from fanpin.jobs.sweeping import sweep


@app.task(name=TASK)
def run(pk: int) -> None:
    execute(pk)


@app.task(name="fanpin.jobs.sweep")
def sweep_jobs() -> None:
    sweep()


@worker_ready.connect
def sweep_at_start(**kwargs: Any) -> None:
    """A worker that was killed left jobs behind; the next one looks for them first."""
    sweep_jobs.delay()
