"""Who may screen a county, list a household for a check, dismiss it, take a dismissal back."""

from counties.models import KeyCheck
from counties.models.screening import CheckState
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.regions.models import Division, Level
from households.models import Campaign
from households.policies.locks import unlocked
from monitoring.policies import opening

DISMISSERS = (Permission.VILLAGE_CASE, Permission.TOWNSHIP_CASE, Permission.COUNTY_CASE)


def may_screen(user: User, county: Division, campaign: Campaign) -> Verdict:
    if county.level != Level.COUNTY:
        return Verdict.no("请选择一个县")
    if not user.may(Permission.RUN_COMPARISON, county.path):
        return Verdict.denied("重点筛查由县级发起")
    return unlocked(county.path, campaign)


def may_list(user: User, row: KeyCheck) -> Verdict:
    """列入核查 files a clue: whoever may do that for the household, while it waits."""
    verdict = opening.may_file_clue(user, row.household)
    if row.state == CheckState.LISTED:
        verdict &= Verdict.no("该户已列入核查")
    elif row.state == CheckState.GONE:
        verdict &= Verdict.no("该户列出的情形已全部消失")
    return verdict


def may_dismiss(user: User, row: KeyCheck) -> Verdict:
    if not any(user.may(p, row.division_path) for p in DISMISSERS):
        return Verdict.denied("排除由村级、乡镇或县级办理")
    verdict = unlocked(row.division_path)
    if row.state != CheckState.WAITING:
        verdict &= Verdict.no(f"该户{row.get_state_display()}，不需要排除")
    return verdict


def may_restore(user: User, row: KeyCheck) -> Verdict:
    if not any(user.may(p, row.division_path) for p in DISMISSERS):
        return Verdict.denied("撤销排除由村级、乡镇或县级办理")
    verdict = unlocked(row.division_path)
    if row.state != CheckState.DISMISSED:
        verdict &= Verdict.no(f"该户{row.get_state_display()}，没有排除")
    return verdict
