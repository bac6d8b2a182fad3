"""The township passes or returns a change of people, the county confirms where asked; then it happens."""

from django.db import transaction
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households import verbs
from households.choices import label
from households.models import Household, Member, MemberChange
from households.policies.households import may_decide_change
from households.selectors.changes import papers_for
from households.selectors.members import active_elsewhere
from households.services import disputes, standing, telling, writing
from households.services.changes import subject
from households.services.reopening import reopen_collection

Kind, State = MemberChange.Kind, MemberChange.State
NEVER_JOINED = "dec_error"


@transaction.atomic
def pass_on(
    change: MemberChange, *, note: str = "", police_match: str = "", by: User
) -> MemberChange:
    """Pass a change one level on, or let it happen when this was the last level."""
    change = _locked(change)
    may_decide_change(by, change).require()
    _not_by_fields(change).require()
    wanted = papers_for(change.reason, change.household.division_path, change.changed_on)
    to_county = change.state == State.TOWNSHIP and wanted.county
    change.state = State.COUNTY if to_county else State.DONE
    change.police_match = police_match or change.police_match
    _decided(change, note, by)
    record(verbs.CHANGE_PASSED, by=by, on=change, path=change.household.division_path,
           subject=subject(change), note=note)  # fmt: skip
    if change.state == State.DONE:
        _take_effect(change, by)
    done = [change.pk] if change.state == State.DONE else []
    telling.tell([change.household_id], "member", changes=done)
    return change


@transaction.atomic
def send_back(change: MemberChange, *, note: str, by: User) -> MemberChange:
    """Return a change to the village with a reason; the members stand as before and it may be filed anew."""
    change = _locked(change)
    may_decide_change(by, change).require()
    _not_by_fields(change).require()
    if not note.strip():
        Verdict.no(Reason("退回须写明原因", field="note")).require()
    change.state = State.RETURNED
    _decided(change, note, by)
    if change.kind == Kind.INCREASE and change.member:
        _set(change.member, status="decreased", left_reason=NEVER_JOINED)
    else:
        for member in _leaving(change):
            _set(member, status="active")
    record(verbs.CHANGE_RETURNED, by=by, on=change, path=change.household.division_path,
           subject=subject(change), note=note)  # fmt: skip
    telling.tell([change.household_id], "member")
    return change


def _not_by_fields(change: MemberChange) -> Verdict:
    """A correction is decided field by field, on the household's review page."""
    if change.kind != Kind.UPDATE:
        return Verdict.yes()
    url = reverse("households:review", args=[change.household_id])
    return Verdict.no(Reason("信息变更须逐项审核", url=url))


def _locked(change: MemberChange) -> MemberChange:
    Household.objects.select_for_update().get(pk=change.household_id)
    rows = MemberChange.objects.select_for_update(of=("self",))
    return rows.select_related("household", "member").get(pk=change.pk)


def _decided(change: MemberChange, note: str, by: User) -> None:
    change.decided_at, change.decided_by = clock.now(), by
    change.decision_note = "\n".join(part for part in (change.decision_note, note.strip()) if part)
    change.save()


def _leaving(change: MemberChange) -> list[Member]:
    """Who leaves with this change: one member, or everybody."""
    if change.member:
        return [change.member]
    return list(change.household.members.filter(status="pending_out"))


def _set(member: Member, **values: object) -> None:
    for name, value in values.items():
        setattr(member, name, value)
    member.version += 1
    member.updated_at = clock.now()
    writing.save(member, exclude=("household",))


def _take_effect(change: MemberChange, by: User) -> None:
    day = change.changed_on
    gone: list[Member] = []
    if change.kind == Kind.INCREASE and change.member:
        _join(change.member, change, by)
    else:
        gone = _leaving(change)
        for member in gone:
            _set(member, status="decreased", left_on=day, left_reason=change.reason)
            if change.member is None:
                _append_for(member, change)
        if change.member is None:
            _end(change, by)
    record(verbs.CHANGE_EFFECTED, by=by, on=change, path=change.household.division_path,
           subject=subject(change), after={"changed_on": day})  # fmt: skip
    disputes.settle({m.id18 for m in gone}, by=by)
    standing.refresh_members([change.household_id])
    reopen_collection(change.household, by=by)


def _append_for(member: Member, change: MemberChange) -> None:
    """整户减少 names no member: each person who leaves with it has a line of their own, which the tables count."""
    names = ("household", "kind", "reason", "changed_on", "hukou_basis", "note", "state", "made_at",
             "made_by", "decided_at", "decided_by")  # fmt: skip
    copied = {name: getattr(change, name) for name in names}
    MemberChange.objects.create(member=member, **copied)


def _join(member: Member, change: MemberChange, by: User) -> None:
    """The person may have become active elsewhere since the change was filed."""
    reason = active_elsewhere(member.id18, change.household, by)
    Verdict((reason,) if reason else ()).require()
    day = change.changed_on
    _set(member, status="active", joined_on=day, joined_ym=member.joined_ym or f"{day:%Y%m}")


def _end(change: MemberChange, by: User) -> None:
    household = change.household
    household.ended_on = change.changed_on
    household.ended_reason = f"整户减少：{label('change_reason', change.reason)}"
    household.version += 1
    household.updated_at = clock.now()
    household.save()
    record(verbs.HOUSEHOLD_ENDED, by=by, on=household, path=household.division_path,
           after={"ended_on": household.ended_on})  # fmt: skip
    telling.tell([household.pk], "household")
