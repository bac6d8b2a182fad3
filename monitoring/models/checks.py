"""What was found before anybody decided: joint analysis, authorisation, visit, departments' answers."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fanpin.regions.scope import ScopedQuerySet
from households.choices import labels
from households.models import IncomeStatement, Member
from households.models.fields import CodeField, CodesField
from monitoring.choices import ANSWER_TONES, AnswerResult, CheckUnit, Outcome, ScopeBasis, SignMode
from monitoring.models.cases import Case
from monitoring.models.objects import EpisodeRisk


class Recorded(models.Model):
    """A record of one step of a case; a later one of the same kind replaces it for the decision, none is erased."""

    made_at = models.DateTimeField("登记时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


class Analysis(Recorded):
    """综合分析研判: why the household is, or is not, to be checked (notice 一(三))."""

    PERSONAL = ("attendees", "reasons")
    scope_path = "case__division_path"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="analyses"
    )
    held_on = models.DateField("研判日期")
    attendees = ArrayField(models.CharField(max_length=40), verbose_name="参加人员")
    reasons = models.TextField("研判意见")

    class Meta:
        verbose_name = verbose_name_plural = "分析研判"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.held_on}研判"


class Authorization(Recorded):
    """承诺授权: one adult lets the departments look into the family's assets."""

    PERSONAL = ("proxy_name",)
    scope_path = "case__division_path"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="authorizations"
    )
    member = models.ForeignKey(
        Member, verbose_name="签署人", on_delete=models.PROTECT, related_name="authorizations"
    )
    mode = models.CharField("签署方式", max_length=10, choices=SignMode)
    proxy_name = models.CharField("代签人", max_length=40, blank=True)
    signed_on = models.DateField("签署日期")

    class Meta:
        verbose_name = verbose_name_plural = "承诺授权"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "member"], name="adult_signs_once_per_case"),
            models.CheckConstraint(
                condition=~Q(mode="proxy") | ~Q(proxy_name=""), name="proxy_signature_names_proxy"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.signed_on}"


class HouseholdCheck(Recorded):
    """入户核查: what at least two people saw, with the income statement of the window."""

    PERSONAL = (
        "situation",
        "shock_note",
        "guarantee_note",
        "disagreement",
        "longitude",
        "latitude",
    )
    scope_path = "case__division_path"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="checks"
    )
    checked_on = models.DateField("核查日期")
    statement = models.ForeignKey(
        IncomeStatement,
        verbose_name="收入测算表",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    roster = ArrayField(models.BigIntegerField(), verbose_name="当时成员", default=list)
    scope_basis = models.CharField("纳入范围依据", max_length=10, choices=ScopeBasis, blank=True)
    situation = models.TextField("家庭情况")
    has_shock = models.BooleanField("突发事件", default=False)
    shock_kinds = ArrayField(
        models.CharField(max_length=20), verbose_name="突发影响", default=list, blank=True
    )
    shock_note = models.TextField("突发情况及佐证", blank=True)
    event_on = models.DateField("事件日期", null=True, blank=True)
    house_safe = models.BooleanField("住房安全有保障")
    water_safe = models.BooleanField("饮水安全有保障")
    schooling_ok = models.BooleanField("义务教育有保障")
    insured = models.BooleanField("基本医疗有保障")
    guarantee_note = models.TextField("三保障和饮水情况", blank=True)
    income_stable = models.BooleanField("收入持续稳定", null=True, blank=True)
    income_months = models.PositiveSmallIntegerField("已稳定月数", null=True, blank=True)
    rigid_expense_open = models.BooleanField("大额刚性支出未解决", null=True, blank=True)
    household_agrees = models.BooleanField("农户认可", null=True, blank=True)
    disagreement = models.TextField("农户意见", blank=True)
    household_signed = models.BooleanField("农户已签字")
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=8, decimal_places=6, null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "入户核查"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.checked_on}入户核查"

    @property
    def has_defect(self) -> bool:
        """Any of the three guarantees or the water is not secure."""
        return not (self.house_safe and self.water_safe and self.schooling_ok and self.insured)


class CheckPerson(models.Model):
    """One person of the check group."""

    PERSONAL = ("name",)
    scope_path = "check_form__case__division_path"

    check_form = models.ForeignKey(
        HouseholdCheck, verbose_name="入户核查", on_delete=models.PROTECT, related_name="persons"
    )
    name = models.CharField("姓名", max_length=40)
    unit = models.CharField("所属", max_length=16, choices=CheckUnit)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核查人员"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_unit_display()}）"


class CheckRisk(models.Model):
    """A risk the visit found, or for an elimination what became of a recorded one."""

    PERSONAL = ("note",)
    scope_path = "check_form__case__division_path"

    check_form = models.ForeignKey(
        HouseholdCheck, verbose_name="入户核查", on_delete=models.PROTECT, related_name="risks"
    )
    position = models.PositiveSmallIntegerField("顺序")
    cause = CodeField("风险成因", "risk_type", blank=False)
    member = models.ForeignKey(
        Member, verbose_name="涉及成员", on_delete=models.PROTECT, null=True, blank=True
    )
    subtype = CodeField("自然灾害子项", "disaster_subtype")
    note = models.CharField("备注", max_length=200, blank=True)
    first_seen_on = models.DateField("首次发现日期", null=True, blank=True)
    outcome = models.CharField("消除情况", max_length=10, choices=Outcome, blank=True)
    episode_risk = models.ForeignKey(
        EpisodeRisk, verbose_name="原登记风险", on_delete=models.PROTECT, null=True, blank=True
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核查风险"
        ordering = ["check_form", "position"]

    def __str__(self) -> str:
        return self.get_cause_display()


class ComparisonAnswer(models.Model):
    """What one department's books say of the family: nothing, a four-haves item, or a contradiction."""

    PERSONAL = ("note", "explanation")
    scope_path = "case__division_path"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="answers"
    )
    department = CodeField("部门", "department", blank=False)
    requested_at = models.DateTimeField("提请时间")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="提请人", on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField("反馈期限")
    result = models.CharField(
        "比对结果", max_length=10, choices=AnswerResult, default=AnswerResult.PENDING
    )
    four_haves = CodesField("四有情形", "siyou_type")
    note = models.CharField("说明", max_length=300, blank=True)
    answered_at = models.DateTimeField("反馈时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="反馈人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    is_exempt = models.BooleanField("属于例外情形", default=False)
    explanation = models.CharField("核实说明", max_length=300, blank=True)
    explained_at = models.DateTimeField("核实时间", null=True)
    explained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="核实人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "识别比对"
        ordering = ["case", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "department"], name="department_answers_once_per_case"
            ),
            models.CheckConstraint(
                condition=Q(result="pending", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(result="pending") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="comparison_answer_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(explained_at__isnull=True, explained_by__isnull=True)
                | Q(explained_at__isnull=False, explained_by__isnull=False),
                name="comparison_explanation_has_time_and_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["department"], name="answer_waiting", condition=Q(result="pending")
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_department_display()} {self.get_result_display()}"

    @property
    def tone(self) -> str:
        return ANSWER_TONES[self.result]

    @property
    def four_haves_labels(self) -> str:
        return labels("siyou_type", self.four_haves)

    @property
    def needs_explanation(self) -> bool:
        return self.result == AnswerResult.CONFLICT and not self.explained_at

    @property
    def counts_as_four_haves(self) -> bool:
        return self.result == AnswerResult.HIT and not self.is_exempt
