"""The household's next day as its plan has it: the plan itself, then the measures still to be delivered."""

from assistance.choices import OPEN_STATES, PENDING, PlanState
from assistance.models import Plan, PlanItem
from households.models import Household
from households.services import standing

PLAN, MEASURE = "制定一户一策", "落实帮扶措施"
# What a plan or monitoring on its behalf wrote; anything else belongs to a case and stays.
OF_PLANS = ("", PLAN, "调整一户一策", MEASURE)


def follow(household_id: int) -> None:
    """Show what is due next once a plan or a measure moved."""
    shown = Household.objects.values_list("next_due_text", flat=True).get(pk=household_id)
    if shown not in OF_PLANS:
        return
    made = Plan.objects.filter(
        household=household_id, state__in=OPEN_STATES, due_on__isnull=False
    ).first()
    if made is not None:
        text = shown if shown not in ("", MEASURE) else PLAN
        standing.set_due(household_id, due_on=made.due_on, text=text)
        return
    item = (
        PlanItem.objects.filter(
            plan__household=household_id, plan__state=PlanState.APPROVED, status__in=PENDING
        )
        .order_by("deadline")
        .first()
    )
    standing.set_due(
        household_id, due_on=item.deadline if item else None, text=MEASURE if item else ""
    )
