"""What reached a household: one row per measure, with its proof (forms.md §1.10, notice 一(四))."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from assistance.choices import DELIVERED, MEASURE_TONES, PENDING, PLANNED
from assistance.models.plans import PlanItem
from fanpin.files.models import StoredFile
from fanpin.regions.scope import ScopedQuerySet
from households.choices import label
from households.models import Household, Member
from households.models.fields import CodeField, OptionalMoneyField


class Measure(models.Model):
    """A measure for a household or one of its members. `is_advance`: begun before admission (policy.md §4.6)."""

    PERSONAL = ("note", "cancel_reason")
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="measures"
    )
    member = models.ForeignKey(
        Member,
        verbose_name="受益成员",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
    )
    plan_item = models.ForeignKey(
        PlanItem,
        verbose_name="计划措施",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
    )
    category = CodeField("措施大类", "measure_category", blank=False)
    item = CodeField("措施子项", "measure_item", blank=False)
    domain = CodeField("业务领域", "measure_domain", blank=False)
    risk = CodeField("针对风险", "risk_type", help_text="不选表示普惠政策")
    start_on = models.DateField("开始日期")
    end_on = models.DateField("结束日期", null=True, blank=True)
    amount = OptionalMoneyField("金额")
    department = CodeField("落实部门", "department", blank=False)
    project_no = models.CharField("项目编号", max_length=40, blank=True)
    ledger_ref = models.CharField("部门台账记录号", max_length=64, blank=True, editable=False)
    status = CodeField("落实状态", "measure_status", default=PLANNED, editable=False)
    is_advance = models.BooleanField("先行帮扶", default=False, editable=False)
    delivered_on = models.DateField("落实日期", null=True, blank=True, editable=False)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True, editable=False)
    note = models.CharField("其他备注", max_length=200, blank=True)
    recorded_at = models.DateTimeField("登记时间", editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶措施"
        ordering = ["-start_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(end_on__isnull=True) | Q(end_on__gte=F("start_on")),
                name="measure_ends_after_it_starts",
                violation_error_message="结束日期不能早于开始日期",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="measure_amount_is_not_negative",
                violation_error_message="金额不能为负数",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=DELIVERED) | Q(delivered_on__isnull=False),
                name="delivered_measure_has_its_date",
            ),
        ]
        indexes = [
            models.Index(fields=["household", "status"], name="measure_household"),
            models.Index(fields=["category", "status"], name="measure_category"),
            models.Index(
                fields=["start_on"], name="measure_pending", condition=Q(status__in=PENDING)
            ),
        ]

    def __str__(self) -> str:
        return label("measure_item", self.item)

    @property
    def tone(self) -> str:
        return MEASURE_TONES[self.status]

    @property
    def is_pending(self) -> bool:
        return self.status in PENDING

    @property
    def is_delivered(self) -> bool:
        return self.status in DELIVERED


class MeasureEvidence(StoredFile):
    """Photo, receipt or bank slip that shows the measure arrived."""

    PERSONAL = ("file", "original_name")
    scope_path = "measure__household__division_path"

    measure = models.ForeignKey(
        Measure, verbose_name="帮扶措施", on_delete=models.PROTECT, related_name="evidence"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "落实凭证"
        ordering = ["pk"]
