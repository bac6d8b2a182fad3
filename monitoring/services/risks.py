"""Risks of a monitored household between mark and elimination: the village proposes, the township confirms."""

from typing import Any

from django.db import transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from households.models import Household
from households.selectors.members import roster
from households.selectors.parameters import policy_items
from households.services import telling
from monitoring import verbs
from monitoring.choices import LIVE_RISKS, Outcome, RiskState
from monitoring.models import EpisodeRisk, MonitoringObject
from monitoring.policies import objects as policies
from monitoring.selectors import cases
from monitoring.workflow.inputs import Risk

MAX_RISKS = 5


@transaction.atomic
def propose(obj: MonitoringObject, risk: Risk, *, evidence: str, by: User) -> EpisodeRisk:
    """A new risk of the open episode; it counts once the township confirms."""
    Household.objects.select_for_update().get(pk=obj.household_id)
    obj.refresh_from_db()
    episode = cases.last_episode(obj.pk)
    verdict = policies.may_propose_risk(by, obj)
    if episode is None or not episode.is_open:
        verdict &= Verdict.no("没有进行中的监测周期")
    else:
        verdict &= _holds(obj, risk, evidence, episode.risks.exclude(state=RiskState.REJECTED))
    verdict.require()
    assert episode is not None
    row = EpisodeRisk.objects.create(
        episode=episode,
        position=episode.risks.count() + 1,
        cause=risk.cause,
        member_id=risk.member_id,
        subtype=risk.subtype,
        note=risk.note,
        evidence=evidence,
        first_seen_on=risk.first_seen_on or clock.today(),
        is_new=True,
        state=RiskState.PROPOSED,
        proposed_at=clock.now(),
        proposed_by=by,
    )
    _record(verbs.RISK_PROPOSED, row, by, after={"cause": row.cause})
    return row


@transaction.atomic
def propose_resolved(risk: EpisodeRisk, *, outcome: str, evidence: str, by: User) -> EpisodeRisk:
    """The village says a recorded risk is gone, and how."""
    risk = _locked(risk)
    verdict = policies.may_propose_risk(by, risk.episode.object)
    if risk.state != RiskState.OPEN:
        verdict &= Verdict.no(f"该风险{risk.get_state_display()}")
    if outcome not in (Outcome.ASSISTED, Outcome.NATURAL):
        verdict &= Verdict.no(Reason("请选择消除方式", field="outcome"))
    (verdict & _proved(evidence)).require()
    risk.state, risk.outcome = RiskState.RESOLVING, outcome
    risk.evidence = evidence
    risk.proposed_at, risk.proposed_by = clock.now(), by
    risk.decided_at = risk.decided_by = None
    risk.save()
    _record(verbs.RISK_RESOLVING, risk, by, after={"outcome": outcome})
    return risk


@transaction.atomic
def decide(risk: EpisodeRisk, *, accept: bool, by: User) -> EpisodeRisk:
    """The township confirms or rejects what the village proposed."""
    risk = _locked(risk)
    policies.may_decide_risk(by, risk).require()
    was_new = risk.state == RiskState.PROPOSED
    if accept:
        risk.state = RiskState.OPEN if was_new else RiskState.RESOLVED
        risk.resolved_on = None if was_new else clock.today()
    else:
        risk.state = RiskState.REJECTED if was_new else RiskState.OPEN
        risk.outcome = ""
    risk.decided_at, risk.decided_by = clock.now(), by
    risk.save()
    verb = verbs.RISK_CONFIRMED if was_new else verbs.RISK_RESOLVED
    _record(verb if accept else verbs.RISK_REJECTED, risk, by, after={"state": risk.state})
    return risk


def _holds(obj: MonitoringObject, risk: Risk, evidence: str, known: Any) -> Verdict:
    household = obj.household
    causes = {
        row.code: row for row in policy_items("risk_cause", household.division_path, clock.today())
    }
    verdict = _proved(evidence)
    item = causes.get(risk.cause)
    if item is None:
        return verdict & Verdict.no(Reason("请选择风险成因", field="cause"))
    if "needs_subtype" in item.flags and not risk.subtype:
        verdict &= Verdict.no(Reason(f"“{item.label}”须选择自然灾害子项", field="subtype"))
    if "needs_note" in item.flags and len(risk.note.strip()) < 4:
        verdict &= Verdict.no(Reason(f"“{item.label}”须填写备注（不少于4字）", field="note"))
    if risk.member_id and not roster(household).filter(pk=risk.member_id).exists():
        verdict &= Verdict.no(Reason("涉及成员不是本户在册成员", field="member"))
    live = known.filter(state__in=(*LIVE_RISKS, RiskState.PROPOSED))
    if live.filter(cause=risk.cause, member_id=risk.member_id).exists():
        verdict &= Verdict.no(Reason("该风险已登记", field="cause"))
    if live.count() >= MAX_RISKS:
        verdict &= Verdict.no(Reason(f"未消除的风险最多登记{MAX_RISKS}项", field="cause"))
    return verdict


def _proved(evidence: str) -> Verdict:
    if len(evidence.strip()) >= 4:
        return Verdict.yes()
    return Verdict.no(Reason("请写明佐证", field="evidence", clause="业务规程 §5.6"))


def _locked(risk: EpisodeRisk) -> EpisodeRisk:
    Household.objects.select_for_update().get(pk=risk.episode.object.household_id)
    rows = EpisodeRisk.objects.select_for_update(of=("self",))
    return rows.select_related("episode__object__household").get(pk=risk.pk)


def _record(verb: str, risk: EpisodeRisk, by: User, **rest: Any) -> None:
    household = risk.episode.object.household
    record(verb, by=by, on=risk, subject=f"{household}{risk}", path=household.division_path, **rest)
    telling.tell([household.pk], "monitoring")
