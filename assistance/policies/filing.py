"""Who may file papers into a household's folder."""

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from households.models import Household
from households.policies.locks import unlocked

FILERS = (Permission.EDIT_PLANS, Permission.TOWNSHIP_CASE)


def may_file(user: User, household: Household) -> Verdict:
    """Village and township keep the folder."""
    if not any(user.may(permission, household.division_path) for permission in FILERS):
        return Verdict.denied("您的岗位不能登记户内资料，或该户不在您的辖区")
    return unlocked(household.division_path)
