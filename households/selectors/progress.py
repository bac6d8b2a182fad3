"""How far this year's collection is, by division: one grouped query whatever the number of households."""

import datetime
from dataclasses import dataclass, field, replace

from django.db.models import CharField, Count, F, FilteredRelation, Func, Max, Q, Value
from django.db.models.functions import Coalesce

from fanpin.accounts.models import User
from fanpin.regions.models import Division
from fanpin.regions.scope import codes
from households.models import Campaign, Household

OPEN = ("todo", "collected", "returned")
STATES = ("todo", "collected", "checked", "returned", "reviewed", "closed")


class SplitPart(Func):
    """split_part(path, '/', n): the code of a level on a path."""

    function = "SPLIT_PART"
    output_field = CharField()


@dataclass
class Progress:
    """One division's counts by state of the form, households with open errors, and when a form last moved."""

    division: Division
    counts: dict[str, int] = field(default_factory=dict)
    with_errors: int = 0
    last_at: datetime.datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def unsubmitted(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def reviewed(self) -> int:
        return self.counts.get("reviewed", 0) + self.counts.get("closed", 0)

    @property
    def percent(self) -> int:
        """Share that the township has passed, rounded down."""
        return self.reviewed * 100 // self.total if self.total else 0


def by_division(user: User, parent: Division | None, campaign: Campaign) -> list[Progress]:
    """Progress of the divisions right below one (or of the user's own places), those without households left out."""
    rows = Household.objects.within(user.scope).filter(ended_on__isnull=True)
    if parent is not None:
        rows = rows.filter(division_path__startswith=parent.path)
        depth = len(codes(parent.path)) + 1
    else:
        depth = min((len(codes(path)) for path in user.scope.paths), default=1)
    counted = (
        rows.order_by()
        .annotate(
            form=FilteredRelation("collections", condition=Q(collections__campaign=campaign.pk)),
            # The path begins with "/", so the first code is the second part; a village's own row stands for itself.
            place=SplitPart(F("division_path"), Value("/"), Value(min(depth, 5) + 1)),
            state=Coalesce(F("form__state"), Value("todo")),
        )
        .values_list("place", "state")
        .annotate(
            n=Count("pk"),
            wrong=Count("pk", filter=Q(open_errors__gt=0)),
            last=Max("form__changed_at"),
        )
    )
    places: dict[str, Progress] = {}
    for place, state, n, wrong, last in counted:
        row = places.setdefault(place, Progress(Division(code=place)))
        row.counts[state] = n
        row.with_errors += wrong
        row.last_at = max(filter(None, (row.last_at, last)), default=None)
    divisions = Division.objects.filter(code__in=places).order_by("path")
    return [replace(places[division.code], division=division) for division in divisions]
