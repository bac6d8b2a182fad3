"""两村核对: a person whom one household wants and another has; both villages see it and answer (policy.md §6.1)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin import clock
from fanpin.regions.scope import Scope, ScopedQuerySet
from households.models.households import Household
from households.models.members import Member, MemberChange


class DisputeQuerySet(ScopedQuerySet):
    def within(self, scope: Scope) -> Any:
        """Either side sees it, and everybody above either side."""
        if not scope.paths:
            return self.none()
        condition = Q()
        for path in scope.paths:
            condition |= Q(holder_path__startswith=path) | Q(claimant_path__startswith=path)
        return self.filter(condition)

    def live(self) -> Any:
        return self.filter(state__in=Dispute.LIVE)


class Dispute(models.Model):
    """`change` is the increase that waits; `member` is the same person where they stand now."""

    PERSONAL = ("id18", "note", "answer_note", "decision_note")
    scope_path = "holder_path"

    class State(models.TextChoices):
        ASKED = "asked", "待对方村答复"
        LEAVING = "leaving", "已认可，待原户办理"
        STAYS = "stays", "双方不一致，待上级裁定"
        RELEASED = "released", "已转出"
        KEPT = "kept", "维持原户"
        WITHDRAWN = "withdrawn", "已撤回"

    class Answer(models.TextChoices):
        LEAVES = "leaves", "已不在本户生活，办理减少"
        STAYS = "stays", "仍在本户生活，不同意转出"
        OTHER = "other", "不是同一人，对方证件号码有误"
        MISTAKEN = "mistaken", "本户该成员证件号码有误，办理更正"

    LIVE = (State.ASKED, State.LEAVING, State.STAYS)
    TONES = {
        "asked": "orange", "leaving": "blue", "stays": "red",
        "released": "green", "kept": "grey", "withdrawn": "grey",
    }  # fmt: skip

    change = models.OneToOneField(
        MemberChange, verbose_name="成员增加", on_delete=models.PROTECT, related_name="dispute"
    )
    holder = models.ForeignKey(
        Household, verbose_name="现在册户", on_delete=models.PROTECT, related_name="disputes"
    )
    member = models.ForeignKey(
        Member, verbose_name="现在册成员", on_delete=models.PROTECT, related_name="disputes"
    )
    id18 = models.CharField("公民身份号码", max_length=18)
    claimant_path = models.CharField("申报方区划路径", max_length=100)
    holder_path = models.CharField("现在册方区划路径", max_length=100)
    is_of_one_township = models.BooleanField("同一乡镇")
    note = models.TextField("申报说明", blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    due_on = models.DateField("限期")
    opened_at = models.DateTimeField("提请时间")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="提请人", on_delete=models.PROTECT, related_name="+"
    )
    answer = models.CharField("答复", max_length=10, choices=Answer, blank=True)
    answer_note = models.TextField("答复说明", blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="答复人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    decision_note = models.TextField("裁定意见", blank=True)
    decided_at = models.DateTimeField("裁定时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="裁定人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = DisputeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "两村核对"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["id18"],
                condition=Q(state__in=["asked", "leaving", "stays"]),
                name="person_is_disputed_once",
                violation_error_message="该人员已提请两村核对，请等待结果",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="dispute_answer_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="dispute_decision_has_time_and_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                name="dispute_live",
                condition=Q(state__in=["asked", "leaving", "stays"]),
            ),
            models.Index(
                fields=["holder_path"], name="dispute_holder", opclasses=["text_pattern_ops"]
            ),
            models.Index(
                fields=["claimant_path"], name="dispute_claimant", opclasses=["text_pattern_ops"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member.name}两村核对"

    def name_for(self, scope: Scope) -> str:
        """The person as one's own side has them written."""
        holds, asks = scope.covers(self.holder_path), scope.covers(self.claimant_path)
        if holds and not asks:
            return self.member.name
        assert self.change.member is not None
        return self.change.member.name

    def state_for(self, scope: Scope) -> str:
        """Where it stands in the words of one's own side."""
        asked_of_me = scope.covers(self.holder_path) and not scope.covers(self.claimant_path)
        if self.state == self.State.ASKED and asked_of_me:
            return "待本村答复"
        return self.get_state_display()

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_late(self) -> bool:
        return self.is_live and self.due_on < clock.today()

    @property
    def tone(self) -> str:
        return "red" if self.is_late else self.TONES[self.state]

    @property
    def waits_for_a_decision(self) -> bool:
        """The two sides disagree, or the holder let the day pass."""
        return self.state == self.State.STAYS or (self.state == self.State.ASKED and self.is_late)
