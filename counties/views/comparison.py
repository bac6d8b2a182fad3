"""Comparison on screen: which ledgers are there, start, progress, what each ledger gave."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from counties.comparison import COMPARED, DIFFERENCES, SPECS
from counties.models import CheckRun
from counties.policies.ledgers import may_compare
from counties.selectors.ledgers import in_use
from counties.selectors.places import counties
from counties.services import comparisons
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division
from households.choices import label
from households.selectors.parameters import current_campaign


@requires(Permission.RUN_COMPARISON)
@require_http_methods(["GET", "POST"])
def comparison(request: HttpRequest) -> HttpResponse:
    """The ledgers of a county and its comparisons; POST starts one with the ticked departments."""
    county = _county(request)
    campaign = current_campaign()
    problems = None
    if request.method == "POST":
        try:
            run = comparisons.start(
                county,
                campaign=campaign,
                departments=request.POST.getlist("departments"),
                by=request.user,
            )
        except ValidationError as refused:
            problems = refused
        else:
            messages.success(request, "已发起比对。")
            return redirect("counties:run", pk=run.pk)
    used = in_use(county, campaign)
    runs = CheckRun.objects.filter(division=county, campaign=campaign).select_related(
        "job", "started_by"
    )
    context = {
        "title": f"{county.name}部门比对",
        "county": county,
        "counties": counties(request.user, Permission.RUN_COMPARISON),
        "ledgers": [
            {
                "spec": spec,
                "department": label("department", spec.department),
                "batch": used.get(key),
            }
            for key, spec in COMPARED.items()
        ],
        "verdict": may_compare(request.user, county, campaign),
        "problems": problems,
        "runs": runs[:20],
    }
    return render(request, "counties/comparison.html", context, status=422 if problems else 200)


@requires(Permission.RUN_COMPARISON)
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One comparison: its progress, and for each ledger and kind how many disagreements, each a link."""
    found = get_scoped_or_404(
        CheckRun.objects.select_related("division", "job", "campaign"), request.user, pk=pk
    )
    parts = found.parts.select_related("batch").prefetch_related("counts")
    context = {
        "title": f"{found.division.name}比对结果",
        "run": found,
        "job": found.job,
        "may_cancel": found.job is not None and found.job.is_active,
        "parts": [
            {
                "part": part,
                "spec": SPECS[part.ledger],
                "counts": [(c, DIFFERENCES[c.code]) for c in part.counts.all()],
            }
            for part in parts
        ],
        "breadcrumb": [("比对", f"{reverse('counties:comparison')}?county={found.division_id}")],
    }
    return render(request, "counties/run.html", context)


def _county(request: HttpRequest) -> Division:
    """The county asked for, or the user's first one; 404 outside the scope."""
    mine = counties(request.user, Permission.RUN_COMPARISON)
    code = request.POST.get("county") or request.GET.get("county")
    return get_object_or_404(mine, code=code) if code else get_object_or_404(mine[:1])
