"""汇总数据: a city's tables as they were reported, every number a row, every report a version."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Campaign


class SummaryState(models.TextChoices):
    SUBMITTED = "submitted", "已上报"
    RETURNED = "returned", "已退回县级更正"
    REPLACED = "replaced", "已被新版替换"


SUMMARY_TONES = {
    SummaryState.SUBMITTED: "green",
    SummaryState.RETURNED: "amber",
    SummaryState.REPLACED: "grey",
}


class CitySummary(models.Model):
    """One submitted report. A draft is never stored: it is computed whenever it is looked at."""

    PERSONAL = ()
    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="市州", on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    version = models.PositiveSmallIntegerField("版次")
    state = models.CharField(
        "状态", max_length=10, choices=SummaryState, default=SummaryState.SUBMITTED
    )
    as_of = models.DateField("数据截止日期")
    sha256 = models.CharField("校验值", max_length=64)
    is_late = models.BooleanField("逾期上报", default=False)
    late_reason = models.CharField("逾期原因", max_length=200, blank=True)
    # Why some counties have no household at all: nobody is left out by oversight (notice 四(三)).
    no_data_reason = models.CharField("无数据说明", max_length=300, blank=True)
    submitted_at = models.DateTimeField("上报时间")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="上报人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    returned_at = models.DateTimeField("退回时间", null=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="退回人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    returned_to = models.ForeignKey(
        Division,
        verbose_name="退回的县",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    return_reason = models.CharField("退回原因", max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "市级汇总"
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "campaign", "version"], name="one_summary_per_version"
            ),
            models.UniqueConstraint(
                fields=["division", "campaign"],
                condition=Q(state="submitted"),
                name="one_summary_in_force",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, returned_by__isnull=True)
                | Q(returned_at__isnull=False, returned_by__isnull=False),
                name="summary_returned_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division} {self.campaign} 第{self.version}版"

    @property
    def tone(self) -> str:
        return SUMMARY_TONES[SummaryState(self.state)]


class SummaryFigure(models.Model):
    """One number of a submitted report."""

    PERSONAL = ()
    scope_path = "summary__division__path"

    summary = models.ForeignKey(
        CitySummary, verbose_name="汇总", on_delete=models.PROTECT, related_name="figures"
    )
    table = models.CharField("表", max_length=4)
    county_code = models.CharField("县", max_length=6)
    key = models.CharField("指标", max_length=60)
    value = models.DecimalField("数值", max_digits=14, decimal_places=2)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "汇总数"
        ordering = ["table", "county_code", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["summary", "table", "county_code", "key"], name="one_figure_per_cell"
            )
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.county_code} {self.key}"
