"""Who answers and who decides when two villages have the same person (policy.md §6.1, §6.3)."""

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.models import Dispute
from households.policies.households import permitted
from households.policies.locks import unlocked

LEAST = 4


def _live(dispute: Dispute) -> Verdict:
    if dispute.is_live:
        return Verdict.yes()
    return Verdict.no(f"本件已办结：{dispute.get_state_display()}")


def may_answer(user: User, dispute: Dispute) -> Verdict:
    """The village in whose household the person stands."""
    path = dispute.holder_path
    verdict = permitted(user, Permission.EDIT_HOUSEHOLDS, path) & unlocked(path) & _live(dispute)
    if dispute.is_live and dispute.decided_by is not None:
        verdict &= Verdict.no(f"{dispute.decided_by.name}已裁定转出，请办理成员减少")
    return verdict


def answer_holds(answer: str, note: str) -> Verdict:
    """The answer is one of the four and has words."""
    verdict = Verdict.yes()
    if answer not in Dispute.Answer.values:
        verdict &= Verdict.no(Reason("请选择答复", field="answer"))
    if len(note.strip()) < LEAST:
        verdict &= Verdict.no(Reason(f"请写明情况（不少于{LEAST}字）", field="note"))
    return verdict


def may_withdraw(user: User, dispute: Dispute) -> Verdict:
    """The village that asked."""
    path = dispute.claimant_path
    return permitted(user, Permission.EDIT_HOUSEHOLDS, path) & unlocked(path) & _live(dispute)


def decider(dispute: Dispute) -> Permission:
    """The township over both villages, else the county of the household that has the person."""
    if dispute.is_of_one_township:
        return Permission.REVIEW_CHANGES
    return Permission.CONFIRM_CHANGES


def may_decide(user: User, dispute: Dispute) -> Verdict:
    """Once the two sides disagree, or nobody answered in time."""
    verdict = permitted(user, decider(dispute), dispute.holder_path)
    verdict &= unlocked(dispute.holder_path) & _live(dispute)
    if dispute.is_live and not dispute.waits_for_a_decision:
        text = f"对方村可在{dispute.due_on}前答复；答复不一致或逾期未答复时再裁定"
        if dispute.state == Dispute.State.LEAVING:
            text = "已认可，待原户办理减少或更正"
        verdict &= Verdict.no(text)
    if user.pk in (dispute.opened_by_id, dispute.answered_by_id):
        verdict &= Verdict.no(
            Reason("提请和答复的人不能裁定，请由其他人办理", clause="业务规程 §2.2")
        )
    return verdict


def decision_holds(note: str) -> Verdict:
    if len(note.strip()) >= LEAST:
        return Verdict.yes()
    return Verdict.no(Reason(f"请写明裁定意见（不少于{LEAST}字）", field="note"))
