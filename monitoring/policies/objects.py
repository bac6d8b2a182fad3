"""Who may change an object outside a case: category, closing, reopening, voiding, its risks (policy.md §5.6)."""

import datetime

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.policies.locks import unlocked
from households.selectors.members import roster
from households.selectors.parameters import MissingParameter, monitoring_line
from monitoring.choices import RiskState
from monitoring.models import EpisodeRisk, MonitoringObject
from monitoring.rules import classification
from monitoring.selectors import cases, standing
from monitoring.selectors.pages import page

TABLE = "业务规程 §5.6"
TOWNSHIP = (Permission.TOWNSHIP_CASE,)
COUNTY = (Permission.COUNTY_CASE,)


def _may(user: User, obj: MonitoringObject, permissions: tuple[Permission, ...]) -> Verdict:
    path = obj.household.division_path
    if not any(user.may(p, path) for p in permissions):
        labels = "或".join(p.label for p in permissions)
        return Verdict.denied(f"须由有“{labels}”权限的岗位办理")
    return unlocked(path)


def written(text: str, least: int = classification.MIN_REASON) -> Verdict:
    """A reason in words."""
    if len(text.strip()) >= least:
        return Verdict.yes()
    return Verdict.no(Reason(f"请写明原因（不少于{least}字）", field="reason"))


def _in_state(obj: MonitoringObject, *states: str) -> Verdict:
    if obj.state in states:
        return Verdict.yes()
    return Verdict.no(Reason(f"监测状态为“{obj.label}”，不能办理此项业务", clause=TABLE))


def _no_open_case(obj: MonitoringObject) -> Verdict:
    found = cases.open_case(obj.household_id)
    if found is None:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"正在办理{found.get_kind_display()}（{found.number}）",
            page("monitoring:case", found.pk),
        )
    )


def may_change_category(user: User, obj: MonitoringObject) -> Verdict:
    return _may(user, obj, COUNTY) & _in_state(obj, "monitored")


def category_change_holds(
    obj: MonitoringObject, *, category: str, deliberated_on: datetime.date | None, reason: str
) -> Verdict:
    """The new category must be possible on the newest confirmed statement."""
    verdict = written(reason)
    if deliberated_on is None or deliberated_on > clock.today():
        verdict &= Verdict.no(Reason("请填写村级评议日期（不晚于今天）", field="deliberated_on"))
    if category == obj.category:
        verdict &= Verdict.no(Reason("新类别与现类别相同", field="category"))
    return verdict & _possible(obj, category, reason)


def _possible(obj: MonitoringObject, category: str, reason: str) -> Verdict:
    household = obj.household
    statement = standing.latest_statement(household)
    if statement is None:
        return Verdict.no(
            Reason(
                "缺少已确认的收入测算表", page("households:income", household.pk), field="category"
            )
        )
    try:
        line = monitoring_line(household.division_path, clock.today())
    except MissingParameter as missing:
        return Verdict.no(missing.messages[0])
    episode = cases.last_episode(obj.pk)
    causes = [r.cause for r in cases.live_risks(episode.pk if episode else None)]
    shock = bool({"disaster", "accident", "illness"} & set(causes))
    situation = classification.Situation(
        hh_type=household.hh_type,
        per_capita=statement.per_capita,
        line=line,
        risks=len(causes),
        shock=shock,
        hard=shock,
        four_haves=obj.is_four_haves,
    )
    found = classification.refusals(category, situation, allow_defect=True, reason=reason)
    return Verdict(tuple(Reason(t, field="category", clause="业务规程 §3.2") for t in found))


def may_void(user: User, obj: MonitoringObject) -> Verdict:
    return _may(user, obj, COUNTY) & _in_state(obj, "monitored") & _no_open_case(obj)


def _everybody_left(obj: MonitoringObject) -> Verdict:
    left = roster(obj.household).count()
    if left == 0:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"该户尚有{left}名在册成员，不能按整户减少办理",
            page("households:members", obj.household_id),
        )
    )


def may_propose_close(user: User, obj: MonitoringObject) -> Verdict:
    verdict = _may(user, obj, TOWNSHIP) & _in_state(obj, "monitored", "eliminated")
    verdict &= _everybody_left(obj) & _no_open_case(obj)
    if obj.gone_proposed_at:
        verdict &= Verdict.no("乡镇已提出，待县级确认")
    return verdict


def may_close(user: User, obj: MonitoringObject) -> Verdict:
    verdict = _may(user, obj, COUNTY) & _in_state(obj, "monitored", "eliminated")
    verdict &= _everybody_left(obj)
    if obj.gone_proposed_at is None:
        verdict &= Verdict.no("须先由乡镇提出整户减少")
    elif obj.gone_proposed_by_id == user.pk:
        verdict &= Verdict.no(Reason("提出人不能自行确认", clause="业务规程 §2.2"))
    return verdict


def may_reopen(user: User, obj: MonitoringObject) -> Verdict:
    return _may(user, obj, COUNTY) & _in_state(obj, "closed")


def may_propose_risk(user: User, obj: MonitoringObject) -> Verdict:
    """Edge 10, first half: the village says that a risk came or went."""
    return _may(user, obj, (Permission.VILLAGE_CASE,)) & _in_state(obj, "monitored")


def may_decide_risk(user: User, risk: EpisodeRisk) -> Verdict:
    """Edge 10, second half: the township, never who proposed it."""
    verdict = _may(user, risk.episode.object, TOWNSHIP)
    if risk.state not in (RiskState.PROPOSED, RiskState.RESOLVING):
        verdict &= Verdict.no(f"该风险{risk.get_state_display()}，不需要确认")
    if risk.proposed_by_id == user.pk:
        verdict &= Verdict.no(Reason("提出人不能自行确认", clause="业务规程 §2.2"))
    return verdict
