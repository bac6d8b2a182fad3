"""What the overview of a household says of its data: open findings with remedy and a way to the field."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from counties.models import Finding
from counties.models.findings import LIVE_STATES, Origin, Severity
from counties.selectors import findings as selectors
from counties.selectors import screening
from counties.views.mending import mend_url
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.rules import registry
from fanpin.web.components import Problem
from households.models import Household, Member

SHOWN = 30


def findings_panel(request: HttpRequest, household: Household) -> str:
    """Errors first; "" for a reader whose posts may not see findings."""
    user: User = request.user  # type: ignore[assignment]
    if not user.holds(Permission.VIEW_FINDINGS):
        return ""
    live = selectors.visible(user).filter(household=household, state__in=LIVE_STATES)
    found = list(live[: SHOWN + 1])
    return render_to_string(
        "counties/findings_panel.html",
        {
            "problems": [
                as_problem(finding, url=url_of(user, finding)) for finding in found[:SHOWN]
            ],
            "more": len(found) > SHOWN,
            "household": household,
        },
        request,
    )


def key_check_panel(request: HttpRequest, household: Household) -> str:
    """Why the household is on the list 重点核查户; "" when it is not, or not for this reader."""
    user: User = request.user  # type: ignore[assignment]
    row = screening.of_household(household.pk) if user.holds(Permission.VIEW_CASES) else None
    if row is None or not row.reasons_count:
        return ""
    context = {"row": row, "reasons": screening.standing(row)}
    return render_to_string("counties/key_check_panel.html", context, request)


def as_problem(finding: Finding, *, url: str) -> Problem:
    rule = registry.get(finding.code)
    who = f"{finding.member.name}：" if finding.member else ""
    return Problem(
        text=f"{who}{finding.title}（{finding.detail}）" if finding.detail else who + finding.title,
        remedy=rule.remedy if rule else "请打开疑点，对照两本账后更正或说明。",
        clause=rule.clause if rule else "",
        severity="error" if finding.severity == Severity.ERROR else "warn",
        url=url or reverse("counties:finding", args=[finding.pk]),
    )


def url_of(user: User, finding: Finding) -> str:
    """The form at the field to correct; a disagreement of two books opens the finding first."""
    return mend_url(user, finding) if finding.origin == Origin.QUALITY else ""


def beside_fields(
    request: HttpRequest, household: Household, member: Member | None, columns: tuple[str, ...]
) -> dict[str, list[Problem]]:
    """Column name → what is open about it, for the form that mends it; whoever edits sees what is wrong."""
    user: User = request.user  # type: ignore[assignment]
    if not user.holds(Permission.VIEW_FINDINGS):
        return {}
    notes: dict[str, list[Problem]] = {}
    live = selectors.visible(user).filter(household=household, member=member, state__in=LIVE_STATES)
    for finding in live:
        name = next((name for name in finding.fields if name in columns), "")
        if name:
            notes.setdefault(name, []).append(as_problem(finding, url=""))
    return notes
