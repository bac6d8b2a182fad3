"""A workbook on its way in: staged, shown, merged, undone (design.md decision 11)."""

from django.conf import settings
from django.db import models

from fanpin.files.models import StoredFile
from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet


class ImportBatch(StoredFile):
    """One uploaded workbook and what became of it."""

    PERSONAL = ("file", "original_name")
    scope_path = "division__path"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "待检查"
        CHECKED = "checked", "已检查"
        APPLYING = "applying", "正在导入"
        APPLIED = "applied", "已导入"
        UNDONE = "undone", "已撤销"
        FAILED = "failed", "无法读取"

    division = models.ForeignKey(Division, verbose_name="区划", on_delete=models.PROTECT)
    state = models.CharField("状态", max_length=10, choices=State, default=State.UPLOADED)
    rows = models.PositiveIntegerField("行数", default=0)
    new = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("变化", default=0)
    unchanged = models.PositiveIntegerField("未变", default=0)
    wrong = models.PositiveIntegerField("有误", default=0)
    missing = models.PositiveIntegerField("系统有而文件无", default=0)
    chunks = models.PositiveIntegerField("段数", default=0)
    chunks_done = models.PositiveIntegerField("已写入段数", default=0)
    checked_at = models.DateTimeField("检查时间", null=True)
    job = models.ForeignKey(
        "jobs.Job",
        verbose_name="任务",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    message = models.TextField("说明", blank=True)
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
        verbose_name = verbose_name_plural = "导入批次"
        ordering = ["-uploaded_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(applied_by__isnull=True) | models.Q(applied_at__isnull=False),
                name="batch_applied_by_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(undone_by__isnull=True) | models.Q(undone_at__isnull=False),
                name="batch_undone_by_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.original_name


class ImportRow(models.Model):
    """One row of the workbook that is wrong (as it was read) or changes something (before, after)."""

    PERSONAL = ("key", "raw", "mended", "before", "after")

    class Kind(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变化"
        UNCHANGED = "unchanged", "未变"
        WRONG = "wrong", "有误"

    batch = models.ForeignKey(
        ImportBatch,
        verbose_name="批次",
        on_delete=models.CASCADE,
        related_name="staged",
    )
    sheet = models.CharField("工作表", max_length=60)
    number = models.PositiveIntegerField("行号")
    kind = models.CharField("结果", max_length=10, choices=Kind)
    key = models.CharField("行标识", max_length=60)
    raw = models.JSONField("原值", default=dict)
    mended = models.JSONField("改正值", default=dict)
    before = models.JSONField("变更前", default=dict)
    after = models.JSONField("变更后", default=dict)
    household_id = models.BigIntegerField("农户", null=True)
    member_id = models.BigIntegerField("成员", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入行"
        ordering = ["batch", "sheet", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "sheet", "number"], name="import_row_stands_once"
            )
        ]
        indexes = [models.Index(fields=["batch", "kind"], name="import_row_kind")]

    def __str__(self) -> str:
        return f"{self.sheet} 第{self.number}行"


class CellError(models.Model):
    """One wrong cell, with reason and remedy."""

    PERSONAL = ("value",)

    batch = models.ForeignKey(
        ImportBatch,
        verbose_name="批次",
        on_delete=models.CASCADE,
        related_name="errors",
    )
    sheet = models.CharField("工作表", max_length=60)
    cell = models.CharField("单元格", max_length=12)
    number = models.PositiveIntegerField("行号", default=0)
    key = models.CharField("列标识", max_length=40, blank=True)
    column = models.CharField("列", max_length=60)
    value = models.CharField("原值", max_length=200, blank=True)
    message = models.CharField("问题", max_length=200)
    remedy = models.CharField("改法", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "导入问题"
        ordering = ["batch", "sheet", "number", "pk"]
        indexes = [models.Index(fields=["batch", "number"], name="import_error_row")]

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell} {self.message}"
