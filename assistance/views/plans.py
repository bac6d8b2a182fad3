"""一户一策: list, page, edit, submit, approve, return, versions, print."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from assistance import verbs
from assistance.choices import DocumentKind
from assistance.forms.plans import (
    ConclusionForm,
    DocumentForm,
    LookBackForm,
    PlanForm,
    ReasonForm,
)
from assistance.models import Plan, PlanDocument
from assistance.policies import plans as policies
from assistance.selectors import coverage
from assistance.selectors import plans as selectors
from assistance.services import plan_lines, plans
from assistance.views.answering import acted, attempt, form_page
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.audit.recording import record
from fanpin.files.serving import download
from fanpin.web.components import Crumb, Entry
from households.models import Household

PLANS = Crumb("一户一策", "/assistance/plans/")


def plan_or_404(request: HttpRequest, pk: int) -> Plan:
    return get_scoped_or_404(selectors.all_plans(), request.user, pk=pk)


def plan_url(plan: Plan) -> str:
    return reverse("assistance:plan", args=[plan.pk])


def crumbs(plan: Plan) -> list[Crumb]:
    household = plan.household
    tab = reverse("assistance:household", args=[household.pk])
    return [
        Crumb("一户一策", reverse("assistance:plans")),
        Crumb(f"{household.village}　{household}", tab),
        Crumb(f"第{plan.version}版", plan_url(plan)),
    ]


@requires(P.VIEW_PLANS)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    user = request.user
    context = {
        "title": f"{plan.household}　一户一策第{plan.version}版",
        "breadcrumb": crumbs(plan)[:2],
        "plan": plan,
        "household": plan.household,
        "blocks": selectors.blocks(plan),
        "versions": selectors.versions(plan.household_id),
        "history": _history(plan),
        "facts": _facts(plan),
        "document_form": DocumentForm(initial={"kind": DocumentKind.SIGNATURE}),
        "may_edit": policies.may_edit(user, plan),
        "may_submit": policies.may_submit(user, plan),
        "may_decide": policies.may_decide(user, plan),
        "may_new_version": policies.may_new_version(user, plan.household),
        "may_record_result": policies.may_record_result(user, plan),
        "gaps": coverage.gaps(plan.household, [r.cause for r in plan.risks.all()])
        if plan.is_in_force
        else (),
    }
    return render(request, "assistance/plan.html", context)


def _facts(plan: Plan) -> list[tuple[Any, ...]]:
    return [
        ("状态", plan.get_state_display(), "", "", plan.tone),
        ("制定期限", plan.due_on),
        ("制定日期", plan.made_on),
        ("户主签字日期", plan.signed_on),
        ("村党组织书记", plan.village_secretary),
        ("包村干部", plan.township_cadre),
        ("帮扶责任人", plan.helper),
        ("责任人电话", plan.helper_phone),
        ("驻村工作队长", plan.team_leader),
        ("债务情况", plan.debts),
        ("开发式帮扶措施", plan.get_dev_measure_status_display()),
        ("回头看", plan.get_review_result_display(), "", "", ""),
        ("回头看日期", plan.reviewed_on),
        ("结论", plan.get_conclusion_display()),
    ]


def _history(plan: Plan) -> list[Entry]:
    found = [
        Entry(plan.created_at, str(plan.created_by or "系统"), "开立", plan.reopened_reason),
    ]
    if plan.submitted_at:
        found.append(Entry(plan.submitted_at, str(plan.submitted_by), "提交乡镇审核"))
    if plan.decided_at:
        text = "审核通过" if plan.state in ("approved", "closed") else "退回修改"
        tone = "green" if text == "审核通过" else "amber"
        found.append(Entry(plan.decided_at, str(plan.decided_by), text, plan.decision_note, tone))
    if plan.reviewed_on:
        text = f"回头看：{plan.get_review_result_display()}"
        found.append(Entry(plan.reviewed_on, plan.helper, text, plan.review_note))
    return sorted(found, key=lambda e: str(e.at), reverse=True)


@requires(P.VIEW_PLANS)
def print_view(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    context = {
        "title": "监测对象“一户一策”帮扶计划",
        "plan": plan,
        "blocks": selectors.blocks(plan),
    }
    return render(request, "assistance/plan_print.html", context | {"household": plan.household})


@requires(P.EDIT_PLANS)
@require_POST
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Open (or go on with) the household's draft."""
    household = get_scoped_or_404(Household.objects, request.user, pk=pk)
    tab = reverse("assistance:household", args=[pk])
    policies.may_draft(request.user, household)
    answer = acted(
        request, lambda: plans.draft(household, by=request.user), "已打开一户一策草稿", tab
    )
    plan = selectors.current(household.pk)
    return redirect(plan_url(plan)) if plan and plan.is_editable else answer


@requires(P.EDIT_PLANS)
def new_version(request: HttpRequest, pk: int) -> HttpResponse:
    household = get_scoped_or_404(Household.objects, request.user, pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: plans.new_version(household, by=request.user, reason=reason)):
            messages.success(request, "已开立新版本，原版本在新版本审核通过前继续执行")
            return redirect(plan_url(selectors.current(household.pk)))
    return form_page(
        request,
        form,
        title=f"{household}　开立一户一策新版本",
        submit="开立新版本",
        back=reverse("assistance:household", args=[pk]),
        crumbs=[PLANS],
        verdict=policies.may_new_version(request.user, household),
        note="新版本带入上一版本的风险和措施，在其上增减后提交乡镇审核。",
    )


@requires(P.EDIT_PLANS)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    form = PlanForm(request.POST or None, instance=Plan.objects.get(pk=plan.pk))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: plans.edit(plan, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已保存")
        return redirect(plan_url(plan))
    return form_page(
        request,
        form,
        title=f"{plan.household}　一户一策第{plan.version}版",
        submit="保存",
        back=plan_url(plan),
        crumbs=crumbs(plan),
        verdict=policies.may_edit(request.user, plan),
    )


@requires(P.EDIT_PLANS)
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    return acted(
        request,
        lambda: plans.submit(plan, by=request.user),
        "已提交乡镇审核",
        plan_url(plan),
    )


@requires(P.APPROVE_PLANS)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    note = request.POST.get("note", "")[:300]
    return acted(
        request,
        lambda: plans.approve(plan, by=request.user, note=note),
        "已审核通过，开始执行",
        plan_url(plan),
    )


@requires(P.APPROVE_PLANS)
def return_(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    form = ReasonForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: plans.return_(plan, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已退回村级修改")
        return redirect(plan_url(plan))
    return form_page(
        request,
        form,
        title=f"退回{plan}",
        submit="退回",
        back=plan_url(plan),
        crumbs=crumbs(plan),
        verdict=policies.may_decide(request.user, plan),
    )


@requires(P.EDIT_PLANS)
def conclude(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    initial = {"conclusion": plan.conclusion, "note": plan.conclusion_note}
    form = ConclusionForm(request.POST or None, initial=initial)
    return _recorded(request, plan, form, plan_lines.conclude, "登记结论")


@requires(P.EDIT_PLANS)
def look_back(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    form = LookBackForm(request.POST or None)
    return _recorded(request, plan, form, plan_lines.look_back, "登记回头看")


def _recorded(
    request: HttpRequest, plan: Plan, form: Any, service: Any, title: str
) -> HttpResponse:
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: service(plan, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已登记")
        return redirect(plan_url(plan))
    return form_page(
        request,
        form,
        title=f"{title}　{plan.household}",
        submit="登记",
        back=plan_url(plan),
        crumbs=crumbs(plan),
        verdict=policies.may_record_result(request.user, plan),
    )


@requires(P.EDIT_PLANS)
@require_POST
def document_add(request: HttpRequest, pk: int) -> HttpResponse:
    plan = plan_or_404(request, pk)
    form = DocumentForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        return acted(
            request,
            lambda: plans.add_document(plan, by=request.user, **data),
            "已上传",
            plan_url(plan),
            "#documents",
        )
    for errors in form.errors.values():
        messages.error(request, "".join(errors))
    return redirect(plan_url(plan) + "#documents")


@requires(P.VIEW_PLANS)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    rows = PlanDocument.objects.select_related("plan__household")
    found = get_scoped_or_404(rows, request.user, pk=pk)
    path = found.plan.household.division_path
    record(verbs.EVIDENCE_OPENED, by=request.user, on=found, subject=str(found.plan), path=path)
    return download(found, inline=True)
