"""The household: unit of everything the notice asks for (notice 一(三))."""

from django.db import models
from django.db.models import F, Q

from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.choices import MONITORING_STATES
from households.models.fields import CodeField
from households.models.sheet import (
    Classification,
    LivingConditions,
    Location,
    SupportLinks,
)


class Standing(models.Model):
    """What other parts of the system know of a household, kept here so that a list needs one table.

    Written only by `households.services.standing`.
    """

    head_name = models.CharField("户主姓名", max_length=40, blank=True, editable=False)
    head_pinyin = models.CharField("户主拼音", max_length=40, blank=True, editable=False)
    head_id_no = models.CharField("户主证件号码", max_length=22, blank=True, editable=False)
    family_size = models.PositiveSmallIntegerField("当前家庭人口数", default=0, editable=False)
    monitoring_state = models.CharField(
        "监测状态",
        max_length=16,
        default="not_monitored",
        editable=False,
        choices=[(code, label) for code, (label, _tone) in MONITORING_STATES.items()],
    )
    monitor_type = CodeField("监测对象类别", "monitor_type", editable=False)
    open_errors = models.PositiveIntegerField("未处理错误", default=0, editable=False)
    open_warnings = models.PositiveIntegerField("未处理提醒", default=0, editable=False)
    next_due_on = models.DateField("最近到期日", null=True, blank=True, editable=False)
    next_due_text = models.CharField("最近到期事项", max_length=60, blank=True, editable=False)
    income_pc = models.DecimalField(
        "人均纯收入",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    income_from = models.DateField("收入周期起", null=True, blank=True, editable=False)
    income_to = models.DateField("收入周期止", null=True, blank=True, editable=False)

    class Meta:
        abstract = True


COUNTED_BY = (
    "id", "county_code", "ended_on", "hh_type", "monitoring_state", "monitor_type",
    "open_errors", "open_warnings",
)  # fmt: skip
# The heads of the list that sort. A county is read in the order of the head; below it the rows are few. An empty
# value comes last in both directions, so a column that may be empty needs both.
SORTED = (
    models.Index(fields=["county_code", "hh_code"], name="household_by_code"),
    models.Index(fields=["county_code", "head_pinyin", "id"], name="household_by_head"),
    models.Index(fields=["county_code", "division_path", "id"], name="household_by_village"),
    models.Index(fields=["county_code", "family_size", "id"], name="household_by_size"),
    models.Index(fields=["county_code", "open_errors", "id"], name="household_by_errors"),
    models.Index(fields=["county_code", "open_warnings", "id"], name="household_by_warnings"),
    models.Index(fields=["county_code", "updated_at", "id"], name="household_by_update"),
    *(
        index
        for column, name in (
            ("income_pc", "household_by_income"),
            ("next_due_on", "household_by_due"),
        )
        for index in (
            models.Index(F("county_code"), F(column), F("id"), name=name),
            models.Index(
                F("county_code"),
                F(column).desc(nulls_last=True),
                F("id").desc(),
                name=f"{name}_desc",
            ),
        )
    ),
)


class Household(Location, Classification, LivingConditions, SupportLinks, Standing):
    """One household on the register. An ended one keeps its row with `ended_on` (整户减少, 并户)."""

    PERSONAL = (
        "address_detail",
        "hukou_address",
        "longitude",
        "latitude",
        "phone",
        "bank_name",
        "bank_card_no",
        "filler_name",
        "filler_phone",
        "head_name",
        "head_pinyin",
        "head_id_no",
    )
    scope_path = "division_path"

    hh_code = models.CharField("系统户号", max_length=17, unique=True, editable=False)
    national_hh_no = models.CharField("户编号(国家系统)", max_length=32, blank=True)
    village = models.ForeignKey(
        Division,
        verbose_name="行政村",
        on_delete=models.PROTECT,
        related_name="households",
    )
    natural_village = models.ForeignKey(
        Division,
        verbose_name="自然村(村民小组)",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="hamlet_households",
    )
    division_path = models.CharField("区划路径", max_length=100, editable=False)
    county_code = models.CharField("县", max_length=6, editable=False)
    created_at = models.DateTimeField("建档时间", editable=False)
    updated_at = models.DateTimeField("更新时间", editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    ended_on = models.DateField("销户日期", null=True, blank=True, editable=False)
    ended_reason = models.CharField("销户原因", max_length=60, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "农户"
        ordering = ["hh_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["national_hh_no"],
                condition=~Q(national_hh_no=""),
                name="household_national_number_is_unique",
                violation_error_message="该国家系统户编号已被另一户使用，请核对",
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True, latitude__isnull=True)
                | Q(longitude__isnull=False, latitude__isnull=False),
                name="household_has_both_coordinates_or_none",
                violation_error_message="经度和纬度须同时填写",
            ),
        ]
        indexes = [
            # Scope, and what the list counts and filters by, so that a count never reads the table.
            models.Index(
                fields=["division_path", "hh_code"],
                name="household_path",
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops"],
                include=COUNTED_BY,
            ),
            *SORTED,
            models.Index(fields=["county_code", "monitoring_state"], name="household_state"),
            models.Index(fields=["village", "hh_type"], name="household_village_type"),
            models.Index(
                fields=["head_pinyin"],
                name="household_pinyin",
                opclasses=["varchar_pattern_ops"],
            ),
            models.Index(
                fields=["head_name"],
                name="household_head",
                opclasses=["varchar_pattern_ops"],
            ),
            models.Index(
                fields=["county_code", "hh_code"],
                name="household_with_errors",
                condition=Q(open_errors__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.head_name or '（未登记户主）'}户"

    @property
    def monitoring_label(self) -> str:
        return MONITORING_STATES[self.monitoring_state][0]

    @property
    def monitoring_tone(self) -> str:
        return MONITORING_STATES[self.monitoring_state][1]
