"""The village asks for a correction that the township decides field by field (policy.md §6.3).

The facts stay as they are until then; what is refused goes back to the village with its reason.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from households import verbs
from households.models import Household, Member, MemberChange
from households.policies.households import may_edit_household, may_edit_member
from households.services import members, telling, writing

Kind, State = MemberChange.Kind, MemberChange.State


@transaction.atomic
def request_edit(
    subject: Household | Member, *, fields: Mapping[str, Any], note: str = "", by: User
) -> MemberChange:
    """File the fields that differ. One request per person or household waits at a time."""
    household_id = subject.pk if isinstance(subject, Household) else subject.household_id
    household = Household.objects.select_for_update().get(pk=household_id)
    member: Member | None = None
    if isinstance(subject, Member):
        member = Member.objects.select_related("household").get(pk=subject.pk)
        verdict = may_edit_member(by, member)
    else:
        verdict = may_edit_household(by, household)
    changed = writing.differences(member or household, fields)
    if not changed:
        verdict &= Verdict.no("没有改动，不需要申报")
    if _waiting(household, member):
        verdict &= Verdict.no("已有一份信息变更待审核，审核后再申报")
    verdict.require()
    if member is not None:
        members.refuse_head_swap(changed)
    before, after = writing.before_after(changed)
    change = MemberChange.objects.create(
        household=household, member=member, kind=Kind.UPDATE, changed_on=clock.today(),
        fields=list(changed), before=before, after=after, note=note, state=State.TOWNSHIP,
        made_at=clock.now(), made_by=by,
    )  # fmt: skip
    who = member.name if member else str(household)
    record(verbs.CHANGE_FILED, by=by, on=change, path=household.division_path,
           subject=f"{who} 信息变更", after={"fields": list(changed)})  # fmt: skip
    telling.tell([household.pk], "member")
    return change


def _waiting(household: Household, member: Member | None) -> bool:
    rows = household.changes.filter(kind=Kind.UPDATE, member=member)
    return rows.filter(state__in=(State.TOWNSHIP, State.COUNTY)).exists()
