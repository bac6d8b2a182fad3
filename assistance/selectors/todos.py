"""What waits for a user in assistance: plans to make or to approve, measures to deliver."""

import datetime

from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from assistance.choices import PlanState
from assistance.models import Plan
from assistance.selectors import measures, plans
from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.web.extensions import Todo

SOON = 7


def waiting(user: User) -> list[Todo]:
    """Counts for the navigation and the workbench, each opening its list."""
    found = [_plans(user), _approvals(user), _measures(user)]
    return [todo for todo in found if todo and todo.count]


def _tone(due_on: datetime.date | None, overdue: int) -> str:
    if overdue:
        return "red"
    soon = clock.today() + datetime.timedelta(days=SOON)
    return "orange" if due_on and due_on <= soon else "blue"


def _todo(
    rows: QuerySet, *, key: str, label: str, url: str, due: str = "due_on", late: Q | None = None
) -> Todo:
    """How many rows wait, how many of them are late, the earliest day: one query."""
    late = late if late is not None else Q(**{f"{due}__lt": clock.today()})
    facts = rows.aggregate(
        count=Count("pk", distinct=True),
        overdue=Count("pk", distinct=True, filter=late),
        due_on=Min(due),
    )
    tone = _tone(facts["due_on"], facts["overdue"])
    return Todo(key=key, label=label, url=url, tone=tone, desk="帮扶", **facts)


def _plans(user: User) -> Todo | None:
    if not user.holds(P.EDIT_PLANS):
        return None
    rows = Plan.objects.within(user.scope_for(P.EDIT_PLANS)).filter(plans.to_make())
    url = reverse("assistance:plans") + "?state=making"
    return _todo(rows, key="plans", label="一户一策待制定或修改", url=url)


def _approvals(user: User) -> Todo | None:
    if not user.holds(P.APPROVE_PLANS):
        return None
    rows = Plan.objects.within(user.scope_for(P.APPROVE_PLANS)).filter(state=PlanState.SUBMITTED)
    url = reverse("assistance:plans") + "?state=submitted"
    return _todo(rows.exclude(submitted_by=user), key="plans", label="一户一策待审核", url=url)


def _measures(user: User) -> Todo | None:
    if not user.holds(P.RECORD_MEASURES):
        return None
    return _todo(
        measures.waiting(user.scope_for(P.RECORD_MEASURES)),
        key="measures",
        label="帮扶措施待落实",
        url=reverse("assistance:measures") + "?status=pending",
        due="plan_item__deadline",
        late=measures.overdue(),
    )
