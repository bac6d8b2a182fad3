"""Who may import a household workbook, apply it, and take it back (design.md decision 11)."""

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of
from households.models import ImportBatch
from households.policies.households import permitted
from households.policies.locks import unlocked

State = ImportBatch.State


def may_import(user: User, division: Division) -> Verdict:
    """Upload a workbook for a county or something below it."""
    verdict = permitted(user, Permission.IMPORT_HOUSEHOLDS, division.path)
    if not code_of(division.path, "county"):
        return verdict & Verdict.no("导入须指定到县或县以下，请选择一个县")
    return verdict & unlocked(division.path)


def may_apply_import(user: User, batch: ImportBatch) -> Verdict:
    """Write the checked rows. Wrong rows stay out and may come later in another file."""
    verdict = may_import(user, batch.division)
    if batch.state not in (State.CHECKED, State.APPLYING):
        return verdict & Verdict.no(f"该批次{batch.get_state_display()}，不能导入")
    if not batch.new + batch.changed:
        verdict &= Verdict.no(
            "文件里没有需要写入的行"
            + ("，有误的行请改正后重新检查" if batch.wrong else "，内容与系统一致")
        )
    return verdict


def may_mend_import(user: User, batch: ImportBatch) -> Verdict:
    """Correct wrong cells on screen."""
    verdict = may_import(user, batch.division)
    if batch.state != State.CHECKED:
        return verdict & Verdict.no(f"该批次{batch.get_state_display()}，不能再改正")
    return verdict


def may_undo_import(user: User, batch: ImportBatch) -> Verdict:
    """Take an applied batch back; what somebody changed since is kept."""
    verdict = may_import(user, batch.division)
    if batch.state != State.APPLIED:
        return verdict & Verdict.no(f"该批次{batch.get_state_display()}，无需撤销")
    return verdict
