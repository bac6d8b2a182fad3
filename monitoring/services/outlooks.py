"""Judges how far monitored households are from elimination and keeps it for the lists. Safe to run at any time."""

import itertools
from collections.abc import Iterable, Iterator

from fanpin import clock
from fanpin.jobs import every_day
from households.selectors.parameters import Policy
from monitoring.choices import CaseKind
from monitoring.models import Case, HouseholdCheck, MonitoringObject, Outlook
from monitoring.rules import elimination
from monitoring.rules.elimination import Criterion
from monitoring.selectors import standing

UNDER = ("monitored", "eliminating")
CHUNK = 500
FIELDS = ["red", "grey", "lacking", "words", "judged_on", "judged_at"]


def refresh(household_ids: Iterable[int]) -> int:
    """Judge these households, as far as they are monitored; a dozen queries for each five hundred of them."""
    policy = Policy(clock.today())
    done = 0
    for chunk in _chunks(household_ids):
        rows = MonitoringObject.objects.filter(household_id__in=chunk, state__in=UNDER)
        objects = list(rows.select_related("household").order_by("pk"))
        if not objects:
            continue
        Outlook.objects.bulk_create(
            _judged(objects, policy), update_conflicts=True, unique_fields=["object"],
            update_fields=FIELDS,
        )  # fmt: skip
        done += len(objects)
    return done


@every_day
def refresh_all() -> None:
    """Months pass and lines change without anybody saving anything."""
    rows = MonitoringObject.objects.filter(state__in=UNDER).order_by("household_id")
    refresh(rows.values_list("household_id", flat=True).iterator())


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while chunk := list(itertools.islice(rest, CHUNK)):
        yield chunk


def _judged(objects: list[MonitoringObject], policy: Policy) -> list[Outlook]:
    running = _running([o.household_id for o in objects])
    asked = [running.get(o.household_id) or standing.Asked(o.household) for o in objects]
    facts = standing.facts_of(asked, policy)
    found = []
    for obj, one in zip(objects, asked, strict=True):
        conditions = standing.conditions(obj.household.division_path, policy)
        known = one.check is not None
        lights = elimination.judge(facts[obj.household_id], conditions, known=known)
        found.append(_outlook(obj, lights))
    return found


def _running(ids: list[int]) -> dict[int, standing.Asked]:
    """Eliminations under way bring their visit, method and month along, as the household's page does."""
    rows = Case.objects.filter(household_id__in=ids, kind=CaseKind.ELIMINATE, ended_on=None)
    cases = list(rows.select_related("household"))
    visits = HouseholdCheck.objects.filter(case__in=cases).select_related("statement")
    newest = visits.order_by("case_id", "-pk").distinct("case_id")
    by_case = {v.case_id: v for v in newest.prefetch_related("risks")}
    return {
        case.household_id: standing.Asked(
            case.household,
            check=(check := by_case.get(case.pk)),
            seen=list(check.risks.all()) if check else None,
            is_natural=case.method == "natural",
            month=case.reference_month,
        )
        for case in cases
    }


def _outlook(obj: MonitoringObject, lights: list[Criterion]) -> Outlook:
    said = [c for c in lights if c.findings]
    words = (f"{c.code} {'；'.join(f.text for f in c.findings)}" for c in said)
    return Outlook(
        object=obj,
        red=[c.code for c in lights if c.state == "red"],
        grey=[c.code for c in lights if c.state == "grey"],
        lacking=len(said),
        words="　".join(words),
        judged_on=clock.today(),
        judged_at=clock.now(),
    )
