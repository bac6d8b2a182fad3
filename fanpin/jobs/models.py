"""One row for each piece of long work: what was asked, how far it is, how it ended."""

import uuid

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from fanpin.jobs.choices import ACTIVE, TONES, Status

MAX_ATTEMPTS = 5


def result_place(job: "Job", filename: str) -> str:
    """An unguessable folder; the name of the file is what the user will see."""
    return f"jobs/{uuid.uuid4().hex}/{filename}"


class JobQuerySet(models.QuerySet["Job"]):
    def active(self) -> "JobQuerySet":
        return self.filter(status__in=ACTIVE)

    def visible_to(self, user) -> "JobQuerySet":  # type: ignore[no-untyped-def]
        """My own jobs and those of the divisions I am responsible for."""
        if isinstance(user, AnonymousUser):
            return self.none()
        condition = Q(owner=user)
        for path in user.scope.paths:
            condition |= Q(division_path__startswith=path)
        return self.filter(condition)


class Job(models.Model):
    """`done` of `total` is also where a later attempt goes on after a killed worker."""

    kind = models.CharField("类型", max_length=80)
    label = models.CharField("名称", max_length=120)
    params = models.JSONField("参数", default=dict, encoder=DjangoJSONEncoder)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发起人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
    )
    division_path = models.CharField("区划", max_length=120, blank=True)
    status = models.CharField("状态", max_length=12, choices=Status, default=Status.QUEUED)
    done = models.PositiveBigIntegerField("已处理", default=0)
    total = models.PositiveBigIntegerField("总数", default=0)
    message = models.CharField("进展", max_length=500, blank=True)
    error = models.TextField("失败原因", blank=True)
    result_text = models.TextField("结果", blank=True)
    result_url = models.CharField("结果页面", max_length=500, blank=True)
    result_file = models.FileField("结果文件", upload_to=result_place, max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField("执行次数", default=0)
    run_token = models.UUIDField("本次执行", null=True, editable=False)
    worker = models.CharField("执行进程", max_length=120, blank=True)
    created_at = models.DateTimeField("发起时间", default=timezone.now)
    queued_at = models.DateTimeField("排队时间", default=timezone.now)
    started_at = models.DateTimeField("开始时间", null=True, blank=True)
    heartbeat_at = models.DateTimeField("最近心跳", null=True, blank=True)
    finished_at = models.DateTimeField("结束时间", null=True, blank=True)

    PERSONAL: tuple[str, ...] = ()
    scope_path = "division_path"
    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务"
        ordering = ("-id",)
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_owner"),
            models.Index(fields=["division_path"], name="job_path", opclasses=["text_pattern_ops"]),
            models.Index(
                fields=["status"],
                name="job_active",
                condition=Q(status__in=("queued", "running", "cancelling")),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="job_finished_at_when_over",
                condition=Q(
                    status__in=("queued", "running", "cancelling"), finished_at__isnull=True
                )
                | Q(status__in=("cancelled", "done", "failed"), finished_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.label}（{self.get_status_display()}）"

    def get_absolute_url(self) -> str:
        return reverse("jobs:detail", args=[self.pk])

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def tone(self) -> str:
        return TONES[Status(self.status)]

    @property
    def percent(self) -> int:
        if self.status == Status.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0

    @property
    def rate(self) -> float:
        """Items per second since this attempt began; 0 while nothing is known."""
        if not (self.started_at and self.done):
            return 0.0
        until = self.finished_at or timezone.now()
        return self.done / max((until - self.started_at).total_seconds(), 0.001)

    @property
    def seconds_left(self) -> int | None:
        if self.status != Status.RUNNING or not self.rate or not self.total:
            return None
        return round((self.total - self.done) / self.rate)

    @property
    def error_lines(self) -> list[str]:
        return self.error.splitlines()

    @property
    def result_name(self) -> str:
        return str(self.result_file.name).rpartition("/")[2] if self.result_file else ""
