"""A household gets somebody who helps it, and loses them again (forms.md §1.7)."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of
from households import verbs
from households.models import Helper, Helping, Household
from households.policies import helping as policies
from households.services import telling, writing

IDENTITY = ("name", "phone")


@transaction.atomic
def assign(
    household: Household, *, helper: Mapping[str, Any], start_on: datetime.date, by: User
) -> Helping:
    """Put a household in a helper's care from a day on.

    `helper` has name, sex, political_status, unit, phone. The same name and phone in the township is the same helper,
    whose other facts are corrected by what is given.
    """
    row = Household.objects.select_for_update().get(pk=household.pk)
    policies.may_assign(by, row).require()
    policies.not_later_than_today("帮扶开始时间", start_on, "start_on").require()
    person = _helper(row, helper)
    _not_yet(person, row).require()
    helping = Helping(
        helper=person, household=row, start_on=start_on, recorded_at=clock.now(), recorded_by=by
    )
    writing.save(helping, exclude=("helper", "household", "recorded_by"))
    record(verbs.HELPER_ASSIGNED, by=by, on=helping, path=row.division_path, subject=str(row),
           after={"helper": str(person), "start_on": start_on})  # fmt: skip
    telling.tell([row.pk], "helper")
    return helping


@transaction.atomic
def end(helping: Helping, *, end_on: datetime.date, by: User) -> Helping:
    """The helper no longer helps this household; the row stays."""
    row = Helping.objects.select_for_update(of=("self",)).select_related("helper", "household")
    helping = row.get(pk=helping.pk)
    policies.may_end(by, helping).require()
    policies.not_later_than_today("帮扶结束时间", end_on, "end_on").require()
    if end_on < helping.start_on:
        Verdict.no(
            Reason(f"帮扶结束时间不能早于开始时间（{helping.start_on}）", field="end_on")
        ).require()
    helping.end_on = end_on
    helping.save(update_fields=["end_on"])
    home = helping.household
    record(verbs.HELPER_ENDED, by=by, on=helping, path=home.division_path, subject=str(home),
           after={"helper": str(helping.helper), "end_on": end_on})  # fmt: skip
    telling.tell([home.pk], "helper")
    return helping


def _helper(household: Household, given: Mapping[str, Any]) -> Helper:
    township = Division.objects.get(pk=code_of(household.division_path, "township"))
    same = {name: given[name].strip() for name in IDENTITY}
    found = Helper.objects.select_for_update().filter(division=township, **same).first()
    person = found or Helper(division=township, **same)
    writing.assign(person, writing.differences(person, {**given, **same}))
    writing.save(person, exclude=("division",))
    return person


def _not_yet(person: Helper, household: Household) -> Verdict:
    if Helping.objects.filter(helper=person, household=household, end_on__isnull=True).exists():
        return Verdict.no(Reason(f"{person.name}已在帮扶本户", field="name"))
    return Verdict.yes()
