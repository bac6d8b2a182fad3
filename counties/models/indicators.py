"""县表指标: which figures a key county reports, as dated rows that the province replaces without a migration."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Value

from counties.models.sheets import CountySheet
from fanpin.accounts.departments import Department
from fanpin.regions.scope import ScopedQuerySet
from households.models.parameters import Dated, DateSpan


class IndicatorGroup(models.TextChoices):
    OVERVIEW = "overview", "县域情况"
    INDUSTRY = "industry", "产业信息"
    EDUCATION = "education", "教育信息"
    MEDICAL = "medical", "医疗信息"


class IndicatorKind(models.TextChoices):
    INT = "int", "整数"
    DECIMAL = "decimal", "小数"
    TEXT = "text", "文字"
    BOOL = "bool", "是否"
    CHOICE = "choice", "选项"


class Indicator(Dated):
    """One figure of the county sheet. `from_system`: the registry and the village sheets answer it, nobody types it."""

    PERSONAL = ()

    group = models.CharField("分组", max_length=10, choices=IndicatorGroup)
    code = models.CharField("代码", max_length=40)
    name = models.CharField("指标", max_length=60)
    unit = models.CharField("单位", max_length=10, blank=True)
    kind = models.CharField("类型", max_length=10, choices=IndicatorKind)
    code_list = models.CharField("选项清单", max_length=40, blank=True)
    least = models.DecimalField("下限", max_digits=18, decimal_places=2, null=True, blank=True)
    most = models.DecimalField("上限", max_digits=18, decimal_places=2, null=True, blank=True)
    is_required = models.BooleanField("必填", default=True)
    from_system = models.BooleanField("系统汇总", default=False)
    department = models.CharField("填报部门", max_length=30, choices=Department, blank=True)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "县表指标"
        ordering = ["position", "code"]
        constraints = [
            ExclusionConstraint(
                name="indicator_stands_once_a_day",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    ("division", RangeOperators.EQUAL),
                    (
                        DateSpan("effective_from", "effective_to", Value("[]")),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="同一指标的生效期间重叠，请先填写原指标的失效日期",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CountyFigure(models.Model):
    """One figure of a county sheet: a number, or a text (a name, a code)."""

    PERSONAL = ()
    scope_path = "sheet__division__path"

    sheet = models.ForeignKey(
        CountySheet, verbose_name="县表", on_delete=models.PROTECT, related_name="figures"
    )
    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", on_delete=models.PROTECT, related_name="+"
    )
    number = models.DecimalField("数值", max_digits=18, decimal_places=2, null=True, blank=True)
    text = models.CharField("文字", max_length=60, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "县表数值"
        ordering = ["indicator"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "indicator"], name="one_figure_per_indicator")
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.number if self.number is not None else self.text}"
