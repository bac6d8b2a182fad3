"""村级评议会: one meeting of a village that judges one household or several, with who came and who did not."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet


class Meeting(models.Model):
    """Its households are the deliberations that name it. `quorum`: the share in % that had to come on that day."""

    PERSONAL = ("chair", "attendees", "absentees", "minutes")
    scope_path = "village__path"

    village = models.ForeignKey(
        Division, verbose_name="行政村", on_delete=models.PROTECT, related_name="+"
    )
    held_on = models.DateField("评议日期")
    place = models.CharField("地点", max_length=60)
    chair = models.CharField("主持人", max_length=40)
    attendees = ArrayField(models.CharField(max_length=40), verbose_name="到会人员")
    absentees = ArrayField(
        models.CharField(max_length=40), verbose_name="缺席人员", default=list, blank=True
    )
    quorum = models.PositiveSmallIntegerField("法定到会比例")
    minutes = models.TextField("会议记录")
    made_at = models.DateTimeField("登记时间")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "村级评议会"
        ordering = ["-held_on", "-pk"]
        indexes = [models.Index(fields=["village", "-held_on"], name="meeting_village")]

    def __str__(self) -> str:
        return f"{self.held_on}评议会"

    @property
    def expected(self) -> int:
        """应到."""
        return len(self.attendees) + len(self.absentees)
