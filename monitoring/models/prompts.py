"""What a change of people asks of a monitored household: a person answers it (policy.md §6.5)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin import clock
from fanpin.regions.scope import ScopedQuerySet
from households.models import Household, MemberChange
from monitoring.choices import PromptAnswer, PromptKind
from monitoring.models.objects import EpisodeRisk


class Prompt(models.Model):
    """One question with its day. `per_capita_before` / `_after`: 元, the last statement divided by both rosters."""

    PERSONAL = ("reason", "note")
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="prompts"
    )
    change = models.ForeignKey(
        MemberChange, verbose_name="人口变更", on_delete=models.PROTECT, related_name="prompts"
    )
    kind = models.CharField("提示", max_length=10, choices=PromptKind)
    risk = models.ForeignKey(
        EpisodeRisk, verbose_name="涉及风险", on_delete=models.PROTECT, null=True
    )
    reason = models.TextField("情况")
    per_capita_before = models.DecimalField(
        "变更前人均纯收入", max_digits=14, decimal_places=2, null=True
    )
    per_capita_after = models.DecimalField(
        "变更后人均纯收入", max_digits=14, decimal_places=2, null=True
    )
    line = models.DecimalField("监测范围", max_digits=12, decimal_places=2, null=True)
    due_on = models.DateField("限期")
    opened_at = models.DateTimeField("提示时间")
    answer = models.CharField("办理结果", max_length=12, choices=PromptAnswer, blank=True)
    note = models.TextField("情况说明", blank=True)
    answered_at = models.DateTimeField("办理时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="办理人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人口变动提示"
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(
                fields=["kind", "due_on"],
                name="prompt_waiting",
                condition=Q(answered_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["change", "kind", "risk"],
                name="change_prompts_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="prompt_answer_has_time_and_person",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_open(self) -> bool:
        return self.answered_at is None

    @property
    def is_the_countys(self) -> bool:
        """A decrease that helps an elimination over the line is the county's to look at."""
        return self.kind == PromptKind.DECREASE

    @property
    def state(self) -> str:
        if not self.is_open:
            return "已办理"
        return "已逾期" if self.due_on < clock.today() else "待办理"

    @property
    def tone(self) -> str:
        return {"已办理": "grey", "已逾期": "red", "待办理": "orange"}[self.state]
