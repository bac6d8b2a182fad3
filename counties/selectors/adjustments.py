"""What an adjustment of divisions would move, before it moves."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from counties.models import DivisionChange
from fanpin.accounts.models import Posting
from fanpin.regions.models import Division, Level
from households.models import Household

Kind = DivisionChange.Kind
MOVING = (Kind.MERGE, Kind.SPLIT)


@dataclass(frozen=True)
class Moving:
    """Households and persons that change their village or natural village, and what else is touched."""

    households: int
    persons: int
    monitored: int
    hamlets: list[Division]
    postings: int


def moving_households(change: DivisionChange) -> QuerySet[Household]:
    """The households still at the old place; ended ones stay where they ended."""
    rows = Household.objects.filter(ended_on__isnull=True)
    if change.kind not in MOVING:
        return rows.none()
    if change.kind == Kind.SPLIT:
        return rows.filter(village=change.division, natural_village__in=change.hamlets)
    if change.division.level == Level.HAMLET:
        return rows.filter(natural_village=change.division)
    return rows.filter(village=change.division)


def moving_hamlets(change: DivisionChange) -> list[Division]:
    """The natural villages that come below another village."""
    if change.kind not in MOVING or change.division.level != Level.VILLAGE:
        return []
    rows = Division.objects.filter(parent=change.division, level=Level.HAMLET)
    if change.kind == Kind.SPLIT:
        rows = rows.filter(code__in=change.hamlets)
    return list(
        rows.filter(Q(valid_until__isnull=True) | Q(successor__isnull=False)).order_by("code")
    )


def moving(change: DivisionChange) -> Moving:
    rows = moving_households(change)
    sums: dict[str, Any] = rows.aggregate(persons=Sum("family_size"))
    # Who works at a village that ends gets a new post from the county.
    ends = change.kind in (Kind.MERGE, Kind.ABOLISH)
    postings = Posting.objects.filter(
        division__path__startswith=change.division.path, until_on=None
    )
    return Moving(
        households=rows.count(),
        persons=sums["persons"] or 0,
        monitored=rows.filter(monitoring_state__in=("monitored", "eliminating")).count(),
        hamlets=moving_hamlets(change),
        postings=postings.count() if ends else 0,
    )


def changes(user: Any) -> QuerySet[DivisionChange]:
    rows = DivisionChange.objects.within(user.scope)
    return rows.select_related("division", "target", "planned_by", "applied_by", "county", "job")
