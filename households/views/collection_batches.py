"""One step of this year's form for many households; who cannot go on is listed with reasons and asked for words."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.accounts.verdicts import Reason, Refused
from households.models import Household
from households.selectors.parameters import current_campaign
from households.services import collection
from households.views.answers import user_of

LABELS = {
    "collect": "采集完成",
    "submit": "提交采集表",
    "review": "采集表审核通过",
    "return": "退回采集表",
}
# A step that may ask for words: what they are called, and the name its refusal gives them.
WORDS = {"submit": ("核实说明", "explanation"), "return": ("退回原因", "note")}
MOST_LETTERS = 500


@dataclass
class Held:
    """One household that did not go on. `asks`: words alone would let it."""

    household: Household
    reasons: list[Reason]
    asks: bool
    typed: str


@require_POST
@requires(P.COLLECT, P.REVIEW_COLLECTION)
def collection_batch(request: HttpRequest, act: str) -> HttpResponse:
    """Each household stands for itself: those that can go on do, the others come back on a page of their own."""
    if act not in LABELS:
        raise Http404("没有这项操作")
    user, campaign = user_of(request), current_campaign()
    ids = [int(each) for each in request.POST.getlist("ids") if each.isdigit()]
    done, held = 0, []
    rows = Household.objects.within(user.scope).filter(pk__in=ids).select_related("village")
    for household in rows.order_by("hh_code"):
        typed = _typed(request, household)
        try:
            _step(act, typed)(collection.of(household, campaign), by=user)
            done += 1
        except (ValidationError, PermissionDenied) as refusal:
            held.append(_held(household, refusal, act, typed))
    if done:
        messages.success(request, f"已办理{done}户。")
    back = _back(request)
    if not held:
        return redirect(back)
    context = {
        "title": f"{LABELS[act]}：{len(held)}户没有办理",
        "act": act,
        "label": LABELS[act],
        "words": WORDS.get(act, ("", ""))[0],
        "held": held,
        "asking": sum(row.asks for row in held),
        "next": back,
        "most": MOST_LETTERS,
        "breadcrumb": [("农户名册", reverse("households:list"))],
    }
    return render(request, "households/collection_batch.html", context, status=422)


def _typed(request: HttpRequest, household: Household) -> str:
    """The words for this household, else those for all."""
    own = request.POST.get(f"words_{household.pk}", "").strip()
    return (own or request.POST.get("words", "").strip())[:MOST_LETTERS]


def _step(act: str, typed: str) -> Any:
    if act == "submit":
        return partial(collection.submit, explanation=typed)
    if act == "return":
        return partial(collection.send_back, note=typed)
    return {"collect": collection.collect, "review": collection.review}[act]


def _held(household: Household, refusal: Exception, act: str, typed: str) -> Held:
    if isinstance(refusal, Refused):
        reasons = list(refusal.reasons)
    elif isinstance(refusal, ValidationError):
        reasons = [Reason(text) for text in refusal.messages]
    else:
        reasons = [Reason(str(refusal))]
    name = WORDS.get(act, ("", ""))[1]
    asks = bool(name) and all(reason.field == name for reason in reasons)
    return Held(household, reasons, asks, typed)


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if safe else reverse("households:list")
