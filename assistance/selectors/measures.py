"""Measures as lists, the household tab and the to-do counts read them."""

import datetime

from django.db.models import Count, Q, QuerySet

from assistance.choices import PENDING
from assistance.models import Measure
from fanpin import clock
from fanpin.regions.scope import Scope


def listed(scope: Scope) -> QuerySet[Measure]:
    return (
        Measure.objects.within(scope)
        .select_related("household", "household__village", "member", "plan_item")
        .annotate(evidence_count=Count("evidence"))
        .order_by("-start_on", "-pk")
    )


def overdue() -> Q:
    """Planned or begun, and past the deadline of its plan (or its own end)."""
    day = clock.today()
    return Q(status__in=PENDING) & (
        Q(plan_item__deadline__lt=day) | Q(plan_item__isnull=True, end_on__lt=day)
    )


def waiting(scope: Scope) -> QuerySet[Measure]:
    """What is registered and not yet delivered."""
    return Measure.objects.within(scope).filter(status__in=PENDING)


def of_household(household_id: int) -> QuerySet[Measure]:
    return (
        Measure.objects.filter(household_id=household_id)
        .select_related("member", "plan_item", "recorded_by")
        .prefetch_related("evidence")
    )


def due_date(measure: Measure) -> datetime.date | None:
    return measure.plan_item.deadline if measure.plan_item else measure.end_on
