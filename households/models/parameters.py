"""Policy as dated data: single values and lists, per division and effective dates (policy.md Appendix A)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value

from fanpin.regions.models import Division
from households.parameters import PARAMETERS


class DateSpan(Func):
    """daterange(from, to, '[]'), so that two rows of one key cannot be in force on the same day."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Dated(models.Model):
    """In force from one day to another, for a division and everything below it that has no row of its own."""

    division = models.ForeignKey(
        Division, verbose_name="适用区划", on_delete=models.PROTECT, related_name="+"
    )
    effective_from = models.DateField("生效日期")
    effective_to = models.DateField("失效日期", null=True, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        abstract = True


class Parameter(Dated):
    """One value. The key says how it reads (households.parameters)."""

    PERSONAL = ()

    key = models.CharField("参数", max_length=60)
    value = models.CharField("取值", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "参数"
        ordering = ["key", "division", "effective_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gte=F("effective_from")),
                name="parameter_ends_after_it_begins",
                violation_error_message="失效日期不能早于生效日期",
            ),
            ExclusionConstraint(
                name="parameter_has_one_value_a_day",
                expressions=[
                    ("key", RangeOperators.EQUAL),
                    ("division", RangeOperators.EQUAL),
                    (
                        DateSpan("effective_from", "effective_to", Value("[]")),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="同一区划同一参数的生效期间重叠，请先填写原取值的失效日期",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}：{self.value}"

    @property
    def label(self) -> str:
        """The Chinese name of the key."""
        return PARAMETERS[self.key].label if self.key in PARAMETERS else self.key

    def clean(self) -> None:
        """The key is known and its reader understands the value: for page, admin and import alike."""
        kind = PARAMETERS.get(self.key)
        if kind is None:
            raise ValidationError({"key": f"没有参数“{self.key}”"})
        self.value = self.value.strip()
        try:
            kind.read(self.value)
        except (ValueError, ArithmeticError) as wrong:
            text = f"“{self.value}”不能作为“{kind.label}”的取值"
            raise ValidationError({"value": text}) from wrong


class PolicyItem(Dated):
    """One entry of a policy list: risk cause, four-haves kind, 七个不消, file checklist …

    `test_key` names the machine test of a 不消 condition; `flags` are the list's own switches, for example
    needs_note, needs_subtype; `limit` is its number where it has one.
    """

    PERSONAL = ()

    list_key = models.CharField("清单", max_length=40)
    code = models.CharField("代码", max_length=30)
    label = models.CharField("名称", max_length=120)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    active = models.BooleanField("启用", default=True)
    test_key = models.CharField("机器判定", max_length=40, blank=True)
    limit = models.DecimalField("阈值", max_digits=12, decimal_places=2, null=True, blank=True)
    flags = ArrayField(
        models.CharField(max_length=30), verbose_name="要求", default=list, blank=True
    )
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "政策清单"
        ordering = ["list_key", "position", "code"]
        constraints = [
            ExclusionConstraint(
                name="policy_item_stands_once_a_day",
                expressions=[
                    ("list_key", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("division", RangeOperators.EQUAL),
                    (
                        DateSpan("effective_from", "effective_to", Value("[]")),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="同一清单项的生效期间重叠",
            ),
        ]

    def __str__(self) -> str:
        return self.label
