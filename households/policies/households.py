"""Who may write a household, its members and its changes, and when (policy.md §2.2, §6.3)."""

from django.urls import reverse

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division, Level
from households.choices import IN_PROCEDURE
from households.models import Household, Member, MemberChange
from households.policies.locks import unlocked

WAITING = (
    MemberChange.State.TOWNSHIP,
    MemberChange.State.COUNTY,
    MemberChange.State.CHECKING,
)
_DECIDERS = {
    MemberChange.State.TOWNSHIP: Permission.REVIEW_CHANGES,
    MemberChange.State.COUNTY: Permission.CONFIRM_CHANGES,
}


def permitted(user: User, permission: Permission, path: str) -> Verdict:
    """Whether some posting of the user carries a permission at a place."""
    if user.may(permission, path):
        return Verdict.yes()
    return Verdict.denied(f"您的岗位在此区划没有“{permission.label}”权限")


def may_register(user: User, village: Division) -> Verdict:
    verdict = permitted(user, Permission.EDIT_HOUSEHOLDS, village.path) & unlocked(village.path)
    if village.level != Level.VILLAGE:
        verdict &= Verdict.no("农户须登记在行政村，请选择行政村")
    if not village.is_current:
        verdict &= Verdict.no(f"{village.name}已停用，请登记到现行的行政村")
    return verdict


def writable(household: Household) -> Verdict:
    """On the register, in a county that is not frozen."""
    if household.ended_on is not None:
        return Verdict.no(
            f"该户已于{household.ended_on}销户（{household.ended_reason}），不能再修改"
        )
    return unlocked(household.division_path)


def may_edit_household(user: User, household: Household) -> Verdict:
    return permitted(user, Permission.EDIT_HOUSEHOLDS, household.division_path) & writable(
        household
    )


def may_edit_member(user: User, member: Member) -> Verdict:
    verdict = may_edit_household(user, member.household)
    if member.status == "decreased":
        verdict &= Verdict.no(f"{member.name}已减少，信息不再修改")
    return verdict


def may_file_change(user: User, household: Household) -> Verdict:
    """Report that somebody joined or left."""
    return may_edit_household(user, household)


def may_end(user: User, household: Household) -> Verdict:
    """Report that the whole household is gone."""
    verdict = may_edit_household(user, household)
    waiting = household.changes.filter(state__in=WAITING)
    if waiting.exists():
        verdict &= Verdict.no(
            Reason(
                "本户还有待审核的人口变更，须先审核完毕再办理整户减少",
                url=reverse("households:changes", args=[household.pk]),
            )
        )
    if household.monitoring_state in IN_PROCEDURE:
        verdict &= Verdict.no(
            Reason(
                f"本户监测业务正在办理（{household.monitoring_label}），须先办结或撤回再办理整户减少",
                url=reverse("monitoring:household", args=[household.pk]),
                clause="业务规程 §6.4",
            )
        )
    if household.reorganisations.filter(state__in=WAITING).exists():
        verdict &= Verdict.no("本户还有待审核的分户或并户，须先审核完毕")
    return verdict


def may_change_head(user: User, household: Household) -> Verdict:
    verdict = may_edit_household(user, household)
    if household.members.filter(status__in=("active", "pending_out")).count() < 2:
        verdict &= Verdict.no("本户只有一名成员，无法变更户主")
    return verdict


def may_decide_change(user: User, change: MemberChange) -> Verdict:
    """Pass or return: the township first, then the county where the reason asks for it; never one's own."""
    path = change.household.division_path
    permission = _DECIDERS.get(MemberChange.State(change.state))
    if change.state == MemberChange.State.CHECKING:
        return Verdict.no("该变更待两村核对，原户转出后再审核")
    if permission is None:
        return Verdict.no(f"该变更{change.get_state_display()}，不再需要审核")
    verdict = permitted(user, permission, path) & unlocked(path)
    if change.made_by_id == user.pk:
        verdict &= Verdict.no(
            Reason("申报人不能审核自己申报的变更，请由其他审核人办理", clause="业务规程 §2.2")
        )
    if change.decided_by_id == user.pk:
        verdict &= Verdict.no(
            Reason("乡镇审核人不能再作县级确认，请由其他人办理", clause="业务规程 §2.2")
        )
    return verdict


def may_record_income(user: User, household: Household) -> Verdict:
    path = household.division_path
    if not user.may(Permission.CHECK_HOUSEHOLD, path):
        return permitted(user, Permission.EDIT_HOUSEHOLDS, path) & writable(household)
    return writable(household)


def may_unmask(user: User, household: Household) -> Verdict:
    return permitted(user, Permission.UNMASK, household.division_path)
