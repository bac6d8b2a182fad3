"""Business dates in Asia/Shanghai, and counting of working days with the dated holiday table."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.utils import timezone

_pretended: ContextVar[datetime.date | None] = ContextVar("pretended", default=None)
_DEMO_KEY = "clock.demo-day"
_CALENDAR_KEY = "clock.calendar"


def today() -> datetime.date:
    """The business date: the calendar day in Asia/Shanghai, or the demonstration's date."""
    return _pretended.get() or _demo_day() or timezone.localdate()


@contextmanager
def pretend(day: datetime.date) -> Iterator[None]:
    """Let the business date be `day` inside the block: how the demonstration's past is lived through its services."""
    token = _pretended.set(day)
    try:
        yield
    finally:
        _pretended.reset(token)


def now() -> datetime.datetime:
    """The moment to store: real time of day on the business date."""
    moment = timezone.now()
    demo = _pretended.get() or _demo_day()
    if demo is None:
        return moment
    local = timezone.localtime(moment)
    return local.replace(year=demo.year, month=demo.month, day=demo.day)


def month_of(day: datetime.date) -> str:
    """The month as the national system writes it, YYYYMM."""
    return f"{day.year:04d}{day.month:02d}"


def is_working_day(day: datetime.date) -> bool:
    """Whether offices work on this day: the holiday table first, else Monday to Friday."""
    return _calendar().get(day, day.weekday() < 5)


def add_working_days(day: datetime.date, count: int) -> datetime.date:
    """The working day that is `count` working days after `day` (day + 1 counts as the first)."""
    calendar = _calendar()
    while count > 0:
        day += datetime.timedelta(days=1)
        if calendar.get(day, day.weekday() < 5):
            count -= 1
    return day


def late_since(count: int, *, working: bool) -> datetime.date:
    """What began before this day had its last day, `count` days on, before today."""
    day = today()
    if not working:
        return day - datetime.timedelta(days=count)
    one, now_ = datetime.timedelta(days=1), day
    while add_working_days(day - one, count) >= now_:
        day -= one
    return day


def working_days_between(start: datetime.date, end: datetime.date) -> int:
    """How many working days lie after `start` up to and including `end`; 0 when end is not later."""
    calendar = _calendar()
    days = (start + datetime.timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(calendar.get(day, day.weekday() < 5) for day in days)


def set_demo_day(day: datetime.date | None) -> None:
    """Move the demonstration's date; None goes back to the real one. Only where settings.DEMO is on."""
    if not settings.DEMO:
        raise RuntimeError("演示日期只能在演示环境中设置")
    keep_demo_day(day)


def keep_demo_day(day: datetime.date | None) -> None:
    """Write the date into the data, where every later command finds it."""
    model = apps.get_model("clock", "DemoClock")
    if day is None:
        model.objects.all().delete()
    else:
        model.objects.update_or_create(id=1, defaults={"day": day})
    cache.delete(_DEMO_KEY)


def is_demonstrated() -> bool:
    """Whether the data are a demonstration's: its date stands in them. False where there is no database yet."""
    try:
        return bool(apps.get_model("clock", "DemoClock").objects.exists())
    except DatabaseError:
        connection.close()
        return False


def forget_calendar() -> None:
    """Call after the holiday table changed."""
    cache.delete(_CALENDAR_KEY)


def _demo_day() -> datetime.date | None:
    if not settings.DEMO:
        return None
    day = cache.get(_DEMO_KEY, "unread")
    if day == "unread":
        day = apps.get_model("clock", "DemoClock").objects.values_list("day", flat=True).first()
        cache.set(_DEMO_KEY, day, 3600)
    return day


def _calendar() -> dict[datetime.date, bool]:
    days = cache.get(_CALENDAR_KEY)
    if days is None:
        rows = apps.get_model("clock", "CalendarDay").objects.values_list("day", "is_working")
        days = dict(rows)
        cache.set(_CALENDAR_KEY, days, 3600)
    return days
