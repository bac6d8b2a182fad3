"""Job runners of the tests, loaded by the test and by its worker."""

import time

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from fanpin.jobs import Progress, runner
from fanpin.jobs.models import Job

STEPS = 40


@runner("tests.count", label="计数")
def count(progress: Progress, *, pause: float) -> None:
    """Each step writes one row (a job of kind "tests.row") and its place in one transaction."""
    for step in range(progress.done, STEPS):
        with transaction.atomic():
            Job.objects.create(
                kind="tests.row", label=str(step), status="done", finished_at=timezone.now()
            )
            progress.advance(step + 1, STEPS, f"第{step + 1}步")
        time.sleep(pause)
    progress.result(text=f"共{STEPS}步", file=ContentFile("一,二".encode(), name="结果.csv"))


@runner("tests.refuse", label="拒绝")
def refuse(progress: Progress) -> None:
    raise ValidationError(["2021年度监测线未设置", "请先设置参数"])


@runner("tests.crash", label="出错")
def crash(progress: Progress) -> None:
    raise RuntimeError("secret detail")
