"""A year's round is opened for a county: the register kept as its baseline, forms made, incomes carried forward.

limit  a bare COPY of the same rows into the same indexes
ours   what the job does for one county
goal   60 seconds for 100,000 households
"""

from dataclasses import asdict
from typing import Any

from benchmarks.metering import now
from benchmarks.pages import COUNTY, HOUSEHOLDS, fill
from benchmarks.twins import copied_in
from fanpin import clock
from households.models import (
    Campaign,
    Collection,
    Household,
    HouseholdBaseline,
    IncomeStatement,
    MemberBaseline,
)
from households.services.campaigns import analyze, open_county

WRITTEN = (HouseholdBaseline, MemberBaseline, Collection, IncomeStatement)
GOAL = 60


def measure(size: str) -> list[dict[str, Any]]:
    count = HOUSEHOLDS[size]
    if Household.objects.count() < count:
        fill(count)
    campaign = _next_year()
    start = now()
    opened = open_county(campaign, COUNTY)
    analyze()
    spent = now() - start
    assert opened.households == opened.forms == count
    limit = copied_in(WRITTEN, f"campaign_id = {campaign.pk}")
    return [
        {
            "name": "carry_forward",
            "size": size,
            "rows": sum(asdict(opened).values()),
            "households": count,
            "limit": round(limit.wall, 3),
            "ours": round(spent.wall, 3),
            "ratio_to_limit": round(spent.wall / limit.wall, 2),
            "cpu": round(spent.cpu, 3),
            "cpu_ratio_to_limit": round(spent.cpu / limit.cpu, 2),
            "ratio_to_goal": round(spent.wall / GOAL, 3),
        }
    ]


def _next_year() -> Campaign:
    """The round after the current one, each of its days a year later."""
    row = Campaign.objects.get(is_current=True)
    Campaign.objects.filter(pk=row.pk).update(is_current=False)
    for field in Campaign._meta.concrete_fields:
        day = getattr(row, field.attname)
        if field.get_internal_type() == "DateField" and day is not None:
            setattr(row, field.attname, day.replace(year=day.year + 1))
    row.year, row.name, row.is_current, row.opened_at = row.year + 1, "测速", True, clock.now()
    row.save(force_insert=True)
    return row
