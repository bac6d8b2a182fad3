"""One member's facts: enrolled when a household is registered or somebody joins, edited afterwards."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Refused, Verdict
from fanpin.audit.recording import record
from households import verbs
from households.choices import HEAD
from households.models import Household, Member, MemberChange
from households.policies.households import may_edit_member
from households.policies.later import later_only_where_on
from households.selectors.members import active_elsewhere, active_in_this_household
from households.services import disputes, people, standing, telling, writing
from households.services.reopening import reopen_collection

Kind = MemberChange.Kind


def draft(
    household: Household, fields: Mapping[str, Any], *, by: User, disputed: bool = False
) -> Member:
    """A new member of a household, checked but not saved; raises every problem by field.

    `disputed`: the person may stand in another household, both villages look into it.
    """
    member = Member(household=household, county_code=household.county_code, **fields)
    later_only_where_on(Member, fields, household.division_path).require()
    problems: dict[str, Any] = {}
    for step in (people.require_basics, lambda m: people.take_identity(m, strict=True)):
        try:
            step(member)
        except ValidationError as wrong:
            problems |= wrong.error_dict
    if problems:
        raise ValidationError(problems)
    people.take_place_of_work(member, household)
    known = household if household.pk else None
    reasons = [] if disputed else [active_elsewhere(member.id18, known, by)]
    if known:
        reasons.append(active_in_this_household(member.id18, known))
    Verdict(tuple(reason for reason in reasons if reason)).require()
    member.updated_at = clock.now()
    return member


def enrol(member: Member, *, joined_on: datetime.date, by: User, note: str = "") -> MemberChange:
    """Save a drafted member as active, with change row and audit. The caller holds the household's lock."""
    member.status = "active"
    member.joined_on = joined_on
    member.joined_ym = member.joined_ym or f"{joined_on:%Y%m}"
    writing.save(member, exclude=("household",))
    record(
        verbs.MEMBER_REGISTERED,
        by=by,
        on=member,
        path=member.household.division_path,
        after={"name": member.name, "id_no": member.id_no, "relation": member.relation},
    )
    return MemberChange.objects.create(
        household=member.household,
        member=member,
        kind=Kind.REGISTER,
        changed_on=joined_on,
        made_at=clock.now(),
        made_by=by,
        note=note,
    )


@transaction.atomic
def edit(
    member: Member, *, fields: Mapping[str, Any], version: int | None = None, by: User
) -> Member:
    """Correct a member's facts. Relation to and from head goes through `changes.change_head`.

    Raises Conflict with both values when somebody else saved since `version`.
    """
    Household.objects.select_for_update().get(pk=member.household_id)
    row = (
        Member.objects.select_for_update(of=("self",)).select_related("household").get(pk=member.pk)
    )
    may_edit_member(by, row).require()
    changed = writing.differences(row, fields)
    refuse_head_swap(changed)
    writing.refuse_conflict(row, changed, version)
    if not changed:
        return row
    _append(row, write(row, changed, by=by), by)
    reopen_collection(row.household, by=by)
    return row


def write(row: Member, changed: writing.Differences, *, by: User) -> writing.Differences:
    """Write facts into a locked row; returns all that changed, with what number and workplace say by themselves.

    The caller has asked the policy and appends the change row.
    """
    given = {name: wanted for name, (_stored, wanted) in changed.items()}
    later_only_where_on(Member, given, row.household.division_path).require()
    refuse_head_swap(changed)
    stored = {field.name: getattr(row, field.name) for field in Member._meta.concrete_fields}
    writing.assign(row, changed)
    people.require_basics(row)
    people.take_identity(row, strict="id_no" in changed or "id_type" in changed)
    people.take_place_of_work(row, row.household)
    if row.id18 != stored["id18"]:
        reason = active_elsewhere(row.id18, row.household, by)
        Verdict((reason,) if reason else ()).require()
    numbers = {row.id18, stored["id18"]} if row.id18 != stored["id18"] else set()
    derived = {
        name: (stored[name], getattr(row, name))
        for name in stored
        if name != "household" and stored[name] != getattr(row, name)
    }
    row.version += 1
    row.updated_at = clock.now()
    writing.save(row, exclude=("household",))
    before, after = writing.before_after(derived)
    record(verbs.MEMBER_EDITED, by=by, on=row, path=row.household.division_path,
           before=before, after=after)  # fmt: skip
    disputes.settle(numbers, by=by)
    standing.refresh_members([row.household_id])
    telling.tell([row.household_id], "member")
    return derived


def refuse_head_swap(changed: writing.Differences) -> None:
    if "relation" in changed and HEAD in changed["relation"]:
        raise Refused((Reason("户主关系须通过“变更户主”办理，不能直接修改", field="relation"),))


def _append(row: Member, changed: writing.Differences, by: User) -> None:
    before, after = writing.before_after(changed)
    MemberChange.objects.create(
        household=row.household,
        member=row,
        kind=Kind.UPDATE,
        changed_on=clock.today(),
        fields=list(changed),
        before=before,
        after=after,
        made_at=clock.now(),
        made_by=by,
    )


@transaction.atomic
def show_number(member: Member, *, reason: str, by: User) -> str:
    """The full identity number, an act with a reason that stays in the audit (policy.md Appendix B)."""
    record(
        verbs.NUMBER_SHOWN,
        by=by,
        on=member,
        path=member.household.division_path,
        note=reason,
    )
    return member.id_no
