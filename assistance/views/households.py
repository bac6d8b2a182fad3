"""The tab 帮扶 of a household: plan, measures, gaps, help in advance, folder."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe

from assistance import verbs
from assistance.forms.measures import AdvanceForm, FileNoteForm, SettleForm
from assistance.models import AdvanceEvidence, AdvanceHelp, HouseholdFile
from assistance.policies import advance as advance_policies
from assistance.policies import filing as filing_policies
from assistance.policies import measures as measure_policies
from assistance.policies import plans as plan_policies
from assistance.selectors import coverage
from assistance.selectors import measures as measure_selectors
from assistance.selectors import plans as plan_selectors
from assistance.services import advance, filing
from assistance.views.answering import attempt, form_page
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.audit.recording import record
from fanpin.files.serving import download
from fanpin.web.components import Crumb
from fanpin.web.extensions import help_panels
from households.models import Household
from households.views import shell

TOWNSHIP = (P.TOWNSHIP_CASE, P.TOWNSHIP_GOVERNMENT)


def _household_or_404(request: HttpRequest, pk: int) -> Household:
    return get_scoped_or_404(Household.objects.select_related("village"), request.user, pk=pk)


def _tab(pk: int) -> str:
    return reverse("assistance:household", args=[pk])


def _crumbs(household: Household) -> list[Crumb]:
    return [Crumb(f"{household.village}　{household}", _tab(household.pk))]


@requires(P.VIEW_PLANS)
def tab(request: HttpRequest, pk: int) -> HttpResponse:
    household = _household_or_404(request, pk)
    user = request.user
    plan = plan_selectors.current(pk)
    risks = plan_selectors.risks_of(pk)
    context = shell.context(request, household, active="assistance:household")
    context |= {
        "plan": plan,
        "plan_in_force": plan if plan and plan.is_in_force else plan_selectors.in_force(pk),
        "blocks": plan_selectors.blocks(plan) if plan else (),
        "versions": plan_selectors.versions(pk),
        "measures": measure_selectors.of_household(pk),
        "gaps": coverage.gaps(household, risks),
        "risks": risks,
        "advances": AdvanceHelp.objects.filter(household=household)
        .select_related("confirmed_by")
        .prefetch_related("evidence"),
        "folder": coverage.file_completeness(household),
        "may_draft": plan_policies.may_draft(user, household),
        "may_new_version": plan_policies.may_new_version(user, household),
        "may_record_result": plan_policies.may_record_result(user, plan) if plan else None,
        "may_plan_measure": measure_policies.may_plan(user, household),
        "may_confirm": advance_policies.may_confirm(user, household),
        "settles": any(user.may(p, household.division_path) for p in TOWNSHIP),
        "help_panels": _panels(request, household),
        "may_file": filing_policies.may_file(user, household),
    }
    return render(request, "assistance/household.html", context)


def _panels(request: HttpRequest, household: Household) -> list[str]:
    """What the apps above have to say to the plan."""
    drawn = (panel.render(request, household) for panel in help_panels.ordered())
    return [mark_safe(html) for html in drawn if html]


@requires(*TOWNSHIP)
def advance_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    household = _household_or_404(request, pk)
    form = AdvanceForm(request.POST or None, request.FILES or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: advance.confirm(household, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已确认先行帮扶，可以登记措施；识别程序请同步办理")
        return redirect(_tab(pk))
    return form_page(
        request,
        form,
        title=f"确认先行帮扶　{household}",
        submit="确认",
        back=_tab(pk),
        crumbs=_crumbs(household),
        verdict=advance_policies.may_confirm(request.user, household),
        note="因灾、因意外事故、突发重病急需帮扶的，可边落实措施边履行识别程序（通知一(三)）。",
    )


@requires(*TOWNSHIP)
def advance_settle(request: HttpRequest, pk: int) -> HttpResponse:
    rows = AdvanceHelp.objects.select_related("household__village")
    found = get_scoped_or_404(rows, request.user, pk=pk)
    form = SettleForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: advance.settle(found, by=request.user, **form.cleaned_data))
    ):
        messages.success(request, "已办结先行帮扶")
        return redirect(_tab(found.household_id))
    return form_page(
        request,
        form,
        title=f"办结先行帮扶　{found.household}",
        submit="办结",
        back=_tab(found.household_id),
        crumbs=_crumbs(found.household),
        verdict=advance_policies.may_settle(request.user, found),
    )


@requires(P.VIEW_PLANS)
def advance_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    rows = AdvanceEvidence.objects.select_related("advance__household")
    found = get_scoped_or_404(rows, request.user, pk=pk)
    path = found.advance.household.division_path
    record(verbs.EVIDENCE_OPENED, by=request.user, on=found, subject=str(found.advance), path=path)
    return download(found, inline=True)


@requires(P.EDIT_PLANS, P.TOWNSHIP_CASE)
def file_note(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    household = _household_or_404(request, pk)
    lines = {line.code: line for line in coverage.file_completeness(household).lines}
    if code not in lines:
        raise Http404("户内资料清单中没有这一项")
    initial = {"is_present": True, "note": lines[code].note}
    form = FileNoteForm(request.POST or None, request.FILES or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(
            form,
            lambda: filing.note(household, by=request.user, code=code, **form.cleaned_data),
        )
    ):
        messages.success(request, "已登记户内资料")
        return redirect(_tab(pk) + "#folder")
    return form_page(
        request,
        form,
        title=f"{lines[code].label}　{household}",
        submit="保存",
        back=_tab(pk) + "#folder",
        crumbs=_crumbs(household),
        verdict=filing_policies.may_file(request.user, household),
    )


@requires(P.VIEW_PLANS)
def file(request: HttpRequest, pk: int) -> HttpResponse:
    rows = HouseholdFile.objects.select_related("item__household")
    found = get_scoped_or_404(rows, request.user, pk=pk)
    household = found.item.household
    record(
        verbs.EVIDENCE_OPENED,
        by=request.user,
        on=found,
        subject=f"{household}户内资料",
        path=household.division_path,
    )
    return download(found, inline=True)
