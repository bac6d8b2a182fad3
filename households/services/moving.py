"""People go from one household's roster to another's in a split or merge: the old row stays, a new one goes on.

Called by services that hold both households' locks and have asked their policies.
"""

import datetime
from dataclasses import dataclass

from fanpin import clock
from fanpin.accounts.models import User
from households.choices import label
from households.models import Campaign, Collection, Household, Member, MemberChange
from households.models.sheet import Classification
from households.services import numbering, standing, writing

Kind = MemberChange.Kind
KEPT_BY_A_NEW_HOUSEHOLD = (
    "address_detail", "hukou_address", "is_martyr_family", "in_resettlement_site",
    "resettlement_site",
)  # fmt: skip
NOT_COPIED = ("id", "household", "status", "joined_on", "left_on", "left_reason", "version")


@dataclass(frozen=True)
class Act:
    """The split or merge under which people move."""

    kind: str
    on: datetime.date
    made_by: User
    made_at: datetime.datetime
    decided_by: User
    note: str = ""


def found_household(parent: Household, *, hh_type: str, act: Act) -> Household:
    """The new household of a split: a number of its own, the place and the poverty records of the old one. Land, house
    and income are to be collected anew.
    """
    now = clock.now()
    names = [f.name for f in Classification._meta.get_fields()]
    copied = {name: getattr(parent, name) for name in (*KEPT_BY_A_NEW_HOUSEHOLD, *names)}
    household = Household(
        village=parent.village,
        natural_village=parent.natural_village,
        division_path=parent.division_path,
        county_code=parent.county_code,
        created_at=now,
        updated_at=now,
        **{**copied, "hh_type": hh_type},
    )
    household.hh_code = numbering.next_codes(parent.village)[0]
    writing.save(household, exclude=("village", "natural_village"))
    for campaign in Campaign.objects.filter(is_current=True):
        Collection.objects.create(
            household=household, campaign=campaign, changed_at=now, changed_by=act.decided_by
        )
    return household


def relate(member: Member, relation: str) -> None:
    """A new kinship to the head of the member's household."""
    if member.relation == relation:
        return
    member.relation = relation
    member.version += 1
    member.updated_at = clock.now()
    member.save(update_fields=["relation", "version", "updated_at"])


def leave(member: Member, *, to: Household, act: Act) -> None:
    """Off this roster; the row stays as history."""
    member.status, member.left_on, member.left_reason = "decreased", act.on, act.kind
    member.version += 1
    member.updated_at = clock.now()
    member.save()
    _append(member, Kind.DECREASE, other=to, act=act)


def arrive(member: Member, *, at: Household, relation: str, act: Act) -> Member:
    """The same person on the other roster, with everything known. Their old row must have left before."""
    fields = {
        field.name: getattr(member, field.name)
        for field in Member._meta.concrete_fields
        if field.name not in NOT_COPIED
    }
    fields |= {"relation": relation, "county_code": at.county_code, "updated_at": clock.now()}
    row = Member(household=at, status="active", joined_on=act.on, **fields)
    writing.save(row, exclude=("household",))
    _append(row, Kind.INCREASE, other=member.household, act=act)
    return row


def _append(member: Member, kind: str, *, other: Household, act: Act) -> None:
    MemberChange.objects.create(
        household=member.household, member=member, kind=kind, reason=act.kind, changed_on=act.on,
        hukou_basis="police", counter_hh_code=other.hh_code, note=act.note, made_at=act.made_at,
        made_by=act.made_by, decided_at=clock.now(), decided_by=act.decided_by,
    )  # fmt: skip


def tell_kinships(
    household: Household, before: dict[int, str], *, new_head: Member | None, act: Act
) -> None:
    """The kinships that changed on a roster that stays, as one line of its history. `before`: member id → code."""
    people = {m.pk: m for m in household.members.filter(pk__in=before)}
    changed = {pk: code for pk, code in before.items() if people[pk].relation != code}
    if not changed:
        return
    MemberChange.objects.create(
        household=household, member=new_head, kind=Kind.HEAD, fields=["relation"],
        changed_on=act.on, before={str(pk): code for pk, code in changed.items()},
        after={str(pk): people[pk].relation for pk in changed},
        note=label("change_reason", act.kind), made_at=clock.now(), made_by=act.decided_by,
    )  # fmt: skip


def note_on(household: Household, *, other: Household, act: Act) -> None:
    """The line of the household itself: 分户 or 并户, and with whom."""
    MemberChange.objects.create(
        household=household, kind=act.kind, reason=act.kind, changed_on=act.on,
        counter_hh_code=other.hh_code, note=act.note, made_at=act.made_at, made_by=act.made_by,
        decided_at=clock.now(), decided_by=act.decided_by,
    )  # fmt: skip


def end_into(household: Household, survivor: Household, *, act: Act) -> None:
    """并户: the household is no more; its people live on under the survivor's number."""
    household.ended_on = act.on
    household.ended_reason = f"并户：并入{survivor.hh_code}"
    household.version += 1
    household.updated_at = clock.now()
    household.save()


def recount(*households: Household) -> None:
    standing.refresh_members([household.pk for household in households])
    for household in households:
        household.refresh_from_db()
