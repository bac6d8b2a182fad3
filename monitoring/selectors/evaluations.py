"""帮扶成效评估 of a year: who has one, who has none yet, by when, and what the gate of an elimination reads."""

import datetime

from django.db.models import Count, F, FilteredRelation, Q, QuerySet

from fanpin import clock
from fanpin.regions.scope import Scope
from households.selectors.parameters import MissingParameter, parameter
from monitoring.choices import EvaluationState
from monitoring.models import Evaluation, MonitoringObject

UNDER = ("monitored", "eliminating")
NONE = "none"


def year_now() -> int:
    return clock.today().year


def due_on(path: str, year: int) -> datetime.date | None:
    """The last day of a year's evaluation at a place; None where nobody has set one."""
    try:
        text = parameter("evaluation_due", path, datetime.date(year, 1, 1))
    except MissingParameter:
        return None
    return datetime.datetime.strptime(f"{year}-{text}", "%Y-%m-%d").date()  # noqa: DTZ007 – a day


def opens_on(path: str, year: int) -> datetime.date | None:
    """From this day on it is a to-do."""
    due = due_on(path, year)
    try:
        lead = int(parameter("evaluation_lead_days", path, datetime.date(year, 1, 1)))
    except MissingParameter:
        return None
    return due - datetime.timedelta(days=lead) if due else None


def of_year(scope: Scope, year: int) -> QuerySet:
    """Objects monitored now, or evaluated in that year, each with the year's evaluation as `of_year_*`."""
    rows = MonitoringObject.objects.within(scope).annotate(
        that=FilteredRelation("evaluations", condition=Q(evaluations__year=year))
    )
    return rows.filter(Q(state__in=UNDER) | Q(that__isnull=False)).annotate(
        eval_id=F("that__pk"),
        eval_state=F("that__state"),
        eval_conclusion=F("that__conclusion"),
        eval_on=F("that__evaluated_on"),
        eval_by=F("that__made_by__name"),
    )


def by_state(rows: QuerySet, value: str) -> QuerySet:
    if value == NONE:
        return rows.filter(eval_id=None)
    return rows.filter(eval_state=value)


def counts(rows: QuerySet) -> dict[str, int]:
    """How many in each state, and how many have none."""
    wanted = {s: Count("pk", filter=Q(eval_state=s)) for s in EvaluationState.values}
    return rows.order_by().aggregate(**wanted, **{NONE: Count("pk", filter=Q(eval_id=None))})


def to_make(scope: Scope, year: int) -> QuerySet:
    """Whom the village still has to evaluate: none yet, or returned."""
    rows = of_year(scope, year).filter(state__in=UNDER)
    return rows.filter(Q(eval_id=None) | Q(eval_state=EvaluationState.RETURNED))


def to_review(scope: Scope) -> QuerySet[Evaluation]:
    return Evaluation.objects.within(scope).filter(state=EvaluationState.SUBMITTED)


def of_object(obj: MonitoringObject, year: int) -> Evaluation | None:
    rows = Evaluation.objects.filter(object=obj, year=year)
    return rows.select_related("made_by", "reviewed_by").prefetch_related("risks__risk").first()


def for_decision(obj: MonitoringObject, path: str) -> Evaluation | None:
    """What the county's decision rests on: this year's, or last year's as long as this year's is not due."""
    today = clock.today()
    rows = Evaluation.objects.filter(object=obj, year__lte=today.year)
    newest = rows.order_by("-year").first()
    if newest is None or newest.year == today.year:
        return newest
    due = due_on(path, today.year)
    still_good = newest.year == today.year - 1 and due is not None and today <= due
    return newest if still_good else None
