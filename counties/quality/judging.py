"""Which rules are judged on the day, with which policy values, and the hits in words."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl
from django.core.exceptions import FieldDoesNotExist

from fanpin import clock
from fanpin.regions.models import Division, Level
from fanpin.rules import Rule, evaluate, missing_parameters, registry
from households.choices import lists
from households.models import Campaign, Household, Member
from households.rules.schema import HOUSEHOLD, MEMBER
from households.selectors import workplaces
from households.selectors.parameters import parameters

Frames = dict[str, pl.DataFrame]
# Columns that show another field's code.
SAME_LIST = {
    "head_sex": "sex",
    "prev_hh_type": "hh_type",
    "collect_status": "collect_status",
    "joined_reason": "change_reason",
    "dev_measure_status": "dev_measure_status",
    "member_school": "school_status",
    "prev_education": "education",
    "prev_school_status": "school_status",
    "prev_health": "health",
    "prev_labour": "labour",
    "mark_category": "monitor_type",
    "categories": "measure_category",
    "risks": "risk_type",
    "siyou": "siyou_type",
}
SCHOOL_DAY = (8, 31)


@dataclass(frozen=True)
class Judged:
    """Hits, the rules that were judged, and those that were not because a policy value is
    missing.
    """

    hits: pl.DataFrame
    rules: list[Rule]
    skipped: dict[str, list[str]]


def judge(
    frames: Frames, campaign: Campaign, path: str, *, reach: Iterable[str] = ("household",)
) -> Judged:
    """Judge frames of facts as they stand in the database or in a staged import."""
    day = clock.today()
    values = policy_values(campaign, path, day)
    rules = [rule for rule in registry.on(day, reach=reach) if rule.subject in frames]
    skipped = missing_parameters(rules, values)
    rules = [rule for rule in rules if rule.code not in skipped]
    hits = evaluate(frames, rules, on=day, parameters=values, labels=code_labels())
    return Judged(hits, rules, skipped)


def policy_values(campaign: Campaign, path: str, day: datetime.date) -> dict[str, Any]:
    """The dated parameters of the place as numbers, and the days of the campaign."""
    values = parameters(path, day)
    return {
        name: value if isinstance(value, bool) else float(value)
        for name, value in values.items()
        if not isinstance(value, str)
    } | {
        "today": day,
        "survey_on": campaign.income_to,
        "school_on": datetime.date(campaign.year, *SCHOOL_DAY),
        "period_from": campaign.income_from,
        "period_to": campaign.income_to,
        "collect_from": campaign.starts_on,
        "collect_to": campaign.entry_due_on,
    }


def code_labels() -> dict[str, dict[str, str]]:
    """Column → its code list, so that a finding reads 劳动技能 无劳动力."""
    return _field_labels() | {"work_county": _workplaces()}


@cache
def _field_labels() -> dict[str, dict[str, str]]:
    named = lists()
    found = {}
    for name in (*HOUSEHOLD, *MEMBER):
        code_list = _code_list(name) or SAME_LIST.get(name, "")
        if code_list in named:
            found[name] = named[code_list]
    return found | {name: named[code_list] for name, code_list in SAME_LIST.items()}


def _code_list(name: str) -> str:
    for model in (Household, Member):
        try:
            return getattr(model._meta.get_field(name), "code_list", "")
        except FieldDoesNotExist:
            continue
    return ""


_places: dict[str, str] = {}


def _workplaces() -> dict[str, str]:
    """Places do not change while a process runs; an empty table of divisions is asked again."""
    if not _places and Division.objects.filter(level=Level.COUNTY).exists():
        _places.update(workplaces.offered())
    return _places
