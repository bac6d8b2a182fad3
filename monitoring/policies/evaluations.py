"""Who evaluates what help has brought, who reviews it, and what an evaluation must say (notice 一(二))."""

import datetime
from collections.abc import Mapping, Sequence

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from households.policies.households import permitted
from households.policies.locks import unlocked
from households.selectors.parameters import parameter
from monitoring.choices import EvaluationConclusion, EvaluationResult, EvaluationState
from monitoring.models import EpisodeRisk, Evaluation, MonitoringObject
from monitoring.policies.opening import elimination_precheck
from monitoring.selectors.evaluations import UNDER

CLAUSE = "通知一(二)"
SEPARATION = "业务规程 §2.2"
LEAST = 10


def may_evaluate(user: User, obj: MonitoringObject, evaluation: Evaluation | None) -> Verdict:
    """The village, while the household is monitored; what the township has passed stays as it is."""
    path = obj.household.division_path
    verdict = permitted(user, Permission.VILLAGE_CASE, path) & unlocked(path)
    if obj.state not in UNDER:
        verdict &= Verdict.no(f"该户现为“{obj.label}”，只评估监测中的对象")
    if evaluation is not None and evaluation.state == EvaluationState.PASSED:
        verdict &= Verdict.no(f"{evaluation.year}年度评估已经乡镇审核")
    return verdict


def may_review(user: User, evaluation: Evaluation) -> Verdict:
    path = evaluation.object.household.division_path
    verdict = permitted(user, Permission.TOWNSHIP_CASE, path) & unlocked(path)
    if evaluation.state != EvaluationState.SUBMITTED:
        who = evaluation.reviewed_by.name if evaluation.reviewed_by else "他人"
        verdict &= Verdict.no(f"已由{who}办理：{evaluation.get_state_display()}")
    if evaluation.made_by_id == user.pk:
        verdict &= Verdict.no(
            Reason("本评估由您提交，不能再审核，请由其他账号办理", clause=SEPARATION)
        )
    return verdict


def holds(
    obj: MonitoringObject,
    risks: Sequence[EpisodeRisk],
    *,
    evaluated_on: datetime.date,
    visitors: Sequence[str],
    conclusion: str,
    effect: str,
    next_steps: str,
    household_agrees: bool,
    disagreement: str,
    results: Mapping[int, tuple[str, str]],
) -> Verdict:
    """Everything at once, each reason beside its field."""
    today, path = clock.today(), obj.household.division_path
    found: list[Reason] = []
    if evaluated_on > today:
        found.append(Reason("评估日期不能晚于今天", field="evaluated_on"))
    elif evaluated_on.year != today.year:
        found.append(Reason(f"评估日期须在{today.year}年度内", field="evaluated_on"))
    least = int(parameter("check_group_min", path, today))
    if len(visitors) < least:
        text = f"评估人员须不少于{least}人，现登记{len(visitors)}人"
        found.append(Reason(text, field="visitors", clause="业务规程 §5.2"))
    if len(effect.strip()) < LEAST:
        found.append(Reason(f"请写明帮扶成效（不少于{LEAST}字）", field="effect"))
    if conclusion != EvaluationConclusion.READY and len(next_steps.strip()) < LEAST:
        found.append(Reason(f"请写明下步措施（不少于{LEAST}字）", field="next_steps"))
    if not household_agrees and len(disagreement.strip()) < 4:
        found.append(Reason("农户不认可的，请写明农户意见", field="disagreement"))
    for risk in risks:
        result, _note = results.get(risk.pk, ("", ""))
        if result not in EvaluationResult.values:
            found.append(Reason(f"请选择风险“{risk}”的成效", field=f"r{risk.pk}_result"))
        elif conclusion == EvaluationConclusion.READY and result != EvaluationResult.GONE:
            text = f"风险“{risk}”尚未消除，不能建议拟消除"
            found.append(Reason(text, field="conclusion", clause=CLAUSE))
    verdict = Verdict(tuple(found))
    if conclusion == EvaluationConclusion.READY and obj.state == "monitored":
        verdict &= elimination_precheck(obj.household, "assisted")
    return verdict
