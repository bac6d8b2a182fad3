"""Two villages and one person: asked by the one, answered by the other, decided above both when they disagree.

The increase waits and goes on to the township as soon as the person stands nowhere else; who releases them does it by
an ordinary decrease, a corrected number or the end of the household (policy.md §6.1, §6.3).
"""

import datetime
from collections.abc import Iterable

from django.db import IntegrityError, transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.regions.scope import path_to
from households import verbs
from households.models import Dispute, Member, MemberChange
from households.policies import disputes as policies
from households.selectors.members import standing_elsewhere
from households.selectors.parameters import parameter
from households.services import telling

State, Answer = Dispute.State, Dispute.Answer
NEVER_JOINED = "dec_error"


def ask(change: MemberChange, other: Member, *, by: User) -> Dispute:
    """One task for both villages; the caller has filed the increase and holds its household."""
    assert other.id18 is not None
    holder, claimant = other.household, change.household
    row = Dispute(
        change=change, holder=holder, member=other, id18=other.id18, note=change.note,
        claimant_path=claimant.division_path, holder_path=holder.division_path,
        is_of_one_township=_township(holder.division_path) == _township(claimant.division_path),
        due_on=_due(holder.division_path), opened_at=clock.now(), opened_by=by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        Verdict.no(Reason("该人员已提请两村核对，请等待结果", field="id_no")).require()
    for path in (claimant.division_path, holder.division_path):
        record(verbs.DISPUTE_OPENED, by=by, on=row, path=path, after={"due_on": row.due_on})
    return row


def _township(path: str) -> str:
    return path_to(path, "township")


def _due(path: str) -> datetime.date:
    days = parameter("dispute_days", path, clock.today())
    return clock.today() + datetime.timedelta(days=days)


def _locked(dispute: Dispute) -> Dispute:
    rows = Dispute.objects.select_for_update(of=("self",))
    return rows.select_related(
        "change__household", "change__member", "holder", "member", "decided_by"
    ).get(pk=dispute.pk)


@transaction.atomic
def answer(dispute: Dispute, *, answer: str, note: str, by: User) -> Dispute:
    """What the village that has the person says. Agreeing still takes a decrease with its papers."""
    dispute = _locked(dispute)
    verdict = policies.may_answer(by, dispute)
    if verdict.ok:
        verdict &= policies.answer_holds(answer, note)
    verdict.require()
    dispute.answer, dispute.answer_note = answer, note.strip()
    dispute.answered_at, dispute.answered_by = clock.now(), by
    dispute.state = State.STAYS if answer == Answer.STAYS else State.LEAVING
    dispute.save()
    record(verbs.DISPUTE_ANSWERED, by=by, on=dispute, path=dispute.holder_path, note=note,
           after={"answer": dispute.get_answer_display()})  # fmt: skip
    if answer == Answer.OTHER:
        _keep(dispute, f"对方村核实不是同一人，请核对证件号码：{note.strip()}", by)
    _tell(dispute)
    return dispute


@transaction.atomic
def decide(dispute: Dispute, *, moves: bool, note: str, by: User) -> Dispute:
    """The level above: the person goes to the village that asked, or stays. The facts are the villages' to write."""
    dispute = _locked(dispute)
    verdict = policies.may_decide(by, dispute)
    if verdict.ok:
        verdict &= policies.decision_holds(note)
    verdict.require()
    dispute.decision_note = note.strip()
    dispute.decided_at, dispute.decided_by = clock.now(), by
    if moves:
        dispute.state, dispute.due_on = State.LEAVING, _due(dispute.holder_path)
    dispute.save()
    word = "转到申报户" if moves else "维持原户"
    record(verbs.DISPUTE_DECIDED, by=by, on=dispute, path=dispute.holder_path, note=note,
           after={"decision": word})  # fmt: skip
    if not moves:
        _keep(dispute, f"经裁定维持原户：{note.strip()}", by)
    _tell(dispute)
    return dispute


@transaction.atomic
def withdraw(dispute: Dispute, *, by: User) -> Dispute:
    """The village that asked takes its increase back."""
    dispute = _locked(dispute)
    policies.may_withdraw(by, dispute).require()
    dispute.state = State.WITHDRAWN
    dispute.save(update_fields=["state"])
    _return_increase(dispute, "申报村撤回", by)
    record(verbs.DISPUTE_WITHDRAWN, by=by, on=dispute, path=dispute.claimant_path)
    _tell(dispute)
    return dispute


def settle(numbers: Iterable[str | None], *, by: User) -> None:
    """People left, or another number stands: whose dispute is over may join, who moved on is looked for there."""
    wanted = [number for number in numbers if number]
    rows = Dispute.objects.live().filter(id18__in=wanted) if wanted else Dispute.objects.none()
    for dispute in rows.select_for_update(of=("self",)).select_related("change__household"):
        other = standing_elsewhere(dispute.id18, dispute.change.household)
        if other is None:
            _release(dispute, by)
        elif other.pk != dispute.member_id:
            dispute.member, dispute.holder = other, other.household
            dispute.holder_path = other.household.division_path
            dispute.is_of_one_township = _township(dispute.holder_path) == _township(
                dispute.claimant_path
            )
            dispute.save()


def _release(dispute: Dispute, by: User) -> None:
    dispute.state = State.RELEASED
    dispute.save(update_fields=["state"])
    MemberChange.objects.filter(pk=dispute.change_id, state=MemberChange.State.CHECKING).update(
        state=MemberChange.State.TOWNSHIP
    )
    record(verbs.DISPUTE_RELEASED, by=by, on=dispute, path=dispute.claimant_path)
    _tell(dispute)


def _keep(dispute: Dispute, why: str, by: User) -> None:
    dispute.state = State.KEPT
    dispute.save(update_fields=["state"])
    _return_increase(dispute, why, by)
    record(verbs.DISPUTE_KEPT, by=by, on=dispute, path=dispute.claimant_path, note=why)


def _return_increase(dispute: Dispute, why: str, by: User) -> None:
    change = MemberChange.objects.select_for_update(of=("self",)).get(pk=dispute.change_id)
    if change.state != MemberChange.State.CHECKING:
        Verdict.no("该成员增加已不在核对中").require()
    change.state, change.decision_note = MemberChange.State.RETURNED, why
    change.decided_at, change.decided_by = clock.now(), by
    change.save()
    waiting = Member.objects.filter(status="pending_in", household_id=change.household_id)
    waiting.filter(changes=change).update(
        status="decreased", left_reason=NEVER_JOINED, updated_at=clock.now()
    )


def _tell(dispute: Dispute) -> None:
    telling.tell([dispute.change.household_id, dispute.holder_id], "member")
