"""A workbook of village or natural village sheets on its way in: shown, written, taken back."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from counties.models.sheets import Kind
from fanpin.files.models import StoredFile
from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Campaign


class SheetBatch(StoredFile):
    """One uploaded workbook. Its preview is made anew from the file whenever it is looked at."""

    PERSONAL = ("file", "original_name")
    scope_path = "division__path"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "待导入"
        APPLIED = "applied", "已导入"
        UNDONE = "undone", "已撤销"

    division = models.ForeignKey(
        Division, verbose_name="区划", on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    kind = models.CharField("表", max_length=10, choices=Kind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.UPLOADED)
    rows = models.PositiveIntegerField("写入行数", default=0)
    applied_at = models.DateTimeField("导入时间", null=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="导入人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="撤销人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "采集表导入批次"
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True, applied_by__isnull=True)
                | Q(applied_at__isnull=False, applied_by__isnull=False),
                name="sheet_batch_applied_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="sheet_batch_undone_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return self.original_name
