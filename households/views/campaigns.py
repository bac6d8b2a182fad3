"""年度工作: the rounds with their dates, setting the next one, opening it."""

import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Action, Crumb
from households.forms.campaigns import CampaignForm
from households.models import Campaign
from households.policies import campaigns as policy
from households.selectors.campaigns import LINKS, WINDOW, opened, phases
from households.services import campaigns
from households.views.answers import attempt, page, user_of


@requires(P.VIEW_HOUSEHOLDS, P.OPEN_CAMPAIGN)
def campaign_list(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    rows = list(Campaign.objects.order_by("-year"))
    editable = user.holds(P.OPEN_CAMPAIGN)
    actions = [Action("制定下一年度", reverse("households:campaign_create"), tone="primary")]
    context = {
        "title": "年度工作",
        "rows": [
            {
                "campaign": row,
                "steps": phases(row),
                "opened": opened(row, user.scope) if row.opened_at or row.is_current else None,
                "open": policy.may_open(user, row) if editable else None,
            }
            for row in rows
        ],
        "actions": actions if editable else [],
    }
    return page(request, "households/campaigns.html", context)


@requires(P.OPEN_CAMPAIGN)
def campaign_create(request: HttpRequest) -> HttpResponse:
    """The next round: the dates of the last one, a year later, to begin with."""
    last = Campaign.objects.order_by("-year").first()
    return _form(request, _year_after(last) if last else None, "制定年度工作")


@requires(P.OPEN_CAMPAIGN)
def campaign_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Campaign, pk=pk)
    return _form(request, row, f"{row}工作安排")


@require_POST
@requires(P.OPEN_CAMPAIGN)
def campaign_open(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Campaign, pk=pk)
    job = campaigns.open_campaign(row, by=user_of(request))
    messages.success(request, f"{row}工作已开始，正在为各户带入上年数据。")
    return redirect("jobs:detail", pk=job.pk)


def _form(request: HttpRequest, row: Campaign | None, title: str) -> HttpResponse:
    form = CampaignForm(request.POST or None, row=row)
    reasons = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        saved, reasons = attempt(
            form,
            lambda: campaigns.plan(
                year=data["year"], name=data["name"], dates=form.dates, by=user_of(request)
            ),
        )
        if saved is not None:
            messages.success(request, f"已保存{saved}工作安排。")
            return redirect("households:campaigns")
    context = {
        "form": form,
        "title": title,
        "breadcrumb": [Crumb("年度工作", reverse("households:campaigns"))],
    }
    return page(request, "households/campaign_form.html", context, wrong=(form,), reasons=reasons)


def _year_after(last: Campaign) -> Campaign:
    following = Campaign(year=last.year + 1)
    for _label, name in (*WINDOW, *LINKS):
        setattr(following, name, _shifted(getattr(last, name)))
    return following


def _shifted(day: datetime.date) -> datetime.date:
    """The same day a year later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
