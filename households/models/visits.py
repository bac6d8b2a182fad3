"""走访: somebody went to see a household, when, how, where, and what was found (forms.md §1.12)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin.files.models import StoredFile
from fanpin.regions.scope import ScopedQuerySet
from households.models.fields import CodeField
from households.models.households import Household


class Visit(models.Model):
    """One visit. The position is where the visitor stood, kept with its accuracy in metres."""

    PERSONAL = ("findings", "longitude", "latitude")
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="visits"
    )
    visited_on = models.DateField("走访日期")
    visitor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="走访人",
        on_delete=models.PROTECT,
        related_name="visits",
    )
    mode = CodeField("走访方式", "visit_mode", blank=False)
    findings = models.TextField("发现问题", blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=6, null=True, blank=True)
    accuracy_m = models.PositiveIntegerField("定位精度", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间", editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        ordering = ["-visited_on", "-pk"]
        indexes = [models.Index(fields=["household", "-visited_on"], name="visit_household")]
        constraints = [
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, latitude__isnull=False),
                name="visit_has_both_coordinates_or_none",
                violation_error_message="经度和纬度须同时填写",
            )
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.get_mode_display()}"


class VisitPaper(StoredFile):
    """A photo taken at the visit, or the head of household's signature under what was collected."""

    PERSONAL = ("file", "original_name")
    scope_path = "visit__household__division_path"

    class Kind(models.TextChoices):
        PHOTO = "photo", "现场照片"
        SIGNATURE = "signature", "户主签字"

    visit = models.ForeignKey(
        Visit, verbose_name="走访", on_delete=models.PROTECT, related_name="papers"
    )
    kind = models.CharField("种类", max_length=10, choices=Kind)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访附件"
        ordering = ["pk"]
