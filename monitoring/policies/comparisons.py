"""Who answers a comparison request and who explains it: a department for itself, the township for the case."""

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from households.policies.locks import unlocked
from monitoring.choices import AnswerResult, CaseStatus
from monitoring.models import ComparisonAnswer

OPEN = (CaseStatus.CHECKED,)


def may_answer(user: User, row: ComparisonAnswer) -> Verdict:
    """The department's officer in the county; the county's reviewer for a department without an account."""
    path = row.case.division_path
    own = row.department in user.departments_at(path)
    if not user.may(Permission.ANSWER_COMPARISON, path) or not (
        own or user.may(Permission.COUNTY_CASE, path)
    ):
        return Verdict.denied(f"须由{row.get_department_display()}或县级审定员反馈")
    verdict = unlocked(path)
    if row.case.status not in OPEN:
        verdict &= Verdict.no(f"办件现为“{row.case.get_status_display()}”，不再接收比对结果")
    return verdict


def may_explain(user: User, row: ComparisonAnswer) -> Verdict:
    path = row.case.division_path
    if not user.may(Permission.TOWNSHIP_CASE, path):
        return Verdict.denied("比对结果由乡镇核实")
    verdict = unlocked(path)
    if row.case.status not in OPEN:
        verdict &= Verdict.no(f"办件现为“{row.case.get_status_display()}”，不能再核实比对结果")
    if row.result not in (AnswerResult.HIT, AnswerResult.CONFLICT):
        verdict &= Verdict.no("该部门没有需要核实的结果")
    return verdict
