"""The year’s 帮扶成效评估 of the demonstration: most are passed, some wait for the township or are still to be made."""

import datetime
import itertools

from fanpin.clock.days import pretend
from fanpin.demo.situations import Team
from households.models import Household
from monitoring.models import Evaluation, MonitoringObject
from monitoring.selectors import cases
from monitoring.services import evaluations

READY = "收入持续稳定超过监测范围，“三保障”和饮水安全有保障，帮扶措施已见成效"
GOES_ON = "帮扶措施正在落实，收入有所增加，仍需继续帮扶"
NEXT = "继续落实一户一策，按月走访，年底前再测算收入"
SUBMITTED_ON = datetime.date(2021, 11, 4)


def evaluate(household: Household, team: Team, day: datetime.date, *, ready: bool) -> Evaluation:
    """The village's word on what help has brought."""
    obj = MonitoringObject.objects.select_related("household").get(household=household)
    episode = cases.last_episode(obj.pk)
    risks = cases.live_risks(episode.pk if episode else None)
    with pretend(day):
        return evaluations.record(
            obj, evaluated_on=day, visitors=(team.village.name, team.township.name),
            conclusion="ready" if ready else "continue", effect=READY if ready else GOES_ON,
            next_steps="" if ready else NEXT, household_agrees=True,
            results={r.pk: ("gone" if ready else "eased", "") for r in risks}, by=team.village,
        )  # fmt: skip


def evaluate_and_pass(household: Household, team: Team, day: datetime.date, *, ready: bool) -> None:
    row = evaluate(household, team, day, ready=ready)
    with pretend(day):
        evaluations.review(row, accept=True, opinion="情况属实", by=team.township)


def evaluate_some(teams: dict[str, Team]) -> None:
    """Every third of those still monitored has none yet, every third waits for the township."""
    rows = MonitoringObject.objects.filter(state="monitored", household__village_id__in=teams)
    rows = rows.exclude(evaluations__year=SUBMITTED_ON.year).select_related("household")
    acts = itertools.cycle((None, evaluate, evaluate_and_pass))
    for obj, act in zip(rows.order_by("pk"), acts, strict=False):
        if act is not None:
            team = teams[obj.household.village_id]
            act(obj.household, team, SUBMITTED_ON, ready=False)
