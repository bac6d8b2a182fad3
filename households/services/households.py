"""A household enters the register and its own facts change (notice 一(一))."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of
from households import verbs
from households.choices import HEAD
from households.models import Campaign, Collection, Household, MemberChange
from households.policies.households import may_edit_household, may_register
from households.policies.later import later_only_where_on
from households.services import numbering, standing, telling, writing
from households.services.members import draft, enrol
from households.services.reopening import reopen_collection

Kind = MemberChange.Kind
NOT_CLEANED = ("village", "natural_village")


@transaction.atomic
def register(
    *,
    village: Division,
    fields: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    by: User,
) -> Household:
    """Put a household with its members on the register; exactly one member is the head.

    Raises Refused with every reason, or ValidationError by field.
    """
    may_register(by, village).require()
    _one_head(members).require()
    now = clock.now()
    household = Household(
        village=village,
        division_path=village.path,
        county_code=code_of(village.path, "county"),
        created_at=now,
        updated_at=now,
        **fields,
    )
    _check_hamlet(household)
    _only_in_use(household, fields)
    drafts = [draft(household, each, by=by) for each in members]
    household.hh_code = numbering.next_codes(village)[0]
    writing.save(household, exclude=NOT_CLEANED)
    record(
        verbs.HOUSEHOLD_REGISTERED,
        by=by,
        on=household,
        path=village.path,
        subject=household.hh_code,
        after={name: value for name, value in fields.items() if value not in (None, "", [])},
    )
    MemberChange.objects.create(
        household=household, kind=Kind.REGISTER, changed_on=clock.today(), made_at=now, made_by=by
    )
    for member in drafts:
        member.household = household
        enrol(member, joined_on=clock.today(), by=by)
    for campaign in Campaign.objects.filter(is_current=True):
        Collection.objects.create(
            household=household, campaign=campaign, changed_at=now, changed_by=by
        )
    standing.refresh_members([household.pk])
    telling.tell([household.pk], "registered")
    household.refresh_from_db()
    return household


def _one_head(members: Sequence[Mapping[str, Any]]) -> Verdict:
    heads = sum(each.get("relation") == HEAD for each in members)
    if heads == 1:
        return Verdict.yes()
    return Verdict.no("请登记户主" if heads == 0 else "一户只能有一名户主，请核对“与户主关系”")


def _only_in_use(household: Household, fields: Mapping[str, Any]) -> None:
    later_only_where_on(Household, fields, household.division_path).require()


def _check_hamlet(household: Household) -> None:
    hamlet = household.natural_village
    if hamlet is not None and hamlet.parent_id != household.village_id:
        Verdict.no(f"{hamlet.name}不属于{household.village.name}，请重新选择自然村").require()


def _date_location(row: Household, changed: writing.Differences) -> None:
    """New coordinates were taken now unless the form says when (notice 三(三))."""
    if {"longitude", "latitude"} & set(changed) and "location_at" not in changed:
        row.location_at = clock.now() if row.longitude is not None else None
        row.coord_system = row.coord_system or ("wgs84" if row.longitude is not None else "")


@transaction.atomic
def edit(
    household: Household, *, fields: Mapping[str, Any], version: int | None = None, by: User
) -> Household:
    """Correct a household's own facts; raises Conflict with both values when somebody saved since `version`."""
    row = Household.objects.select_for_update(of=("self",)).select_related("village").get(
        pk=household.pk
    )  # fmt: skip
    may_edit_household(by, row).require()
    changed = writing.differences(row, fields)
    writing.refuse_conflict(row, changed, version)
    if not changed:
        return row
    write(row, changed, by=by)
    before, after = writing.before_after(changed)
    MemberChange.objects.create(
        household=row, kind=Kind.UPDATE, changed_on=clock.today(), fields=list(changed),
        before=before, after=after, made_at=clock.now(), made_by=by,
    )  # fmt: skip
    reopen_collection(row, by=by)
    return row


def write(row: Household, changed: writing.Differences, *, by: User) -> None:
    """Write facts into a locked row. The caller has asked the policy and appends the change row."""
    _only_in_use(row, {name: wanted for name, (_stored, wanted) in changed.items()})
    writing.assign(row, changed)
    _check_hamlet(row)
    _date_location(row, changed)
    row.version += 1
    row.updated_at = clock.now()
    writing.save(row, exclude=NOT_CLEANED)
    before, after = writing.before_after(changed)
    record(verbs.HOUSEHOLD_EDITED, by=by, on=row, path=row.division_path,
           before=before, after=after)  # fmt: skip
    telling.tell([row.pk], "household")
