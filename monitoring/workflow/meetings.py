"""Which households of a village wait for a meeting, and what was decided at one."""

from django.db.models import Count, Q, QuerySet

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division
from fanpin.regions.scope import Scope
from monitoring.models import Case, Meeting
from monitoring.workflow.procedures import PROCEDURES

DELIBERATE = "deliberate"


def _ready() -> Q:
    """The statuses out of which a case goes to a meeting, by its table."""
    found = Q(pk__in=[])
    for kind, procedure in PROCEDURES.items():
        found |= Q(kind=kind, status__in=procedure.by_name[DELIBERATE].source)
    return found


def waiting(path: str) -> QuerySet[Case]:
    """Cases below a path that wait for their meeting."""
    rows = Case.objects.filter(_ready(), ended_on=None, division_path__startswith=path)
    return rows.select_related("household__village", "object", "episode").order_by(
        "opened_on", "pk"
    )


def villages(user: User) -> QuerySet[Division]:
    """Villages whose meetings this user registers and that have something to judge, with how many."""
    scope = user.scope_for(Permission.VILLAGE_CASE)
    cases = Case.objects.within(scope).filter(_ready(), ended_on=None)
    rows = Division.objects.filter(pk__in=cases.values("household__village"))
    return rows.order_by("path")


def listed(scope: Scope) -> QuerySet[Meeting]:
    rows = Meeting.objects.within(scope).select_related("village", "made_by")
    return rows.annotate(
        households=Count("deliberations"),
        passed=Count("deliberations", filter=Q(deliberations__is_passed=True)),
    )
