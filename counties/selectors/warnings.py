"""How far a batch of warnings is answered, by township; every number leads to its rows (policy.md §2.3)."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Left

from counties.models import Finding, LedgerBatch
from counties.models.findings import LIVE_STATES, Origin, OwnerLevel, State
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division


@dataclass(frozen=True)
class Progress:
    """Rows of a batch in one township; `path` "" is the whole batch, the county's own path those of nobody known."""

    name: str
    path: str
    sent: int
    waiting: int
    late: int
    answered: int
    accepted: int

    @property
    def is_done(self) -> bool:
        return self.accepted == self.sent


def progress(batch: LedgerBatch) -> list[Progress]:
    """The whole batch first, then its townships; empty for a batch that warned of nobody."""
    places = dict(
        Division.objects.filter(parent=batch.division_id)
        .order_by("code")
        .values_list("path", "name")
    )
    length = min((len(path) for path in places), default=0)
    rows = Finding.objects.filter(ledger_row__batch=batch, origin=Origin.WARNING).order_by()
    counts = {
        "sent": Count("pk"),
        "waiting": Count("pk", filter=Q(state__in=(State.OPEN, State.DISPATCHED))),
        "late": Count("pk", filter=Q(state__in=LIVE_STATES, due_on__lt=clock.today())),
        "answered": Count("pk", filter=Q(state=State.EXPLAINED)),
        "accepted": Count("pk", filter=Q(state=State.WAIVED)),
    }
    whole = rows.aggregate(**counts)
    if not whole["sent"]:
        return []
    by_place = rows.annotate(place=Left("division_path", length)).values_list("place")
    found = {place: numbers for place, *numbers in by_place.annotate(**counts)}
    own = batch.division.path
    listed = [*places.items(), (own, "在册查无此人（县级）")]
    return [
        Progress("合计", "", **whole),
        *(Progress(name, path, *found[path]) for path, name in listed if path in found),
    ]


def of_the_county(user: User) -> QuerySet[Finding]:
    """Warnings about people nobody knows: the county answers."""
    rows = Finding.objects.within(user.scope_for(Permission.WAIVE_FINDINGS))
    return rows.filter(origin=Origin.WARNING, owner_level=OwnerLevel.COUNTY, state=State.DISPATCHED)
