"""What people decided: the village meeting, the notice and its objections, the reviews, the national entry."""

import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from households.models.fields import CodeField
from monitoring.choices import FINDING_TONES, CaseStatus, Finding, NoticeKind, ReviewKind
from monitoring.models.cases import Case
from monitoring.models.checks import HouseholdCheck, Recorded
from monitoring.models.meetings import Meeting


class Deliberation(Recorded):
    """民主评议: one village meeting about one household, with its votes."""

    PERSONAL = ("attendees", "absentees", "chair", "minutes", "dissent", "needs", "category_reason")
    scope_path = "case__division_path"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="deliberations"
    )
    check_form = models.ForeignKey(
        HouseholdCheck,
        verbose_name="所据核查",
        on_delete=models.PROTECT,
        null=True,
        related_name="deliberations",
    )
    meeting = models.ForeignKey(
        Meeting,
        verbose_name="评议会",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deliberations",
    )
    held_on = models.DateField("评议日期")
    place = models.CharField("地点", max_length=60)
    chair = models.CharField("主持人", max_length=40)
    attendees = ArrayField(models.CharField(max_length=40), verbose_name="参加人员")
    absentees = ArrayField(
        models.CharField(max_length=40), verbose_name="缺席人员", default=list, blank=True
    )
    votes_for = models.PositiveSmallIntegerField("同意")
    votes_against = models.PositiveSmallIntegerField("不同意", default=0)
    votes_abstain = models.PositiveSmallIntegerField("弃权", default=0)
    is_passed = models.BooleanField("评议通过")
    has_hardship = models.BooleanField("基本生活出现严重困难", default=False)
    category = CodeField("评议类别", "monitor_type")
    category_reason = models.TextField("类别说明", blank=True)
    confirms_four_haves = models.BooleanField("评议确认四有例外", default=False)
    needs = models.TextField("初步帮扶需求", blank=True)
    minutes = models.TextField("会议记录")
    dissent = models.TextField("会上异议和答复", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "村级评议"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_passed=True) | Q(votes_for__gt=models.F("votes_against")),
                name="passed_deliberation_has_a_majority",
            )
        ]

    def __str__(self) -> str:
        return f"{self.held_on}评议"


class PublicNotice(Recorded):
    """公示 before the decision, 公告 after it. The text never carries identity numbers, phones, accounts or health."""

    PERSONAL = ()
    scope_path = "case__division_path"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField("种类", max_length=6, choices=NoticeKind)
    deliberation = models.ForeignKey(
        Deliberation,
        verbose_name="评议",
        on_delete=models.PROTECT,
        null=True,
        related_name="notices",
    )
    posted_on = models.DateField("张贴日期")
    days = models.PositiveSmallIntegerField("公示天数", default=0)
    place = models.CharField("张贴地点", max_length=80)
    text = models.TextField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "公示公告"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.posted_on}{self.get_kind_display()}"

    @property
    def complete_on(self) -> datetime.date:
        """The last day of the notice: posted on D0 it counts from D0+1 (policy.md §4.3)."""
        return self.posted_on + datetime.timedelta(days=self.days)


class Objection(Recorded):
    """Somebody objects during the notice; the village enquires and answers."""

    PERSONAL = ("objector", "content", "enquiry", "reply")
    scope_path = "notice__case__division_path"

    notice = models.ForeignKey(
        PublicNotice, verbose_name="公示", on_delete=models.PROTECT, related_name="objections"
    )
    raised_on = models.DateField("提出日期")
    objector = models.CharField("提出人", max_length=40, blank=True)
    content = models.TextField("异议内容")
    finding = models.CharField("核实结论", max_length=10, choices=Finding, default=Finding.OPEN)
    enquiry = models.TextField("核实情况", blank=True)
    reply = models.TextField("答复内容", blank=True)
    replied_on = models.DateField("答复日期", null=True, blank=True)
    answered_at = models.DateTimeField("办结时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="办结人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "公示异议"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finding="open", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(finding="open") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="objection_answer_has_time_and_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.raised_on}异议"

    @property
    def tone(self) -> str:
        return FINDING_TONES[self.finding]


class Review(Recorded):
    """A decision above the village: pass, return or refuse, with opinion and, at the county, its number."""

    PERSONAL = ("opinion",)
    scope_path = "case__division_path"

    class Decision(models.TextChoices):
        PASS = "pass", "通过"
        RETURN = "return", "退回"
        REFUSE = "refuse", "不予通过"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="reviews"
    )
    kind = models.CharField("审核种类", max_length=16, choices=ReviewKind)
    decision = models.CharField("决定", max_length=6, choices=Decision)
    number = models.CharField("文号", max_length=24, blank=True)
    opinion = models.TextField("意见")
    visited_on = models.DateField("实地核实日期", null=True, blank=True)
    is_sealed = models.BooleanField("政府盖章", default=False)
    returned_to = models.CharField("退回至", max_length=20, choices=CaseStatus, blank=True)
    reviewed_on = models.DateField("审核日期")

    class Meta:
        verbose_name = verbose_name_plural = "审核审定"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}{self.get_decision_display()}"


class NationalEntry(Recorded):
    """What was keyed into the national system: household number, month, and at elimination method and contact."""

    PERSONAL = ("contact_name", "contact_phone", "operator")
    scope_path = "case__division_path"

    case = models.OneToOneField(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="entry"
    )
    national_hh_no = models.CharField("户编号(国家系统)", max_length=32)
    month = models.CharField("标注月份", max_length=6)
    entered_on = models.DateField("录入日期")
    operator = models.CharField("录入人", max_length=40)
    method = CodeField("风险消除方式", "elim_method")
    contact_name = models.CharField("监测联系人", max_length=40, blank=True)
    contact_phone = models.CharField("监测联系人电话", max_length=11, blank=True)
    post_income_pc = models.DecimalField(
        "消除后人均纯收入", max_digits=12, decimal_places=2, null=True, blank=True
    )
    post_house_safe = models.BooleanField("消除后住房安全有保障", null=True, blank=True)
    post_water_safe = models.BooleanField("消除后饮水安全有保障", null=True, blank=True)
    post_schooling_ok = models.BooleanField("消除后义务教育有保障", null=True, blank=True)
    post_insured = models.BooleanField("消除后基本医疗有保障", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "国家系统录入"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.national_hh_no} {self.month}"
