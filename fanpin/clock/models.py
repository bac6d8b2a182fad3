"""Days that differ from the plain week, and the date a demonstration pretends it is."""

from django.db import models


class CalendarDay(models.Model):
    """A statutory holiday on a weekday, or a weekend day worked in its place (yearly State Council notice)."""

    PERSONAL = ()

    day = models.DateField("日期", primary_key=True)
    is_working = models.BooleanField("是否工作日")
    name = models.CharField("说明", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "节假日"
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day}{'上班' if self.is_working else '放假'}"


class DemoClock(models.Model):
    """The one row that sets the business date of a demonstration. Production never reads it."""

    PERSONAL = ()

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    day = models.DateField("演示日期")

    class Meta:
        verbose_name = verbose_name_plural = "演示日期"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="demo_clock_is_one_row"),
        ]

    def __str__(self) -> str:
        return str(self.day)
