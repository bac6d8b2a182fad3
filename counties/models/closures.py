"""县级闭合: the run of the checks, the county's signature, and the correction order as the only way on."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Campaign


class ClosureRun(models.Model):
    """One evaluation of the closure checks over a county (policy.md §11.4)."""

    PERSONAL = ()
    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="县", on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    run_at = models.DateTimeField("检查时间")
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="检查人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    blocking = models.PositiveIntegerField("阻断项", default=0)
    others = models.PositiveIntegerField("其他疑点", default=0)
    others_settled = models.PositiveIntegerField("其他疑点已处理", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "闭合检查"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.division} {self.campaign} 闭合检查"

    @property
    def others_open(self) -> int:
        return self.others - self.others_settled

    @property
    def settled_percent(self) -> int:
        return self.others_settled * 100 // self.others if self.others else 100


class ClosureResult(models.Model):
    """One check of a run: how many violations are open, explained, and what could not be checked."""

    PERSONAL = ()
    scope_path = "run__division__path"

    run = models.ForeignKey(
        ClosureRun, verbose_name="闭合检查", on_delete=models.PROTECT, related_name="results"
    )
    code = models.CharField("检查项", max_length=10)
    violations = models.PositiveIntegerField("未闭合")
    explained = models.PositiveIntegerField("已说明", default=0)
    obstacle = models.CharField("无法检查的原因", max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "闭合检查项"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["run", "code"], name="one_result_per_check")]

    def __str__(self) -> str:
        return f"{self.code} {self.violations}"


class ClosureSignature(models.Model):
    """The county signs: leader, time, hash of the frozen households. A correction order leads to the next edition."""

    PERSONAL = ("leader_name",)
    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="县", on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    edition = models.PositiveSmallIntegerField("版次")
    run = models.OneToOneField(
        ClosureRun, verbose_name="闭合检查", on_delete=models.PROTECT, related_name="signature"
    )
    leader_name = models.CharField("签署领导", max_length=40)
    signed_at = models.DateTimeField("签署时间")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经办人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    households = models.PositiveIntegerField("户数")
    persons = models.PositiveIntegerField("人数")
    sha256 = models.CharField("快照校验值", max_length=64)
    order_no = models.CharField("更正令文号", max_length=60, blank=True)
    order_reason = models.TextField("更正原因", blank=True)
    ordered_at = models.DateTimeField("更正令时间", null=True)
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="下达人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "县级闭合签署"
        ordering = ["-signed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "campaign", "edition"], name="one_signature_per_edition"
            ),
            models.UniqueConstraint(
                fields=["division", "campaign"],
                condition=Q(ordered_at__isnull=True),
                name="one_signature_in_force",
            ),
            models.CheckConstraint(
                condition=Q(ordered_at__isnull=True, ordered_by__isnull=True, order_no="")
                | (Q(ordered_at__isnull=False, ordered_by__isnull=False) & ~Q(order_no="")),
                name="correction_order_is_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division} {self.campaign} 第{self.edition}版"

    @property
    def in_force(self) -> bool:
        return self.ordered_at is None
