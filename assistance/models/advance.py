"""先行帮扶: help that begins before a household is admitted, on the township's word (policy.md §4.6)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from assistance.choices import AdvanceOutcome, EventType
from fanpin.files.models import StoredFile
from fanpin.regions.scope import ScopedQuerySet
from households.models import Household


class AdvanceHelp(models.Model):
    """One confirmed emergency. `case_no` is monitoring's own number, kept as text: monitoring stands above."""

    PERSONAL = ("description", "outcome_note")
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="advance_helps"
    )
    event_type = models.CharField("事件类型", max_length=10, choices=EventType)
    event_on = models.DateField("发生日期")
    description = models.CharField("情况说明", max_length=300)
    case_no = models.CharField("线索或办件编号", max_length=40)
    confirmed_at = models.DateTimeField("乡镇确认时间")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="乡镇确认人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    due_on = models.DateField("补办期限")
    outcome = models.CharField("办结结果", max_length=14, choices=AdvanceOutcome, blank=True)
    outcome_note = models.CharField("乡镇说明", max_length=300, blank=True)
    settled_at = models.DateTimeField("办结时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="办结人",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "先行帮扶"
        ordering = ["-confirmed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(settled_at__isnull=True),
                name="one_open_advance_help",
                violation_error_message="该户已有一项未办结的先行帮扶",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, outcome="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(outcome="")),
                name="advance_help_settled_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household}{self.get_event_type_display()}先行帮扶"

    @property
    def is_open(self) -> bool:
        return self.settled_at is None


class AdvanceEvidence(StoredFile):
    """A photo or a department's notice of the event."""

    PERSONAL = ("file", "original_name")
    scope_path = "advance__household__division_path"

    advance = models.ForeignKey(
        AdvanceHelp, verbose_name="先行帮扶", on_delete=models.PROTECT, related_name="evidence"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "先行帮扶凭据"
        ordering = ["pk"]
