"""What waits for a user in assistance: plans to make or to approve, measures to deliver."""

import datetime

from django.db.models import Min, Q
from django.urls import reverse

from assistance.choices import PlanState
from assistance.models import AdvanceHelp, Plan
from assistance.selectors import measures, plans
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.web.extensions import Todo

SOON = 7


def waiting(user: User) -> list[Todo]:
    """Counts for the navigation and the workbench, each opening its list."""
    found = [_plans(user), _approvals(user), _measures(user), _advance(user)]
    return [todo for todo in found if todo and todo.count]


def _tone(due_on: datetime.date | None, overdue: int) -> str:
    if overdue:
        return "red"
    soon = clock.today() + datetime.timedelta(days=SOON)
    return "orange" if due_on and due_on <= soon else "blue"


def _plans(user: User) -> Todo | None:
    if not user.holds(P.EDIT_PLANS):
        return None
    rows = Plan.objects.within(user.scope_for(P.EDIT_PLANS)).filter(plans.to_make())
    day = clock.today()
    facts = rows.aggregate(due_on=Min("due_on"))
    overdue = rows.filter(due_on__lt=day).count()
    return Todo(
        key="plans",
        label="一户一策待制定或修改",
        count=rows.count(),
        url=reverse("assistance:plans") + "?state=making",
        due_on=facts["due_on"],
        overdue=overdue,
        tone=_tone(facts["due_on"], overdue),
        desk="帮扶",
    )


def _approvals(user: User) -> Todo | None:
    if not user.holds(P.APPROVE_PLANS):
        return None
    rows = Plan.objects.within(user.scope_for(P.APPROVE_PLANS)).filter(state=PlanState.SUBMITTED)
    rows = rows.exclude(submitted_by=user)
    day = clock.today()
    facts = rows.aggregate(due_on=Min("due_on"))
    overdue = rows.filter(due_on__lt=day).count()
    return Todo(
        key="plans",
        label="一户一策待审核",
        count=rows.count(),
        url=reverse("assistance:plans") + "?state=submitted",
        due_on=facts["due_on"],
        overdue=overdue,
        tone=_tone(facts["due_on"], overdue),
        desk="帮扶",
    )


def _measures(user: User) -> Todo | None:
    if not user.holds(P.RECORD_MEASURES):
        return None
    rows = measures.waiting(user.scope_for(P.RECORD_MEASURES))
    late = rows.filter(measures.overdue()).count()
    due_on = rows.aggregate(due_on=Min("plan_item__deadline"))["due_on"]
    return Todo(
        key="measures",
        label="帮扶措施待落实",
        count=rows.count(),
        url=reverse("assistance:measures") + "?status=pending",
        due_on=due_on,
        overdue=late,
        tone=_tone(due_on, late),
        desk="帮扶",
    )


def _advance(user: User) -> Todo | None:
    """先行帮扶 whose procedure has not ended: the township's own list."""
    if not (user.holds(P.TOWNSHIP_CASE) or user.holds(P.TOWNSHIP_GOVERNMENT)):
        return None
    rows = AdvanceHelp.objects.within(user.scope).filter(settled_at__isnull=True)
    facts = rows.aggregate(due_on=Min("due_on"))
    overdue = rows.filter(Q(due_on__lt=clock.today())).count()
    return Todo(
        key="advance",
        label="先行帮扶待补办结",
        count=rows.count(),
        url=reverse("assistance:measures") + "?is_advance=true",
        due_on=facts["due_on"],
        overdue=overdue,
        tone=_tone(facts["due_on"], overdue),
        desk="帮扶",
    )
