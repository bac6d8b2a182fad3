"""How far a monitored household is from elimination: what the lists show without judging everybody anew."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from fanpin.regions.scope import ScopedQuerySet
from monitoring.models.objects import MonitoringObject


class Outlook(models.Model):
    """The lights of one household as last judged by services.outlooks. Derived: judged again whenever a fact changes.

    `lacking`: how many criteria a proposal would be refused on; `words` tells them with the household's figures.
    """

    PERSONAL = ("words",)
    scope_path = "object__household__division_path"

    object = models.OneToOneField(
        MonitoringObject, verbose_name="监测对象", on_delete=models.PROTECT, related_name="outlook"
    )
    red = ArrayField(models.CharField(max_length=4), verbose_name="红灯", default=list)
    grey = ArrayField(models.CharField(max_length=4), verbose_name="灰灯", default=list)
    lacking = models.PositiveSmallIntegerField("差几项")
    words = models.TextField("差什么", blank=True)
    judged_on = models.DateField("判定日期")
    judged_at = models.DateTimeField("判定时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消除条件判定"
        ordering = ["object"]
        indexes = [models.Index(fields=["lacking"], name="outlook_lacking")]

    def __str__(self) -> str:
        return f"{self.judged_on} 差{self.lacking}项"

    @property
    def label(self) -> str:
        return "可消除" if self.lacking == 0 else f"差{self.lacking}项"

    @property
    def tone(self) -> str:
        return {0: "green", 1: "amber"}.get(self.lacking, "grey")
