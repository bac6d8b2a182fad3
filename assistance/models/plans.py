"""一户一策: risks, what is done about each, by whom, until when, with what effect (notice 一(六), policy.md §8)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from assistance.choices import (
    EDITABLE_STATES,
    EFFECT_TONES,
    MEASURE_TONES,
    OPEN_STATES,
    PENDING,
    PLAN_TONES,
    PLANNED,
    Conclusion,
    DocumentKind,
    Effect,
    LookBackResult,
    PlanState,
)
from fanpin.files.models import StoredFile
from fanpin.regions.scope import ScopedQuerySet
from households.choices import label
from households.models import Household, Member
from households.models.fields import CodeField, OptionalMoneyField


class PlanDuty(models.Model):
    """That a household needs a plan: since when it is registered, for which risks, until which day.

    Written when monitoring registers the household; the rules of this app read risks and dates here.
    """

    PERSONAL = ()
    scope_path = "household__division_path"

    household = models.OneToOneField(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="plan_duty"
    )
    registered_on = models.DateField("识别日期")
    risks = ArrayField(models.CharField(max_length=30), verbose_name="返贫致贫风险", default=list)
    due_on = models.DateField("一户一策制定期限")
    opened_at = models.DateTimeField("开立时间")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一户一策制定任务"
        ordering = ["due_on"]

    def __str__(self) -> str:
        return f"{self.household}一户一策"


class PlanContent(models.Model):
    """What the four parties agreed and what came of it."""

    made_on = models.DateField("制定日期", null=True, blank=True)
    village_secretary = models.CharField("村党组织书记", max_length=40, blank=True)
    township_cadre = models.CharField("包村干部", max_length=40, blank=True)
    helper = models.CharField("帮扶责任人", max_length=40, blank=True)
    helper_phone = models.CharField("帮扶责任人电话", max_length=11, blank=True)
    team_leader = models.CharField("驻村工作队长", max_length=40, blank=True)
    situation = models.TextField("家庭基本情况", blank=True)
    debts = models.CharField("债务情况", max_length=200, blank=True)
    dev_measure_status = CodeField("实施开发式帮扶措施情况", "dev_measure_status")
    adjust_note = models.TextField("调整说明", blank=True)
    signed_on = models.DateField("户主签字日期", null=True, blank=True)
    conclusion = models.CharField("结论", max_length=12, choices=Conclusion, blank=True)
    conclusion_note = models.TextField("结论说明", blank=True)

    class Meta:
        abstract = True


class Plan(PlanContent):
    """One version of a household's plan. An approved one is in force; the next approved version closes it."""

    PERSONAL = ("village_secretary", "township_cadre", "helper", "helper_phone", "team_leader",
                "situation", "debts")  # fmt: skip
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="plans"
    )
    version = models.PositiveSmallIntegerField("版本")
    state = models.CharField("状态", max_length=10, choices=PlanState, default=PlanState.DRAFT)
    due_on = models.DateField("制定期限", null=True, blank=True)
    reopened_reason = models.CharField("重新制定原因", max_length=120, blank=True)
    created_at = models.DateTimeField("开立时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="开立人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提交人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="审核人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decision_note = models.TextField("审核意见", blank=True)
    reviewed_on = models.DateField("回头看日期", null=True, blank=True)
    review_result = models.CharField("回头看结果", max_length=8, choices=LookBackResult, blank=True)
    review_note = models.TextField("回头看说明", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一户一策"
        ordering = ["household", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["household", "version"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(state__in=OPEN_STATES),
                name="plan_has_one_draft",
                violation_error_message="该户已有一份正在制定的一户一策",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(state=PlanState.APPROVED),
                name="plan_has_one_version_in_force",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="plan_submission_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="plan_decision_has_time_and_person",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="plan_state_due"),
        ]

    def __str__(self) -> str:
        return f"{self.household}一户一策第{self.version}版"

    @property
    def tone(self) -> str:
        return PLAN_TONES[PlanState(self.state)]

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE_STATES

    @property
    def is_in_force(self) -> bool:
        return self.state == PlanState.APPROVED

    @property
    def parties(self) -> str:
        """The names of the four parties who made it."""
        named = (self.village_secretary, self.township_cadre, self.helper, self.team_leader)
        return "、".join(name for name in named if name)


class PlanRisk(models.Model):
    """One risk of the household as the plan sees it, who bears it, and what became of it."""

    PERSONAL = ("description",)
    scope_path = "plan__household__division_path"

    plan = models.ForeignKey(
        Plan, verbose_name="一户一策", on_delete=models.PROTECT, related_name="risks"
    )
    cause = CodeField("风险成因", "risk_type", blank=False)
    bearer = models.ForeignKey(
        Member, verbose_name="涉及成员", on_delete=models.PROTECT, null=True, blank=True
    )
    description = models.CharField("具体情况", max_length=300, blank=True)
    effect = models.CharField("对风险的成效", max_length=10, choices=Effect, blank=True)
    effect_on = models.DateField("成效登记日期", null=True, blank=True)
    effect_note = models.CharField("成效说明", max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一户一策风险"
        ordering = ["plan", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "cause", "bearer"],
                nulls_distinct=False,
                name="plan_names_a_risk_once",
                violation_error_message="该风险已登记，请修改原有记录",
            ),
        ]

    def __str__(self) -> str:
        return self.get_cause_display()

    @property
    def effect_tone(self) -> str:
        return EFFECT_TONES[Effect(self.effect)] if self.effect else "grey"


class PlanItem(models.Model):
    """One measure the plan foresees. Without a risk it is 普惠: it would reach the household anyway."""

    PERSONAL = ("responsible_name", "responsible_phone")
    scope_path = "plan__household__division_path"

    plan = models.ForeignKey(
        Plan, verbose_name="一户一策", on_delete=models.PROTECT, related_name="items"
    )
    risk = models.ForeignKey(
        PlanRisk,
        verbose_name="针对风险",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="items",
        help_text="不选表示普惠政策",
    )
    category = CodeField("措施大类", "measure_category", blank=False)
    item = CodeField("措施子项", "measure_item", blank=False)
    domain = CodeField("业务领域", "measure_domain", blank=False)
    content = models.CharField("具体内容", max_length=300)
    quantity = models.CharField("数量", max_length=60, blank=True)
    amount = OptionalMoneyField("计划金额")
    responsible_name = models.CharField("责任人", max_length=40)
    responsible_phone = models.CharField("责任人电话", max_length=11, blank=True)
    responsible_unit = models.CharField("责任单位", max_length=80)
    start_on = models.DateField("开始日期", null=True, blank=True)
    deadline = models.DateField("完成时限")
    funding_source = models.CharField("资金来源", max_length=80, blank=True)
    status = CodeField("落实状态", "measure_status", default=PLANNED, editable=False)
    previous = models.ForeignKey(
        "self",
        verbose_name="上一版本中的措施",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="next_items",
        editable=False,
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划措施"
        ordering = ["plan", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start_on__isnull=True) | Q(deadline__gte=F("start_on")),
                name="plan_item_ends_after_it_starts",
                violation_error_message="完成时限不能早于开始日期",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                name="plan_item_amount_is_not_negative",
                violation_error_message="金额不能为负数",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline"],
                name="plan_item_pending",
                condition=Q(status__in=PENDING),
            ),
        ]

    def __str__(self) -> str:
        return f"{label('measure_item', self.item)}"

    @property
    def tone(self) -> str:
        return MEASURE_TONES[self.status]


class PlanDocument(StoredFile):
    """A paper of the plan, above all the page the head of the household signed."""

    PERSONAL = ("file", "original_name")
    scope_path = "plan__household__division_path"

    plan = models.ForeignKey(
        Plan, verbose_name="一户一策", on_delete=models.PROTECT, related_name="documents"
    )
    kind = models.CharField("材料", max_length=10, choices=DocumentKind)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一户一策附件"
        ordering = ["pk"]
