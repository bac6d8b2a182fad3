"""Who takes in an application for a household, and who files or declines it."""

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.regions.models import Division, Level
from households.policies.locks import unlocked
from monitoring.choices import ApplicationState
from monitoring.models import Application


def may_take_in(user: User, village: Division) -> Verdict:
    """A clerk of the village, the township or the county writes down what was said on the telephone."""
    if village.level != Level.VILLAGE:
        return Verdict.no("请选择行政村")
    if not user.may(Permission.FILE_CLUES, village.path):
        return Verdict.denied("您的岗位不能为该村登记自主申请")
    return Verdict.yes()


def may_handle(user: User, row: Application) -> Verdict:
    if not user.may(Permission.FILE_CLUES, row.division_path):
        return Verdict.denied("自主申请由村级、乡镇或县级受理")
    verdict = unlocked(row.division_path)
    if row.state != ApplicationState.WAITING:
        verdict &= Verdict.no(f"该申请{row.get_state_display()}")
    return verdict
