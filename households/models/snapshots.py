"""What a household looked like when a county signed: typed, frozen, part of the hash."""

from django.db import models

from households.models.campaigns import Campaign
from households.models.households import Household


class HouseholdSnapshot(models.Model):
    """One household at the moment of a county's signature. Never changed; a correction makes a new `edition`."""

    PERSONAL = ("head_name",)

    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    county_code = models.CharField("县", max_length=6)
    edition = models.PositiveSmallIntegerField("版次", default=1)
    household = models.ForeignKey(Household, verbose_name="农户", on_delete=models.PROTECT)
    hh_code = models.CharField("系统户号", max_length=17)
    village_code = models.CharField("行政村", max_length=12)
    head_name = models.CharField("户主姓名", max_length=40)
    hh_type = models.CharField("户类型", max_length=30)
    family_size = models.PositiveSmallIntegerField("人口数")
    monitoring_state = models.CharField("监测状态", max_length=16)
    monitor_type = models.CharField("监测对象类别", max_length=30, blank=True)
    collection_state = models.CharField("采集状态", max_length=30, blank=True)
    inc_net = models.DecimalField("年纯收入", max_digits=12, decimal_places=2, null=True)
    inc_net_pc = models.DecimalField("人均纯收入", max_digits=12, decimal_places=2, null=True)

    class Meta:
        verbose_name = verbose_name_plural = "农户快照"
        ordering = ["hh_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "household", "edition"],
                name="one_snapshot_per_edition",
            )
        ]
        indexes = [
            models.Index(fields=["campaign", "county_code", "edition"], name="snapshot_county")
        ]

    def __str__(self) -> str:
        return f"{self.hh_code} {self.campaign_id}-{self.edition}"
