"""Who may set the register beside the national system's exports, and take away what has to be keyed there."""

from counties.models import Reconciliation
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of
from households.policies.households import permitted


def may_reconcile(user: User, division: Division) -> Verdict:
    """Upload exports for a county or something below it. Nothing on the register changes, so a lock does not matter."""
    verdict = permitted(user, Permission.IMPORT_HOUSEHOLDS, division.path)
    if not code_of(division.path, "county"):
        return verdict & Verdict.no("对账须指定到县或县以下，请选择一个县")
    return verdict


def may_take_keying(user: User, run: Reconciliation, *, full: bool, reason: str) -> Verdict:
    """Take away what has to be keyed there; full numbers only with the grant and a reason."""
    path = run.division.path
    verdict = permitted(user, Permission.EXPORT_HOUSEHOLDS, path)
    if full:
        verdict &= permitted(user, Permission.UNMASK, path)
        if len(reason.strip()) < 4:
            verdict &= Verdict.no(
                Reason("显示完整证件号码须写明原因（至少4个字），将记入审计", field="reason")
            )
    if run.finished_at is None:
        verdict &= Verdict.no("对账还没有完成，请稍候")
    return verdict


def may_adopt(user: User, run: Reconciliation) -> Verdict:
    """Start an import batch with values of theirs; the import's own policy judges the rest."""
    verdict = permitted(user, Permission.IMPORT_HOUSEHOLDS, run.division.path)
    if run.finished_at is None:
        verdict &= Verdict.no("对账还没有完成，请稍候")
    return verdict
