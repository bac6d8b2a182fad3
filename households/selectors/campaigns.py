"""The year's round: its dates in the notice's order, and how far it was opened."""

from typing import Any

from fanpin import clock
from fanpin.regions.scope import Scope
from households.models import Campaign, Household

# (label, field): the income window, then the links of the work, each day not before the one above it.
WINDOW: tuple[tuple[str, str], ...] = (
    ("收入计算周期起", "income_from"),
    ("收入计算周期止", "income_to"),
)
LINKS: tuple[tuple[str, str], ...] = (
    ("开始工作", "starts_on"),
    ("动员培训", "training_due_on"),
    ("信息采集", "collection_due_on"),
    ("信息录入", "entry_due_on"),
    ("比对清洗、县级闭合", "comparison_due_on"),
    ("汇总数据上报", "summary_due_on"),
    ("工作总结上报", "report_due_on"),
)


def phases(campaign: Campaign) -> list[dict[str, Any]]:
    """The links as steps: what is over, what runs, what comes."""
    day = clock.today()
    steps = [(label, getattr(campaign, name)) for label, name in LINKS]
    running = next((n for n, (_label, due) in enumerate(steps) if due >= day), len(steps))
    return [
        {
            "label": label,
            "date": due,
            "state": "done" if n < running else "current" if n == running else "todo",
            "days_left": (due - day).days if n == running else None,
        }
        for n, (label, due) in enumerate(steps)
    ]


def counties() -> list[str]:
    """Codes of the counties that have households, in order."""
    rows = Household.objects.filter(ended_on__isnull=True).order_by("county_code")
    return list(rows.values_list("county_code", flat=True).distinct())


def opened(campaign: Campaign, scope: Scope) -> tuple[int, int]:
    """Households of a scope whose form exists, of all that are on the register there."""
    rows = Household.objects.within(scope).filter(ended_on__isnull=True)
    return rows.filter(collections__campaign=campaign).count(), rows.count()
