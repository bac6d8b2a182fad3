"""逐项审核: everything that waits for one household, before and after side by side, one word on each line."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Crumb
from households.choices import label
from households.forms.reviewing import Line, ReviewForm
from households.models import Household, Member, MemberChange
from households.policies.households import may_decide_change
from households.selectors.wording import label_of
from households.services import reviewing
from households.views import shell
from households.views.answers import attempt, page, user_of
from households.views.changes import shown_either

WAITING = (MemberChange.State.TOWNSHIP, MemberChange.State.COUNTY)


@requires(P.REVIEW_CHANGES, P.CONFIRM_CHANGES)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Posted lines that somebody else decided meanwhile are still asked about, so that this person is told."""
    household, user = shell.scoped(request, pk), user_of(request)
    rows = household.changes.select_related("member", "made_by", "household", "decided_by")
    posted = [int(text) for text in request.POST.getlist("change") if text.isdigit()]
    found = rows.filter(pk__in=posted) if posted else rows.filter(state__in=WAITING)
    verdicts = {c.pk: may_decide_change(user, c) for c in found}
    mine = [c for c in found.order_by("pk") if posted or verdicts[c.pk].ok]
    form = ReviewForm(request.POST or None, changes=mine)
    reasons = []
    if request.method == "POST" and form.is_valid():
        done, reasons = attempt(
            form, lambda: reviewing.decide(household, words=form.words, by=user)
        )
        if done is not None:
            messages.success(request, f"已审核{household}：通过{done[0]}项，退回{done[1]}项。")
            return redirect("households:change_queue")
    others = [(c, verdicts[c.pk]) for c in found if c not in mine]
    context = {
        "title": f"逐项审核：{household}",
        "household": household,
        "form": form,
        "ids": [c.pk for c in mine],
        "lines": [_shown(line) for line in form.lines],
        "others": others,
        "breadcrumb": [
            *shell.crumbs(household),
            Crumb(str(household), reverse("households:changes", args=[pk])),
        ],
    }
    return page(request, "households/review.html", context, wrong=(form,), reasons=reasons)


def _shown(line: Line) -> dict[str, Any]:
    change, name = line.change, line.name
    who = change.member.name if change.member else str(change.household)
    about: dict[str, Any] = {"line": line, "who": who, "change": change}
    if name:
        model = Member if change.member_id else Household
        return about | {
            "what": label_of(model, name),
            "before": shown_either(model, name, change.before.get(name)),
            "after": shown_either(model, name, change.after.get(name)),
        }
    leaving = change.kind == MemberChange.Kind.DECREASE
    reason = label("change_reason", change.reason)
    return about | {
        "what": change.get_kind_display(),
        "before": "在册" if leaving else "不在册",
        "after": f"{'减少' if leaving else '增加'}：{reason}（{change.changed_on}）",
    }
