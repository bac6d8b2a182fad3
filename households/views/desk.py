"""What the workbench shows of the register: the year's dates, and how far the collection is."""

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.web.components import Bar
from households.selectors.campaigns import LINKS
from households.selectors.parameters import campaign_now
from households.selectors.progress import Progress, by_division

# Counting a county takes longer than a page should; the workbench may be a minute old.
FRESH_SECONDS = 60
MOST_ROWS = 20


def dates(request: HttpRequest, user: object) -> str:
    """The campaign's five links with the days left; they warn and never lock (notice 二)."""
    campaign = campaign_now()
    if campaign is None:
        return ""
    today = clock.today()
    rows = [
        (label, day := getattr(campaign, name), (day - today).days, _tone((day - today).days))
        for label, name in LINKS[1:]
    ]
    context = {"campaign": campaign, "rows": rows}
    return render_to_string("households/desk_dates.html", context, request)


def progress(request: HttpRequest, user: object) -> str:
    """Collection by the divisions right below mine; every bar opens its list."""
    assert isinstance(user, User)
    campaign = campaign_now()
    if campaign is None or not user.holds(P.VIEW_HOUSEHOLDS):
        return ""
    key = f"desk.progress.{user.pk}"
    rows = cache.get(key)
    if rows is None:
        rows = by_division(user, _own_place(user), campaign)
        cache.set(key, rows, FRESH_SECONDS)
    if not rows:
        return ""
    context = {"bars": [_bar(row) for row in rows[:MOST_ROWS]], "more": len(rows) - MOST_ROWS}
    return render_to_string("households/desk_progress.html", context, request)


def _own_place(user: User) -> Division | None:
    """The one place somebody works for; None for several, which then stand side by side."""
    paths = list(user.scope.paths)
    return Division.objects.filter(path=paths[0]).first() if len(paths) == 1 else None


def _bar(row: Progress) -> Bar:
    url = f"{reverse('households:list')}?division={row.division.code}"
    return Bar(
        f"{row.division.name}（{row.reviewed}/{row.total}户）",
        row.percent,
        url,
        "green" if row.percent == 100 else "blue",
    )


def _tone(days: int) -> str:
    if days < 0:
        return "grey"
    return "orange" if days <= 7 else "blue"
