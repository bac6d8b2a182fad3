"""The tab 监测 of a household: object, lights of 七个不消, risks, marks, cases; and opening a case from it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Action, Crumb, Entry, Fact
from households.models import Household
from households.views import shell
from monitoring.choices import FLAG_TONES
from monitoring.forms.parts import StepForm
from monitoring.forms.records import EliminateForm, RelabelForm, RollbackForm
from monitoring.models import Case, Clue, EpisodeRisk, MonitoringObject
from monitoring.policies import evaluations as evaluation_policies
from monitoring.policies import objects as object_policies
from monitoring.policies import opening as policies
from monitoring.selectors import cases as selectors
from monitoring.selectors import criteria, evaluations, prompts
from monitoring.selectors import story as stories
from monitoring.services import opening
from monitoring.views.answering import attempt, form_page, user_of
from monitoring.views.lights import LightRow, light_rows
from monitoring.workflow.inputs import Propose, Relabel

ACTIVE = "monitoring:household"
LIT = ("monitored", "eliminating", "eliminated", "rolling_back", "relabelling")


@requires(P.VIEW_CASES)
def tab(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    obj = selectors.object_of(pk)
    state = obj.state if obj else "not_monitored"
    context = shell.context(request, household, active=ACTIVE)
    context |= {
        "object": obj,
        "object_facts": _facts(obj),
        "open_case": selectors.open_case(pk),
        "cases": Case.objects.filter(household_id=pk),
        "clues": Clue.objects.filter(household_id=pk).select_related("case", "filed_by"),
        "risks": _risks(request, obj),
        "marks": _marks(pk),
        "prompts": prompts.of_household(pk),
        "lights": _lights(household) if state in LIT else [],
        "evaluations": obj.evaluations.all() if obj else (),
        "starts": _starts(request, household, state),
        "acts": _acts(request, obj),
    }
    return render(request, "monitoring/household.html", context)


@requires(P.VIEW_CASES)
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """Why the household is or was monitored, from the first clue on, for whoever asks years later."""
    household = shell.scoped(request, pk)
    context = {
        "title": f"{household}　纳入和退出经过",
        "breadcrumb": [Crumb(str(household), reverse(ACTIVE, args=[pk]))],
        "household": household,
        "object_facts": _facts(selectors.object_of(pk)),
        "events": stories.story(household),
    }
    return render(request, "monitoring/story.html", context)


def _facts(obj: MonitoringObject | None) -> list[Fact]:
    if obj is None:
        return []
    episode = selectors.last_episode(obj.pk)
    found = [
        Fact("监测状态", obj.label, tone=obj.tone),
        Fact("状态日期", obj.state_on),
        Fact("类别", obj.get_category_display()),
        Fact("四有例外", obj.is_four_haves),
    ]
    if episode:
        found += [
            Fact("监测周期", f"第{episode.seq}次"),
            Fact("识别监测时间", episode.identified_month),
            Fact("消除监测时间", episode.closed_month),
            Fact("消除方式", episode.get_method_display()),
        ]
    if obj.contact_name:
        found.append(Fact("监测联系人", obj.contact_name))
    return found


def _risks(request: HttpRequest, obj: MonitoringObject | None) -> list[dict[str, Any]]:
    """Every risk of every episode; what the township has to confirm carries its buttons."""
    if obj is None:
        return []
    user = user_of(request)
    rows = EpisodeRisk.objects.filter(episode__object=obj).select_related(
        "episode", "member", "episode__object", "episode__object__household", "proposed_by"
    )
    return [
        {
            "risk": risk,
            "may_decide": object_policies.may_decide_risk(user, risk),
            "is_waiting": risk.state in ("proposed", "resolving"),
            "may_resolve": risk.state == "open"
            and object_policies.may_propose_risk(user, obj).ok
            and risk.episode.is_open,
        }
        for risk in rows
    ]


def _marks(pk: int) -> list[Entry]:
    found = []
    for flag in reversed(selectors.flags(pk)):
        category = flag.get_category_display()
        before = f"（原{flag.get_category_before_display()}）" if flag.category_before else ""
        text = f"{flag.get_action_display()}　{flag.month}　{category}{before}　{flag.persons}人"
        who = f"{flag.set_by.name if flag.set_by else '系统'}{f'（{flag.role}）' if flag.role else ''}"
        found.append(Entry(flag.set_at, who, text, flag.reason, FLAG_TONES[flag.action]))
    return found


def _lights(household: Household) -> list[LightRow]:
    """E1–E7 and 七个不消, each with its figures, findings and the pages that show them."""
    found = criteria.of_today(household, selectors.open_case(household.pk))
    return light_rows(found, household.pk)


def _starts(request: HttpRequest, household: Household, state: str) -> list[Action]:
    """What can be opened in this state, off with its reasons."""
    user = user_of(request)

    def start(label: str, name: str, verdict: Any, tone: str = "plain") -> Action:
        return Action(label, reverse(name, args=[household.pk]), tone=tone, disabled=verdict)

    found = []
    if state in ("not_monitored", "identifying", "eliminated", "eliminating") and user.holds(
        P.FILE_CLUES
    ):
        url = f"{reverse('monitoring:clue_create')}?household={household.pk}"
        verdict = policies.may_file_clue(user, household)
        found.append(Action("登记线索", url, tone="primary", disabled=verdict))
    if state == "monitored" and user.holds(P.VILLAGE_CASE):
        verdict = policies.may_propose_elimination(user, household)
        natural = policies.may_propose_elimination(user, household, "natural")
        shown = natural if natural.ok else verdict
        found.append(start("拟消除", "monitoring:eliminate", shown, "primary"))
    if state == "eliminated":
        if any(user.holds(p) for p in policies.PROPOSERS):
            verdict = policies.may_propose_rollback(user, household)
            found.append(start("提出回退", "monitoring:propose_rollback", verdict))
        if user.holds(P.FILE_CLUES):
            verdict = policies.may_propose_relabel(user, household)
            found.append(start("提出再标注", "monitoring:propose_relabel", verdict))
    return found


def _acts(request: HttpRequest, obj: MonitoringObject | None) -> list[Action]:
    """What may be done to the object outside a case, for those whose task it is."""
    if obj is None:
        return []
    user = user_of(request)
    rows = (
        ("新增风险", "monitoring:risk_create", object_policies.may_propose_risk),
        ("变更类别", "monitoring:category", object_policies.may_change_category),
        ("提出整户减少", "monitoring:gone", object_policies.may_propose_close),
        ("确认整户减少", "monitoring:close", object_policies.may_close),
        ("恢复监测对象", "monitoring:reopen", object_policies.may_reopen),
        ("识别不准退出", "monitoring:void", object_policies.may_void),
    )
    found = []
    for label, name, policy in rows:
        if policy(user, obj).ok:
            found.append(Action(label, reverse(name, args=[obj.household_id])))
    year = evaluations.year_now()
    mine = evaluation_policies.may_evaluate(user, obj, evaluations.of_object(obj, year))
    if user.holds(P.VILLAGE_CASE) and mine.ok:
        url = reverse("monitoring:evaluate", args=[obj.household_id])
        found.append(Action(f"{year}年度帮扶成效评估", url))
    return found


def panel(request: HttpRequest, household: object) -> str:
    """On the overview: the open case with its next step and what changes of people ask, or nothing."""
    assert isinstance(household, Household)
    if household.monitoring_state == "not_monitored" or not user_of(request).holds(P.VIEW_CASES):
        return ""
    case = selectors.open_case(household.pk)
    asked = [p for p in prompts.of_household(household.pk) if p.is_open]
    if case is None and not asked:
        return ""
    context = {"case": case, "prompts": asked}
    return render_to_string("monitoring/panel.html", context, request=request)


@requires(P.VILLAGE_CASE)
def eliminate(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    form = EliminateForm(request.POST or None)
    return _open(
        request, household, form, "拟消除",
        lambda given: opening.propose_elimination(household, inputs=given, by=user_of(request)),
        lights=_lights(household),
        note="系统按帮扶消除预检E1–E7和“七个不消”；自然消除不要求帮扶措施和监测月数。",
    )  # fmt: skip


@requires(P.VILLAGE_CASE, P.TOWNSHIP_CASE, P.COUNTY_CASE)
def propose_rollback(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    form = RollbackForm(request.POST or None, household=household)
    return _open(
        request, household, form, "提出回退",
        lambda given: opening.propose_rollback(household, inputs=given, by=user_of(request)),
        verdict=policies.may_propose_rollback(user_of(request), household), lights=_lights(household),
        note="回退：消除前就存在的问题没有解决。消除之后才出现的新风险请走再标注。",
    )  # fmt: skip


@requires(P.FILE_CLUES)
def propose_relabel(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    form = RelabelForm(request.POST or None, household=household)
    return _open(
        request, household, form, "提出再标注",
        lambda given: opening.propose_relabel(household, inputs=given, by=user_of(request)),
        verdict=policies.may_propose_relabel(user_of(request), household),
        note="再标注：消除之后出现的新风险，按识别程序重新办理。",
    )  # fmt: skip


def _open(
    request: HttpRequest,
    household: Household,
    form: StepForm,
    label: str,
    act: Callable[[Any], Case],
    **more: Any,
) -> HttpResponse:
    tab_url = reverse(ACTIVE, args=[household.pk])
    opened: list[Case] = []
    if form.is_valid():
        given: Propose | Relabel = form.inputs()  # type: ignore[attr-defined]
        if attempt(form, lambda: opened.append(act(given))):
            messages.success(request, f"已受理，办件编号{opened[0].number}")
            return redirect("monitoring:case", pk=opened[0].pk)
    crumbs = [Crumb(f"{household.village}　{household}", tab_url)]
    return form_page(request, form, title=f"{label}　{household}", submit=label, back=tab_url,
                     crumbs=crumbs, **more)  # fmt: skip
