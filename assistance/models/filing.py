"""户内资料: which papers of the checklist a household's folder holds (notice 一(六), policy.md §8.3)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin.files.models import StoredFile
from fanpin.regions.scope import ScopedQuerySet
from households.models import Household


class HouseholdFileItem(models.Model):
    """One line of the checklist. `code` is of the policy list file_checklist; `link` points at a record of ours."""

    PERSONAL = ("note",)
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="file_items"
    )
    code = models.CharField("资料", max_length=30)
    is_present = models.BooleanField("已归档", default=True)
    link = models.CharField("系统内位置", max_length=200, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    noted_at = models.DateTimeField("登记时间")
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "户内资料"
        ordering = ["household", "code"]
        constraints = [
            models.UniqueConstraint(fields=["household", "code"], name="file_item_once"),
            models.CheckConstraint(condition=~Q(code=""), name="file_item_names_its_paper"),
        ]

    def __str__(self) -> str:
        return self.code


class HouseholdFile(StoredFile):
    """A scan filed under a checklist line."""

    PERSONAL = ("file", "original_name")
    scope_path = "item__household__division_path"

    item = models.ForeignKey(
        HouseholdFileItem, verbose_name="资料", on_delete=models.PROTECT, related_name="files"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "户内资料文件"
        ordering = ["pk"]
