"""区划调整: renames, mergers, divisions and abolitions with the day they take effect and the document behind them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fanpin.accounts.models import Posting
from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Household


class DivisionChange(models.Model):
    """One adjustment: planned by the county, then carried out by a job that moves the households in an audited batch.

    A code is never used again: the old division ends and names its successor; its people move with a change row.
    """

    PERSONAL = ()
    scope_path = "county__path"

    class Kind(models.TextChoices):
        RENAME = "rename", "更名"
        MERGE = "merge", "并入其他区划"
        SPLIT = "split", "划出自然村"
        ABOLISH = "abolish", "撤销"

    class State(models.TextChoices):
        PLANNED = "planned", "待执行"
        APPLYING = "applying", "执行中"
        APPLIED = "applied", "已执行"
        CANCELLED = "cancelled", "已取消"
        UNDOING = "undoing", "撤回中"
        UNDONE = "undone", "已撤回"

    county = models.ForeignKey(
        Division, verbose_name="县", on_delete=models.PROTECT, related_name="+"
    )
    division = models.ForeignKey(
        Division, verbose_name="调整的区划", on_delete=models.PROTECT, related_name="adjustments"
    )
    kind = models.CharField("调整方式", max_length=10, choices=Kind)
    effective_on = models.DateField("生效日期")
    document_no = models.CharField("批准文号", max_length=60)
    old_name = models.CharField("原名称", max_length=60)
    new_name = models.CharField("新名称", max_length=60, blank=True)
    target = models.ForeignKey(
        Division,
        verbose_name="并入或划入",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    new_code = models.CharField("新设行政村代码", max_length=12, blank=True)
    hamlets = ArrayField(
        models.CharField(max_length=15), verbose_name="划出的自然村", default=list, blank=True
    )
    note = models.CharField("说明", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PLANNED)
    households = models.PositiveIntegerField("转移户数", default=0)
    job = models.ForeignKey(
        "jobs.Job", verbose_name="任务", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    planned_at = models.DateTimeField("登记时间")
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField("执行时间", null=True, blank=True, editable=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="执行人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    undone_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="撤回人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划调整"
        ordering = ["-planned_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["division"],
                condition=Q(state__in=["planned", "applying"]),
                name="one_adjustment_at_a_time",
                violation_error_message="该区划已有一项未执行的调整",
            ),
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True, applied_by__isnull=True)
                | Q(applied_at__isnull=False, applied_by__isnull=False),
                name="adjustment_applied_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="adjustment_undone_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_name}{self.get_kind_display()}"


class MovedHousehold(models.Model):
    """A household that an adjustment moved, and where it stood before: what an undo takes back."""

    PERSONAL = ()
    scope_path = "household__division_path"

    adjustment = models.ForeignKey(
        DivisionChange, verbose_name="区划调整", on_delete=models.PROTECT, related_name="moved"
    )
    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="relocations"
    )
    village = models.ForeignKey(
        Division, verbose_name="原行政村", on_delete=models.PROTECT, related_name="+"
    )
    natural_village = models.ForeignKey(
        Division, verbose_name="原自然村", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划调整转移的农户"
        ordering = ["adjustment", "household"]
        constraints = [
            models.UniqueConstraint(
                fields=["adjustment", "household"], name="household_moves_once_per_adjustment"
            )
        ]

    def __str__(self) -> str:
        return str(self.household)


class MovedPosting(models.Model):
    """A post that went along: `ended` at the old place, `opened` at the new one; either may be missing."""

    PERSONAL = ()
    scope_path = "adjustment__county__path"

    adjustment = models.ForeignKey(
        DivisionChange, verbose_name="区划调整", on_delete=models.PROTECT, related_name="postings"
    )
    ended = models.ForeignKey(
        Posting, verbose_name="原岗位", on_delete=models.PROTECT, null=True, related_name="+"
    )
    opened = models.ForeignKey(
        Posting, verbose_name="新岗位", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划调整转移的岗位"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.opened or self.ended)
