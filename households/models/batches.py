"""One step of this year's form for many households at once: who went on, who did not and why."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from fanpin.jobs.models import Job
from fanpin.regions.scope import Scope, ScopedQuerySet
from households.models.campaigns import Campaign
from households.models.households import Household


class FormBatchQuerySet(ScopedQuerySet):
    def within(self, scope: Scope) -> Any:
        """Those with a household of one's own: who works two villages takes both in one go."""
        if not scope.paths:
            return self.none()
        return self.filter(pk__in=FormBatchLine.objects.within(scope).values("batch"))


class FormBatch(models.Model):
    """What was asked, for how many, below which place. `query`: the list's address parameters at the time."""

    PERSONAL = ("words", "query")
    scope_path = "division_path"

    class Act(models.TextChoices):
        COLLECT = "collect", "采集完成"
        SUBMIT = "submit", "提交采集表"
        REVIEW = "review", "采集表审核通过"
        RETURN = "return", "退回采集表"

    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    act = models.CharField("办理", max_length=8, choices=Act)
    words = models.TextField("说明", blank=True)
    query = models.TextField("筛选条件", blank=True)
    division_path = models.CharField("区划路径", max_length=100)
    job = models.ForeignKey(
        Job, verbose_name="任务", on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField("办理时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="办理人", on_delete=models.PROTECT, related_name="+"
    )

    objects = FormBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量办理"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.get_act_display()


class FormBatchLine(models.Model):
    """One household of a batch. `asks`: words alone would let it go on; `links` mend the reason beside them."""

    PERSONAL = ("words", "reasons")
    scope_path = "household__division_path"

    class State(models.TextChoices):
        HELD = "held", "没有办理"
        WAITING = "waiting", "待办理"
        DONE = "done", "已办理"

    TONES = {"held": "orange", "waiting": "blue", "done": "green"}

    batch = models.ForeignKey(
        FormBatch, verbose_name="批量办理", on_delete=models.PROTECT, related_name="lines"
    )
    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("结果", max_length=8, choices=State, default=State.WAITING)
    words = models.TextField("说明", blank=True)
    reasons = ArrayField(models.TextField(), verbose_name="原因", default=list)
    links = ArrayField(models.TextField(), verbose_name="办理地址", default=list)
    asks = models.BooleanField("只差说明", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量办理农户"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "household"], name="household_once_in_a_batch")
        ]
        indexes = [models.Index(fields=["batch", "state"], name="batch_line_state")]

    def __str__(self) -> str:
        return f"{self.household} {self.get_state_display()}"

    @property
    def tone(self) -> str:
        return self.TONES[self.state]

    @property
    def why(self) -> list[tuple[str, str]]:
        """Each reason with the place that mends it."""
        return list(zip(self.reasons, self.links, strict=True))
