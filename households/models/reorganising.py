"""Households divide and unite (policy.md §6.4): what was filed, who goes where, the check that follows."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin.files.models import StoredFile
from fanpin.regions.scope import Scope, ScopedQuerySet
from households.models.fields import CodeField
from households.models.households import Household
from households.models.members import Member, MemberChange

State = MemberChange.State


class ReorganisationQuerySet(ScopedQuerySet):
    def within(self, scope: Scope) -> Any:
        """A merge of two villages is seen by both; a split lies in one."""
        if not scope.paths:
            return self.none()
        condition = Q()
        for path in scope.paths:
            condition |= Q(household__division_path__startswith=path)
            condition |= Q(other__division_path__startswith=path)
        return self.filter(condition)


class Reorganisation(models.Model):
    """分户 or 并户. `household` keeps its number and its monitoring object.

    `other` is the new household of a split, once there is one, or the household that ends with a merge.
    """

    PERSONAL = ("note", "decision_note")
    scope_path = "household__division_path"

    class Kind(models.TextChoices):
        SPLIT = "split", "分户"
        MERGE = "merge", "并户"

    kind = models.CharField("业务", max_length=10, choices=Kind)
    household = models.ForeignKey(
        Household, verbose_name="原户", on_delete=models.PROTECT, related_name="reorganisations"
    )
    other = models.ForeignKey(
        Household,
        verbose_name="另一户",
        on_delete=models.PROTECT,
        null=True,
        related_name="reorganised_as_other",
    )
    changed_on = models.DateField("变更日期")
    other_type = CodeField("分出户的户类型", "hh_type")
    note = models.TextField("情况说明", blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.TOWNSHIP)
    made_at = models.DateTimeField("申报时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="申报人", on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("审核时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="审核人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    decision_note = models.TextField("审核意见", blank=True)

    objects = ReorganisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分户并户"
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(
                fields=["state"],
                name="reorganisation_waiting",
                condition=Q(state__in=["township", "county"]),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(state__in=["township", "county"]),
                name="one_reorganisation_under_way",
                violation_error_message="该户已有一件分户或并户正在审核",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="reorganisation_decision_has_time_and_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household}{self.get_kind_display()}"

    @property
    def sides(self) -> list[Household]:
        """The households it touches from the day it is filed: both of a merge, one of a split."""
        both = self.kind == self.Kind.MERGE and self.other is not None
        return [self.household, self.other] if both and self.other else [self.household]

    @property
    def is_waiting(self) -> bool:
        return self.state in (State.TOWNSHIP, State.COUNTY)


class ReorganisedPerson(models.Model):
    """One person of a split or merge: into which household, and what to its head. `arrived` is the new row there."""

    PERSONAL = ()
    scope_path = "reorganisation__household__division_path"

    reorganisation = models.ForeignKey(
        Reorganisation, verbose_name="分户并户", on_delete=models.PROTECT, related_name="people"
    )
    member = models.ForeignKey(
        Member, verbose_name="成员", on_delete=models.PROTECT, related_name="reorganised"
    )
    moves = models.BooleanField("转入另一户")
    relation_before = CodeField("原与户主关系", "relation_to_head")
    relation = CodeField("与户主关系", "relation_to_head")
    arrived = models.ForeignKey(
        Member, verbose_name="转入后的成员", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分户并户人员"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reorganisation", "member"], name="person_stands_once_in_a_reorganisation"
            )
        ]

    def __str__(self) -> str:
        return str(self.member)


class ReorganisationDocument(StoredFile):
    """A paper that proves a split or merge."""

    PERSONAL = ("file", "original_name")
    scope_path = "reorganisation__household__division_path"

    reorganisation = models.ForeignKey(
        Reorganisation, verbose_name="分户并户", on_delete=models.PROTECT, related_name="documents"
    )
    kind = models.CharField("材料名称", max_length=60)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分户并户佐证"
        ordering = ["pk"]


class SplitCheck(models.Model):
    """After a split both households are looked at within the days of the parameter (policy.md §6.4)."""

    PERSONAL = ("finding",)
    scope_path = "household__division_path"

    reorganisation = models.ForeignKey(
        Reorganisation, verbose_name="分户", on_delete=models.PROTECT, related_name="checks"
    )
    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="split_checks"
    )
    due_on = models.DateField("限期")
    finding = models.TextField("核查情况", blank=True)
    done_at = models.DateTimeField("核查时间", null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="核查人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分户后核查"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reorganisation", "household"], name="household_is_checked_once_per_split"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="split_check_has_time_and_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"], name="split_check_open", condition=Q(done_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.household}分户后核查"
