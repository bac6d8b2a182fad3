"""Where a rule is broken, and since when: hits by division one level down, week by week, new this week.

A week begins on Monday. A finding that came back counts from the day it came back; one that was accepted or exempted
is settled and counts in no week's end.
"""

import datetime
from dataclasses import dataclass
from posixpath import commonpath

from django.db.models import CharField, Count, F, Func, Q, Value
from django.utils import timezone

from counties.models import Finding
from counties.models.findings import LIVE_STATES, Origin, State
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division, Level
from fanpin.regions.scope import ScopedQuerySet

WEEKS = 12
WEEK = datetime.timedelta(days=7)
LIVE = Q(state__in=LIVE_STATES)


@dataclass(frozen=True)
class Place:
    """A division with its live findings of the rule and those that are new this week."""

    division: Division
    live: int
    new: int

    @property
    def leads_down(self) -> bool:
        return self.division.level != Level.VILLAGE


@dataclass(frozen=True)
class Week:
    """What happened from Monday to Sunday, and what stood open at its end (or stands today)."""

    begins: datetime.date
    opened: int
    closed: int
    standing: int

    @property
    def label(self) -> str:
        return f"{self.begins:%m-%d}周"


def week_of(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.weekday())


def since_monday() -> Q:
    """Newly broken this week and not settled since."""
    return LIVE & Q(first_seen_at__gte=_start(week_of(clock.today())))


def findings(user: User, code: str = "") -> ScopedQuerySet:
    """The quality findings of one's own scope, of one rule or of all."""
    rows = Finding.objects.within(user.scope_for(Permission.VIEW_FINDINGS))
    rows = rows.filter(origin=Origin.QUALITY).order_by()
    return rows.filter(code=code) if code else rows


def home(user: User) -> str:
    """Path of the lowest division that holds all the user may see; "" when that is nothing."""
    paths = user.scope_for(Permission.VIEW_FINDINGS).paths
    return commonpath(paths).rstrip("/") + "/" if paths else ""


def by_place(user: User, code: str, path: str) -> list[Place]:
    """The divisions right below `path` that have live findings of the rule, the most first; two queries."""
    position = path.count("/") + 1
    below = Func(
        F("division_path"), Value("/"), Value(position),
        function="split_part", output_field=CharField(),
    )  # fmt: skip
    rows = findings(user, code).filter(LIVE, division_path__startswith=path)
    counted = rows.annotate(place=below).values("place")
    counts = {
        row["place"]: (row["live"], row["new"])
        for row in counted.annotate(live=Count("pk"), new=Count("pk", filter=since_monday()))
    }
    places = Division.objects.in_bulk([code for code in counts if code])
    found = [Place(places[code], *counts[code]) for code in counts if code in places]
    return sorted(found, key=lambda place: (-place.live, place.division.code))


def weeks(user: User, code: str, path: str) -> list[Week]:
    """The last twelve weeks, oldest first, in one query."""
    monday = week_of(clock.today())
    begins = [monday - WEEK * back for back in range(WEEKS - 1, -1, -1)]
    rows = findings(user, code).filter(division_path__startswith=path)
    unsettled = ~Q(state=State.WAIVED)
    counts: dict[str, Count] = {}
    for number, begin in enumerate(begins):
        start, end = _start(begin), _start(begin + WEEK)
        stood = Q(closed_at__isnull=True) | Q(closed_at__gte=end)
        counts[f"opened{number}"] = Count(
            "pk", filter=Q(first_seen_at__gte=start, first_seen_at__lt=end)
        )
        counts[f"closed{number}"] = Count("pk", filter=Q(closed_at__gte=start, closed_at__lt=end))
        counts[f"standing{number}"] = Count(
            "pk", filter=unsettled & stood & Q(first_seen_at__lt=end)
        )
    found = rows.aggregate(**counts)
    return [
        Week(begin, *(found[f"{name}{number}"] for name in ("opened", "closed", "standing")))
        for number, begin in enumerate(begins)
    ]


def _start(day: datetime.date) -> datetime.datetime:
    """Midnight of the day in China."""
    return datetime.datetime.combine(day, datetime.time(), tzinfo=timezone.get_current_timezone())
