"""A department's book as it was handed in: the file, its rows by COPY, and its wrong cells.

The newest batch of a ledger in a county and campaign is in use; an older one stays, superseded.
"""

from django.db import models
from django.db.models import Q

from fanpin.files.models import StoredFile
from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.choices import choices
from households.models import Campaign


class BatchState(models.TextChoices):
    WAITING = "waiting", "待检查"
    IN_USE = "in_use", "使用中"
    SUPERSEDED = "superseded", "已被新批次替换"
    REFUSED = "refused", "无法读取"


BATCH_TONES = {
    BatchState.WAITING: "blue",
    BatchState.IN_USE: "green",
    BatchState.SUPERSEDED: "grey",
    BatchState.REFUSED: "red",
}


# Ledgers that warn of somebody instead of being compared with the register begin with this.
WARNING = "warn_"


class LedgerBatch(StoredFile):
    """One file of one department. `rows` are the lines read, `loaded` those that can be compared."""

    PERSONAL = ("file", "original_name")
    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="县", on_delete=models.PROTECT, related_name="+"
    )
    county_code = models.CharField("县代码", max_length=6, editable=False)
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    department = models.CharField("部门", max_length=30, choices=choices("department"))
    ledger = models.CharField("台账", max_length=20)
    period = models.CharField("数据月份", max_length=6)
    state = models.CharField("状态", max_length=10, choices=BatchState, default=BatchState.WAITING)
    rows = models.PositiveIntegerField("行数", default=0)
    loaded = models.PositiveIntegerField("可比对行数", default=0)
    wrong = models.PositiveIntegerField("有误行数", default=0)
    seconds = models.FloatField("用时", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门台账"
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["county_code", "campaign", "ledger"],
                condition=Q(state="in_use"),
                name="one_ledger_in_use_per_county",
            )
        ]

    def __str__(self) -> str:
        return f"{self.original_name}（{self.period}）"

    @property
    def tone(self) -> str:
        return BATCH_TONES[BatchState(self.state)]


class LedgerRow(models.Model):
    """One line of a ledger: the typed columns that are compared, and the line as it was (`raw`)."""

    PERSONAL = ("id18", "name", "household_no", "address", "raw")
    scope_path = "batch__division__path"

    batch = models.ForeignKey(
        LedgerBatch,
        verbose_name="批次",
        on_delete=models.PROTECT,
        related_name="ledger_rows",
        db_index=False,
    )
    county_code = models.CharField("县代码", max_length=6)
    number = models.PositiveIntegerField("行号")
    id18 = models.CharField("公民身份号码", max_length=18)
    name = models.CharField("姓名", max_length=40, default="", blank=True)
    household_no = models.CharField("户号", max_length=40, default="", blank=True)
    relation = models.CharField("与户主关系", max_length=30, default="", blank=True)
    sex = models.CharField("性别", max_length=30, default="", blank=True)
    ethnicity = models.CharField("民族", max_length=30, default="", blank=True)
    status = models.CharField("状态", max_length=30, default="", blank=True)
    kind = models.CharField("类别", max_length=30, default="", blank=True)
    level = models.CharField("等级", max_length=30, default="", blank=True)
    status_on = models.DateField("状态日期", null=True, blank=True)
    from_on = models.DateField("起始日期", null=True, blank=True)
    until_on = models.DateField("终止日期", null=True, blank=True)
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2, null=True, blank=True)
    total = models.DecimalField("合计金额", max_digits=12, decimal_places=2, null=True, blank=True)
    village_code = models.CharField("行政村", max_length=12, default="", blank=True)
    address = models.CharField("地址", max_length=160, default="", blank=True)
    raw = models.JSONField("原行", default=dict)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账行"
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "id18"], name="person_stands_once_in_a_ledger")
        ]
        indexes = [
            models.Index(
                fields=["batch", "household_no"],
                name="ledger_row_household",
                condition=~Q(household_no=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} 第{self.number}行"


class LedgerError(models.Model):
    """One wrong cell of a ledger, with reason and remedy."""

    PERSONAL = ("value",)
    scope_path = "batch__division__path"

    batch = models.ForeignKey(
        LedgerBatch, verbose_name="批次", on_delete=models.PROTECT, related_name="errors"
    )
    sheet = models.CharField("工作表", max_length=60, blank=True)
    number = models.PositiveIntegerField("行号", default=0)
    cell = models.CharField("单元格", max_length=12, blank=True)
    column = models.CharField("列", max_length=60, blank=True)
    value = models.CharField("原值", max_length=200, blank=True)
    message = models.CharField("问题", max_length=200)
    remedy = models.CharField("改法", max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账问题"
        ordering = ["batch", "number", "pk"]

    def __str__(self) -> str:
        return f"{self.cell} {self.message}"
