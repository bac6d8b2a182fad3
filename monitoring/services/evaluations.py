"""Records the year's 帮扶成效评估 of a household and the township's word on it."""

import datetime
from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from assistance.selectors import coverage
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Refused, Verdict
from fanpin.audit.recording import record as audit
from households.models import Household
from households.rules.windows import shown
from households.services import telling
from monitoring import verbs
from monitoring.choices import EvaluationState
from monitoring.models import EpisodeRisk, Evaluation, EvaluationRisk, MonitoringObject
from monitoring.policies import evaluations as policies
from monitoring.selectors import cases, criteria, standing
from monitoring.selectors import evaluations as selectors


@transaction.atomic
def record(
    obj: MonitoringObject,
    *,
    evaluated_on: datetime.date,
    visitors: Sequence[str],
    conclusion: str,
    effect: str,
    household_agrees: bool,
    results: Mapping[int, tuple[str, str]],
    next_steps: str = "",
    disagreement: str = "",
    by: User,
) -> Evaluation:
    """Hand in this year's evaluation, or the returned one again. `results`: risk → (result, note)."""
    obj = _locked(obj)
    year = selectors.year_now()
    old = selectors.of_object(obj, year)
    verdict = policies.may_evaluate(by, obj, old)
    risks = _risks(obj)
    if verdict.ok:
        verdict &= policies.holds(
            obj, risks, evaluated_on=evaluated_on, visitors=visitors, conclusion=conclusion,
            effect=effect, next_steps=next_steps, household_agrees=household_agrees,
            disagreement=disagreement, results=results,
        )  # fmt: skip
    verdict.require()
    row = old or Evaluation(object=obj, year=year)
    row.evaluated_on, row.visitors, row.conclusion = evaluated_on, list(visitors), conclusion
    row.effect, row.next_steps = effect.strip(), next_steps.strip()
    row.household_agrees, row.disagreement = household_agrees, disagreement.strip()
    _freeze(row, obj)
    row.state, row.reviewed_at, row.reviewed_by = EvaluationState.SUBMITTED, None, None
    row.made_at, row.made_by = clock.now(), by
    row.save()
    for risk in risks:
        result, note = results[risk.pk]
        EvaluationRisk.objects.update_or_create(
            evaluation=row, risk=risk, defaults={"result": result, "note": note}
        )
    _record(verbs.EVALUATED, row, by, note=effect)
    return row


def _freeze(row: Evaluation, obj: MonitoringObject) -> None:
    """The household's figures and lights of this day."""
    household = obj.household
    facts = standing.facts(household)
    lights = criteria.of(household)
    helped = coverage.help_of([household.pk])[household.pk]
    row.income_pc = shown(facts.per_capita) if facts.per_capita is not None else None
    row.line = facts.line
    row.delivered, row.undelivered = len(helped.delivered), len(helped.open_items)
    row.red = [c.code for c in lights if c.state == "red"]
    row.words = "；".join(f"{c.code} {f.text}" for c in lights for f in c.findings)


@transaction.atomic
def review(evaluation: Evaluation, *, accept: bool, opinion: str = "", by: User) -> Evaluation:
    """The township passes it, or returns it with a reason."""
    _locked(evaluation.object)
    rows = Evaluation.objects.select_for_update(of=("self",))
    row = rows.select_related("object__household", "reviewed_by").get(pk=evaluation.pk)
    verdict = policies.may_review(by, row)
    if not accept and len(opinion.strip()) < 4:
        verdict &= Verdict.no(Reason("请写明退回原因", field="opinion"))
    verdict.require()
    row.state = EvaluationState.PASSED if accept else EvaluationState.RETURNED
    row.opinion, row.reviewed_at, row.reviewed_by = opinion.strip(), clock.now(), by
    row.save()
    _record(verbs.EVALUATION_PASSED if accept else verbs.EVALUATION_RETURNED, row, by, note=opinion)
    return row


@transaction.atomic
def review_many(evaluations: Iterable[Evaluation], *, by: User) -> int:
    """Pass several at once; one that may not be passed refuses all, each named."""
    refused: list[Reason] = []
    done = 0
    for row in evaluations:
        try:
            with transaction.atomic():
                review(row, accept=True, by=by)
            done += 1
        except Refused as refusal:
            refused += [Reason(f"{row.object}：{r.text}", r.url, r.clause) for r in refusal.reasons]
    Verdict(tuple(refused)).require()
    return done


def _locked(obj: MonitoringObject) -> MonitoringObject:
    household = Household.objects.select_for_update().get(pk=obj.household_id)
    held = MonitoringObject.objects.select_for_update(of=("self",)).get(pk=obj.pk)
    held.household = household
    return held


def _risks(obj: MonitoringObject) -> list[EpisodeRisk]:
    episode = cases.last_episode(obj.pk)
    return cases.live_risks(episode.pk if episode else None)


def _record(verb: str, row: Evaluation, by: User, *, note: str) -> None:
    household = row.object.household
    after = {"state": row.state, "conclusion": row.conclusion, "year": row.year}
    audit(verb, by=by, on=row, path=household.division_path, subject=f"{household}{row}",
          after=after, note=note)  # fmt: skip
    telling.tell([household.pk], "monitoring")
