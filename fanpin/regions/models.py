"""The division tree of Gansu, province to natural village: where every household, person and paper belongs."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q

from fanpin.regions.scope import ScopedQuerySet


class Level(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市(州)"
    COUNTY = "county", "县(市、区)"
    TOWNSHIP = "township", "乡镇(街道)"
    VILLAGE = "village", "行政村"
    HAMLET = "hamlet", "自然村"


class Division(models.Model):
    """One node. `code` is the short national code (62, 6201, 620102, 620102001, 620102001201) and never reused;
    a natural village adds three digits of ours. `path` is the materialised line of codes from the province down.
    """

    PERSONAL = ()
    scope_path = "path"

    code = models.CharField("区划代码", max_length=15, primary_key=True)
    name = models.CharField("名称", max_length=60)
    full_name = models.CharField("全称", max_length=200)
    level = models.CharField("层级", max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self",
        verbose_name="上级",
        on_delete=models.PROTECT,
        null=True,
        related_name="children",
    )
    path = models.CharField("路径", max_length=100, unique=True)
    pinyin = models.CharField("拼音首字母", max_length=60, blank=True)
    village_kind = models.CharField("村类别", max_length=20, blank=True)
    valid_from = models.DateField("启用日期", null=True, blank=True)
    valid_until = models.DateField("停用日期", null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        verbose_name="并入",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "行政区划"
        ordering = ["path"]
        indexes = [
            models.Index(OpClass(F("path"), "varchar_pattern_ops"), name="division_path_prefix"),
            models.Index(fields=["level", "path"], name="division_level"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(level=Level.PROVINCE) | Q(parent__isnull=False),
                name="division_below_the_province_has_a_parent",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_until__gt=F("valid_from")),
                name="division_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_current(self) -> bool:
        return self.valid_until is None
