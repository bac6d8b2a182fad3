"""对账: the register beside what the national system exported, row by row and field by field (forms.md §0.3).

A run has files; each kind of export found in them becomes one part, committed with its items. Items say what stands on
both sides, on one only, and where the two say different things. Nothing here changes a fact of the register.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from fanpin.files.models import StoredFile
from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Campaign, Household, Member


class Reconciliation(models.Model):
    """One 对账 of a place; `finished_at` is empty while it goes on."""

    PERSONAL = ()
    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="区划", on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    job = models.OneToOneField(
        "jobs.Job", verbose_name="任务", on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField("发起时间")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发起人", on_delete=models.PROTECT, related_name="+"
    )
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "国家系统对账"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.division} {self.campaign} 国家系统对账"


class NationalFile(StoredFile):
    """One export as it was uploaded. Its rows lie beside it as texts, one file for each kind found in it."""

    PERSONAL = ("file", "original_name")
    scope_path = "run__division__path"

    class State(models.TextChoices):
        WAITING = "waiting", "待读取"
        READ = "read", "已读取"
        REFUSED = "refused", "无法读取"

    run = models.ForeignKey(
        Reconciliation, verbose_name="对账", on_delete=models.PROTECT, related_name="files"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    kinds = ArrayField(models.CharField(max_length=12), verbose_name="表", default=list)
    rows = models.PositiveIntegerField("行数", default=0)
    message = models.TextField("说明", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "国家系统导出表"
        ordering = ["pk"]


class ReconciledPart(models.Model):
    """One kind of export of a run, committed together with its items."""

    PERSONAL = ()
    scope_path = "run__division__path"

    run = models.ForeignKey(
        Reconciliation, verbose_name="对账", on_delete=models.PROTECT, related_name="parts"
    )
    kind = models.CharField("表", max_length=12)
    rows = models.PositiveIntegerField("行数")
    seconds = models.FloatField("用时")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "对账结果"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "kind"], name="one_part_per_kind")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.kind}"


class Meeting(models.TextChoices):
    """How the two sides meet in one item."""

    SAME = "same", "一致"
    DIFFERS = "differs", "有差异"
    OURS = "ours", "仅本系统有"
    THEIRS = "theirs", "仅国家系统有"
    DOUBLED = "doubled", "文件中重复"
    OUTSIDE = "outside", "不在对账范围"


MEETING_TONES = {
    Meeting.SAME: "green",
    Meeting.DIFFERS: "amber",
    Meeting.OURS: "blue",
    Meeting.THEIRS: "orange",
    Meeting.DOUBLED: "red",
    Meeting.OUTSIDE: "grey",
}


class ReconciledItem(models.Model):
    """One household, person or village on one side or both; `fields`, `ours` and `theirs` run in parallel."""

    # Written by the hundred thousand from rows just read, none of which is ever deleted: checking four keys of each row
    # would take longer than comparing.
    PERSONAL = ("label", "id_no", "number", "ours", "theirs")
    scope_path = "division_path"

    run = models.ForeignKey(
        Reconciliation,
        verbose_name="对账",
        on_delete=models.PROTECT,
        related_name="items",
        db_index=False,
    )
    kind = models.CharField("表", max_length=12)
    state = models.CharField("结果", max_length=10, choices=Meeting)
    label = models.CharField("对象", max_length=60, blank=True)
    number = models.CharField("户编号", max_length=32, blank=True)
    id_no = models.CharField("证件号码", max_length=22, blank=True)
    household = models.ForeignKey(
        Household,
        verbose_name="农户",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    member = models.ForeignKey(
        Member,
        verbose_name="成员",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    place = models.ForeignKey(
        Division,
        verbose_name="区划",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    division_path = models.CharField("区划路径", max_length=100)
    file = models.ForeignKey(
        NationalFile,
        verbose_name="文件",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    row_number = models.PositiveIntegerField("文件行号", null=True)
    fields = ArrayField(models.CharField(max_length=40), verbose_name="差异指标", default=list)
    ours = ArrayField(models.TextField(), verbose_name="本系统", default=list)
    theirs = ArrayField(models.TextField(), verbose_name="国家系统", default=list)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "对账明细"
        ordering = ["run", "kind", "division_path", "pk"]
        indexes = [
            models.Index(fields=["run", "kind", "state", "division_path"], name="item_by_meeting"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.get_state_display()}"

    @property
    def tone(self) -> str:
        return MEETING_TONES[Meeting(self.state)]
