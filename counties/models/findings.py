"""疑点: one work order for what a rule, a comparison or the closure found wrong with one household.

A run never writes here row by row: it upserts by fingerprint (counties.services.upserting). A person
moves a finding only through counties.services, which appends a FindingAction.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from counties.choices import COVERED
from fanpin.regions.scope import ScopedQuerySet


class Origin(models.TextChoices):
    QUALITY = "quality", "质量规则"
    COMPARISON = "comparison", "部门比对"
    CLOSURE = "closure", "县级闭合"
    WARNING = "warning", "部门预警"


class WarningAnswer(models.TextChoices):
    """What a village says of a row a department warned of (policy.md §2.3)."""

    CHECK = "check", "属实，启动核查"
    MONITORED = "monitored", "属实，已在监测"
    NO_RISK = "no_risk", "属实，已落实政策无风险"
    UNTRUE = "untrue", "不属实"
    UNKNOWN = "unknown", "查无此人或不在本村"


class Severity(models.TextChoices):
    ERROR = "error", "错误"
    WARN = "warn", "疑点"


class State(models.TextChoices):
    OPEN = "open", "待处理"
    DISPATCHED = "dispatched", "已派发"
    CORRECTED = "corrected", "已整改待核"
    EXPLAINED = "explained", "已说明待审"
    WAIVED = "waived", "说明已认可"
    CLOSED = "closed", "已销号"


LIVE_STATES = (State.OPEN, State.DISPATCHED, State.CORRECTED, State.EXPLAINED)
TONES = {
    State.OPEN: "orange",
    State.DISPATCHED: "blue",
    State.CORRECTED: "amber",
    State.EXPLAINED: "amber",
    State.WAIVED: "grey",
    State.CLOSED: "green",
}


class OwnerLevel(models.TextChoices):
    VILLAGE = "village", "村级"
    TOWNSHIP = "township", "乡镇"
    DEPARTMENT = "department", "行业部门"
    COUNTY = "county", "县级"


class FindingQuerySet(ScopedQuerySet):
    def live(self):
        """Not yet settled: neither closed by the books agreeing nor accepted with an explanation."""
        return self.filter(state__in=LIVE_STATES)

    def blocking(self):
        """What stands in the way of the county's signature (policy.md §11.2)."""
        return self.filter(models.Q(origin=Origin.CLOSURE) | models.Q(code__in=COVERED))

    def others(self):
        """Everything that does not block, errors of the quality rules included (policy.md §11.4)."""
        return self.exclude(origin=Origin.CLOSURE).exclude(code__in=COVERED)

    def errors(self):
        return self.filter(severity=Severity.ERROR)


class Finding(models.Model):
    PERSONAL = ("detail",)
    scope_path = "division_path"

    origin = models.CharField("来源", max_length=12, choices=Origin)
    code = models.CharField("规则编号", max_length=20)
    title = models.CharField("疑点", max_length=120)
    severity = models.CharField("级别", max_length=5, choices=Severity)
    household = models.ForeignKey(
        "households.Household",
        models.PROTECT,
        related_name="findings",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="农户",
    )
    member = models.ForeignKey(
        "households.Member",
        models.PROTECT,
        related_name="findings",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="成员",
    )
    # The place whose own sheet it is about; findings of a household lie there by division_path.
    division = models.ForeignKey(
        "regions.Division",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="村或县",
    )
    campaign = models.ForeignKey(
        "households.Campaign",
        models.PROTECT,
        related_name="findings",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="年度",
    )
    division_path = models.CharField("区划路径", max_length=80)
    county_code = models.CharField("县代码", max_length=6)
    # origin:code:campaign:subject:id; what makes two runs speak of the same thing
    fingerprint = models.CharField("指纹", max_length=120)
    detail = models.TextField("情况", blank=True)
    fields = ArrayField(models.CharField(max_length=40), default=list, verbose_name="涉及字段")
    department = models.CharField("涉及部门", max_length=40, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    owner_level = models.CharField(
        "处理层级", max_length=10, choices=OwnerLevel, default=OwnerLevel.VILLAGE
    )
    due_on = models.DateField("限期", null=True, blank=True)
    first_seen_at = models.DateTimeField("首次发现")
    # New, other words, or open again; a run that finds the same once more writes nothing.
    refreshed_at = models.DateTimeField("最近更新")
    dispatched_at = models.DateTimeField("派发时间", null=True, blank=True)
    dispatched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="派发人",
    )
    closed_at = models.DateTimeField("销号时间", null=True, blank=True)
    ledger_row = models.ForeignKey(
        "counties.LedgerRow",
        models.PROTECT,
        related_name="findings",
        null=True,
        blank=True,
        db_index=False,
        verbose_name="台账行",
    )
    # A run writes findings without naming it.
    answer = models.CharField(
        "预警答复", max_length=10, choices=WarningAnswer, blank=True, default="", db_default=""
    )
    waived_until = models.DateField("豁免有效期", null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑点"
        ordering = ("severity", "code", "id")
        indexes = (
            models.Index(fields=("county_code", "origin", "code"), name="finding_by_rule"),
            # Few and small: half a million findings come in at once after a county's first import.
            models.Index(fields=("household", "severity"), name="finding_of_household"),
            *(
                models.Index(
                    fields=(name,),
                    name=f"finding_of_{name}",
                    condition=models.Q(**{f"{name}__isnull": False}),
                )
                for name in ("member", "division", "ledger_row")
            ),
            models.Index(
                fields=("division_path",),
                name="finding_in_division",
                opclasses=("text_pattern_ops",),
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("fingerprint",), name="finding_stands_once"),
            models.CheckConstraint(
                condition=models.Q(state=State.CLOSED, closed_at__isnull=False)
                | (~models.Q(state=State.CLOSED) & models.Q(closed_at__isnull=True)),
                name="finding_closed_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(dispatched_at__isnull=True, dispatched_by__isnull=True)
                | models.Q(dispatched_at__isnull=False, dispatched_by__isnull=False),
                name="finding_dispatched_at_and_by",
            ),
        )

    def __str__(self):
        return f"{self.code} {self.title}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES

    @property
    def is_exempt(self) -> bool:
        """Settled for a time only: exempted until a day."""
        return self.state == State.WAIVED and self.waived_until is not None

    @property
    def state_label(self) -> str:
        return "已豁免" if self.is_exempt else self.get_state_display()

    @property
    def is_blocking(self) -> bool:
        return self.origin == Origin.CLOSURE or self.code in COVERED

    @property
    def tone(self) -> str:
        return TONES[State(self.state)]

    @property
    def severity_tone(self) -> str:
        return "red" if self.severity == Severity.ERROR else "amber"


class FindingAction(models.Model):
    """One thing somebody did with a finding; append-only."""

    PERSONAL = ("note",)
    scope_path = "finding__division_path"

    finding = models.ForeignKey(
        Finding, models.PROTECT, related_name="actions", verbose_name="疑点"
    )
    verb = models.CharField("动作", max_length=40)
    source = models.CharField("原状态", max_length=10, choices=State)
    target = models.CharField("新状态", max_length=10, choices=State)
    note = models.TextField("说明", blank=True)
    done_at = models.DateTimeField("时间")
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name="经办人",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑点处置"
        ordering = ("done_at", "id")

    def __str__(self):
        return f"{self.finding_id} {self.verb}"


class FindingChange(models.Model):
    """The change of people that was filed to mend a finding."""

    PERSONAL = ()
    scope_path = "finding__division_path"

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="filed", verbose_name="疑点")
    change = models.OneToOneField(
        "households.MemberChange", models.PROTECT, related_name="mends", verbose_name="人口变更"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑点对应的变更"
        ordering = ("id",)

    def __str__(self):
        return f"{self.finding_id} {self.change_id}"
