"""Measures: register, look, deliver with proof, cancel."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from assistance import verbs
from assistance.forms.measures import CancelForm, DeliverForm, MeasureForm
from assistance.models import Measure, MeasureEvidence, PlanItem
from assistance.policies import measures as policies
from assistance.selectors import measures as selectors
from assistance.services import measures
from assistance.views.answering import attempt, form_page
from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.audit.recording import record
from fanpin.files.serving import download
from fanpin.web.components import Crumb
from households.models import Household


def _measure_or_404(request: HttpRequest, pk: int) -> Measure:
    rows = Measure.objects.select_related(
        "household__village", "member", "plan_item__plan", "recorded_by"
    )
    return get_scoped_or_404(rows, request.user, pk=pk)


def _tab(household_id: int) -> str:
    return reverse("assistance:household", args=[household_id])


def _url(measure: Measure) -> str:
    return reverse("assistance:measure", args=[measure.pk])


def _crumbs(household: Household, measure: Measure | None = None) -> list[Crumb]:
    found = [
        Crumb("帮扶措施", reverse("assistance:measures")),
        Crumb(f"{household.village}　{household}", _tab(household.pk)),
    ]
    return [*found, Crumb(str(measure), _url(measure))] if measure else found


@requires(P.RECORD_MEASURES)
def create(request: HttpRequest, pk: int) -> HttpResponse:
    household = get_scoped_or_404(Household.objects.select_related("village"), request.user, pk=pk)
    form = MeasureForm(
        request.POST or None, household=household, initial=_initial(request, household)
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: measures.plan(household, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已登记帮扶措施")
        return redirect(_tab(pk))
    return form_page(
        request,
        form,
        title=f"登记帮扶措施　{household}",
        submit="登记",
        back=_tab(pk),
        crumbs=_crumbs(household),
        verdict=policies.may_plan(request.user, household),
    )


def _initial(request: HttpRequest, household: Household) -> dict[str, Any]:
    """Opened from a line of the plan, the form is filled from it."""
    given = request.GET.get("plan_item", "")
    items = PlanItem.objects.filter(plan__household=household).select_related("risk")
    item = items.filter(pk=given).first() if given.isdigit() else None
    if item is None:
        return {"start_on": clock.today()}
    return {
        "plan_item": item.pk,
        "item": item.item,
        "domain": item.domain,
        "risk": item.risk.cause if item.risk else "",
        "member": item.risk.bearer_id if item.risk else None,
        "start_on": item.start_on or clock.today(),
        "amount": item.amount,
        "note": item.content if item.item.endswith(".other") else "",
    }


@requires(P.VIEW_PLANS)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    measure = _measure_or_404(request, pk)
    item = measure.plan_item
    facts = [
        ("状态", measure.get_status_display(), "", "", measure.tone),
        ("大类", measure.get_category_display()),
        ("业务领域", measure.get_domain_display()),
        ("针对风险", measure.get_risk_display() or "普惠"),
        ("受益成员", measure.member or "全户"),
        ("落实部门", measure.get_department_display()),
        ("开始日期", measure.start_on),
        ("结束日期", measure.end_on),
        ("时限", selectors.due_date(measure)),
        ("金额", measure.amount, "", "元"),
        ("落实日期", measure.delivered_on),
        ("项目编号", measure.project_no),
        ("台账记录号", measure.ledger_ref),
        ("所属计划", item and f"第{item.plan.version}版",
         reverse("assistance:plan", args=[item.plan_id]) if item else ""),
        ("先行帮扶", "是" if measure.is_advance else "否"),
        ("登记人", measure.recorded_by or "系统"),
        ("备注", measure.note),
        ("取消原因", measure.cancel_reason),
    ]  # fmt: skip
    context = {
        "title": f"{measure}　{measure.household}",
        "breadcrumb": _crumbs(measure.household),
        "measure": measure,
        "facts": facts,
        "evidence": measure.evidence.select_related("uploaded_by"),
        "may_deliver": policies.may_deliver(request.user, measure),
        "may_cancel": policies.may_cancel(request.user, measure),
    }
    return render(request, "assistance/measure.html", context)


@requires(P.RECORD_MEASURES)
def deliver(request: HttpRequest, pk: int) -> HttpResponse:
    measure = _measure_or_404(request, pk)
    initial = {"delivered_on": clock.today(), "amount": measure.amount, "note": measure.note}
    form = DeliverForm(request.POST or None, request.FILES or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: measures.deliver(measure, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已登记落实")
        return redirect(_tab(measure.household_id))
    return form_page(
        request,
        form,
        title=f"登记落实　{measure}　{measure.household}",
        submit="登记落实",
        back=_url(measure),
        crumbs=_crumbs(measure.household, measure),
        verdict=policies.may_deliver(request.user, measure),
        facts=[
            ("受益成员", measure.member or "全户"),
            ("开始日期", measure.start_on),
            ("计划金额", measure.amount, "", "元"),
            ("时限", selectors.due_date(measure)),
        ],
    )


@requires(P.RECORD_MEASURES)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    measure = _measure_or_404(request, pk)
    form = CancelForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: measures.cancel(measure, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已取消该措施")
        return redirect(_url(measure))
    return form_page(
        request,
        form,
        title=f"取消措施　{measure}　{measure.household}",
        submit="取消措施",
        back=_url(measure),
        crumbs=_crumbs(measure.household, measure),
        verdict=policies.may_cancel(request.user, measure),
    )


@requires(P.VIEW_PLANS)
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    rows = MeasureEvidence.objects.select_related("measure__household")
    found = get_scoped_or_404(rows, request.user, pk=pk)
    household = found.measure.household
    record(
        verbs.EVIDENCE_OPENED,
        by=request.user,
        on=found,
        subject=f"{household}{found.measure}",
        path=household.division_path,
    )
    return download(found, inline=True)
