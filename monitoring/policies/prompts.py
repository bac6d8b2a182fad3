"""Who answers what a change of people asks of a monitored household (policy.md §6.5)."""

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.policies.households import permitted
from households.policies.locks import unlocked
from monitoring.choices import PROMPT_ANSWERS, PromptAnswer
from monitoring.models import Prompt
from monitoring.selectors.pages import page
from monitoring.selectors.prompts import plan_looked_at_since

CLAUSE = "业务规程 §6.5"
LEAST = 4


def may_answer(user: User, prompt: Prompt) -> Verdict:
    """The village answers; what concerns an elimination is the county's."""
    path = prompt.household.division_path
    wanted = Permission.COUNTY_CASE if prompt.is_the_countys else Permission.VILLAGE_CASE
    verdict = permitted(user, wanted, path) & unlocked(path)
    if not prompt.is_open:
        who = prompt.answered_by.name if prompt.answered_by else "他人"
        verdict &= Verdict.no(f"已由{who}办理：{prompt.get_answer_display()}")
    return verdict


def answer_holds(prompt: Prompt, answer: str, note: str) -> Verdict:
    """The answer fits the question, says why, and what it claims has been done."""
    verdict = Verdict.yes()
    if answer not in PROMPT_ANSWERS[prompt.kind]:
        verdict &= Verdict.no(Reason("请选择办理结果", field="answer"))
    if len(note.strip()) < LEAST:
        verdict &= Verdict.no(Reason(f"请写明情况（不少于{LEAST}字）", field="note"))
    if answer == PromptAnswer.LOOKED_BACK and not plan_looked_at_since(prompt):
        url = page("assistance:household", prompt.household_id)
        text = "变更生效后还没有登记一户一策回头看，请先在“帮扶”页登记"
        verdict &= Verdict.no(Reason(text, url, CLAUSE, "answer"))
    if answer == PromptAnswer.MEASURED and not _measured_since(prompt):
        url = page("households:income", prompt.household_id)
        text = "变更生效后还没有确认新的收入测算，请先在“收入”页重新测算"
        verdict &= Verdict.no(Reason(text, url, CLAUSE, "answer"))
    if answer == PromptAnswer.NATURAL and prompt.risk and prompt.risk.state != "open":
        text = f"该风险{prompt.risk.get_state_display()}，不能再提请消除"
        verdict &= Verdict.no(Reason(text, field="answer"))
    return verdict


def _measured_since(prompt: Prompt) -> bool:
    decided = prompt.change.decided_at or prompt.opened_at
    return prompt.household.statements.filter(state="confirmed", made_at__gte=decided).exists()
