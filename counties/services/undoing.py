"""An adjustment of divisions is taken back: households and posts return, ended divisions are in use again.

Refused with every reason where later work stands on it (counties.policies.adjustments.may_undo).
"""

from django.db import transaction

from counties import verbs
from counties.models import DivisionChange
from counties.policies import adjustments as policies
from counties.selectors import adjustments as selectors
from counties.selectors.adjustments import Kind
from counties.services import relocating
from counties.services.adjustments import CHUNK, locked, note, rename
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.jobs import enqueue
from fanpin.regions.models import Division
from households.models import Household

State = DivisionChange.State


@transaction.atomic
def start(change: DivisionChange, *, by: User) -> DivisionChange:
    """Take it back in the worker. The old divisions open first, so that households have where to return to."""
    change = locked(change)
    if change.state == State.UNDOING and change.job is not None and change.job.is_active:
        return change
    policies.may_undo(by, change).require()
    _reopen(change)
    change.state = State.UNDOING
    change.job = enqueue(
        "counties.undo_adjustment", by=by, params={"change": change.pk, "user": by.pk},
        path=change.county.path, label=f"撤回区划调整：{change}",
    )  # fmt: skip
    change.save(update_fields=["state", "job"])
    return change


def _reopen(change: DivisionChange) -> None:
    division = change.division
    if change.kind in (Kind.MERGE, Kind.ABOLISH):
        division.valid_until = division.successor = None
        division.save(update_fields=["valid_until", "successor"])
    if change.kind == Kind.RENAME:
        rename(division, change.old_name)


@transaction.atomic
def return_next(change: DivisionChange, *, by: User) -> int:
    """Return the next chunk of households; 0 when all stand where they stood."""
    change = locked(change)
    moved = selectors.to_return(change).select_related("village", "natural_village")[:CHUNK]
    places = {row.household_id: (row.village, row.natural_village) for row in moved}
    if not places:
        return 0
    rows = list(
        Household.objects.select_for_update(of=("self",)).filter(pk__in=places).order_by("pk")
    )
    text = f"撤回区划调整：{change.document_no}"
    relocating.relocate(rows, places, on=clock.today(), note=text, by=by)
    return len(rows)


@transaction.atomic
def finish(change: DivisionChange, *, by: User) -> DivisionChange:
    """What the adjustment made ends, what it ended is in use, the posts are back."""
    change = locked(change)
    if change.state == State.UNDONE:
        return change
    for hamlet in Division.objects.filter(
        parent=change.division, successor__isnull=False
    ).select_related("successor"):
        if hamlet.successor is not None and hamlet.successor.parent_id != change.division_id:
            _end(hamlet.successor)
            hamlet.valid_until = hamlet.successor = None
            hamlet.save(update_fields=["valid_until", "successor"])
    if change.kind == Kind.SPLIT and change.new_code and change.target is not None:
        _end(change.target)
    relocating.return_postings(change, by=by)
    change.state, change.undone_at, change.undone_by = State.UNDONE, clock.now(), by
    change.save(update_fields=["state", "undone_at", "undone_by"])
    note(verbs.DIVISION_UNDONE, change, by)
    return change


def _end(division: Division) -> None:
    division.valid_until = policies.after(division.valid_from)
    division.save(update_fields=["valid_until"])
