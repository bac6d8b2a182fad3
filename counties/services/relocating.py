"""Households and posts go to another division; whatever names their place goes along: findings, cases, tasks, helpers.

Called by the services that carry out an adjustment or take one back; they hold its row and have asked its policy.
"""

import datetime
from collections.abc import Mapping, Sequence

from django.db import models

from counties import verbs
from counties.models import DivisionChange, Finding, KeyCheck, MovedPosting, ReconciledItem
from counties.selectors.adjustments import Kind
from fanpin import clock
from fanpin.accounts.models import Posting, User
from fanpin.audit.recording import record
from fanpin.regions.models import Division, Level
from fanpin.regions.scope import code_of
from households.models import Dispute, Helper, Helping, Household, MemberChange
from households.services import telling, writing
from monitoring.models import Application, Case, RiskFlag

Places = Mapping[int, tuple[Division, Division | None]]
"""Household → its village and natural village from now on."""
FOLLOWING: tuple[tuple[type[models.Model], str, str], ...] = (
    (Finding, "household", "division_path"),
    (KeyCheck, "household", "division_path"),
    (ReconciledItem, "household", "division_path"),
    (Case, "household", "division_path"),
    (Application, "household", "division_path"),
    (RiskFlag, "object__household", "division_path"),
    (Dispute, "holder", "holder_path"),
    (Dispute, "change__household", "claimant_path"),
)
"""Rows with a path of their own: the key to the household they follow, and where the path is kept."""
NAMES = ("village", "natural_village", "division_path", "version", "updated_at")


def relocate(
    rows: Sequence[Household], places: Places, *, on: datetime.date, note: str, by: User
) -> None:
    """Put locked households at their places, with a change row each."""
    acts = [_move(row, *places[row.pk], on=on, note=note, by=by) for row in rows]
    Household.objects.bulk_update(rows, NAMES)
    MemberChange.objects.bulk_create(acts)
    by_village: dict[Division, list[int]] = {}
    for row in rows:
        by_village.setdefault(places[row.pk][0], []).append(row.pk)
    for village, ids in by_village.items():
        _take_along(village, ids)
    telling.tell([row.pk for row in rows], "household")


def _move(
    row: Household, village: Division, hamlet: Division | None, *, on: datetime.date, note: str,
    by: User,
) -> MemberChange:  # fmt: skip
    """The household at its new place, and the row that tells where it came from."""
    wanted = {"village": village, "natural_village": hamlet, "division_path": village.path}
    before, after = writing.before_after(writing.differences(row, wanted))
    for name, value in wanted.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = clock.now()
    return MemberChange(
        household=row, kind=MemberChange.Kind.UPDATE, changed_on=on, fields=list(before),
        before=before, after=after, made_at=row.updated_at, made_by=by, note=note,
    )  # fmt: skip


def _take_along(village: Division, ids: Sequence[int]) -> None:
    """What carries the household's path of its own: to-dos stay with whoever works there now."""
    for model, household, path in FOLLOWING:
        rows = model._default_manager.filter(**{f"{household}__in": ids})
        rows.update(**{path: village.path})
    ReconciledItem.objects.filter(household__in=ids).update(place=village)
    for dispute in Dispute.objects.live().filter(holder__in=ids) | Dispute.objects.live().filter(
        change__household__in=ids
    ):
        same = code_of(dispute.holder_path, "township") == code_of(
            dispute.claimant_path, "township"
        )
        Dispute.objects.filter(pk=dispute.pk).update(is_of_one_township=same)
    _helpers(village, ids)


def _helpers(village: Division, ids: Sequence[int]) -> None:
    """A helper is kept by the township: one of the same name and phone stands in the new one."""
    township = village.parent
    assert township is not None
    pairs = Helping.objects.filter(household__in=ids, end_on=None).exclude(
        helper__division=township
    )
    for pair in pairs.select_related("helper"):
        old = pair.helper
        fields = {
            f.name: getattr(old, f.name)
            for f in Helper._meta.concrete_fields
            if f.name not in ("id", "division")
        }
        same = Helper.objects.filter(division=township, name=old.name, phone=old.phone).first()
        pair.helper = same or Helper.objects.create(division=township, **fields)
        pair.save(update_fields=["helper"])


def move_postings(change: DivisionChange, *, by: User) -> None:
    """Posts at a village that ends go to its successor; whoever works a village that loses natural villages to a new
    one works the new one too.
    """
    if change.division.level != Level.VILLAGE or change.target is None:
        return
    here = Posting.objects.filter(division=change.division, until_on=None)
    for posting in here.select_related("user").order_by("pk"):
        if change.kind in (Kind.MERGE, Kind.ABOLISH):
            _opened(change, posting, ends=True, by=by)
        elif change.kind == Kind.SPLIT and change.new_code:
            _opened(change, posting, ends=False, by=by)


def _opened(change: DivisionChange, posting: Posting, *, ends: bool, by: User) -> None:
    assert change.target is not None
    there = Posting.objects.filter(
        user=posting.user, role=posting.role, division=change.target, until_on=None
    )
    opened = None
    if not there.exists():
        opened = Posting.objects.create(
            user=posting.user, role=posting.role, division=change.target,
            department=posting.department, from_on=max(posting.from_on, change.effective_on),
        )  # fmt: skip
    if ends:
        last = change.effective_on - datetime.timedelta(days=1)
        posting.until_on = max(posting.from_on, last)
        posting.save(update_fields=["until_on"])
    MovedPosting.objects.create(adjustment=change, ended=posting if ends else None, opened=opened)
    _record(change, posting, change.target, by)


def return_postings(change: DivisionChange, *, by: User) -> None:
    """The old posts are in force again, the ones that came with the adjustment end."""
    for moved in change.postings.select_related("ended__user", "ended__division", "opened__user"):
        if moved.opened is not None and moved.opened.until_on is None:
            moved.opened.until_on = max(moved.opened.from_on, clock.today())
            moved.opened.save(update_fields=["until_on"])
        if moved.ended is not None:
            moved.ended.until_on = None
            moved.ended.save(update_fields=["until_on"])
            _record(change, moved.ended, moved.ended.division, by)


def _record(change: DivisionChange, posting: Posting, to: Division, by: User) -> None:
    record(
        verbs.POSTING_MOVED, by=by, on=posting, path=change.county.path,
        subject=f"{posting.user.name} {posting.get_role_display()}，{to.name}",
        after={"division": to.pk, "document_no": change.document_no},
    )  # fmt: skip
