"""两村核对: which ones somebody sees, and which wait for them."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division
from fanpin.regions.scope import path_to
from households.models import Dispute

_WITH = ("change__household", "change__member", "holder", "member", "opened_by", "answered_by",
         "decided_by")  # fmt: skip


def listed(user: User) -> QuerySet[Dispute]:
    """Every one that touches the user's places."""
    rows: QuerySet[Dispute] = Dispute.objects.within(user.scope_for(Permission.VIEW_HOUSEHOLDS))
    return rows.select_related(*_WITH)


def to_answer(user: User) -> QuerySet[Dispute]:
    """Those whose person stands in one of the user's villages: to answer, or to file the decrease."""
    condition = Q(pk__in=[])
    for path in user.scope_for(Permission.EDIT_HOUSEHOLDS).paths:
        condition |= Q(holder_path__startswith=path)
    return listed(user).filter(condition, state__in=("asked", "leaving"))


def to_decide(user: User) -> QuerySet[Dispute]:
    """Those on which the villages disagree or nobody answered in time."""
    ripe = Q(state="stays") | Q(state="asked", due_on__lt=clock.today())
    condition = Q(pk__in=[])
    for path in user.scope_for(Permission.REVIEW_CHANGES).paths:
        condition |= Q(holder_path__startswith=path, is_of_one_township=True)
    for path in user.scope_for(Permission.CONFIRM_CHANGES).paths:
        condition |= Q(holder_path__startswith=path, is_of_one_township=False)
    return listed(user).filter(ripe & condition)


def villages_of(rows: Iterable[Dispute]) -> dict[str, str]:
    """Path of a side → its village in full, for a list of them in one query."""
    places = {path for row in rows for path in (row.claimant_path, row.holder_path)}
    villages = {path: path_to(path, "village") for path in places}
    found = Division.objects.filter(path__in=set(villages.values()))
    names = dict(found.values_list("path", "full_name"))
    return {path: names.get(village, "") for path, village in villages.items()}


def village_of(path: str) -> str:
    """The village a side lies in: all that the other side may know of it."""
    found = Division.objects.filter(path=path_to(path, "village")).values_list(
        "full_name", flat=True
    )
    return found.first() or ""
