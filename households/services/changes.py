"""People join and leave a household: filed by the village, passed by the township, confirmed by the county where asked.

A filed increase is a member that waits to join; a filed decrease a member that waits to leave and still counts. Both
take effect when the last level passes, dated with the day of the event (policy.md §6.3).
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.files.storing import store
from households import verbs
from households.choices import label
from households.models import Household, Member, MemberChange, MemberChangeDocument
from households.policies import changes as policy
from households.policies.households import may_end, may_file_change
from households.rules.change_reasons import basis_of
from households.selectors.members import standing_elsewhere
from households.services import disputes, members, telling, writing

Kind, State = MemberChange.Kind, MemberChange.State
Papers = Sequence[tuple[str, UploadedFile]]
"""(name of the paper, file), for example ("死亡医学证明", upload)."""


@transaction.atomic
def increase(
    household: Household,
    *,
    reason: str,
    changed_on: datetime.date,
    fields: Mapping[str, Any],
    documents: Papers,
    hukou_basis: str = "",
    counter_hh_code: str = "",
    note: str = "",
    ledger_line: str = "",
    dispute: bool = False,
    by: User,
) -> MemberChange:
    """Report that somebody joined; `fields` are the new member's. Returns the change that waits for the township.

    `dispute`: should the person stand in another household, that village is asked and the change waits for it.
    """
    household = _locked(household)
    may_file_change(by, household).require()
    verdict = policy.increase_is_sound(household, reason, changed_on, fields, counter_hh_code)
    verdict &= policy.papers_are_there(
        household, reason, changed_on, [kind for kind, _ in documents], ledger_line
    )
    verdict.require()
    member = members.draft(household, fields, by=by, disputed=dispute)
    other = standing_elsewhere(member.id18, household)
    member.status = "pending_in"
    writing.save(member, exclude=("household",))
    change = _file(
        MemberChange(
            household=household,
            member=member,
            kind=Kind.INCREASE,
            reason=reason,
            changed_on=changed_on,
            hukou_basis=hukou_basis or basis_of(reason),
            counter_hh_code=counter_hh_code,
            note=note,
            ledger_line=ledger_line,
            police_match="match" if ledger_line else "",
        ),
        documents,
        by,
        state=State.CHECKING if other else State.TOWNSHIP,
    )
    if other is not None:
        disputes.ask(change, other, by=by)
    return change


@transaction.atomic
def decrease(
    member: Member,
    *,
    reason: str,
    changed_on: datetime.date,
    documents: Papers,
    hukou_basis: str = "",
    counter_hh_code: str = "",
    note: str = "",
    ledger_line: str = "",
    by: User,
) -> MemberChange:
    """Report that somebody left. Refuses the head, the last member, a future day, missing papers (policy.md §6.3)."""
    household = _locked(member.household)
    member = Member.objects.select_for_update().get(pk=member.pk)
    member.household = household
    may_file_change(by, household).require()
    verdict = policy.decrease_is_sound(member, reason, changed_on)
    verdict &= policy.papers_are_there(
        household, reason, changed_on, [kind for kind, _ in documents], ledger_line
    )
    verdict.require()
    _set_status(member, "pending_out")
    return _file(
        MemberChange(
            household=household,
            member=member,
            kind=Kind.DECREASE,
            reason=reason,
            changed_on=changed_on,
            hukou_basis=hukou_basis or basis_of(reason),
            counter_hh_code=counter_hh_code,
            note=note,
            ledger_line=ledger_line,
            police_match="match" if ledger_line else "",
        ),
        documents,
        by,
    )


@transaction.atomic
def end_household(
    household: Household,
    *,
    reason: str,
    changed_on: datetime.date,
    documents: Papers,
    note: str = "",
    by: User,
) -> MemberChange:
    """Report 整户减少: everybody is gone. The change names no member; passing it ends the household."""
    household = _locked(household)
    may_end(by, household).require()
    verdict = policy.departure_is_sound(reason, changed_on)
    verdict &= policy.papers_are_there(
        household, reason, changed_on, [kind for kind, _ in documents]
    )
    verdict.require()
    for member in household.members.select_for_update().filter(status="active"):
        _set_status(member, "pending_out")
    change = MemberChange(
        household=household,
        kind=Kind.DECREASE,
        reason=reason,
        changed_on=changed_on,
        hukou_basis=basis_of(reason),
        note=note,
    )
    return _file(change, documents, by)


def _locked(household: Household) -> Household:
    return Household.objects.select_for_update().get(pk=household.pk)


def _set_status(member: Member, status: str) -> None:
    member.status = status
    member.updated_at = clock.now()
    member.version += 1
    member.save()


def _file(
    change: MemberChange, documents: Papers, by: User, *, state: str = State.TOWNSHIP
) -> MemberChange:
    """Save the change for the township, or for the other village, with its papers."""
    change.state = state
    change.made_at, change.made_by = clock.now(), by
    change.save()
    for kind, upload in documents:
        store(MemberChangeDocument, upload, by=by, change=change, kind=kind[:60])
    record(
        verbs.CHANGE_FILED,
        by=by,
        on=change,
        path=change.household.division_path,
        subject=subject(change),
        after={"reason": label("change_reason", change.reason), "changed_on": change.changed_on},
    )
    telling.tell([change.household_id], "member")
    return change


def subject(change: MemberChange) -> str:
    """张三 死亡; or the whole household."""
    who = change.member.name if change.member else f"{change.household}（整户）"
    return f"{who} {label('change_reason', change.reason)}"


@transaction.atomic
def open_document(document: MemberChangeDocument, *, by: User) -> MemberChangeDocument:
    """Somebody looks at a paper: it names a person, so the look is kept."""
    change = document.change
    record(
        verbs.DOCUMENT_OPENED,
        by=by,
        on=document,
        path=change.household.division_path,
        subject=f"{subject(change)}：{document.kind}",
    )
    return document
