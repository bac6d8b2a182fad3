"""The yearly round of adjustment and collection, and where each household's form stands in it."""

from django.conf import settings
from django.db import models

from fanpin.regions.scope import ScopedQuerySet
from households.models.fields import CodeField
from households.models.households import Household


class Campaign(models.Model):
    """One year's round (notice 二). Dates are warnings; they never lock."""

    PERSONAL = ()

    year = models.PositiveSmallIntegerField("年度", primary_key=True)
    name = models.CharField("名称", max_length=60)
    income_from = models.DateField("收入计算周期起")
    income_to = models.DateField("收入计算周期止")
    starts_on = models.DateField("开始日期")
    training_due_on = models.DateField("动员培训截止")
    collection_due_on = models.DateField("信息采集截止")
    entry_due_on = models.DateField("录入截止")
    comparison_due_on = models.DateField("比对清洗截止")
    summary_due_on = models.DateField("汇总数据上报截止")
    report_due_on = models.DateField("工作总结上报截止")
    is_current = models.BooleanField("当前年度", default=False)
    opened_at = models.DateTimeField("开展时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "年度工作"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=models.Q(is_current=True),
                name="one_current_campaign",
            ),
            models.CheckConstraint(
                condition=models.Q(income_to__gt=models.F("income_from")),
                name="campaign_window_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年度"


class Collection(models.Model):
    """This year's form of one household: where it stands, who moved it there."""

    PERSONAL = ()
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household,
        verbose_name="农户",
        on_delete=models.PROTECT,
        related_name="collections",
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    state = CodeField("采集状态", "collect_status", default="todo")
    note = models.TextField("说明", blank=True)
    explanation = models.TextField("核实说明", blank=True)
    changed_at = models.DateTimeField("更新时间", null=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="更新人",
        on_delete=models.PROTECT,
        null=True,
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度采集"
        ordering = ["household"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "campaign"],
                name="one_collection_per_campaign",
                include=["state"],
            ),
            models.CheckConstraint(
                condition=models.Q(changed_by__isnull=True) | models.Q(changed_at__isnull=False),
                name="collection_changed_by_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state"], name="collection_state")]

    def __str__(self) -> str:
        return f"{self.household} {self.campaign}"


class CountyLock(models.Model):
    """A signed closure freezes the county's records of a campaign (policy.md §11.4). Lifted by a correction order."""

    PERSONAL = ()

    county_code = models.CharField("县", max_length=6)
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    locked_at = models.DateTimeField("锁定时间")
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="锁定人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    lifted_at = models.DateTimeField("解除时间", null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="解除人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    order_no = models.CharField("更正令文号", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "县级锁定"
        ordering = ["-locked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["county_code", "campaign"],
                condition=models.Q(lifted_at__isnull=True),
                name="one_lock_per_county_and_campaign",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="lock_lifted_by_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.county_code} {self.campaign}"
