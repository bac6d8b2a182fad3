"""The case: one household on its way through one procedure, and each step it took."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from fanpin.files.models import StoredFile
from fanpin.regions.scope import ScopedQuerySet
from households.models import Household
from households.models.fields import CodeField
from monitoring.choices import (
    CLUE_TONES,
    END_TONES,
    CaseKind,
    CaseStatus,
    ClueState,
    EndReason,
    EventType,
)
from monitoring.models.objects import Episode, MonitoringObject


class NumberSeries(models.Model):
    """The last number given out in a county, year and series (识, 消, 退, 再 for cases; 审, 备 for decisions)."""

    PERSONAL = ()

    county_code = models.CharField("县", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    mark = models.CharField("字", max_length=4)
    last = models.PositiveIntegerField("末号", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"
        ordering = ["county_code", "year", "mark"]
        constraints = [
            models.UniqueConstraint(fields=["county_code", "year", "mark"], name="series_once")
        ]

    def __str__(self) -> str:
        return f"{self.year}-{self.mark}-{self.last:03d}"


class Case(models.Model):
    """One household in one procedure. `status` is written only by services.cases.apply.

    `parameters_used` holds the policy values each gate decided by; `version` guards against two people at once.
    """

    PERSONAL = ("event_note", "end_note", "reply_note", "category_reason")
    scope_path = "division_path"

    Kind = CaseKind
    Status = CaseStatus

    kind = models.CharField("业务", max_length=10, choices=CaseKind)
    number = models.CharField("办件编号", max_length=24, unique=True)
    status = models.CharField("状态", max_length=20, choices=CaseStatus)
    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="cases"
    )
    object = models.ForeignKey(
        MonitoringObject, verbose_name="监测对象", on_delete=models.PROTECT, related_name="cases"
    )
    episode = models.ForeignKey(
        Episode,
        verbose_name="监测周期",
        on_delete=models.PROTECT,
        null=True,
        related_name="cases",
    )
    division_path = models.CharField("区划路径", max_length=100)
    county_code = models.CharField("县", max_length=6)
    source = CodeField("线索来源", "clue_source")
    opened_on = models.DateField("受理日期")
    opened_at = models.DateTimeField("受理时间")
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="受理人", on_delete=models.PROTECT, related_name="+"
    )
    entered_on = models.DateField("进入当前状态日期")
    due_on = models.DateField("本步期限", null=True, blank=True)
    total_due_on = models.DateField("全程期限", null=True, blank=True)
    ended_on = models.DateField("办结日期", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=24, choices=EndReason, blank=True)
    end_note = models.TextField("终止说明", blank=True)
    reply_due_on = models.DateField("答复申请人期限", null=True, blank=True)
    replied_on = models.DateField("答复日期", null=True, blank=True)
    reply_note = models.CharField("答复内容", max_length=300, blank=True)
    event_type = models.CharField("事件类型", max_length=10, choices=EventType, blank=True)
    event_on = models.DateField("事件日期", null=True, blank=True)
    event_note = models.TextField("事件情况", blank=True)
    reference_month = models.CharField("基准月份", max_length=6, blank=True)
    is_four_haves = models.BooleanField("涉及四有人员", default=False)
    category_suggested = CodeField("建议类别", "monitor_type")
    category = CodeField("评议类别", "monitor_type")
    category_reason = models.TextField("类别说明", blank=True)
    is_flagged = models.BooleanField("提请县级关注", default=False)
    method = CodeField("风险消除方式", "elim_method")
    rule_codes = ArrayField(
        models.CharField(max_length=30), verbose_name="存在的不消情形", default=list, blank=True
    )
    parameters_used = models.JSONField("所用参数", default=dict)
    version = models.PositiveIntegerField("版本", default=1)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监测办件"
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(ended_on__isnull=True),
                name="one_open_case_per_household",
                violation_error_message="该户已有一件正在办理的监测业务",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, status__in=[
                    s for s in CaseStatus.values if s not in END_TONES
                ])
                | Q(ended_on__isnull=False, status__in=list(END_TONES)),
                name="ended_case_has_its_day",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["county_code", "kind", "status"],
                name="case_open",
                condition=Q(ended_on__isnull=True),
            ),
            models.Index(
                fields=["division_path"], name="case_path", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(fields=["household", "-opened_on"], name="case_household"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.household}"

    @property
    def is_open(self) -> bool:
        return self.ended_on is None

    @property
    def tone(self) -> str:
        return str(END_TONES.get(CaseStatus(self.status), "blue"))


class CaseStep(models.Model):
    """One transition of a case, append-only: who, in which role and unit, when, from where to where, why.

    `snapshot_hash` seals what the case looked like right after the step.
    """

    PERSONAL = ("reason",)
    scope_path = "case__division_path"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="steps"
    )
    seq = models.PositiveSmallIntegerField("序号")
    transition = models.CharField("步骤", max_length=40)
    label = models.CharField("步骤名称", max_length=40)
    source = models.CharField("原状态", max_length=20, choices=CaseStatus, blank=True)
    target = models.CharField("新状态", max_length=20, choices=CaseStatus)
    done_on = models.DateField("办理日期")
    done_at = models.DateTimeField("办理时间")
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="办理人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    role = models.CharField("岗位", max_length=40, blank=True)
    unit = models.CharField("单位", max_length=200, blank=True)
    reason = models.TextField("意见或原因", blank=True)
    snapshot_hash = models.CharField("快照校验值", max_length=64)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办件步骤"
        ordering = ["case", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="step_seq_once"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.done_on}"


class Clue(models.Model):
    """Somebody said a household may be in difficulty (policy.md §4.1). Several clues may feed one case."""

    PERSONAL = ("applicant", "facts", "handling")
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="clues"
    )
    source = CodeField("线索来源", "clue_source", blank=False)
    channel = models.CharField("受理方式", max_length=40, blank=True)
    department = CodeField("预警部门", "department")
    key_group = CodeField("特殊群体", "special_group")
    applicant = models.CharField("申请人", max_length=40, blank=True)
    received_on = models.DateField("收到日期")
    facts = models.TextField("情况描述")
    event_type = models.CharField("事件类型", max_length=10, choices=EventType, blank=True)
    event_on = models.DateField("事件日期", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=ClueState, default=ClueState.OPEN)
    case = models.ForeignKey(
        Case,
        verbose_name="办件",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="clues",
    )
    handling = models.CharField("处理说明", max_length=300, blank=True)
    handled_at = models.DateTimeField("处理时间", null=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="处理人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    filed_at = models.DateTimeField("登记时间")
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "线索"
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="in_case") | Q(case__isnull=False), name="clue_in_case_names_it"
            ),
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True, handled_by__isnull=True)
                | Q(handled_at__isnull=False),
                name="clue_handler_has_time",
            ),
        ]
        indexes = [models.Index(fields=["household", "state"], name="clue_household")]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.received_on}"

    @property
    def tone(self) -> str:
        return CLUE_TONES[self.state]


class CaseDocument(StoredFile):
    """A paper of a case: signed authorisation, photo of the visit, minutes, photo of the notice …

    `step`: the step that asked for it, from the moment that step is taken.
    """

    PERSONAL = ("file", "original_name")
    scope_path = "case__division_path"

    case = models.ForeignKey(
        Case, verbose_name="办件", on_delete=models.PROTECT, related_name="documents"
    )
    kind = models.CharField("材料名称", max_length=120)
    status_at = models.CharField("上传时状态", max_length=20, choices=CaseStatus)
    step = models.ForeignKey(
        CaseStep,
        verbose_name="随附步骤",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办件材料"
        ordering = ["pk"]
