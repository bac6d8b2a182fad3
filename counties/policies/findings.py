"""Who may move a finding, and whether it can be moved now."""

import datetime

from counties.models import Finding
from counties.models.findings import LIVE_STATES, Severity, State
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.regions.scope import code_of
from households.policies.locks import unlocked


def may_dispatch(user: User, path: str) -> Verdict:
    """The township or the county sends work orders down."""
    if not user.may(Permission.REVIEW_FINDINGS, path):
        return Verdict.denied("您的岗位不能派发疑点")
    return Verdict.yes()


def may_explain(user: User, finding: Finding) -> Verdict:
    """The village or township that has the household explains what cannot or need not be corrected."""
    if not user.may(Permission.RESOLVE_FINDINGS, finding.division_path):
        return Verdict.denied("您的岗位不能处置疑点")
    return _live(finding) & _unlocked(finding)


def may_review(user: User, finding: Finding) -> Verdict:
    """The township judges an explanation of a warning, the county that of an error (policy.md §11.4)."""
    if not user.may(Permission.REVIEW_FINDINGS, finding.division_path):
        return Verdict.denied("您的岗位不能审核疑点说明")
    if finding.severity == Severity.ERROR and not user.may(
        Permission.WAIVE_FINDINGS, finding.division_path
    ):
        return Verdict.denied("错误类疑点的说明由县级审核")
    if finding.state != State.EXPLAINED:
        return Verdict.no("这条疑点没有待审核的说明")
    explained = finding.actions.filter(verb="explained").last()
    if explained is not None and explained.done_by_id == user.pk:
        return Verdict.denied("说明由您本人提交，须由他人审核")
    return _unlocked(finding)


def may_waive(
    user: User, finding: Finding, *, until: datetime.date | None, today: datetime.date
) -> Verdict:
    """The county exempts for a time, with a reason (policy.md §11.3)."""
    if not user.may(Permission.WAIVE_FINDINGS, finding.division_path):
        return Verdict.denied("豁免由县级办理")
    verdict = _live(finding) & _unlocked(finding)
    if until is not None and until <= today:
        verdict &= Verdict.no("豁免有效期须晚于今天")
    return verdict


def _live(finding: Finding) -> Verdict:
    if finding.state in LIVE_STATES:
        return Verdict.yes()
    return Verdict.no(f"这条疑点{finding.get_state_display()}，不需要再处理")


def _unlocked(finding: Finding) -> Verdict:
    county = code_of(finding.division_path, "county")
    return unlocked(finding.division_path, finding.campaign) if county else Verdict.yes()
