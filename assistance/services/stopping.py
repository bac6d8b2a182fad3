"""A household is monitored no more because it is gone or united with another: nothing more is due for it."""

from django.db import transaction

from assistance import verbs
from assistance.choices import PlanState
from assistance.models import Measure, Plan
from assistance.models.measures import PENDING
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from households.models import Household
from households.services.telling import tell


@transaction.atomic
def stop(household: Household, *, reason: str, by: User | None) -> tuple[int, int]:
    """Plans become history, measures not yet delivered are cancelled with the reason; what was delivered stays.

    Called by monitoring after its own policy. Returns (plans, measures); safe to call again.
    """
    Household.objects.select_for_update().get(pk=household.pk)
    plans = Plan.objects.filter(household=household).exclude(state=PlanState.CLOSED)
    stopped = plans.update(state=PlanState.CLOSED)
    measures = Measure.objects.filter(household=household, status__in=PENDING)
    cancelled = measures.update(status="cancelled", cancel_reason=reason)
    if stopped or cancelled:
        record(
            verbs.ASSISTANCE_STOPPED, by=by, on=household, path=household.division_path, note=reason,
            after={"plans": stopped, "measures": cancelled},
        )  # fmt: skip
        tell([household.pk], "measure")
    return stopped, cancelled
