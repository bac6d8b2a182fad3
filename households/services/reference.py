"""Loads the policy data the program ships: parameters, lists, campaign, holidays. Never overwrites an edit."""

import csv
import datetime
from decimal import Decimal
from pathlib import Path

import chinese_calendar
from django.db import transaction

from fanpin.clock.days import forget_calendar
from fanpin.clock.models import CalendarDay
from fanpin.regions.models import Division
from households.choices import lists
from households.models import Campaign, Parameter, PolicyItem

DATA = Path(__file__).parent.parent / "data"
PROVINCE = "62"


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Add every shipped row whose key, place and start are not there yet; return how many were added."""
    return {
        "parameters": _load_parameters(),
        "policy_items": _load_policy_items() + _load_key_counties(),
        "campaigns": _load_campaign(),
        "holidays": _load_holidays(),
    }


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _load_parameters() -> int:
    known = set(Parameter.objects.values_list("key", "division_id", "effective_from"))
    new = [
        Parameter(
            key=row["key"],
            division_id=row["division"],
            value=row["value"],
            effective_from=datetime.date.fromisoformat(row["effective_from"]),
            effective_to=_day(row["effective_to"]),
            basis=row["basis"],
        )
        for row in _rows("parameters.csv")
    ]
    new = [p for p in new if (p.key, p.division_id, p.effective_from) not in known]
    Parameter.objects.bulk_create(new)
    return len(new)


def _load_policy_items() -> int:
    known = set(PolicyItem.objects.values_list("list_key", "code", "effective_from"))
    new = [
        PolicyItem(
            list_key=row["list_key"],
            code=row["code"],
            label=row["label"],
            position=int(row["position"]),
            active=row["active"] == "1",
            test_key=row["test_key"],
            limit=Decimal(row["limit"]) if row["limit"] else None,
            flags=row["flags"].split("|") if row["flags"] else [],
            division_id=PROVINCE,
            effective_from=datetime.date.fromisoformat(row["effective_from"]),
            basis=row["basis"],
            note=row["note"],
        )
        for row in _rows("policy_items.csv")
    ]
    new = [p for p in new if (p.list_key, p.code, p.effective_from) not in known]
    PolicyItem.objects.bulk_create(new)
    return len(new)


def _load_key_counties() -> int:
    """The national key counties of the notice of 2021-08-27, for the counties that are in the tree."""
    level = lists()["key_county_level"]["national"]
    listed = Division.objects.filter(code__in=lists()["key_county_national"])
    known = set(PolicyItem.objects.filter(list_key="key_county").values_list("division_id"))
    new = [
        PolicyItem(
            list_key="key_county",
            code="national",
            label=level,
            division=county,
            effective_from=datetime.date(2021, 8, 27),
            basis="国家乡村振兴重点帮扶县名单（待核对）",
        )
        for county in listed
        if (county.pk,) not in known
    ]
    PolicyItem.objects.bulk_create(new)
    return len(new)


def _load_campaign() -> int:
    """The round of the notice (二、三(一)); later rounds are opened by people."""
    day = datetime.date
    _campaign, made = Campaign.objects.get_or_create(
        year=2021,
        defaults={
            "name": "2021年度防返贫监测动态调整和信息采集",
            "income_from": day(2020, 10, 1),
            "income_to": day(2021, 9, 30),
            "starts_on": day(2021, 10, 19),
            "training_due_on": day(2021, 10, 31),
            "collection_due_on": day(2021, 11, 8),
            "entry_due_on": day(2021, 11, 15),
            "comparison_due_on": day(2021, 11, 15),
            "summary_due_on": day(2021, 11, 15),
            "report_due_on": day(2021, 12, 15),
            "is_current": not Campaign.objects.filter(is_current=True).exists(),
        },
    )
    return int(made)


def _load_holidays() -> int:
    known = set(CalendarDay.objects.values_list("day", flat=True))
    new = [
        CalendarDay(day=day, is_working=False, name=holiday.chinese if holiday else "")
        for day, holiday in _statutory_holidays()
        if day not in known and day.weekday() < 5
    ]
    new += [
        CalendarDay(day=day, is_working=True, name="调休上班")
        for day in chinese_calendar.constants.workdays
        if day not in known and day.weekday() >= 5
    ]
    CalendarDay.objects.bulk_create(new)
    forget_calendar()
    return len(new)


def _statutory_holidays() -> list[tuple[datetime.date, chinese_calendar.Holiday | None]]:
    names = {holiday.value: holiday for holiday in chinese_calendar.Holiday}
    return [(day, names.get(name)) for day, name in chinese_calendar.constants.holidays.items()]


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None
