"""A comparison that was made: which ledgers, how many rows, what was found. Parts survive a killed worker."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from counties.models.ledgers import LedgerBatch
from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Campaign


class CheckRun(models.Model):
    """One comparison of a county's register with some ledgers; `finished_at` is empty while it goes on."""

    PERSONAL = ()
    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="县", on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    ledgers = ArrayField(models.CharField(max_length=20), verbose_name="台账")
    job = models.OneToOneField(
        "jobs.Job",
        verbose_name="任务",
        on_delete=models.PROTECT,
        null=True,
        related_name="check_run",
    )
    started_at = models.DateTimeField("发起时间")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发起人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "比对"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.division} {self.campaign} 比对"


class CheckPart(models.Model):
    """One ledger of a run, committed together with its findings."""

    PERSONAL = ()
    scope_path = "run__division__path"

    run = models.ForeignKey(
        CheckRun, verbose_name="比对", on_delete=models.PROTECT, related_name="parts"
    )
    ledger = models.CharField("台账", max_length=20)
    batch = models.ForeignKey(
        LedgerBatch, verbose_name="批次", on_delete=models.PROTECT, related_name="+"
    )
    rows = models.PositiveIntegerField("台账行数")
    matched = models.PositiveIntegerField("匹配人数")
    opened = models.PositiveIntegerField("新增疑点", default=0)
    closed = models.PositiveIntegerField("销号疑点", default=0)
    seconds = models.FloatField("用时")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "比对台账"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "ledger"], name="one_part_per_ledger")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.ledger}"


class CheckCount(models.Model):
    """How many disagreements of one kind a part found."""

    PERSONAL = ()
    scope_path = "part__run__division__path"

    part = models.ForeignKey(
        CheckPart, verbose_name="比对台账", on_delete=models.CASCADE, related_name="counts"
    )
    code = models.CharField("规则编号", max_length=20)
    found = models.PositiveIntegerField("疑点数")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "比对结果"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["part", "code"], name="one_count_per_rule")]

    def __str__(self) -> str:
        return f"{self.code} {self.found}"
