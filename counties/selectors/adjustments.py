"""What an adjustment of divisions would move, before it moves."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from counties.models import DivisionChange, MovedHousehold
from fanpin.accounts.models import Posting
from fanpin.regions.models import Division, Level
from households.models import Household, MemberChange

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


def to_return(change: DivisionChange) -> QuerySet[MovedHousehold]:
    """Households the adjustment moved that do not yet stand at their old place again."""
    rows = change.moved.exclude(household__village=F("village"))
    if change.division.level == Level.HAMLET:
        rows = change.moved.exclude(household__natural_village=F("natural_village"))
    return rows.order_by("household")


def moved_on(change: DivisionChange) -> QuerySet[MovedHousehold]:
    """Households that stand neither where the adjustment put them nor where they were."""
    there = change.target_id
    if change.division.level == Level.HAMLET:
        return change.moved.exclude(household__natural_village=there)
    return change.moved.exclude(household__village=there)


def new_since(change: DivisionChange) -> QuerySet[Household]:
    """Households registered in places that only the adjustment made, which an undo would leave without a place."""
    made = Division.objects.filter(predecessors__in=moving_hamlets(change)).values("pk")
    rows = Household.objects.filter(natural_village__in=made)
    if change.kind == Kind.SPLIT and change.new_code:
        rows = rows | Household.objects.filter(village=change.target_id)
    return rows.exclude(pk__in=change.moved.values("household")).distinct()


def later_adjustments(change: DivisionChange) -> QuerySet[DivisionChange]:
    """Adjustments planned or carried out after this one that touch the same divisions."""
    touched = [pk for pk in (change.division_id, change.target_id) if pk]
    rows = DivisionChange.objects.exclude(pk=change.pk).exclude(state__in=("cancelled", "undone"))
    touching = Q(target__in=touched)
    for code in touched:
        touching |= Q(division__path__contains=f"/{code}/")
    later = Q(pk__gt=change.pk) | Q(applied_at__gt=change.applied_at)
    return rows.filter(touching & later)


def belonging(division: Division, on: datetime.date) -> QuerySet[Household]:
    """Who belonged to a division on a day, as the tree was then: today's village with later moves taken back."""
    later = MemberChange.objects.filter(
        household=OuterRef("pk"), state="done", changed_on__gt=on, fields__contains=["village"]
    ).order_by("changed_on", "pk")
    first = later.annotate(was=KeyTextTransform("village", "before")).values("was")[:1]
    then = Subquery(first, output_field=CharField())
    below = Division.objects.filter(path__startswith=division.path, level=Level.VILLAGE)
    rows = Household.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=on))
    rows = rows.annotate(village_then=Coalesce(then, F("village_id"), output_field=CharField()))
    return rows.filter(village_then__in=below.values("code"))


@dataclass(frozen=True)
class Part:
    """How many households a village had on the day."""

    village: Division
    households: int


def by_village(rows: QuerySet[Household]) -> list[Part]:
    """The households of `belonging`, counted by the villages of that day: they add up to the division's."""
    counted = rows.order_by().values_list("village_then").annotate(Count("pk"))  # type: ignore[misc]
    counts = dict(counted)
    villages = Division.objects.filter(pk__in=counts).select_related("successor").order_by("path")
    return [Part(village, counts[village.pk]) for village in villages]
