"""Listens to what happens to households: stops eliminations that no longer hold, sees households that are gone."""

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from households.services import telling
from households.signals import household_changed
from monitoring.models import Case, MonitoringObject
from monitoring.selectors import standing
from monitoring.services import cases, objects, outlooks, prompts

FACTS = {"household", "member", "income", "measure"}
# What else moves a light: clues, risks and the case itself.
LIT = {*FACTS, "monitoring"}


@receiver(household_changed, dispatch_uid="monitoring.watch")
def watch(
    sender: Any,
    household_ids: Iterable[int],
    kinds: set[str],
    changes: Iterable[int] = (),
    **kwargs: Any,
) -> None:
    """Edges 12/25 are prompted and edge 15 is taken; no other state ever changes by itself (policy.md §6.5)."""
    ids = list(household_ids)
    if LIT & set(kinds) and not telling.is_judged_later():
        outlooks.refresh(ids)
    if not FACTS & set(kinds):
        return
    _stop_eliminations(ids)
    if "member" in kinds:
        _see_the_gone(ids)
        prompts.ask_about(changes)
    if "head" in kinds:
        for case in Case.objects.filter(household_id__in=ids, ended_on=None):
            cases.note_head(case)


def _stop_eliminations(ids: list[int]) -> None:
    running = Case.objects.filter(household_id__in=ids, kind="eliminate", ended_on=None)
    for case in running.select_related("household"):
        check = case.checks.select_related("statement").last()
        found = standing.lights(
            case.household,
            check=check,
            is_natural=case.method == "natural",
            month=case.reference_month,
        )
        if texts := [finding.text for light in found for finding in light.findings]:
            cases.auto_stop(case, reason="；".join(texts))


def _see_the_gone(ids: list[int]) -> None:
    watched = MonitoringObject.objects.filter(
        household_id__in=ids, state__in=("monitored", "eliminated")
    ).select_related("household")
    for obj in watched:
        if obj.household.family_size == 0 and obj.gone_on is None:
            objects.note_gone(obj)
        elif obj.household.family_size and obj.gone_on is not None:
            objects.forget_gone(obj)
