"""What every tab of a household shows around its content; each app's tab view asks `context` for it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from fanpin.accounts.access import get_scoped_or_404
from fanpin.web.components import Crumb, Fact, TabItem
from fanpin.web.extensions import Tab, field_notes, household_panels, household_tabs
from households.models import Household, Member
from households.selectors.register import ancestors


def context(request: HttpRequest, household: Household, active: str) -> dict[str, Any]:
    """The head, the tabs and the breadcrumb; `active` is the tab's url name, for example "monitoring:household"."""
    return {
        "household": household,
        "title": str(household),
        "breadcrumb": crumbs(household),
        "head_facts": _facts(household),
        "tabs": _tabs(request, household, active),
    }


def scoped(request: HttpRequest, pk: int, rows: QuerySet[Household] | None = None) -> Household:
    """The household inside the user's scope, or 404."""
    queryset = (
        rows if rows is not None else Household.objects.select_related("village", "natural_village")
    )
    return get_scoped_or_404(queryset, request.user, pk=pk)


def panels(request: HttpRequest, household: Household) -> list[str]:
    """What the apps above have to say on the overview."""
    drawn = (panel.render(request, household) for panel in household_panels.ordered())
    return [html for html in drawn if html]


def notes(
    request: HttpRequest, household: Household, member: Member | None, columns: tuple[str, ...]
) -> dict[str, list[Any]]:
    """What the apps above have to say beside the fields of a form: column → problems."""
    found: dict[str, list[Any]] = {}
    for ask in field_notes.ordered():
        for name, problems in ask(request, household, member, columns).items():
            found.setdefault(name, []).extend(problems)
    return found


def crumbs(household: Household) -> list[Crumb]:
    listed = reverse("households:list")
    return [
        Crumb(d.name, f"{listed}?division={d.code}") for d in ancestors(household.division_path)[1:]
    ]


def _facts(household: Household) -> list[Fact]:
    h = household
    window = f"元（{h.income_from} 至 {h.income_to}）" if h.income_from else "元"
    findings = (
        f"{h.open_errors}条错误、{h.open_warnings}条提醒"
        if h.open_errors or h.open_warnings
        else "无"
    )
    tone = "red" if h.open_errors else "amber" if h.open_warnings else ""
    due = f"{h.next_due_on} {h.next_due_text}".strip() if h.next_due_on else ""
    return [
        Fact("户号", h.hh_code),
        Fact("行政村", h.village.full_name),
        Fact("家庭人口", h.family_size, reverse("households:members", args=[h.pk]), unit="人"),
        Fact("人均纯收入", h.income_pc, reverse("households:income", args=[h.pk]), unit=window),
        Fact("未处理疑点", findings, _url("counties:household", h.pk), tone=tone),
        Fact(
            "最近到期",
            due,
            _url("monitoring:household", h.pk) if due else "",
            tone="orange" if due else "",
        ),
    ]


def _tabs(request: HttpRequest, household: Household, active: str) -> list[TabItem]:
    user = request.user
    found = []
    for tab in household_tabs.ordered():
        url = _url(tab.url_name, household.pk)
        if url and (not tab.permission or user.holds(tab.permission)):  # type: ignore[union-attr]
            count, tone = _count(tab, household)
            found.append(
                TabItem(tab.label, url, active=tab.url_name == active, count=count, tone=tone)
            )
    return found


def _count(tab: Tab, household: Household) -> tuple[int | None, str]:
    if tab.url_name == "households:members":
        return household.family_size, ""
    if tab.url_name == "counties:household" and household.open_errors + household.open_warnings:
        total = household.open_errors + household.open_warnings
        return total, "red" if household.open_errors else "amber"
    return None, ""


def _url(name: str, pk: int) -> str:
    """A tab belongs to the app that registered it; one that has no page yet is not shown."""
    try:
        return reverse(name, args=[pk])
    except NoReverseMatch:
        return ""
