"""The lights of an elimination as the pages show them: on the tabs 监测 and 帮扶, on a case, before a proposal."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from households.models import Household
from monitoring.rules.elimination import Criterion
from monitoring.selectors import cases, criteria
from monitoring.selectors.pages import page_of

TONES = {"red": "red", "grey": "grey", "green": "green"}
UNDER = ("monitored", "eliminating")


@dataclass(frozen=True)
class LightRow:
    """One line: the light, what is known with its page, what stands against it."""

    criterion: Criterion
    tone: str
    url: str
    findings: tuple[tuple[str, str], ...]


def light_rows(found: Sequence[Criterion], household_id: int) -> list[LightRow]:
    return [
        LightRow(
            c,
            TONES[c.state],
            page_of(c.page, household_id),
            tuple((f.text, page_of(f.page, household_id)) for f in c.findings),
        )
        for c in found
    ]


def panel(request: HttpRequest, household: object) -> str:
    """On the tab 帮扶 of a monitored household: how far it is from elimination."""
    assert isinstance(household, Household)
    assert isinstance(request.user, User)
    if household.monitoring_state not in UNDER or not request.user.holds(P.VIEW_CASES):
        return ""
    found = criteria.of_today(household, cases.open_case(household.pk))
    context = {"lights": light_rows(found, household.pk)}
    return render_to_string("monitoring/lights.html", context, request=request)
