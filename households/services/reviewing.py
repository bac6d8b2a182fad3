"""A reviewer goes through everything that waits for one household, line by line, and decides it in one go.

Accepted lines take effect; refused ones go back to the village as changes of their own, each with its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households import verbs
from households.models import Household, Member, MemberChange
from households.policies.households import may_decide_change
from households.selectors.wording import from_plain, label_of, plain, shown
from households.services import deciding, households, members, telling, writing

Kind, State = MemberChange.Kind, MemberChange.State
Key = tuple[int, str]
"""(change, field); a change of people as a whole has the field ""."""


@dataclass(frozen=True)
class Word:
    """The reviewer's word on one line."""

    accept: bool
    reason: str = ""


@transaction.atomic
def decide(household: Household, *, words: Mapping[Key, Word], by: User) -> tuple[int, int]:
    """Decide every line of the changes named, all or none. Returns (accepted, refused) lines.

    A change that somebody else decided meanwhile refuses the whole and says who was faster.
    """
    household = Household.objects.select_for_update(of=("self",)).select_related("village").get(
        pk=household.pk
    )  # fmt: skip
    ids = sorted({pk for pk, _name in words})
    rows = household.changes.select_for_update(of=("self",)).select_related("member__household")
    changes = list(rows.select_related("decided_by", "household").filter(pk__in=ids).order_by("pk"))
    verdict = Verdict.no("请逐项选择通过或退回") if not words else Verdict.yes()
    for change in changes:
        verdict &= _open(change, by) & _complete(change, words)
    verdict.require()
    with telling.together():
        for change in changes:
            if change.kind == Kind.UPDATE:
                _decide_fields(change, household, words, by)
            else:
                _decide_whole(change, words[change.pk, ""], by)
    accepted = sum(word.accept for word in words.values())
    counts = {"accepted": accepted, "refused": len(words) - accepted}
    record(verbs.LINES_DECIDED, by=by, on=household, path=household.division_path, after=counts)
    return accepted, len(words) - accepted


def lines_of(change: MemberChange) -> list[str]:
    """The fields to decide one by one, or "" for a change of people."""
    return list(change.fields) if change.kind == Kind.UPDATE else [""]


def _open(change: MemberChange, by: User) -> Verdict:
    if change.state in (State.TOWNSHIP, State.COUNTY):
        return may_decide_change(by, change)
    who = change.decided_by.name if change.decided_by else "他人"
    return Verdict.no(
        f"{_who(change)}的变更刚刚已由{who}审核（{change.get_state_display()}），请刷新后核对"
    )


def _who(change: MemberChange) -> str:
    return change.member.name if change.member else str(change.household)


def _complete(change: MemberChange, words: Mapping[Key, Word]) -> Verdict:
    verdict = Verdict.yes()
    for name in lines_of(change):
        word = words.get((change.pk, name))
        what = label_of(_model(change), name) if name else change.get_kind_display()
        field = f"line_{change.pk}_{name}"
        if word is None:
            verdict &= Verdict.no(
                Reason(f"{_who(change)}“{what}”还没有选择通过或退回", field=field)
            )
        elif not word.accept and not word.reason.strip():
            verdict &= Verdict.no(Reason(f"退回{_who(change)}“{what}”须写明原因", field=field))
    return verdict


def _model(change: MemberChange) -> type[Household] | type[Member]:
    return Member if change.member_id else Household


def _decide_whole(change: MemberChange, word: Word, by: User) -> None:
    if word.accept:
        deciding.pass_on(change, note=word.reason, by=by)
    else:
        deciding.send_back(change, note=word.reason, by=by)


def _decide_fields(
    change: MemberChange, household: Household, words: Mapping[Key, Word], by: User
) -> None:
    refused = [name for name in change.fields if not words[change.pk, name].accept]
    accepted = [name for name in change.fields if name not in refused]
    if accepted:
        for name in refused:
            _return(change, name, words[change.pk, name].reason, by)
        _apply(change, household, accepted, by)
        return
    notes = [f"{label_of(_model(change), n)}：{words[change.pk, n].reason}" for n in refused]
    change.state, change.decision_note = State.RETURNED, "\n".join(notes)
    _decided(change, by)


def _apply(change: MemberChange, household: Household, names: list[str], by: User) -> None:
    """The accepted fields become the register's; the change keeps those, and what followed from them."""
    row: Household | Member = household
    if change.member_id is not None:
        row = Member.objects.select_for_update(of=("self",)).select_related("household").get(
            pk=change.member_id
        )  # fmt: skip
    _unchanged_since(change, row, names).require()
    fields = {field.name: field for field in row._meta.concrete_fields}
    wanted = {name: from_plain(fields[name], change.after[name]) for name in names}
    changed = writing.differences(row, wanted)
    if isinstance(row, Member):
        changed = members.write(row, changed, by=by)
    else:
        households.write(row, changed, by=by)
    change.before, change.after = writing.before_after(changed)
    change.fields, change.state, change.changed_on = list(changed), State.DONE, clock.today()
    _decided(change, by)


def _unchanged_since(change: MemberChange, row: Household | Member, names: list[str]) -> Verdict:
    """A field somebody edited after the filing is not overwritten by what was decided on the old value."""
    model, verdict = _model(change), Verdict.yes()
    for name in names:
        now = getattr(row, name)
        if plain(now) != change.before.get(name):
            verdict &= Verdict.no(
                Reason(
                    f"{_who(change)}“{label_of(model, name)}”在申报后已改为“{shown(model, name, now)}”，"
                    "请退回这一项",
                    field=f"line_{change.pk}_{name}",
                )
            )
    return verdict


def _return(change: MemberChange, name: str, reason: str, by: User) -> None:
    """One refused field as a returned change of its own: the village sees what it typed and why not."""
    MemberChange.objects.create(
        household=change.household, member=change.member, kind=Kind.UPDATE, note=change.note,
        changed_on=change.changed_on, fields=[name], state=State.RETURNED,
        before={name: change.before.get(name)}, after={name: change.after[name]},
        made_at=change.made_at, made_by=change.made_by, decided_at=clock.now(), decided_by=by,
        decision_note=reason.strip(),
    )  # fmt: skip


def _decided(change: MemberChange, by: User) -> None:
    change.decided_at, change.decided_by = clock.now(), by
    change.save()
