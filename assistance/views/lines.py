"""The lines of a plan: add, change, take out, record an effect."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from assistance.forms.plans import ItemForm, ResultForm, RiskForm
from assistance.models import Plan, PlanItem, PlanRisk
from assistance.policies import plans as policies
from assistance.services import plan_lines
from assistance.views.answering import acted, attempt, form_page
from assistance.views.plans import crumbs, plan_or_404, plan_url
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P


def _risk_or_404(request: HttpRequest, pk: int) -> PlanRisk:
    rows = PlanRisk.objects.select_related("plan__household__village", "bearer")
    return get_scoped_or_404(rows, request.user, pk=pk)


def _item_or_404(request: HttpRequest, pk: int) -> PlanItem:
    rows = PlanItem.objects.select_related("plan__household__village", "risk")
    return get_scoped_or_404(rows, request.user, pk=pk)


@requires(P.EDIT_PLANS)
def risk_add(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    form = RiskForm(request.POST or None, plan=plan)
    return _saved(request, plan, form, lambda **f: plan_lines.add_risk(plan, **f), "增加风险")


@requires(P.EDIT_PLANS)
def risk_edit(request: HttpRequest, pk: int) -> HttpResponse:
    risk = _risk_or_404(request, pk)
    form = RiskForm(request.POST or None, plan=risk.plan, instance=risk)
    return _saved(
        request, risk.plan, form, lambda **f: plan_lines.change_risk(risk, **f), "修改风险"
    )


@requires(P.EDIT_PLANS)
@require_POST
def risk_remove(request: HttpRequest, pk: int) -> HttpResponse:
    risk = _risk_or_404(request, pk)
    return acted(
        request,
        lambda: plan_lines.remove_risk(risk, by=request.user),
        "已删去该风险",
        plan_url(risk.plan),
    )


@requires(P.EDIT_PLANS)
def risk_result(request: HttpRequest, pk: int) -> HttpResponse:
    risk = _risk_or_404(request, pk)
    initial = {"effect": risk.effect, "note": risk.effect_note}
    form = ResultForm(request.POST or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            form, lambda: plan_lines.record_result(risk, by=request.user, **form.cleaned_data)
        )
    ):
        messages.success(request, "已登记成效")
        return redirect(plan_url(risk.plan))
    return form_page(
        request,
        form,
        title=f"“{risk}”风险的成效",
        submit="登记",
        back=plan_url(risk.plan),
        crumbs=crumbs(risk.plan),
        verdict=policies.may_record_result(request.user, risk.plan),
    )


@requires(P.EDIT_PLANS)
def item_add(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    initial = {"risk": request.GET.get("risk", "")}
    form = ItemForm(request.POST or None, plan=plan, initial=initial)
    return _saved(request, plan, form, lambda **f: plan_lines.add_item(plan, **f), "增加措施")


@requires(P.EDIT_PLANS)
def item_edit(request: HttpRequest, pk: int) -> HttpResponse:
    item = _item_or_404(request, pk)
    form = ItemForm(request.POST or None, plan=item.plan, instance=item)
    return _saved(
        request, item.plan, form, lambda **f: plan_lines.change_item(item, **f), "修改措施"
    )


@requires(P.EDIT_PLANS)
@require_POST
def item_remove(request: HttpRequest, pk: int) -> HttpResponse:
    item = _item_or_404(request, pk)
    return acted(
        request,
        lambda: plan_lines.remove_item(item, by=request.user),
        "已删去该措施",
        plan_url(item.plan),
    )


def _saved(request: HttpRequest, plan: Plan, form: Any, service: Any, title: str) -> HttpResponse:
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: service(by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已保存")
        return redirect(plan_url(plan))
    return form_page(
        request,
        form,
        title=f"{title}　{plan.household}",
        submit="保存",
        back=plan_url(plan),
        crumbs=crumbs(plan),
        verdict=policies.may_edit(request.user, plan),
    )
