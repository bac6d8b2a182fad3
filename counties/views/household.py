"""The tab 疑点 of a household: what is open with its remedy, and what was settled."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from counties.models.findings import State
from counties.selectors import findings as selectors
from counties.views.findings import REMEDIES
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission
from households.views import shell


@requires(Permission.VIEW_FINDINGS)
@require_GET
def household(request: HttpRequest, pk: int) -> HttpResponse:
    subject = shell.scoped(request, pk)
    rows = selectors.visible(request.user).filter(household=subject)
    context = {
        **shell.context(request, subject, "counties:household"),
        "live": [(row, selectors.remedy(row, REMEDIES)) for row in rows.live()],
        "settled": rows.filter(state__in=(State.WAIVED, State.CLOSED)).order_by("-refreshed_at")[
            :50
        ],
    }
    return render(request, "counties/household.html", context)
