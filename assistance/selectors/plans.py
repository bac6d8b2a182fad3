"""Plans as lists and pages read them."""

from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet

from assistance.choices import EDITABLE_STATES, OPEN_STATES, PENDING, PlanState
from assistance.models import Plan, PlanDuty, PlanItem, PlanRisk
from fanpin import clock
from fanpin.regions.scope import Scope

NOT_HELPED = ("closed", "voided")


def all_plans() -> QuerySet[Plan]:
    """Plans with everything their page shows, in a constant number of queries."""
    items = PlanItem.objects.select_related("risk").order_by("pk")
    return Plan.objects.select_related(
        "household", "household__village", "submitted_by", "decided_by", "created_by"
    ).prefetch_related(
        Prefetch("risks", PlanRisk.objects.select_related("bearer").order_by("pk")),
        Prefetch("items", items),
        "documents",
    )


def listed(scope: Scope) -> QuerySet[Plan]:
    """The current plans of a scope: the draft and the one in force, with counts."""
    return (
        Plan.objects.within(scope)
        .exclude(state=PlanState.CLOSED)
        .select_related("household", "household__village", "household__natural_village")
        .annotate(
            item_count=Count("items", distinct=True),
            pending_count=Count("items", filter=Q(items__status__in=PENDING), distinct=True),
            risk_count=Count("risks", distinct=True),
        )
        .order_by("due_on", "household__hh_code")
    )


def to_make() -> Q:
    """Being made or returned, of a household that is still there and still to be helped."""
    gone = Q(household__ended_on__isnull=False) | Q(household__monitoring_state__in=NOT_HELPED)
    return Q(state__in=EDITABLE_STATES) & ~gone


def overdue() -> Q:
    """Not yet approved although the day has passed."""
    return Q(state__in=OPEN_STATES, due_on__lt=clock.today())


def item_overdue() -> Q:
    """A plan in force with a measure whose deadline has passed undelivered."""
    return Q(
        state=PlanState.APPROVED,
        items__status__in=PENDING,
        items__deadline__lt=clock.today(),
    )


def current(household_id: int) -> Plan | None:
    """The plan being made, else the one in force, else the last one."""
    found = list(all_plans().filter(household_id=household_id).order_by("-version"))
    return next((p for p in found if p.state in EDITABLE_STATES), found[0] if found else None)


def in_force(household_id: int) -> Plan | None:
    return all_plans().filter(household_id=household_id, state=PlanState.APPROVED).first()


def versions(household_id: int) -> list[Plan]:
    """Every version, latest first."""
    return list(
        Plan.objects.filter(household_id=household_id)
        .select_related("created_by", "submitted_by", "decided_by")
        .order_by("-version")
    )


def risks_of(household_id: int) -> list[str]:
    """The household's risks as registered, with those its plan in force adds."""
    duty = PlanDuty.objects.filter(household_id=household_id).first()
    planned = PlanRisk.objects.filter(
        plan__household_id=household_id, plan__state=PlanState.APPROVED
    ).order_by("pk")
    codes = [*(duty.risks if duty else []), *planned.values_list("cause", flat=True)]
    return list(dict.fromkeys(codes))


@dataclass(frozen=True)
class RiskBlock:
    """One risk with the measures foreseen for it; `risk` None gathers the 普惠 ones."""

    risk: PlanRisk | None
    items: tuple[PlanItem, ...]


def blocks(plan: Plan) -> list[RiskBlock]:
    """The plan as it is read: risk by risk."""
    items = list(plan.items.all())
    found = [
        RiskBlock(risk, tuple(i for i in items if i.risk_id == risk.pk))
        for risk in plan.risks.all()
    ]
    general = tuple(i for i in items if i.risk_id is None)
    return [*found, RiskBlock(None, general)] if general else found
