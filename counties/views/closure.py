"""县级闭合 on screen: the checks with their items, the signature, the correction order."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from counties.closure import CHECKS, running
from counties.forms.closures import OrderForm, SignForm
from counties.forms.findings import FindingFilter
from counties.policies import closures as policies
from counties.selectors import closures as selectors
from counties.selectors.places import counties
from counties.services import closures as services
from counties.views.findings import COLUMNS
from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.regions.models import Division, Level
from fanpin.web.lists import render_list
from households.policies.locks import unlocked
from households.selectors.parameters import current_campaign, parameter


@requires(Permission.VIEW_CLOSURE)
@require_GET
def closure(request: HttpRequest) -> HttpResponse:
    """The user's first county; below the county, the closure items of one's own division."""
    first = counties(request.user, Permission.VIEW_CLOSURE).first()
    if first is None:
        return redirect(reverse("counties:findings") + "?origin=closure&state=live")
    return redirect("counties:closure_of", code=first.code)


@requires(Permission.VIEW_CLOSURE)
@require_GET
def closure_of(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _county(request, code))


@requires(Permission.RUN_CLOSURE)
@require_POST
def run(request: HttpRequest, code: str) -> HttpResponse:
    county = _county(request, code)
    try:
        services.start_run(county, campaign=current_campaign(), by=request.user)
    except ValidationError as refused:
        return _page(request, county, refused)
    messages.success(request, "已开始闭合检查。")
    return redirect("counties:closure_of", code=code)


@requires(Permission.SIGN_CLOSURE)
@require_POST
def sign(request: HttpRequest, code: str) -> HttpResponse:
    county = _county(request, code)
    form = SignForm(request.POST)
    if not form.is_valid():
        return _page(request, county, sign_form=form)
    try:
        services.start_signing(
            county, campaign=current_campaign(), by=request.user, **form.cleaned_data
        )
    except ValidationError as refused:
        return _page(request, county, refused, sign_form=form)
    messages.success(request, "已开始签署：先再检查一遍，没有阻断项即签署并锁定数据。")
    return redirect("counties:closure_of", code=code)


@requires(Permission.SIGN_CLOSURE)
@require_POST
def order(request: HttpRequest, code: str) -> HttpResponse:
    county = _county(request, code)
    form = OrderForm(request.POST)
    editions = selectors.signatures(county, current_campaign())
    if not editions:
        raise Http404("本县尚未签署")
    if not form.is_valid():
        return _page(request, county, order_form=form)
    try:
        services.order_correction(editions[0], by=request.user, **form.cleaned_data)
    except ValidationError as refused:
        return _page(request, county, refused, order_form=form)
    messages.success(request, "更正令已下达，数据已解除锁定。")
    return redirect("counties:closure_of", code=code)


@requires(Permission.VIEW_CLOSURE)
@require_GET
def items(request: HttpRequest, code: str, check: str) -> HttpResponse:
    """The violations of one check, each a finding."""
    county = _county(request, code)
    if check not in CHECKS:
        raise Http404("没有这个检查项")
    declared = CHECKS[check]
    found = running.violations(declared, county, current_campaign())
    return render_list(
        request,
        title=f"{check} {declared.title}",
        queryset=found.select_related("household__village", "member"),
        columns=COLUMNS,
        filters=FindingFilter,
        search=("household__head_name", "household__hh_code", "member__name"),
        empty=f"没有问题。{declared.remedy}",
        breadcrumb=[("县级闭合", reverse("counties:closure_of", args=[code]))],
    )


def _county(request: HttpRequest, code: str) -> Division:
    return get_scoped_or_404(Division.objects.filter(level=Level.COUNTY), request.user, code=code)


def _page(
    request: HttpRequest, county: Division, problems: Any = None, **forms: Any
) -> HttpResponse:
    campaign = current_campaign()
    latest = selectors.latest_run(county, campaign)
    job = selectors.latest_job(county)
    editions = selectors.signatures(county, campaign)
    current = editions[0] if editions else None
    results = {r.code: r for r in latest.results.all()} if latest else {}
    context = {
        "title": f"{county.name}{campaign}县级闭合",
        "county": county,
        "counties": counties(request.user, Permission.VIEW_CLOSURE),
        "run": latest,
        "job": job,
        "may_cancel": job is not None and job.is_active,
        "results": [(results[code], check) for code, check in CHECKS.items() if code in results],
        "needed": parameter("warnings_explained_percent", county.path, clock.today()),
        "others_url": f"{reverse('counties:findings')}?blocking=no&division={county.path}",
        "problems": problems,
        "locked": not unlocked(county.path, campaign).ok,
        "may_see_actions": request.user.may(Permission.RUN_CLOSURE, county.path),  # type: ignore[union-attr]
        "may_run": policies.may_run(request.user, county, campaign),
        "may_sign": policies.may_sign(request.user, latest) if latest else Verdict.no("请先检查"),
        "sign_form": forms.get("sign_form") or SignForm(),
        "order_form": forms.get("order_form") or OrderForm(),
        "signature": current,
        "signature_facts": _facts(current),
        "may_order": policies.may_order_correction(request.user, current)
        if current
        else Verdict.no("尚未签署"),
        "history": editions,
    }
    wrong = problems is not None or any(form.errors for form in forms.values())
    return render(request, "counties/closure.html", context, status=422 if wrong else 200)


def _facts(signature: Any) -> list[tuple[str, Any]]:
    if signature is None:
        return []
    return [
        ("版次", f"第{signature.edition}版"),
        ("签署领导", signature.leader_name),
        ("签署时间", signature.signed_at),
        ("经办人", signature.signed_by.name),
        ("户数", signature.households),
        ("人数", signature.persons),
        ("快照校验值", signature.sha256),
    ]
