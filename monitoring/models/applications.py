"""自主申请: what somebody said of their own household, on the public page or to a clerk (policy.md §4.1 SELF)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Household
from households.models.fields import CodesField
from monitoring.choices import ApplicationState, Channel
from monitoring.models.cases import Clue


class Application(models.Model):
    """It names nobody of the register: a person of the village finds the household and files the clue.

    `consent` is the declaration as it was shown; `filed_by` is empty for the public page.
    """

    PERSONAL = ("head_name", "applicant", "phone", "address", "facts", "reply")
    scope_path = "division_path"

    receipt = models.CharField("受理编号", max_length=20, unique=True)
    village = models.ForeignKey(
        Division, verbose_name="行政村", on_delete=models.PROTECT, related_name="+"
    )
    division_path = models.CharField("区划路径", max_length=100)
    county_code = models.CharField("县", max_length=6)
    channel = models.CharField("申请方式", max_length=8, choices=Channel)
    head_name = models.CharField("户主姓名", max_length=40)
    applicant = models.CharField("申请人姓名", max_length=40)
    phone = models.CharField("联系电话", max_length=12)
    address = models.CharField("组（社）和门牌", max_length=120, blank=True)
    difficulties = CodesField("困难类型", "risk_type")
    facts = models.TextField("困难情况")
    consent = models.TextField("承诺授权")
    received_on = models.DateField("收到日期")
    received_at = models.DateTimeField("收到时间")
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    state = models.CharField(
        "状态", max_length=8, choices=ApplicationState, default=ApplicationState.WAITING
    )
    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, null=True, related_name="+"
    )
    clue = models.OneToOneField(
        Clue,
        verbose_name="线索",
        on_delete=models.PROTECT,
        null=True,
        related_name="application",
    )
    reply = models.TextField("答复", blank=True)
    handled_at = models.DateTimeField("受理时间", null=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="受理人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自主申请"
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True, handled_by__isnull=True, state="waiting")
                | Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(state="waiting"),
                name="application_handled_at_and_by",
            )
        ]
        indexes = [
            models.Index(
                fields=["division_path"],
                name="application_path",
                opclasses=["varchar_pattern_ops"],
            ),
            models.Index(
                fields=["state", "received_at"],
                name="application_waiting",
                condition=Q(state="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.head_name}户 {self.receipt}"

    @property
    def tone(self) -> str:
        return {"waiting": "orange", "filed": "blue", "declined": "grey"}[self.state]
