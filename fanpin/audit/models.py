"""Who did what to which record, append-only, one hash chain per county."""

from django.conf import settings
from django.db import models

from fanpin.regions.scope import ScopedQuerySet


class AuditChain(models.Model):
    """The end of one county's chain. Locked while an entry is added, so that the order is the order of commits."""

    PERSONAL = ()

    county_code = models.CharField("县", max_length=6, primary_key=True)
    length = models.BigIntegerField("条数", default=0)
    last_hash = models.CharField("末条校验值", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计链"

    def __str__(self) -> str:
        return f"{self.county_code} {self.length}"


class AuditEntry(models.Model):
    """One act. Nothing changes or deletes a row; `hash` covers the row and the previous hash."""

    PERSONAL = ("subject",)
    scope_path = "division_path"

    county_code = models.CharField("县", max_length=6)
    seq = models.BigIntegerField("序号")
    verb = models.CharField("行为", max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经办人",
        on_delete=models.PROTECT,
        null=True,
    )
    actor_name = models.CharField("经办人", max_length=40)
    role = models.CharField("岗位", max_length=30, blank=True)
    target_model = models.CharField("对象类型", max_length=60, blank=True)
    target_id = models.CharField("对象编号", max_length=40, blank=True)
    subject = models.CharField("对象", max_length=120, blank=True)
    division_path = models.CharField("区划", max_length=100)
    before = models.JSONField("变更前", default=dict)
    after = models.JSONField("变更后", default=dict)
    note = models.TextField("说明", blank=True)
    acted_at = models.DateTimeField("时间")
    prev_hash = models.CharField("前条校验值", max_length=64, blank=True)
    hash = models.CharField("校验值", max_length=64)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["county_code", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["county_code", "seq"], name="audit_seq_per_county"),
        ]
        indexes = [
            models.Index(fields=["target_model", "target_id"], name="audit_target"),
            models.Index(fields=["-acted_at"], name="audit_time"),
            models.Index(
                fields=["division_path"],
                name="audit_path",
                opclasses=["varchar_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.county_code}-{self.seq} {self.verb}"
