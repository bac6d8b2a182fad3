"""The village accepts what the police's book proposes: each becomes a change that is filled in already.

A decrease or increase waits for the township as if it had been typed; a corrected name or number is the register's at
once. Either way the finding closes by itself when the books agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from counties import verbs
from counties.models import Finding, FindingChange
from counties.models.findings import State
from counties.policies import findings as policies
from counties.selectors.proposals import ANSWERABLE, Proposal, proposal_of
from counties.services import findings
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Refused, Verdict
from fanpin.audit.recording import record
from households.models import Member, MemberChange
from households.services import changes, members, telling


@dataclass
class Accepted:
    """How many were filed or corrected, and why the others were not: (finding, its reasons)."""

    filed: int = 0
    refused: list[tuple[Finding, list[Reason]]] = field(default_factory=list)


@transaction.atomic
def accept(*, ids: Sequence[int], by: User) -> Accepted:
    """Accept the ticked proposals, each for itself: one that cannot be filed stays with its reasons.

    Safe to send twice: what was filed already is told and left alone.
    """
    rows = Finding.objects.within(by.scope).filter(pk__in=ids).select_for_update(of=("self",))
    found = Accepted()
    with telling.together():
        for finding in rows.select_related(
            "household", "member", "ledger_row__batch", "campaign"
        ).order_by("household_id", "pk"):
            try:
                with transaction.atomic():
                    _accept(finding, by)
            except ValidationError as refusal:
                found.refused.append((finding, _reasons(refusal)))
            else:
                found.filed += 1
    if found.filed:
        path = by.scope.paths[0] if by.scope.paths else ""
        record(verbs.PROPOSALS_ACCEPTED, by=by, path=path, subject=f"{found.filed}条",
               after={"filed": found.filed, "refused": len(found.refused)})  # fmt: skip
    return found


def _reasons(refusal: ValidationError) -> list[Reason]:
    if isinstance(refusal, Refused):
        return list(refusal.reasons)
    return [Reason(text) for text in refusal.messages]


def _accept(finding: Finding, by: User) -> None:
    verdict = policies.may_explain(by, finding)
    proposal = proposal_of(finding)
    if finding.state not in ANSWERABLE:
        verdict &= Verdict.no(f"已办理，现为“{finding.get_state_display()}”")
    if proposal is None:
        verdict &= Verdict.no("两户须先核对实际居住，不能直接按台账办理")
    elif proposal.missing:
        verdict &= Verdict.no(proposal.missing)
    verdict.require()
    assert proposal is not None
    change = _do(finding, proposal, by)
    if change is not None:
        FindingChange.objects.create(finding=finding, change=change)
    findings.move(
        finding, State.CORRECTED, "accepted_ledger", verbs.FINDING_CORRECTED,
        f"按台账办理：{proposal.text}", by,
    )  # fmt: skip


def _do(finding: Finding, proposal: Proposal, by: User) -> MemberChange | None:
    if proposal.act == "increase":
        assert finding.household is not None
        assert proposal.on is not None
        return changes.increase(
            finding.household, reason=proposal.reason, changed_on=proposal.on,
            fields=proposal.fields, documents=(), ledger_line=proposal.ledger_line,
            note="按公安户籍台账", dispute=proposal.dispute, by=by,
        )  # fmt: skip
    assert finding.member_id is not None
    member = Member.objects.select_related("household").get(pk=finding.member_id)
    if proposal.act == "correct":
        members.edit(member, fields=proposal.fields, by=by)
        return None
    assert proposal.on is not None
    return changes.decrease(
        member, reason=proposal.reason, changed_on=proposal.on, documents=(),
        ledger_line=proposal.ledger_line, note="按公安户籍台账", by=by,
    )  # fmt: skip
