"""帮扶责任人: who helps which household, from when until when (forms.md §1.7)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from fanpin.regions.models import Division
from fanpin.regions.scope import ScopedQuerySet
from households.models.fields import CodeField
from households.models.households import Household


class Helper(models.Model):
    """A person of a unit who helps households of a township; one helper may have many."""

    PERSONAL = ("name", "phone")
    scope_path = "division__path"

    division = models.ForeignKey(
        Division, verbose_name="乡镇", on_delete=models.PROTECT, related_name="+", editable=False
    )
    name = models.CharField("帮扶责任人姓名", max_length=40)
    sex = CodeField("性别", "sex", blank=False)
    political_status = CodeField("政治面貌", "political_status")
    unit = models.CharField("帮扶(选派)单位", max_length=100)
    phone = models.CharField("联系电话", max_length=11)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶责任人"
        ordering = ["division", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "name", "phone"],
                name="helper_stands_once_in_a_township",
                violation_error_message="该乡镇已有同名同电话的帮扶责任人",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）"


class Helping(models.Model):
    """One household in a helper's care, from a day until a day; an open one has no `end_on`."""

    PERSONAL = ()
    scope_path = "household__division_path"

    helper = models.ForeignKey(
        Helper, verbose_name="帮扶责任人", on_delete=models.PROTECT, related_name="helpings"
    )
    household = models.ForeignKey(
        Household, verbose_name="农户", on_delete=models.PROTECT, related_name="helpings"
    )
    start_on = models.DateField("帮扶开始时间")
    end_on = models.DateField("帮扶结束时间", null=True, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "结对帮扶"
        ordering = ["household", "-start_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "helper"],
                condition=Q(end_on__isnull=True),
                name="helper_has_a_household_once",
                violation_error_message="该帮扶责任人已在帮扶本户",
            ),
            models.CheckConstraint(
                condition=Q(end_on__isnull=True) | Q(end_on__gte=F("start_on")),
                name="helping_ends_after_it_starts",
                violation_error_message="帮扶结束时间不能早于开始时间",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.helper} 自{self.start_on}"
