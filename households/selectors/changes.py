"""Changes of people: which papers a reason asks for, what waits for whom."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from households.choices import lists
from households.models import Household, Member, MemberChange, PolicyItem
from households.rules.change_reasons import papers
from households.selectors.parameters import policy_items

State = MemberChange.State


@dataclass(frozen=True)
class Papers:
    """What proves a reason. Any one of `kinds` is enough when `required`; `county`: the county confirms as well."""

    text: str
    kinds: tuple[str, ...]
    required: bool
    county: bool
    note: str = ""


def reasons(direction: str) -> list[tuple[str, str]]:
    """The reasons of one direction ("inc_" or "dec_") as choices."""
    return [pair for pair in lists()["change_reason"].items() if pair[0].startswith(direction)]


def papers_by_reason(path: str, on: datetime.date) -> dict[str, Papers]:
    """Reason → papers, from the policy list in force at a place."""
    return {item.code: _papers(item) for item in policy_items("change_document", path, on)}


def papers_for(reason: str, path: str, on: datetime.date) -> Papers:
    """The papers of one reason; a reason the list does not name asks for any one paper."""
    return papers_by_reason(path, on).get(reason, Papers("佐证材料", ("佐证材料",), True, False))


def _papers(item: PolicyItem) -> Papers:
    return Papers(
        text=item.label,
        kinds=tuple(papers(item.label)),
        required="required" in item.flags,
        county="county" in item.flags,
        note=item.note,
    )


def typed_before(household: Household, member: Member | None, asked: str) -> dict[str, Any]:
    """What a returned request had typed, to begin with again; `asked` is the change's number from the address."""
    rows = household.changes.filter(kind="update", member=member, state=State.RETURNED)
    found = rows.filter(pk=int(asked)).first() if asked.isdigit() else None
    return {name: found.after.get(name) for name in found.fields} if found else {}


def waiting_for(user: User) -> QuerySet[MemberChange]:
    """Changes this user may pass or return now: at their level, not their own."""
    township = MemberChange.objects.within(user.scope_for(Permission.REVIEW_CHANGES))
    county = MemberChange.objects.within(user.scope_for(Permission.CONFIRM_CHANGES))
    mine = Q(made_by=user) | Q(decided_by=user)
    rows = township.filter(state=State.TOWNSHIP) | county.filter(state=State.COUNTY)
    waiting = rows.exclude(mine).annotate(waiting_since=Coalesce("decided_at", "made_at"))
    return waiting.select_related("household__village", "member", "made_by")
