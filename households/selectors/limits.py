"""By when something that waits has to be done: the days of a parameter, counted from when it began to wait."""

import datetime
from dataclasses import dataclass

from django.db.models import Aggregate, Count, Min, Q, QuerySet
from django.utils import timezone

from fanpin import clock
from fanpin.regions.scope import Scope
from fanpin.web.extensions import Todo
from households.parameters import PARAMETERS
from households.selectors.parameters import MissingParameter, parameter

WORKING = "工作日"


@dataclass(frozen=True)
class Limit:
    """So many days, working days or all of them."""

    days: int
    working: bool

    def due(self, since: datetime.date | datetime.datetime | None) -> datetime.date | None:
        """The last day for what began to wait then."""
        if since is None:
            return None
        if isinstance(since, datetime.datetime):
            since = timezone.localtime(since).date()
        if self.working:
            return clock.add_working_days(since, self.days)
        return since + datetime.timedelta(days=self.days)

    def late(self, field: str, *, is_moment: bool = True) -> Q:
        """Rows whose days are over today; `field` holds a moment, or a day."""
        day = clock.late_since(self.days, working=self.working)
        if not is_moment:
            return Q(**{f"{field}__lt": day})
        began = timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
        return Q(**{f"{field}__lt": began})

    def tone(self, since: datetime.date | datetime.datetime | None) -> str:
        """How urgent: over, due today or tomorrow, or neither."""
        due = self.due(since)
        if due is None:
            return ""
        left = (due - clock.today()).days
        return "red" if left < 0 else "orange" if left < 2 else ""


def limit(key: str, path: str) -> Limit | None:
    """The limit in force at a place today; None where nobody has set one."""
    try:
        days = parameter(key, path, clock.today())
    except MissingParameter:
        return None
    return Limit(int(days), PARAMETERS[key].unit == WORKING)


def limit_for(key: str, scope: Scope) -> Limit | None:
    """The limit at the top of somebody's scope."""
    return limit(key, scope.paths[0]) if scope.paths else None


def waiting_todo(
    key: str,
    label: str,
    rows: QuerySet,
    url: str,
    limit: Limit | None,
    *,
    since: str = "waiting_since",
    is_moment: bool = True,
    desk: str,
) -> Todo:
    """Rows that each began to wait at `since`: how many, how many too long, the first last day."""
    late = (
        Count("pk", distinct=True, filter=limit.late(since, is_moment=is_moment)) if limit else None
    )
    wanted: dict[str, Aggregate] = {"n": Count("pk", distinct=True), "first": Min(since)}
    if late is not None:
        wanted["late"] = late
    found = rows.order_by().aggregate(**wanted)
    due_on = limit.due(found["first"]) if limit else None
    overdue = found.get("late", 0)
    tone = "red" if overdue else "blue"
    return Todo(key, label, found["n"], url, due_on, overdue, tone, desk)
