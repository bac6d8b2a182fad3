"""收支明细: what came in or went out by date. Statements are sums of these in their window."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fanpin.regions.scope import ScopedQuerySet
from households.models.households import Household
from households.models.members import Member


class Receipt(models.Model):
    """One sum on one day, or the same sum every month from `first_month` to `last_month` (YYYYMM, open when empty).

    A wrong one is taken back (`withdrawn_at`), never deleted. `source_key` names the line of a department's ledger.
    """

    PERSONAL = ("note",)
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="receipts"
    )
    line = models.CharField("收支项目", max_length=30)
    member = models.ForeignKey(
        Member,
        verbose_name="家庭成员",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="receipts",
    )
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    received_on = models.DateField("收支日期", null=True, blank=True)
    first_month = models.CharField("起始月份", max_length=6, blank=True)
    last_month = models.CharField("终止月份", max_length=6, blank=True)
    note = models.CharField("说明", max_length=120, blank=True)
    source = models.CharField("来源", max_length=80, blank=True, editable=False)
    source_key = models.CharField("来源编号", max_length=80, blank=True, editable=False)
    made_at = models.DateTimeField("登记时间", editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    withdrawn_at = models.DateTimeField("作废时间", null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="作废人",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        editable=False,
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "收支明细"
        ordering = ["line", "received_on", "first_month", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(received_on__isnull=False, first_month="", last_month="")
                | (Q(received_on__isnull=True) & ~Q(first_month="")),
                name="receipt_has_a_day_or_months",
                violation_error_message="请填写收支日期，或按月收支的起始月份，二者填一种",
            ),
            models.CheckConstraint(
                condition=Q(last_month="") | Q(last_month__gte=F("first_month")),
                name="receipt_months_run_forward",
                violation_error_message="终止月份不能早于起始月份",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0),
                name="receipt_is_more_than_nothing",
                violation_error_message="金额须大于0",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="receipt_withdrawn_by_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["household", "source_key"],
                condition=Q(withdrawn_at__isnull=True) & ~Q(source_key=""),
                name="ledger_line_is_taken_once",
                violation_error_message="该笔台账金额已经采用",
            ),
        ]
        indexes = [
            models.Index(
                fields=["household"],
                name="receipt_household",
                condition=Q(withdrawn_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.amount}"
