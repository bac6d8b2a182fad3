"""What the workbench shows of monitoring: how many households stand where."""

from django.core.cache import cache
from django.db.models import Count
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Figure
from households.choices import MONITORING_STATES
from monitoring.models import MonitoringObject

FRESH_SECONDS = 60


def stock(request: HttpRequest, user: object) -> str:
    """Households by state of the object; each number opens its list."""
    assert isinstance(user, User)
    if not user.holds(P.VIEW_CASES):
        return ""
    key = f"desk.stock.{user.pk}"
    counts = cache.get(key)
    if counts is None:
        rows = MonitoringObject.objects.within(user.scope).order_by()
        counts = dict(rows.values_list("state").annotate(Count("pk")))
        cache.set(key, counts, FRESH_SECONDS)
    url = reverse("monitoring:objects")
    figures = [
        Figure(label, counts[state], f"{url}?state={state}", "户", tone)
        for state, (label, tone) in MONITORING_STATES.items()
        if state != "not_monitored" and counts.get(state)
    ]
    return render_to_string("monitoring/desk_stock.html", {"figures": figures}, request)
