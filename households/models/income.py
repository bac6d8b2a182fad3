"""What a household earned in a window: one statement per purpose, with the roster it was divided by."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from fanpin.regions.scope import ScopedQuerySet
from households.models.campaigns import Campaign
from households.models.fields import MoneyField, OptionalMoneyField
from households.models.households import Household


class IncomeLines(models.Model):
    """The component lines of forms.md §1.3, 元 in the window. Totals are sums when their parts are filled."""

    inc_wage = MoneyField("工资性收入", default=0)
    inc_wage_migrant = OptionalMoneyField("务工收入")
    inc_wage_public_post = OptionalMoneyField("公益性岗位收入")
    inc_wage_other = OptionalMoneyField("其他工资性收入")
    inc_business = MoneyField("生产经营性收入", default=0)
    inc_crop = OptionalMoneyField("种植业")
    inc_livestock = OptionalMoneyField("养殖业")
    inc_forestry = OptionalMoneyField("林果业")
    inc_business_other = OptionalMoneyField("其他经营")
    inc_property = MoneyField("财产性收入", default=0)
    inc_dividend = OptionalMoneyField("资产收益扶贫(帮扶)分红")
    inc_land_transfer = OptionalMoneyField("土地流转")
    inc_property_other = OptionalMoneyField("其他财产性")
    inc_transfer = MoneyField("转移性收入", default=0)
    inc_family_planning = OptionalMoneyField("计划生育金")
    inc_dibao = OptionalMoneyField("最低生活保障金")
    inc_tekun = OptionalMoneyField("特困供养金")
    inc_pension = OptionalMoneyField("养老保险金(养老金或离退休金)")
    inc_eco_comp = OptionalMoneyField("生态补偿金")
    inc_industry_bonus = OptionalMoneyField("产业奖励")
    inc_job_bonus = OptionalMoneyField("就业奖励")
    inc_disability_subsidy = OptionalMoneyField("残疾人两项补贴")
    inc_elder_allowance = OptionalMoneyField("高龄津贴")
    inc_alimony = OptionalMoneyField("赡养费")
    inc_edu_aid = OptionalMoneyField("教育资助")
    inc_relief = OptionalMoneyField("临时/医疗/受灾救助")
    inc_agri_subsidy = OptionalMoneyField("惠农补贴(耕地地力等)")
    inc_transfer_other = OptionalMoneyField("其他转移性收入")
    exp_business = MoneyField("生产经营性支出", default=0)
    exp_offset_subsidy = OptionalMoneyField("专项用于减少生产经营性支出的补贴")
    claim_income = MoneyField("理赔收入", default=0)
    self_pay = MoneyField("合规自付支出", default=0)

    class Meta:
        abstract = True


class IncomeStatement(IncomeLines):
    """Income of one household in one window (policy.md §7). Comparison with the line uses `per_capita`, unrounded."""

    PERSONAL = ("roster",)
    scope_path = "household__division_path"

    class Purpose(models.TextChoices):
        ANNUAL = "annual", "年度采集"
        IDENTIFY = "identify", "识别时"
        ELIMINATE = "eliminate", "风险消除时"

    class State(models.TextChoices):
        DRAFT = "draft", "填写中"
        CONFIRMED = "confirmed", "已确认"

    household = models.ForeignKey(
        Household,
        verbose_name="农户",
        on_delete=models.PROTECT,
        related_name="statements",
    )
    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    campaign = models.ForeignKey(
        Campaign, verbose_name="年度", on_delete=models.PROTECT, null=True, blank=True
    )
    reference_month = models.CharField("基准月份", max_length=6, blank=True)
    window_from = models.DateField("收入计算周期起")
    window_to = models.DateField("收入计算周期止")
    members_count = models.PositiveSmallIntegerField("计算人口数")
    roster = ArrayField(models.BigIntegerField(), verbose_name="计算人口名单", default=list)
    inc_gross = MoneyField("年总收入", default=0, editable=False)
    inc_net = MoneyField("年纯收入", default=0, editable=False)
    ref_income = MoneyField("纳入监测的收入参考值", default=0, editable=False)
    inc_net_pc = MoneyField("人均纯收入", default=0, editable=False)
    ref_income_pc = MoneyField("纳入监测的人均收入参考值", default=0, editable=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    is_carried = models.BooleanField("沿用上年", default=False, editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)
    made_at = models.DateTimeField("填写时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="填写人",
        on_delete=models.PROTECT,
        null=True,
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收入测算表"
        ordering = ["-window_to", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "campaign"],
                condition=Q(purpose="annual"),
                name="one_annual_statement_per_campaign",
            ),
            models.CheckConstraint(
                condition=Q(members_count__gte=1), name="statement_divides_by_somebody"
            ),
            models.CheckConstraint(
                condition=Q(window_to__gt=F("window_from")),
                name="statement_window_runs_forward",
            ),
            models.CheckConstraint(
                condition=~Q(purpose="annual") | Q(campaign__isnull=False),
                name="annual_statement_names_its_campaign",
            ),
            models.CheckConstraint(
                condition=Q(purpose="annual") | ~Q(reference_month=""),
                name="event_statement_names_its_month",
            ),
        ]
        indexes = [models.Index(fields=["household", "purpose"], name="statement_household")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.window_from}至{self.window_to}"

    @property
    def per_capita(self) -> Fraction:
        """Net income per person, unrounded: what is compared with the line."""
        return Fraction(self.inc_net) / self.members_count

    @property
    def reference_per_capita(self) -> Fraction:
        """(net + payouts − compliant out-of-pocket) per person, unrounded."""
        return Fraction(self.ref_income) / self.members_count

    @property
    def transfer_share(self) -> Decimal:
        """Transfer income as a share of gross income, 0 when nothing was earned."""
        return self.inc_transfer / self.inc_gross if self.inc_gross else Decimal(0)
