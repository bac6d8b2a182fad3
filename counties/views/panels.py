"""What the overview of a household says of its data: open findings with remedy and a way to the field."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from counties.models import Finding
from counties.models.findings import LIVE_STATES, Origin, Severity
from counties.selectors import findings as selectors
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.rules import registry
from fanpin.web.components import Problem
from households.models import Household
from households.models.income import IncomeStatement

SHOWN = 30


def findings_panel(request: HttpRequest, household: Household) -> str:
    """Errors first; "" for a reader whose posts may not see findings."""
    user: User = request.user  # type: ignore[assignment]
    if not user.holds(Permission.VIEW_FINDINGS):
        return ""
    live = selectors.visible(user).filter(household=household, state__in=LIVE_STATES)
    found = list(live[: SHOWN + 1])
    editable = user.may(Permission.EDIT_HOUSEHOLDS, household.division_path)
    return render_to_string(
        "counties/findings_panel.html",
        {
            "problems": [as_problem(finding, editable=editable) for finding in found[:SHOWN]],
            "more": len(found) > SHOWN,
            "household": household,
        },
        request,
    )


def as_problem(finding: Finding, *, editable: bool) -> Problem:
    rule = registry.get(finding.code)
    who = f"{finding.member.name}：" if finding.member else ""
    return Problem(
        text=f"{who}{finding.title}（{finding.detail}）" if finding.detail else who + finding.title,
        remedy=rule.remedy if rule else "请打开疑点，对照两本账后更正或说明。",
        clause=rule.clause if rule else "",
        severity="error" if finding.severity == Severity.ERROR else "warn",
        url=field_url(finding) if editable else reverse("counties:finding", args=[finding.pk]),
    )


def field_url(finding: Finding) -> str:
    """The form with the first field to correct; a disagreement of two books opens the finding."""
    name = finding.fields[0] if finding.fields else ""
    if finding.origin != Origin.QUALITY or not name:
        return reverse("counties:finding", args=[finding.pk])
    if finding.member_id:
        return reverse("households:members", args=[finding.household_id]) + f"#m{finding.member_id}"
    lines = {field.name for field in IncomeStatement._meta.get_fields()}
    page = "income" if name in lines else "edit"
    return reverse(f"households:{page}", args=[finding.household_id]) + f"#id_{name}"
