"""监测对象: one per household, its episodes, the risks of each and every mark ever set (policy.md §5.5, §5.6)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from fanpin.regions.scope import ScopedQuerySet
from households.choices import MONITORING_STATES
from households.models import Household, Member
from households.models.fields import CodeField
from monitoring.choices import LIVE_RISKS, RISK_TONES, FlagAction, Outcome, RiskState


class MonitoringObject(models.Model):
    """A household as monitoring sees it. `state` is moved only by services.objects, along the edges of §5.6."""

    PERSONAL = ("contact_name", "contact_phone")
    scope_path = "household__division_path"

    household = models.OneToOneField(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="monitoring_object"
    )
    state = models.CharField(
        "监测状态",
        max_length=16,
        default="not_monitored",
        choices=[(code, text) for code, (text, _tone) in MONITORING_STATES.items()],
    )
    previous_state = models.CharField("整户减少前状态", max_length=16, blank=True)
    state_on = models.DateField("状态日期")
    category = CodeField("监测对象类别", "monitor_type")
    is_four_haves = models.BooleanField("四有人员例外", default=False)
    contact_name = models.CharField("监测联系人", max_length=40, blank=True)
    contact_phone = models.CharField("监测联系人电话", max_length=11, blank=True)
    gone_on = models.DateField("全部成员减少日期", null=True, blank=True)
    gone_proposed_at = models.DateTimeField("乡镇提出时间", null=True)
    gone_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="乡镇提出人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    city_filing_no = models.CharField("市州备案文号", max_length=60, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监测对象"
        ordering = ["household"]
        indexes = [models.Index(fields=["state", "category"], name="object_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(gone_proposed_at__isnull=True, gone_proposed_by__isnull=True)
                | Q(gone_proposed_at__isnull=False, gone_proposed_by__isnull=False),
                name="object_gone_proposal_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=~Q(is_four_haves=True) | Q(category__in=["", "sudden"]),
                name="four_haves_object_is_sudden",
            ),
        ]

    def __str__(self) -> str:
        return str(self.household)

    @property
    def label(self) -> str:
        return MONITORING_STATES[self.state][0]

    @property
    def tone(self) -> str:
        return MONITORING_STATES[self.state][1]


class Episode(models.Model):
    """From a mark (标注 or 再标注) to its elimination. Rollback reopens the last one and keeps its month."""

    PERSONAL = ()
    scope_path = "object__household__division_path"

    object = models.ForeignKey(
        MonitoringObject, verbose_name="监测对象", on_delete=models.PROTECT, related_name="episodes"
    )
    seq = models.PositiveSmallIntegerField("序号")
    opened_by_action = models.CharField("开启方式", max_length=10, choices=FlagAction)
    identified_month = models.CharField("识别监测时间", max_length=6)
    category = CodeField("监测对象类别", "monitor_type")
    closed_month = models.CharField("消除监测时间", max_length=6, blank=True)
    closed_on = models.DateField("标注消除日期", null=True, blank=True)
    method = CodeField("风险消除方式", "elim_method")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监测周期"
        ordering = ["object", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["object", "seq"], name="episode_seq_once"),
            models.UniqueConstraint(
                fields=["object"], condition=Q(closed_month=""), name="object_has_one_open_episode"
            ),
            models.CheckConstraint(
                condition=Q(closed_month="", closed_on__isnull=True, method="")
                | (~Q(closed_month="") & Q(closed_on__isnull=False)),
                name="episode_closes_with_month_and_day",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.seq}次 {self.identified_month}"

    @property
    def is_open(self) -> bool:
        return not self.closed_month


class EpisodeRisk(models.Model):
    """A risk of an episode: its cause, who bears it, and how it ended. The first is the main one."""

    PERSONAL = ("note", "evidence")
    scope_path = "episode__object__household__division_path"

    episode = models.ForeignKey(
        Episode, verbose_name="监测周期", on_delete=models.PROTECT, related_name="risks"
    )
    position = models.PositiveSmallIntegerField("顺序", default=1)
    cause = CodeField("风险成因", "risk_type", blank=False)
    member = models.ForeignKey(
        Member, verbose_name="涉及成员", on_delete=models.PROTECT, null=True, blank=True
    )
    subtype = CodeField("自然灾害子项", "disaster_subtype")
    note = models.CharField("备注", max_length=200, blank=True)
    evidence = models.CharField("佐证", max_length=300, blank=True)
    first_seen_on = models.DateField("首次发现日期", null=True, blank=True)
    is_new = models.BooleanField("监测期间新增", default=False)
    state = models.CharField("状态", max_length=10, choices=RiskState, default=RiskState.OPEN)
    outcome = models.CharField("消除方式", max_length=10, choices=Outcome, blank=True)
    outcome = models.CharField("消除方式", max_length=10, choices=Outcome, blank=True)
    proposed_at = models.DateTimeField("登记时间")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("确认时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="确认人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    resolved_on = models.DateField("消除日期", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "返贫致贫风险"
        ordering = ["episode", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="risk_decision_has_time_and_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved") | Q(resolved_on__isnull=False),
                name="resolved_risk_has_its_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state"],
                name="risk_waiting",
                condition=Q(state__in=["proposed", "resolving"]),
            )
        ]

    def __str__(self) -> str:
        return self.get_cause_display()

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_RISKS

    @property
    def tone(self) -> str:
        return RISK_TONES[self.state]


class RiskFlag(models.Model):
    """One mark set on the object, append-only: 标注, 再标注, 消除, 回退 … with month, category, who and why."""

    PERSONAL = ("reason",)
    scope_path = "object__household__division_path"

    object = models.ForeignKey(
        MonitoringObject, verbose_name="监测对象", on_delete=models.PROTECT, related_name="flags"
    )
    episode = models.ForeignKey(
        Episode, verbose_name="监测周期", on_delete=models.PROTECT, null=True, related_name="flags"
    )
    case = models.ForeignKey(
        "monitoring.Case",
        verbose_name="办件",
        on_delete=models.PROTECT,
        null=True,
        related_name="flags",
    )
    action = models.CharField("标注动作", max_length=10, choices=FlagAction)
    month = models.CharField("标注月份", max_length=6)
    category = CodeField("监测对象类别", "monitor_type")
    category_before = CodeField("原类别", "monitor_type")
    method = CodeField("风险消除方式", "elim_method")
    is_four_haves = models.BooleanField("四有人员", default=False)
    persons = models.PositiveSmallIntegerField("当时人口数")
    county_code = models.CharField("县", max_length=6)
    division_path = models.CharField("区划路径", max_length=100)
    set_on = models.DateField("标注日期")
    set_at = models.DateTimeField("标注时间")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="标注人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    role = models.CharField("岗位", max_length=40, blank=True)
    reason = models.TextField("原因", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险标注记录"
        ordering = ["set_at", "pk"]
        indexes = [
            models.Index(fields=["county_code", "set_on", "action"], name="flag_county_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.month}"
