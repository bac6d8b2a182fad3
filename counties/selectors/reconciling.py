"""对账 as a user may see it: a run of one's own place or of the county above it, with the rows of one's own place."""

from django.db.models import Q, QuerySet

from counties.models import ReconciledItem, Reconciliation
from fanpin.accounts.models import User
from fanpin.regions.models import Division, Level

MOST_PLACES = 600


def runs(user: User) -> QuerySet[Reconciliation]:
    """Runs that lie in the user's scope or around it, newest first."""
    scope = user.scope
    if not scope.paths:
        return Reconciliation.objects.none()
    near = Q()
    for path in scope.paths:
        codes = [code for code in path.split("/") if code]
        near |= Q(division__path__startswith=path) | Q(division_id__in=codes)
    return Reconciliation.objects.filter(near).select_related("division", "started_by", "job")


def items(run: Reconciliation, user: User) -> QuerySet[ReconciledItem]:
    """The rows of a run that lie in the user's scope."""
    found: QuerySet[ReconciledItem] = ReconciledItem.objects.filter(run=run).within(user.scope)
    return found


def sees_all(run: Reconciliation, user: User) -> bool:
    return user.scope.covers(run.division.path)


def places(run: Reconciliation, user: User) -> list[tuple[str, str]]:
    """(path, name) of the townships and villages of a run that the user sees, villages indented."""
    path = run.division.path
    scope = user.scope.narrowed(path)
    rows = Division.objects.within(scope).filter(
        level__in=(Level.TOWNSHIP, Level.VILLAGE), valid_until__isnull=True
    )
    return [
        (path, name if level == Level.TOWNSHIP else f"　{name}")
        for path, name, level in rows.order_by("path").values_list("path", "name", "level")[
            :MOST_PLACES
        ]
    ]
