"""Cases, objects and clues as lists and pages read them."""

import datetime

from django.db.models import Q, QuerySet

from fanpin import clock
from fanpin.regions.scope import Scope
from households.models import Household
from monitoring.choices import LIVE_RISKS, CaseKind, ClueState
from monitoring.models import Case, Clue, Episode, EpisodeRisk, MonitoringObject, RiskFlag

_WITH = ("household", "household__village", "household__village__parent", "object")


def listed(scope: Scope, *kinds: str) -> QuerySet[Case]:
    """Cases of these kinds in a scope, with what a list shows."""
    return Case.objects.within(scope).filter(kind__in=kinds).select_related(*_WITH)


def open_case(household_id: int) -> Case | None:
    """The one case under way for a household."""
    rows = Case.objects.filter(household_id=household_id, ended_on=None)
    return rows.select_related("household", "object").first()


def overdue() -> Q:
    """Open cases whose step or whole procedure has run out of time; a warning, never a refusal."""
    today = clock.today()
    return Q(ended_on=None) & (Q(due_on__lt=today) | Q(total_due_on__lt=today))


def open_clues(household_id: int) -> list[Clue]:
    """Clues nobody has dealt with yet."""
    return list(Clue.objects.filter(household_id=household_id, state=ClueState.OPEN))


def object_of(household_id: int) -> MonitoringObject | None:
    return MonitoringObject.objects.filter(household_id=household_id).first()


def last_episode(object_id: int | None) -> Episode | None:
    """The episode that is open, or was closed last."""
    if object_id is None:
        return None
    return Episode.objects.filter(object_id=object_id).order_by("-seq").first()


def live_risks(episode_id: int | None) -> list[EpisodeRisk]:
    """Risks of an episode that are recorded and not yet gone."""
    if episode_id is None:
        return []
    rows = EpisodeRisk.objects.filter(episode_id=episode_id, state__in=LIVE_RISKS)
    return list(rows.select_related("member"))


def flags(household_id: int) -> list[RiskFlag]:
    """Every mark ever set on the household's object, oldest first."""
    rows = RiskFlag.objects.filter(object__household_id=household_id)
    return list(rows.select_related("episode", "set_by", "case"))


def flags_between(scope: Scope, start: datetime.date, end: datetime.date) -> QuerySet[RiskFlag]:
    """Marks set in a period inside a scope: what the city's tables T1 and T2 count."""
    return RiskFlag.objects.filter(set_on__gte=start, set_on__lte=end).filter(
        pk__in=RiskFlag.objects.within(scope).values("pk")
    )


def monitored_households(scope: Scope) -> QuerySet[Household]:
    """Households under monitoring now, 拟消除 included."""
    return Household.objects.within(scope).filter(monitoring_state__in=("monitored", "eliminating"))


IDENTIFYING_KINDS = (CaseKind.IDENTIFY, CaseKind.RELABEL)
