"""Whether a clue may be filed, an elimination, rollback or re-label opened (policy.md §4.3 T1, §5)."""

import datetime

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.models import Household
from households.policies.locks import unlocked
from households.rules import windows
from monitoring.rules.elimination import refusals
from monitoring.selectors import cases, criteria, standing
from monitoring.selectors.pages import page, page_of

MIN_EVIDENCE = 10
FILERS = (Permission.FILE_CLUES,)
PROPOSERS = (Permission.VILLAGE_CASE, Permission.TOWNSHIP_CASE, Permission.COUNTY_CASE)


def _may(
    user: User, household: Household, permissions: tuple[Permission, ...], what: str
) -> Verdict:
    path = household.division_path
    if not any(user.may(p, path) for p in permissions):
        labels = "、".join(p.label for p in permissions)
        return Verdict.denied(f"{what}须由有“{labels}”权限的岗位办理")
    verdict = unlocked(path)
    if household.ended_on:
        verdict &= Verdict.no(f"该户已于{household.ended_on}销户")
    return verdict


def state_of(household: Household) -> str:
    """The object's state; a household without object is not monitored."""
    found = cases.object_of(household.pk)
    return found.state if found else "not_monitored"


def may_file_clue(user: User, household: Household) -> Verdict:
    """T1: refused for a household already monitored, merged into an open case otherwise."""
    verdict = _may(user, household, FILERS, "登记线索")
    state = state_of(household)
    if state in ("monitored", "approved"):
        verdict &= Verdict.no(
            Reason(
                "该户已在监测，新出现的风险请在监测页“新增风险”登记",
                page("monitoring:household", household.pk),
                "业务规程 §4.3 T1",
            )
        )
    elif state == "closed":
        verdict &= Verdict.no("该户已整户减少，如有人员返回请由县级恢复")
    elif state == "voided":
        verdict &= Verdict.no("该户已按识别不准退出，请由县级处理")
    return verdict


def _no_open_case(household: Household) -> Verdict:
    found = cases.open_case(household.pk)
    if found is None:
        return Verdict.yes()
    return Verdict.no(
        Reason(
            f"该户正在办理{found.get_kind_display()}（{found.number}），办结后方可受理",
            page("monitoring:case", found.pk),
        )
    )


def _state_is(household: Household, wanted: str, what: str) -> Verdict:
    state = state_of(household)
    if state == wanted:
        return Verdict.yes()
    return Verdict.no(
        Reason(f"该户监测状态为“{household.monitoring_label}”，不能{what}", clause="业务规程 §5.6")
    )


def may_propose_elimination(user: User, household: Household, method: str = "assisted") -> Verdict:
    """V1: village only; the pre-check of E1–E7 with every 不消 condition present."""
    verdict = _may(user, household, (Permission.VILLAGE_CASE,), "拟消除")
    verdict &= _no_open_case(household) & _state_is(household, "monitored", "提出风险消除")
    if state_of(household) != "monitored":
        return verdict
    return verdict & elimination_precheck(household, method)


def elimination_precheck(household: Household, method: str) -> Verdict:
    """Every red criterion as a reason with its figures, clause and page."""
    reasons = [
        Reason(
            f"{criterion.code} {criterion.label}：{finding.text}",
            page_of(finding.page, household.pk),
            criterion.clause,
        )
        for criterion, finding in refusals(criteria.of(household, method))
    ]
    return Verdict(tuple(reasons))


def may_propose_rollback(user: User, household: Household) -> Verdict:
    verdict = _may(user, household, PROPOSERS, "提出风险消除回退")
    return verdict & _no_open_case(household) & _state_is(household, "eliminated", "提出回退")


def rollback_holds(
    household: Household, *, codes: tuple[str, ...], since: datetime.date | None, evidence: str
) -> Verdict:
    """≥1 of the seven, seen by the machine or proved in writing, and there before the elimination (policy.md §5.4)."""
    in_force = {c.code: c for c in standing.conditions(household.division_path, clock.today())}
    reasons = []
    if not codes:
        reasons.append(
            Reason("请选择存在的“七个不消”情形", field="rule_codes", clause="通知一(二)")
        )
    unknown = [code for code in codes if code not in in_force]
    if unknown:
        reasons.append(Reason(f"{'、'.join(unknown)}不在现行不消清单中", field="rule_codes"))
    seen = {light.code for light in standing.lights(household) if light.is_hit}
    unproved = [code for code in codes if code in in_force and code not in seen]
    if unproved and len(evidence.strip()) < MIN_EVIDENCE:
        labels = "、".join(in_force[code].label for code in unproved)
        reasons.append(
            Reason(f"系统未查到“{labels}”，请写明佐证（不少于{MIN_EVIDENCE}字）", field="note")
        )
    return Verdict(tuple(reasons)) & _before_elimination(household, since)


def _before_elimination(household: Household, since: datetime.date | None) -> Verdict:
    closed = _closed_month(household)
    if since is None:
        return Verdict.no(Reason("请填写问题出现日期", field="problem_since"))
    if since > clock.today():
        return Verdict.no(Reason("问题出现日期不能晚于今天", field="problem_since"))
    if closed and since > windows.last_day(closed):
        return Verdict.no(
            Reason(
                f"问题出现于{since}，在{closed}消除之后，属新风险，应走风险再标注",
                field="problem_since",
                clause="通知一(二)",
            )
        )
    return Verdict.yes()


def _closed_month(household: Household) -> str:
    found = cases.object_of(household.pk)
    episode = cases.last_episode(found.pk) if found else None
    return episode.closed_month if episode else ""


def may_propose_relabel(user: User, household: Household) -> Verdict:
    verdict = _may(user, household, FILERS, "提出风险再标注")
    verdict &= _no_open_case(household) & _state_is(household, "eliminated", "提出再标注")
    if not cases.open_clues(household.pk):
        verdict &= Verdict.no(
            Reason(
                "再标注须先登记新风险的线索",
                f"{page('monitoring:clue_create')}?household={household.pk}",
            )
        )
    return verdict


def relabel_holds(
    household: Household, *, first_seen_on: datetime.date | None, old_problem_persists: bool
) -> Verdict:
    """The risk must be new: after the month of elimination, and the old one gone (policy.md §5.4)."""
    closed = _closed_month(household)
    reasons = []
    if first_seen_on is None:
        reasons.append(Reason("请填写新风险首次发现日期", field="first_seen_on"))
    elif first_seen_on > clock.today():
        reasons.append(Reason("首次发现日期不能晚于今天", field="first_seen_on"))
    elif closed and first_seen_on <= windows.last_day(closed):
        reasons.append(
            Reason(
                "风险在消除前已存在，应走风险消除回退"
                f"（首次发现{first_seen_on}，消除监测时间{closed}）",
                field="first_seen_on",
                clause="通知一(二)",
            )
        )
    if old_problem_persists:
        reasons.append(
            Reason(
                "原风险仍未消除又有新风险的，先办风险消除回退，新风险在回退后的监测周期内登记",
                field="old_problem_persists",
                clause="业务规程 §5.4",
            )
        )
    return Verdict(tuple(reasons))
