"""帮扶成效评估: once a year the village says of every monitored household what help has brought (notice 一(二))."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fanpin.regions.scope import ScopedQuerySet
from monitoring.choices import (
    EVALUATION_TONES,
    EvaluationConclusion,
    EvaluationResult,
    EvaluationState,
)
from monitoring.models.objects import EpisodeRisk, MonitoringObject


class Evaluation(models.Model):
    """One household in one year. The figures, lights and the line are those of the day it was handed in."""

    PERSONAL = ("visitors", "effect", "disagreement", "next_steps", "opinion", "words")
    scope_path = "object__household__division_path"

    object = models.ForeignKey(
        MonitoringObject,
        verbose_name="监测对象",
        on_delete=models.PROTECT,
        related_name="evaluations",
    )
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=10, choices=EvaluationState)
    evaluated_on = models.DateField("评估日期")
    visitors = ArrayField(models.CharField(max_length=40), verbose_name="评估人员")
    conclusion = models.CharField("评估结论", max_length=10, choices=EvaluationConclusion)
    effect = models.TextField("帮扶成效")
    next_steps = models.TextField("下步措施", blank=True)
    household_agrees = models.BooleanField("农户认可")
    disagreement = models.TextField("农户意见", blank=True)
    income_pc = models.DecimalField(
        "人均纯收入", max_digits=12, decimal_places=2, null=True, blank=True
    )
    line = models.DecimalField("监测范围", max_digits=10, decimal_places=2, null=True, blank=True)
    delivered = models.PositiveSmallIntegerField("已落实措施数")
    undelivered = models.PositiveSmallIntegerField("计划中未落实措施数")
    red = ArrayField(models.CharField(max_length=4), verbose_name="当日红灯", default=list)
    words = models.TextField("当日差什么", blank=True)
    made_at = models.DateTimeField("提交时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="提交人", on_delete=models.PROTECT, related_name="+"
    )
    opinion = models.CharField("审核意见", max_length=300, blank=True)
    reviewed_at = models.DateTimeField("审核时间", null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="审核人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶成效评估"
        ordering = ["-year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["object", "year"],
                name="object_evaluated_once_a_year",
                violation_error_message="该户本年度已有帮扶成效评估",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, state="submitted")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(state="submitted")),
                name="evaluation_review_has_time_and_person",
            ),
        ]
        indexes = [models.Index(fields=["year", "state"], name="evaluation_year")]

    def __str__(self) -> str:
        return f"{self.year}年度帮扶成效评估"

    @property
    def tone(self) -> str:
        return EVALUATION_TONES[self.state]


class EvaluationRisk(models.Model):
    """What became of one recorded risk."""

    PERSONAL = ("note",)
    scope_path = "evaluation__object__household__division_path"

    evaluation = models.ForeignKey(
        Evaluation, verbose_name="评估", on_delete=models.PROTECT, related_name="risks"
    )
    risk = models.ForeignKey(
        EpisodeRisk, verbose_name="风险", on_delete=models.PROTECT, related_name="+"
    )
    result = models.CharField("成效", max_length=10, choices=EvaluationResult)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险帮扶成效"
        ordering = ["risk__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "risk"], name="risk_evaluated_once")
        ]

    def __str__(self) -> str:
        return f"{self.risk}{self.get_result_display()}"
