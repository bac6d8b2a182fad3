"""The people of a household and every change to them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Right

from fanpin.files.models import StoredFile
from fanpin.regions.scope import ScopedQuerySet
from households.choices import HEAD
from households.models.fields import CodeField
from households.models.households import Household
from households.models.person import Condition, Person, Protection, Work


class Member(Person, Condition, Work, Protection):
    """One person in one household. A person who left keeps the row with `left_on` (forms.md §5.3).

    `id18` is the citizen number inside `id_no`; one active row per number in the whole province.
    """

    PERSONAL = (
        "name",
        "pinyin",
        "id_no",
        "id18",
        "birth_date",
        "disability_cert_no",
        "health",
        "disease_name",
        "member_phone",
        "employer",
        "national_person_no",
    )
    scope_path = "household__division_path"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="members"
    )
    county_code = models.CharField("县", max_length=6, editable=False)
    id18 = models.CharField("公民身份号码", max_length=18, null=True, editable=False)  # noqa: DJ001
    pinyin = models.CharField("拼音首字母", max_length=40, blank=True, editable=False)
    status = CodeField("在册状态", "member_status", default="active", editable=False)
    joined_on = models.DateField("增加日期", null=True, editable=False)
    joined_ym = models.CharField("人员识别(新增)时间", max_length=6, blank=True)
    left_on = models.DateField("减少日期", null=True, editable=False)
    left_reason = CodeField("减少原因", "change_reason", editable=False)
    updated_at = models.DateTimeField("更新时间", editable=False)
    version = models.PositiveIntegerField("版本", default=1, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        ordering = ["household", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["id18"],
                condition=Q(status__in=["active", "pending_out"]) & Q(id18__isnull=False),
                name="person_is_active_in_one_household",
                violation_error_message="该人员已在另一户在册，须先在原户办理减少",
            ),
            models.UniqueConstraint(
                fields=["id18"],
                condition=Q(status="pending_in", id18__isnull=False),
                name="person_waits_to_join_one_household",
                violation_error_message="该人员正在另一户申报增加，须等其审核完毕；不属实的请联系乡镇退回",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(status__in=["active", "pending_out"], relation=HEAD),
                name="household_has_one_head",
                violation_error_message="一户只能有一名户主，请先变更原户主与户主的关系",
            ),
        ]
        indexes = [
            models.Index(fields=["household", "status"], name="member_household"),
            models.Index(fields=["id18"], name="member_id18"),
            # People look somebody up by the last four characters of the number.
            models.Index(Right("id18", 4), name="member_id_tail"),
            models.Index(fields=["county_code"], name="member_county"),
            # A name leads to its households without reading the members.
            models.Index(
                fields=["name"],
                name="member_name",
                opclasses=["varchar_pattern_ops"],
                include=["household", "status"],
            ),
            models.Index(
                fields=["pinyin"],
                name="member_pinyin",
                opclasses=["varchar_pattern_ops"],
                include=["household", "status"],
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_head(self) -> bool:
        return self.relation == HEAD

    @property
    def is_active(self) -> bool:
        return self.status in ("active", "pending_out")


class MemberChange(models.Model):
    """One act on a household or member, append-only: registered, corrected, joined, left (notice 一(一)).

    `fields` names the columns that changed; `before` / `after` hold only those.
    """

    PERSONAL = ("before", "after", "note")
    scope_path = "household__division_path"

    class Kind(models.TextChoices):
        REGISTER = "register", "建档"
        INCREASE = "increase", "成员增加"
        DECREASE = "decrease", "成员减少"
        UPDATE = "update", "信息变更"
        HEAD = "head", "户主变更"
        SPLIT = "split", "分户"
        MERGE = "merge", "并户"
        IMPORT = "import", "批量导入"
        UNDO = "undo", "撤销导入"

    class State(models.TextChoices):
        DONE = "done", "已生效"
        TOWNSHIP = "township", "待乡镇审核"
        COUNTY = "county", "待县级确认"
        CHECKING = "checking", "待两村核对"
        RETURNED = "returned", "已退回"

    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="changes"
    )
    member = models.ForeignKey(
        Member,
        verbose_name="成员",
        on_delete=models.PROTECT,
        null=True,
        related_name="changes",
    )
    kind = models.CharField("变更类型", max_length=10, choices=Kind)
    reason = CodeField("变更原因", "change_reason")
    changed_on = models.DateField("变更日期")
    hukou_basis = CodeField("户籍依据", "hukou_basis")
    counter_hh_code = models.CharField("对方户号", max_length=17, blank=True)
    police_match = CodeField("公安比对结果", "match_result")
    fields = ArrayField(models.CharField(max_length=40), verbose_name="变更字段", default=list)
    before = models.JSONField("变更前", default=dict)
    after = models.JSONField("变更后", default=dict)
    note = models.TextField("说明", blank=True)
    ledger_line = models.CharField("台账依据", max_length=160, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DONE)
    batch = models.ForeignKey(
        "households.ImportBatch",
        verbose_name="导入批次",
        on_delete=models.PROTECT,
        null=True,
    )
    made_at = models.DateTimeField("登记时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
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

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变更记录"
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["household", "-made_at"], name="change_household"),
            models.Index(fields=["changed_on", "reason"], name="change_month"),
            # Few of the changes move people; the rules ask for them household by household.
            models.Index(
                fields=["household", "member"],
                name="change_of_roster",
                condition=Q(kind__in=["increase", "decrease", "split", "merge"]),
            ),
            models.Index(
                fields=["state", "household"],
                name="change_waiting",
                condition=Q(state__in=["township", "county"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="change_decision_has_time_and_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.changed_on}"


class MemberChangeDocument(StoredFile):
    """A paper that proves a change: death certificate, household register page, birth certificate …"""

    PERSONAL = ("file", "original_name")

    change = models.ForeignKey(
        MemberChange,
        verbose_name="变更",
        on_delete=models.PROTECT,
        related_name="documents",
    )
    kind = models.CharField("材料名称", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "变更佐证"
        ordering = ["pk"]
