"""The only Celery tasks there are: run the job with this number, sweep, and what is done every day."""

import logging
from typing import Any

from celery.signals import worker_ready

from fanpin.celery import app
from fanpin.jobs.registry import daily
from fanpin.jobs.running import execute
from fanpin.jobs.services import TASK
from fanpin.jobs.sweeping import sweep

logger = logging.getLogger(__name__)


@app.task(name=TASK)
def run(pk: int) -> None:
    execute(pk)


@app.task(name="fanpin.jobs.sweep")
def sweep_jobs() -> None:
    sweep()


@app.task(name="fanpin.jobs.daily")
def run_daily() -> None:
    """One that fails keeps none of the others from running."""
    for function in daily():
        try:
            function()
        except Exception:
            logger.exception("daily %s failed", function.__qualname__)


@worker_ready.connect
def sweep_at_start(**kwargs: Any) -> None:
    """A worker that was killed left jobs behind; the next one looks for them first."""
    sweep_jobs.delay()
