"""Acts on a monitoring object outside a case: risks, category, closing, reopening, voiding."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.accounts.verdicts import Verdict
from fanpin.web.components import Crumb
from monitoring.forms.parts import StepForm
from monitoring.forms.records import CategoryForm, ResolveForm, RiskForm, VoidForm, WordsForm
from monitoring.models import EpisodeRisk, MonitoringObject
from monitoring.policies import objects as policies
from monitoring.services import objects, risks
from monitoring.views.answering import acted, attempt, form_page, user_of


def _object_or_404(request: HttpRequest, pk: int) -> MonitoringObject:
    rows = MonitoringObject.objects.select_related("household", "household__village")
    return get_scoped_or_404(rows, request.user, household_id=pk)


def _risk_or_404(request: HttpRequest, pk: int) -> EpisodeRisk:
    rows = EpisodeRisk.objects.select_related("episode__object__household__village")
    return get_scoped_or_404(rows, request.user, pk=pk)


def _tab(obj: MonitoringObject) -> str:
    return reverse("monitoring:household", args=[obj.household_id])


def _page(
    request: HttpRequest,
    obj: MonitoringObject,
    form: StepForm,
    label: str,
    verdict: Verdict,
    act: Callable[[dict[str, Any]], Any],
) -> HttpResponse:
    if form.is_valid() and attempt(form, lambda: act(form.cleaned_data)):
        messages.success(request, f"已办理：{label}")
        return redirect(_tab(obj))
    crumbs = [Crumb(f"{obj.household.village}　{obj}", _tab(obj))]
    return form_page(request, form, title=f"{label}　{obj}", submit=label, back=_tab(obj),
                     crumbs=crumbs, verdict=verdict)  # fmt: skip


@requires(P.VILLAGE_CASE)
def risk_create(request: HttpRequest, pk: int) -> HttpResponse:
    obj, user = _object_or_404(request, pk), user_of(request)
    form = RiskForm(request.POST or None, household=obj.household)
    return _page(
        request, obj, form, "新增风险", policies.may_propose_risk(user, obj),
        lambda d: risks.propose(obj, form.risk(), evidence=d["evidence"], by=user),
    )  # fmt: skip


@requires(P.VILLAGE_CASE)
def risk_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    risk, user = _risk_or_404(request, pk), user_of(request)
    obj = risk.episode.object
    form = ResolveForm(request.POST or None)
    return _page(
        request, obj, form, "登记风险已消除", policies.may_propose_risk(user, obj),
        lambda d: risks.propose_resolved(risk, by=user, **d),
    )  # fmt: skip


@requires(P.TOWNSHIP_CASE)
@require_POST
def risk_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or reject; one button each."""
    risk = _risk_or_404(request, pk)
    accept = request.POST.get("accept") == "1"
    return acted(
        request, lambda: risks.decide(risk, accept=accept, by=user_of(request)),
        "已确认" if accept else "已退回", _tab(risk.episode.object),
    )  # fmt: skip


@requires(P.COUNTY_CASE)
def category(request: HttpRequest, pk: int) -> HttpResponse:
    obj, user = _object_or_404(request, pk), user_of(request)
    return _page(
        request, obj, CategoryForm(request.POST or None), "变更类别",
        policies.may_change_category(user, obj),
        lambda d: objects.change_category(obj, by=user, **d),
    )  # fmt: skip


@requires(P.COUNTY_CASE)
def void(request: HttpRequest, pk: int) -> HttpResponse:
    obj, user = _object_or_404(request, pk), user_of(request)
    return _page(
        request, obj, VoidForm(request.POST or None), "识别不准退出", policies.may_void(user, obj),
        lambda d: objects.void(obj, by=user, **d),
    )  # fmt: skip


@requires(P.TOWNSHIP_CASE)
def gone(request: HttpRequest, pk: int) -> HttpResponse:
    obj, user = _object_or_404(request, pk), user_of(request)
    return _page(
        request, obj, WordsForm(request.POST or None), "提出整户减少",
        policies.may_propose_close(user, obj),
        lambda d: objects.propose_close(obj, reason=d["note"], by=user),
    )  # fmt: skip


@requires(P.COUNTY_CASE)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    obj, user = _object_or_404(request, pk), user_of(request)
    return _page(
        request, obj, WordsForm(request.POST or None), "确认整户减少", policies.may_close(user, obj),
        lambda d: objects.close(obj, reason=d["note"], by=user),
    )  # fmt: skip


@requires(P.COUNTY_CASE)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    obj, user = _object_or_404(request, pk), user_of(request)
    return _page(
        request, obj, WordsForm(request.POST or None), "恢复监测对象", policies.may_reopen(user, obj),
        lambda d: objects.reopen(obj, reason=d["note"], by=user),
    )  # fmt: skip
