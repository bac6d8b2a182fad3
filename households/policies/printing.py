"""Who may print papers of households, and who may print them with full numbers."""

from collections.abc import Sequence

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict

MOST = 5_000


def may_print(user: User, permission: str, paths: Sequence[str]) -> Verdict:
    """Print a paper about these places; `permission` is the one that lets somebody read what is on it."""
    return _everywhere(user, Permission(permission), paths)


def may_print_in_full(user: User, paths: Sequence[str]) -> Verdict:
    """Numbers and telephones without a mask (design decision 12): the same grant as looking at one."""
    return _everywhere(user, Permission.UNMASK, paths)


def may_print_many(count: int) -> Verdict:
    """One order is a township at most: a wrong filter does not keep the worker busy for a night."""
    if count == 0:
        return Verdict.no("没有符合条件的农户，请调整筛选条件")
    if count > MOST:
        return Verdict.no(
            f"一次最多打印{MOST:,}户，现有{count:,}户，请按乡镇、行政村或条件缩小范围"
        )
    return Verdict.yes()


def reason_given(full: bool, reason: str) -> Verdict:
    if full and len(reason.strip()) < 4:
        return Verdict.no(
            Reason("显示完整证件号码须写明原因（至少4个字），将记入审计", field="reason")
        )
    return Verdict.yes()


def _everywhere(user: User, permission: Permission, paths: Sequence[str]) -> Verdict:
    scope = user.scope_for(permission)
    if paths and all(scope.covers(path) for path in paths):
        return Verdict.yes()
    return Verdict.denied(f"您的岗位在此区划没有“{permission.label}”权限")
