"""重点核查户: households with reasons to look at, by colour, and every reason that stood or stands (notice 一(三)).

Screening writes here set-based (counties.screening.running); a person moves a row only through
counties.services.screening, which appends a KeyCheckAction.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from counties.models.ledgers import LedgerRow
from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models import Campaign, Household, Member
from households.models.fields import CodeField
from monitoring.models import Clue


class Colour(models.TextChoices):
    RED = "red", "红"
    ORANGE = "orange", "橙"
    YELLOW = "yellow", "黄"
    GREEN = "green", "绿"


# Nobody may leave these lying.
URGENT = (Colour.RED, Colour.ORANGE)
COLOUR_TONES = {"red": "red", "orange": "orange", "yellow": "amber", "green": "green"}


class CheckState(models.TextChoices):
    WAITING = "waiting", "待核查"
    LISTED = "listed", "已列入核查"
    DISMISSED = "dismissed", "已排除"
    CHECKED = "checked", "核查未纳入"
    WATCHED = "watched", "已在监测"
    GONE = "gone", "情形已消失"


STATE_TONES = {
    "waiting": "orange",
    "listed": "blue",
    "dismissed": "grey",
    "checked": "grey",
    "watched": "blue",
    "gone": "grey",
}
SETTLED = (CheckState.DISMISSED, CheckState.CHECKED)


class ScreeningRun(models.Model):
    """One screening of a county; `finished_at` is empty while it goes on."""

    PERSONAL = ()
    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="县", on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.ForeignKey(Campaign, verbose_name="年度", on_delete=models.PROTECT)
    job = models.OneToOneField(
        "jobs.Job",
        verbose_name="任务",
        on_delete=models.PROTECT,
        null=True,
        related_name="screening",
    )
    started_at = models.DateTimeField("发起时间")
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发起人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    finished_at = models.DateTimeField("完成时间", null=True)
    appeared = models.PositiveIntegerField("新出现情形", default=0)
    vanished = models.PositiveIntegerField("消失情形", default=0)
    came_back = models.PositiveIntegerField("重新列出户数", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重点筛查"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["division", "-started_at"], name="screening_of_county")]

    def __str__(self) -> str:
        return f"{self.division} 重点筛查"


class RunValue(models.Model):
    """A policy value by which a run decided: a threshold, or the points of a signal."""

    PERSONAL = ()
    scope_path = "run__division__path"

    run = models.ForeignKey(
        ScreeningRun, verbose_name="筛查", on_delete=models.PROTECT, related_name="values"
    )
    key = models.CharField("参数", max_length=60)
    label = models.CharField("名称", max_length=80)
    value = models.CharField("数值", max_length=60)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "筛查所用参数"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "key"], name="screening_value_stands_once")
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.value}"


class KeyCheck(models.Model):
    """A household with at least one reason, now or before. `points` are the sum of the reasons that stand."""

    PERSONAL = ("dismissed_reason",)
    scope_path = "division_path"

    household = models.OneToOneField(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="key_check"
    )
    county_code = models.CharField("县", max_length=6)
    division_path = models.CharField("区划路径", max_length=100)
    colour = models.CharField("等级", max_length=6, choices=Colour, default=Colour.GREEN)
    points = models.PositiveSmallIntegerField("分值", default=0)
    reasons_count = models.PositiveSmallIntegerField("情形数", default=0)
    state = models.CharField("状态", max_length=10, choices=CheckState, default=CheckState.WAITING)
    first_seen_at = models.DateTimeField("首次列出")
    # Since when it waits: listed first, or come back.
    waiting_from = models.DateTimeField("待核查起")
    changed_at = models.DateTimeField("最近变动")
    clue = models.ForeignKey(
        Clue, verbose_name="线索", on_delete=models.PROTECT, null=True, related_name="+"
    )
    dismissed_at = models.DateTimeField("排除时间", null=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="排除人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    dismissed_reason = models.TextField("排除原因", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重点核查户"
        ordering = ["-points", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True, dismissed_by__isnull=True)
                | Q(dismissed_at__isnull=False, dismissed_by__isnull=False),
                name="key_check_dismissed_at_and_by",
            )
        ]
        indexes = [
            models.Index(
                fields=["county_code", "state", "-points", "id"], name="key_check_by_points"
            ),
            models.Index(
                fields=["division_path"], name="key_check_path", opclasses=["varchar_pattern_ops"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household}"

    @property
    def colour_tone(self) -> str:
        return COLOUR_TONES[self.colour]

    @property
    def tone(self) -> str:
        return STATE_TONES[self.state]


class KeyCheckReason(models.Model):
    """One signal that stands or stood, in the household's own figures, and the book that says so.

    `figure` grows as the facts get worse; `settled_figure` is what it was when somebody dismissed it.
    """

    PERSONAL = ("detail",)
    scope_path = "key_check__division_path"

    key_check = models.ForeignKey(
        KeyCheck, verbose_name="重点核查户", on_delete=models.PROTECT, related_name="reasons"
    )
    member = models.ForeignKey(
        Member,
        verbose_name="成员",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    code = models.CharField("情形代码", max_length=30)
    title = models.CharField("情形", max_length=60)
    key_group = CodeField("重点人群", "special_group")
    points = models.PositiveSmallIntegerField("分值")
    detail = models.TextField("情况")
    figure = models.DecimalField("数值", max_digits=14, decimal_places=2, null=True)
    settled_figure = models.DecimalField("排除时数值", max_digits=14, decimal_places=2, null=True)
    source = models.CharField("来源", max_length=60)
    source_on = models.DateField("来源日期", null=True)
    ledger_row = models.ForeignKey(
        LedgerRow,
        verbose_name="台账行",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    first_seen_at = models.DateTimeField("出现时间")
    refreshed_at = models.DateTimeField("最近更新")
    gone_at = models.DateTimeField("消失时间", null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重点核查情形"
        ordering = ["-points", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key_check", "code", "member"],
                condition=Q(gone_at__isnull=True),
                name="reason_stands_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=[name],
                name=f"reason_of_{name}",
                condition=Q(**{f"{name}__isnull": False}),
            )
            for name in ("member", "ledger_row")
        ]

    def __str__(self) -> str:
        return self.title


class KeyCheckAction(models.Model):
    """What was done with a household of the list; append-only. Without a person it was the screening itself."""

    PERSONAL = ("note",)
    scope_path = "key_check__division_path"

    key_check = models.ForeignKey(
        KeyCheck, verbose_name="重点核查户", on_delete=models.PROTECT, related_name="actions"
    )
    target = models.CharField("新状态", max_length=10, choices=CheckState)
    points = models.PositiveSmallIntegerField("当时分值")
    note = models.TextField("说明", blank=True)
    done_at = models.DateTimeField("时间")
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经办人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重点核查处理"
        ordering = ["-done_at", "-pk"]

    def __str__(self) -> str:
        return self.get_target_display()
