"""走访帮扶: visits with position, photos and signature, made with one hand; who helps the household."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.files.serving import download
from fanpin.web.components import Action, Crumb
from households.forms.visits import HelperForm, VisitForm
from households.models import Helping, Household, Visit, VisitPaper
from households.policies import helping as policy
from households.selectors import places
from households.selectors.parameters import MissingParameter, parameter
from households.services import helping, visits
from households.views import shell
from households.views.answers import admit, attempt, page, user_of


@requires(P.VIEW_HOUSEHOLDS)
def visit_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Who helps, who came, what was found, where the household lies in its village."""
    household = shell.scoped(request, pk)
    user = user_of(request)
    may_visit, may_assign = policy.may_visit(user, household), policy.may_assign(user, household)
    actions = []
    if not may_assign.forbidden:
        assign = reverse("households:helper_assign", args=[pk])
        actions.append(Action("安排帮扶责任人", assign, disabled=may_assign))
    if not may_visit.forbidden:
        new = reverse("households:visit_create", args=[pk])
        actions.append(Action("登记走访", new, tone="primary", disabled=may_visit))
    context = {
        **shell.context(request, household, "households:visits"),
        "visits": household.visits.select_related("visitor").prefetch_related("papers")[:100],
        "helpings": household.helpings.select_related("helper"),
        "may_end": may_assign.ok,
        "points": places.village_map(household),
        "side": places.SIDE,
        "actions": actions,
    }
    return page(request, "households/visits.html", context)


@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def visit_create(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    user = user_of(request)
    admit(request, policy.may_visit(user, household))
    form = VisitForm(*_sent(request))
    reasons = []
    if request.method == "POST" and form.is_valid():
        made, reasons = attempt(
            form, lambda: visits.record_visit(household, **form.cleaned_data, by=user)
        )
        if made is not None:
            _tell(request, household, made)
            return redirect("households:visits", pk=pk)
    context = {
        "form": form,
        "household": household,
        "title": f"登记走访：{household}",
        "breadcrumb": _crumbs(household),
    }
    return page(request, "households/visit_form.html", context, wrong=(form,), reasons=reasons)


def _sent(request: HttpRequest) -> tuple:  # type: ignore[type-arg]
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _tell(request: HttpRequest, household: Household, visit: Visit) -> None:
    """Say that it is kept, and when the visitor stood outside the village."""
    messages.success(request, "已登记走访。")
    if visit.longitude is None or visit.latitude is None:
        return
    away = places.distance_from_village(household.village, visit.longitude, visit.latitude)
    try:
        limit = parameter("location_tolerance_km", household.division_path, clock.today())
    except MissingParameter:
        return
    if away is not None and away > limit:
        messages.warning(
            request,
            f"定位距{household.village.name}中心约{away:.1f}公里，超出允许偏差{limit:g}公里，请核对是否入户。",
        )


@requires(P.VIEW_HOUSEHOLDS)
def visit_paper(request: HttpRequest, pk: int) -> FileResponse:
    rows = VisitPaper.objects.select_related("visit__household")
    found = get_scoped_or_404(rows, request.user, pk=pk)
    return download(visits.open_paper(found, by=user_of(request)), inline=True)


@requires(P.EDIT_HOUSEHOLDS, P.REVIEW_CHANGES)
def helper_assign(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    user = user_of(request)
    admit(request, policy.may_assign(user, household))
    form = HelperForm(request.POST or None, initial={"start_on": clock.today()})
    reasons = []
    if request.method == "POST" and form.is_valid():
        start = form.cleaned_data["start_on"]
        made, reasons = attempt(
            form, lambda: helping.assign(household, helper=form.helper, start_on=start, by=user)
        )
        if made is not None:
            messages.success(request, f"已安排{made.helper.name}为帮扶责任人。")
            return redirect("households:visits", pk=pk)
    context = {
        "form": form,
        "household": household,
        "title": f"安排帮扶责任人：{household}",
        "breadcrumb": _crumbs(household),
    }
    return page(request, "households/helper_form.html", context, wrong=(form,), reasons=reasons)


@require_POST
@requires(P.EDIT_HOUSEHOLDS, P.REVIEW_CHANGES)
def helping_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Today is the last day."""
    row = get_scoped_or_404(Helping.objects.select_related("household"), request.user, pk=pk)
    try:
        ended = helping.end(row, end_on=clock.today(), by=user_of(request))
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, f"{ended.helper.name}的帮扶已于今天结束。")
    return redirect("households:visits", pk=row.household_id)


def _crumbs(household: Household) -> list[Crumb]:
    return [
        *shell.crumbs(household),
        Crumb(str(household), reverse("households:visits", args=[household.pk])),
    ]
