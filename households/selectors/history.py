"""Who a household was on a day: today's rows with every later change taken back (policy.md §6.1)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from households.choices import HEAD, lists
from households.models import Household, Member, MemberChange
from households.selectors.members import COUNTED
from households.selectors.wording import from_plain

Kind = MemberChange.Kind
# Acts that bring a person to a household or take one away; undone, the person was not, or still, there.
LEAVING = (Kind.DECREASE,)
MOVES = (*LEAVING, Kind.INCREASE, Kind.REGISTER)


@dataclass(frozen=True)
class PastMember:
    """One person as of the day. `changed`: field → today's value, where it differs."""

    member: Member
    changed: dict[str, Any]
    gone_since: bool


@dataclass(frozen=True)
class Past:
    """A household as of a day. `came_since`: who is on today's roster but was not then."""

    on: datetime.date
    household: Household
    changed: dict[str, Any]
    people: list[PastMember]
    came_since: list[Member]
    acts: list[MemberChange]

    @property
    def differs(self) -> bool:
        people = any(p.changed or p.gone_since for p in self.people)
        return bool(self.changed or people or self.came_since)


def as_of(household: Household, on: datetime.date) -> Past:
    """The household at the end of a day, as unsaved copies; what happened since stands in `acts`, newest first.

    Who was registered with the household counts from the day it was registered; a change of people counts from the day
    of the event, a correction of facts from the day it was made.
    """
    acts = list(
        household.changes.filter(changed_on__gt=on, state=MemberChange.State.DONE)
        .select_related("member", "made_by")
        .order_by("-made_at", "-pk")
    )
    now_people = {m.pk: m for m in household.members.all()}
    past_home = Household.objects.select_related("village", "natural_village").get(pk=household.pk)
    past_people = {m.pk: m for m in household.members.all()}
    for act in acts:
        _take_back(act, past_home, past_people)
    there = [m for m in past_people.values() if _on_roster(m, on)]
    there.sort(key=lambda m: (m.relation != HEAD, m.pk))
    ids = {m.pk for m in there}
    return Past(
        on=on,
        household=past_home,
        changed=_differing(past_home, household, _named(acts, None)),
        people=[_person(m, now_people[m.pk], acts) for m in there],
        came_since=[m for m in now_people.values() if m.status in COUNTED and m.pk not in ids],
        acts=acts,
    )


def known_at(household: Household, moment: datetime.datetime) -> tuple[Household, list[Member]]:
    """What the register said at a moment: the household and its roster, head first, as unsaved copies.

    Unlike `as_of`, what was entered later about an earlier day is taken back too: a paper prints what was known.
    """
    acts = [
        act
        for act in household.changes.filter(state=MemberChange.State.DONE).select_related("member")
        if (act.decided_at or act.made_at) > moment
    ]
    acts.sort(key=lambda act: (act.decided_at or act.made_at, act.pk), reverse=True)
    home = Household.objects.select_related("village__parent", "natural_village").get(
        pk=household.pk
    )
    people = {member.pk: member for member in household.members.all()}
    on_roster = {pk: member.status in COUNTED for pk, member in people.items()}
    for act in acts:
        _take_back(act, home, people)
        if act.member_id in on_roster and act.kind in MOVES:
            on_roster[act.member_id] = act.kind in LEAVING
    there = [member for pk, member in people.items() if on_roster[pk]]
    there.sort(key=lambda member: (member.relation != HEAD, member.pk))
    home.head_name = there[0].name if there else home.head_name
    home.family_size = len(there)
    return home, there


def _on_roster(member: Member, on: datetime.date) -> bool:
    if member.joined_on is None or member.joined_on > on:
        return False
    if member.status in COUNTED:
        return True
    return member.status == "decreased" and member.left_on is not None and member.left_on > on


def _person(past: Member, now: Member, acts: list[MemberChange]) -> PastMember:
    gone = now.status not in COUNTED
    return PastMember(past, _differing(past, now, _named(acts, now.pk)), gone)


def _named(acts: Iterable[MemberChange], member_id: int | None) -> set[str]:
    """The fields that changes of the period speak of."""
    names: set[str] = set()
    for act in acts:
        if act.kind == Kind.HEAD:
            names |= {"relation"} if member_id is not None else set()
        elif act.member_id == member_id:
            names |= set(act.fields)
    return names


def _differing(past: models.Model, now: models.Model, names: set[str]) -> dict[str, Any]:
    held = {field.name for field in past._meta.concrete_fields}
    return {
        name: getattr(now, name)
        for name in sorted(names & held)
        if getattr(past, name) != getattr(now, name)
    }


def _take_back(act: MemberChange, household: Household, people: dict[int, Member]) -> None:
    if act.kind == Kind.HEAD:
        for pk, code in act.before.items():
            member = people.get(int(pk)) if pk.isdigit() else None
            if member is not None and code in lists()["relation_to_head"]:
                member.relation = code
        return
    row = household if act.member_id is None else people.get(act.member_id)
    if row is None:
        return
    fields = {field.name: field for field in row._meta.concrete_fields}
    for name in act.fields:
        if name in fields and name in act.before:
            setattr(row, name, from_plain(fields[name], act.before[name]))
