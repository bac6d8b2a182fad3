"""Another member becomes head: kinship of everybody is told anew, the household keeps its number (policy.md §6.4)."""

import datetime
from collections.abc import Mapping

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from households import verbs
from households.choices import HEAD
from households.models import Household, Member, MemberChange
from households.policies.changes import heads_are_sound
from households.policies.households import may_change_head
from households.selectors.members import roster
from households.services import standing, telling
from households.services.reopening import reopen_collection


@transaction.atomic
def change_head(
    household: Household,
    *,
    new_head: Member,
    relations: Mapping[int, str],
    note: str = "",
    changed_on: datetime.date | None = None,
    by: User,
) -> Household:
    """Make a member the head. `relations`: member id → kinship to the new head, for everybody else."""
    row = Household.objects.select_for_update().get(pk=household.pk)
    may_change_head(by, row).require()
    people = list(roster(row).select_for_update())
    chosen = next((m for m in people if m.pk == new_head.pk), new_head)
    heads_are_sound(row, chosen, relations).require()
    before = _kinship(people)
    # The old head steps down first: one head at a time is a constraint of the database.
    for member in sorted(people, key=lambda m: m.pk == chosen.pk):
        _relate(member, HEAD if member.pk == chosen.pk else relations[member.pk])
    after = _kinship(people)
    MemberChange.objects.create(
        household=row, member=chosen, kind=MemberChange.Kind.HEAD, fields=["relation"],
        changed_on=changed_on or clock.today(), before=before, after=after, note=note,
        made_at=clock.now(), made_by=by,
    )  # fmt: skip
    record(verbs.HEAD_CHANGED, by=by, on=row, path=row.division_path, before=before, after=after,
           note=note)  # fmt: skip
    standing.refresh_members([row.pk])
    reopen_collection(row, by=by)
    telling.tell([row.pk], "member", "household", "head")
    row.refresh_from_db()
    return row


def _relate(member: Member, relation: str) -> None:
    member.relation = relation
    member.version += 1
    member.updated_at = clock.now()
    member.save(update_fields=["relation", "version", "updated_at"])


def _kinship(people: list[Member]) -> dict[str, str]:
    """Member id → kinship, so that the roster of any day can be told from it."""
    return {str(m.pk): m.relation for m in people}
