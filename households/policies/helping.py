"""Who may give a household a helper, and who may say that a household was visited."""

import datetime

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.models import Helping, Household
from households.policies.households import permitted, writable

ASSIGNING = (Permission.EDIT_HOUSEHOLDS, Permission.REVIEW_CHANGES)
VISITING = (Permission.EDIT_HOUSEHOLDS, Permission.CHECK_HOUSEHOLD)


def _one_of(user: User, permissions: tuple[Permission, ...], household: Household) -> Verdict:
    path = household.division_path
    if any(user.may(permission, path) for permission in permissions):
        return Verdict.yes()
    return permitted(user, permissions[0], path)


def may_assign(user: User, household: Household) -> Verdict:
    """The village or the township names who helps."""
    return _one_of(user, ASSIGNING, household) & writable(household)


def may_end(user: User, helping: Helping) -> Verdict:
    verdict = may_assign(user, helping.household)
    if helping.end_on is not None:
        verdict &= Verdict.no(f"帮扶已于{helping.end_on}结束")
    return verdict


def may_visit(user: User, household: Household) -> Verdict:
    """Village, resident team and township go to see households."""
    return _one_of(user, VISITING, household) & writable(household)


def not_later_than_today(name: str, day: datetime.date | None, field: str) -> Verdict:
    if day is not None and day > clock.today():
        return Verdict.no(Reason(f"{name}不能晚于今天（{clock.today()}）", field=field))
    return Verdict.yes()
