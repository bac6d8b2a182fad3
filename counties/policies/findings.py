"""Who may move a finding, and whether it can be moved now (policy.md §2.2, §11.4).

Every move asks here: the post's permission at the place, the level the finding was sent to, its state, the lock.
Village and township answer what is with them, a department what was handed to it; the county judges errors and waives.
"""

import datetime

from counties.models import Finding
from counties.models.findings import LIVE_STATES, Origin, OwnerLevel, Severity, State
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.regions.scope import code_of, path_to
from households.models import Campaign
from households.policies.locks import unlocked

# Where an answer stands between being asked for and being handed in.
ASKED = (State.DISPATCHED, State.CORRECTED)


def may_dispatch(user: User, path: str, campaign: Campaign | None) -> Verdict:
    """The township or the county sends work orders down."""
    if not user.may(Permission.REVIEW_FINDINGS, path):
        return Verdict.denied("您的岗位不能派发疑点")
    return _unlocked(path, campaign)


def may_refer(user: User, finding: Finding) -> Verdict:
    """The county hands a disagreement of two books to the department whose book it is."""
    county = path_to(finding.division_path, "county")
    if not user.may(Permission.WAIVE_FINDINGS, county):
        return Verdict.denied("转部门核实由县级办理")
    verdict = _unlocked(finding.division_path, finding.campaign)
    if finding.origin != Origin.COMPARISON or not finding.department:
        verdict &= Verdict.no("只有部门比对的疑点可以转部门核实")
    if finding.owner_level == OwnerLevel.DEPARTMENT:
        verdict &= Verdict.no("这条疑点已转部门核实")
    elif finding.state not in (State.OPEN, *ASKED):
        verdict &= Verdict.no(f"这条疑点{finding.get_state_display()}，不能转部门核实")
    return verdict


def may_explain(user: User, finding: Finding) -> Verdict:
    """Whoever the finding was sent to says why the books differ, or that the record is mended."""
    refused = _not_with(user, finding)
    if refused:
        return Verdict.denied(refused)
    return _asked(finding) & _unlocked(finding.division_path, finding.campaign)


def _not_with(user: User, finding: Finding) -> str:
    """Why the finding is not this user's to answer; "" when it is."""
    match finding.owner_level:
        case OwnerLevel.DEPARTMENT:
            county = path_to(finding.division_path, "county")
            mine = finding.department in user.departments_at(county)
            may = mine and user.may(Permission.ANSWER_FINDINGS, county)
            return "" if may else "这条疑点已转行业部门核实，由该部门答复"
        case OwnerLevel.COUNTY if finding.origin == Origin.WARNING:
            county = path_to(finding.division_path, "county")
            may = user.may(Permission.WAIVE_FINDINGS, county)
            return "" if may else "登记中查无此人的预警由县级答复"
        case OwnerLevel.COUNTY:
            return "这条疑点由县级整改，改正后再次检查时自动销号"
        case level:
            place = path_to(finding.division_path, level)
            if user.may(Permission.RESOLVE_FINDINGS, place):
                return ""
            if user.may(Permission.RESOLVE_FINDINGS, finding.division_path):
                return f"这条疑点由{finding.get_owner_level_display()}处理"
            return "您的岗位不能处置疑点"


def may_review(user: User, finding: Finding) -> Verdict:
    """The township judges an explanation of a warning; the county that of an error, of what blocks, of a department."""
    path = finding.division_path
    if not user.may(Permission.REVIEW_FINDINGS, path_to(path, "township")):
        return Verdict.denied("您的岗位不能审核疑点说明")
    for_county = _judged_by_county(finding)
    if for_county and not user.may(Permission.WAIVE_FINDINGS, path_to(path, "county")):
        return Verdict.denied(f"{for_county}的说明由县级审核")
    if finding.state != State.EXPLAINED:
        return Verdict.no("这条疑点没有待审核的说明")
    explained = finding.actions.filter(verb="explained").last()
    if explained is not None and explained.done_by_id == user.pk:
        return Verdict.denied("说明由您本人提交，须由他人审核")
    return _unlocked(path, finding.campaign)


def _judged_by_county(finding: Finding) -> str:
    """What makes an explanation the county's to judge; "" for a plain warning."""
    if finding.severity == Severity.ERROR:
        return "错误类疑点"
    if finding.is_blocking:
        return "县级闭合阻断项"
    return "部门" if finding.owner_level == OwnerLevel.DEPARTMENT else ""


def may_waive(
    user: User,
    finding: Finding,
    *,
    until: datetime.date | None = None,
    today: datetime.date,
    latest: datetime.date | None = None,
) -> Verdict:
    """Exempt for a time, with a reason: the township a warning of a rule, the county everything (policy.md §11.3)."""
    refused = _not_to_exempt(user, finding)
    if refused:
        return Verdict.denied(refused)
    verdict = _live(finding) & _unlocked(finding.division_path, finding.campaign)
    if until is not None and until <= today:
        verdict &= Verdict.no("豁免有效期须晚于今天")
    if until is not None and latest is not None and until > latest:
        verdict &= Verdict.no(f"豁免有效期最晚到{latest}，到期后可以再次豁免")
    return verdict


def may_revoke(user: User, finding: Finding) -> Verdict:
    """Whoever may exempt takes an exemption back before its day."""
    refused = _not_to_exempt(user, finding)
    if refused:
        return Verdict.denied(refused)
    if not finding.is_exempt:
        return Verdict.no("这条疑点没有豁免")
    return _unlocked(finding.division_path, finding.campaign)


def _not_to_exempt(user: User, finding: Finding) -> str:
    """Why the user may not exempt this finding; "" when he may. Nobody exempts what he explained himself."""
    path = finding.division_path
    if not user.may(Permission.WAIVE_FINDINGS, path_to(path, "county")):
        if not user.may(Permission.REVIEW_FINDINGS, path_to(path, "township")):
            return "您的岗位不能豁免疑点"
        for_county = _judged_by_county(finding)
        if for_county:
            return f"{for_county}由县级豁免"
        if finding.origin != Origin.QUALITY or finding.owner_level == OwnerLevel.COUNTY:
            return "豁免由县级办理"
    if finding.actions.filter(verb="explained", done_by=user).exists():
        return "说明由您本人提交，须由他人豁免"
    return ""


def _asked(finding: Finding) -> Verdict:
    """Sent down, or found by a rule at the household itself, which needs no sending."""
    if finding.state == State.OPEN and finding.origin != Origin.QUALITY:
        return Verdict.no("这条疑点尚未派发")
    if finding.state in (State.OPEN, *ASKED):
        return Verdict.yes()
    if finding.state == State.EXPLAINED:
        return Verdict.no("说明已提交，等待审核")
    return _live(finding)


def _live(finding: Finding) -> Verdict:
    if finding.state in LIVE_STATES:
        return Verdict.yes()
    return Verdict.no(f"这条疑点{finding.get_state_display()}，不需要再处理")


def _unlocked(path: str, campaign: Campaign | None) -> Verdict:
    """A place above every county belongs to no county's books: nobody moves what lies there."""
    if not code_of(path, "county"):
        return Verdict.no("这条疑点不在任何县（市、区）内，不能处置")
    return unlocked(path, campaign)
