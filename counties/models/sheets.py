"""村表、自然村表、县表: one of each for a place and campaign, with the way it goes (notice 一(一)(五), policy.md §10).

The columns of the first two are the lines of counties.rules.lines; a county sheet's figures are rows, because its
indicators are dated data. Only counties.services.sheets and county_sheets write here.
"""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from counties.rules.lines import HAMLET_LINES, VILLAGE_LINES, Line
from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Campaign
from households.models.fields import CodeField


class SheetState(models.TextChoices):
    TODO = "todo", "待采集"
    COLLECTED = "collected", "已采集"
    CHECKED = "checked", "已提交"
    RETURNED = "returned", "乡镇退回"
    REVIEWED = "reviewed", "乡镇通过"
    CLOSED = "closed", "县级锁定"


# The same way one level up: the county fills, the city takes over.
COUNTY_STATES = dict(SheetState.choices) | {
    SheetState.CHECKED: "已报市州",
    SheetState.RETURNED: "市州退回",
    SheetState.REVIEWED: "市州已接收",
}
OPEN_STATES = (SheetState.TODO, SheetState.COLLECTED, SheetState.RETURNED)
FILLED_STATES = (
    SheetState.COLLECTED,
    SheetState.CHECKED,
    SheetState.REVIEWED,
    SheetState.CLOSED,
)


class Kind(models.TextChoices):
    VILLAGE = "village", "行政村表"
    HAMLET = "hamlet", "自然村表"
    COUNTY = "county", "县表"


class Sheet(models.Model):
    """What the three sheets share: place, campaign, state, who did what. A sheet nobody touched has no row yet."""

    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="区划", on_delete=models.PROTECT, related_name="%(class)s_set"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    state = models.CharField(
        "状态", max_length=10, choices=SheetState, default=SheetState.TODO, editable=False
    )
    note = models.CharField("退回原因", max_length=500, blank=True, editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    changed_at = models.DateTimeField("填写时间", editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="填写人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    submitted_at = models.DateTimeField("提交时间", null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提交人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    decided_at = models.DateTimeField("审核时间", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="审核人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["division"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "campaign"], name="one_%(class)s_per_campaign"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="%(class)s_submitted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="%(class)s_decided_at_and_by",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state"], name="%(class)s_state")]

    def __str__(self) -> str:
        return f"{self.division} {self.campaign} {self._meta.verbose_name}"

    @property
    def is_open(self) -> bool:
        """May still be filled: nobody above has it."""
        return self.state in OPEN_STATES


class VillageSheet(Sheet):
    """《出列村信息采集表》: 72 lines for a 出列村, fewer for the others; place and campaign are the first three."""

    PERSONAL = ("leader_name", "phone", "filler_name", "longitude", "latitude")

    class Meta(Sheet.Meta):
        verbose_name = verbose_name_plural = "行政村表"


class HamletSheet(Sheet):
    """自然村: twelve lines; code, name and village are its division. It goes its way with the village's sheet."""

    PERSONAL = ("nv_longitude", "nv_latitude")

    class Meta(Sheet.Meta):
        verbose_name = verbose_name_plural = "自然村表"


class CountySheet(Sheet):
    """《乡村振兴重点帮扶县基础信息采集表》: only key counties have one; its figures are CountyFigure rows."""

    PERSONAL = ()

    class Meta(Sheet.Meta):
        verbose_name = verbose_name_plural = "县表"


class SheetChange(models.Model):
    """One act on a sheet, append-only: filled, submitted, reviewed, returned. `before`/`after` hold what changed."""

    PERSONAL = ("before", "after", "note")
    scope_path = "division__path"

    kind = models.CharField("表", max_length=10, choices=Kind)
    division = models.ForeignKey(
        Division, verbose_name="区划", on_delete=models.PROTECT, related_name="sheet_changes"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    act = models.CharField("动作", max_length=20)
    fields = ArrayField(models.CharField(max_length=40), verbose_name="变更字段", default=list)
    before = models.JSONField("变更前", default=dict)
    after = models.JSONField("变更后", default=dict)
    note = models.CharField("说明", max_length=500, blank=True)
    version = models.PositiveIntegerField("变更后版本", default=1)
    batch = models.ForeignKey(
        "counties.SheetBatch",
        verbose_name="导入批次",
        on_delete=models.PROTECT,
        null=True,
        related_name="changes",
    )
    made_at = models.DateTimeField("时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经办人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "采集表变更"
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["division", "campaign", "kind", "-made_at"], name="sheet_change")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.act}"


def _model_field(line: Line) -> "models.Field[Any, Any]":
    """The column of a line; empty means not yet filled in."""
    empty: dict[str, Any] = {"null": True, "blank": True}
    if line.system:
        empty["editable"] = False
    match line.kind:
        case "int":
            return models.PositiveIntegerField(line.label, **empty)
        case "decimal":
            return models.DecimalField(
                line.label, max_digits=line.digits, decimal_places=line.places, **empty
            )
        case "bool":
            return models.BooleanField(line.label, **empty)
        case "choice":
            return CodeField(line.label, line.codes, editable=not line.system)
        case _:
            return models.CharField(line.label, max_length=line.length, blank=True)


for _model, _lines in ((VillageSheet, VILLAGE_LINES), (HamletSheet, HAMLET_LINES)):
    for _line in _lines:
        _model_field(_line).contribute_to_class(_model, _line.name)
