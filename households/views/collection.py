"""This year's form of a household: where it stands, its next step."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from fanpin.accounts.access import requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.accounts.verdicts import Reason
from fanpin.web.components import Fact
from households.choices import COLLECTION_TONES, label
from households.forms.income import NoteForm, SubmitForm
from households.models import Collection, Household
from households.policies import collection as policy
from households.selectors.baselines import differences
from households.selectors.parameters import current_campaign
from households.services import collection
from households.views import shell
from households.views.answers import attempt, page, user_of

ACTS = {"collect": collection.collect, "submit": collection.submit, "review": collection.review}


@requires(P.VIEW_HOUSEHOLDS)
def collection_tab(request: HttpRequest, pk: int) -> HttpResponse:
    """年度采集: where the form stands, what is wrong, the next step with its reasons."""
    return _page(request, shell.scoped(request, pk))


def _page(
    request: HttpRequest,
    household: Household,
    typed: Form | None = None,
    *,
    reasons: Sequence[Reason] = (),
) -> HttpResponse:
    """The tab; with what was typed and the reasons when an act was refused."""
    user = user_of(request)
    form = _current(household)
    context = {
        **shell.context(request, household, "households:collection"),
        "form": form,
        "state": label("collect_status", form.state),
        "tone": COLLECTION_TONES[form.state],
        "facts": _facts(form),
        "steps": _steps(form),
        "acts": _acts(user, form),
        "may_return": policy.may_return(user, form),
        "panels": shell.panels(request, household),
        "note_form": typed if isinstance(typed, NoteForm) else NoteForm(),
        "submit": policy.may_submit(user, form) if user.holds(P.COLLECT) else None,
        "submit_form": typed
        if isinstance(typed, SubmitForm)
        else SubmitForm(initial={"explanation": form.explanation}),
        "warnings": household.open_warnings,
        "differences": differences(household, form.campaign),
        "history": household.collections.select_related("campaign").order_by("-campaign"),
    }
    wrong = (typed,) if typed is not None else ()
    return page(request, "households/collection.html", context, wrong=wrong, reasons=reasons)


def _current(household: Household) -> Collection:
    """The form of the current campaign; one that was never touched is not stored yet."""
    campaign = current_campaign()
    found = (
        household.collections.filter(campaign=campaign)
        .select_related("campaign", "changed_by")
        .first()
    )
    form = found or Collection(household=household, campaign=campaign)
    form.household = household
    return form


def _facts(form: Collection) -> list[Fact]:
    campaign = form.campaign
    return [
        Fact("年度", str(campaign)),
        Fact("收入计算周期", f"{campaign.income_from} 至 {campaign.income_to}"),
        Fact("采集截止", campaign.collection_due_on),
        Fact("录入截止", campaign.entry_due_on),
        Fact("更新时间", form.changed_at),
        Fact("更新人", form.changed_by.name if form.changed_by else None),
        Fact("说明", form.note or None),
        Fact("核实说明", form.explanation or None),
    ]


def _steps(form: Collection) -> list[dict[str, Any]]:
    """待采集 → 已采集 → 已提交 → 乡镇通过 → 县级锁定."""
    order = ("todo", "collected", "checked", "reviewed", "closed")
    at = order.index(form.state) if form.state in order else 0
    return [
        {
            "label": label("collect_status", state),
            "state": "done" if n < at else "current" if n == at else "todo",
            "date": form.changed_at if n == at else None,
            "person": form.changed_by.name if n == at and form.changed_by else "",
        }
        for n, state in enumerate(order)
    ]


def _acts(user: User, form: Collection) -> list[tuple[str, str, Any]]:
    """(act, label, verdict) of the steps that belong to the user's post."""
    found = []
    if user.holds(P.COLLECT) and form.state in ("todo", "returned"):
        found.append(("collect", "采集完成", policy.may_collect(user, form)))
    if user.holds(P.REVIEW_COLLECTION):
        found.append(("review", "审核通过", policy.may_review(user, form)))
    return found


@require_POST
@requires(P.COLLECT, P.REVIEW_COLLECTION)
def collection_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """One step of one form."""
    household = shell.scoped(request, pk)
    user = user_of(request)
    form = collection.of(household, current_campaign())
    typed: Form
    if act == "return":
        typed = NoteForm(request.POST)
        step = partial(collection.send_back, note=request.POST.get("note", ""))
    elif act == "submit":
        typed = SubmitForm(request.POST)
        step = partial(collection.submit, explanation=request.POST.get("explanation", ""))
    else:
        typed, step = Form(request.POST), partial(_act(act))
    done, reasons = attempt(typed, lambda: step(form, by=user))
    if done is None:
        others = [Reason(text) for text in typed.non_field_errors()]
        return _page(request, household, typed, reasons=[*reasons, *others])
    messages.success(request, f"年度采集表：{label('collect_status', done.state)}。")
    return redirect("households:collection", pk=pk)


def _act(name: str) -> Any:
    if name not in ACTS:
        raise Http404("没有这项操作")
    return ACTS[name]
