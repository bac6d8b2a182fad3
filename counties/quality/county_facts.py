"""What the rules of the county sheet look at: its figures, last year's, its villages, the city's report."""

from decimal import Decimal
from typing import Any

import polars as pl

from counties.models import CitySummary, Finding
from counties.models.findings import Severity, State
from counties.reports import figures
from counties.rules.schema import COMPARED_WITH_LAST_YEAR, COUNTY, COUNTY_FIGURES
from counties.selectors import county_sheets as selectors
from counties.selectors.county_sheets import Answers
from fanpin.regions.models import Division
from fanpin.rules import frame_of
from households.choices import label
from households.models import Campaign
from households.rules.schema import polars_schema

ADJUSTMENT = "T1"
PERCENT = "%"


def county(campaign: Campaign, place: Division) -> pl.DataFrame:
    """One row, or none for a county whose sheet nobody touched."""
    sheet = selectors.draft(place, campaign)
    if sheet.pk is None:
        return pl.DataFrame(schema=polars_schema(COUNTY))
    given = selectors.answers(sheet)
    last = selectors.answers(selectors.previous(place, campaign))
    asked = selectors.indicators(place)
    known = selectors.system_answers(place, campaign)
    outside = [row.name for row in asked if row.unit == PERCENT and _outside(row, given)]
    level = selectors.key_level(place)
    row: dict[str, Any] = {
        "id": int(place.pk),
        "household_id": None,
        "key_level": label("key_county_level", level) if level else None,
        **{name: _number(given, name) for name in COUNTY_FIGURES},
        **{f"prev_{name}": _number(last, name) for name in COMPARED_WITH_LAST_YEAR},
        "n_blank": len(selectors.blank(given, asked)),
        "n_filled": sum(value not in (None, "") for value in given.values()),
        "n_out_of_range": len(outside),
        "out_of_range": "、".join(outside) or None,
        "r_village_count": float(known["village_count"]),
        "r_delisted": float(known["delisted_village_count"]),
        "v_cultivated": float(known["cultivated_mu"]),
        "v_clinics": float(known["village_clinics"]),
        "v_coops": float(known["coop_count"]),
        "v_sheets": float(known["v_sheets"]),
        "summary_differences": _summary_differences(place, campaign),
        **_open(place, campaign),
    }
    return frame_of([row], polars_schema(COUNTY))


def _number(given: Answers, name: str) -> float | None:
    value = given.get(name)
    return float(value) if isinstance(value, Decimal) else None


def _outside(row: Any, given: Answers) -> bool:
    value = given.get(row.code)
    if not isinstance(value, Decimal):
        return False
    return (row.least is not None and value < row.least) or (
        row.most is not None and value > row.most
    )


def _open(place: Division, campaign: Campaign) -> dict[str, int]:
    """Open findings of the county, those about its own sheet left out."""
    rows = Finding.objects.live().filter(county_code=place.pk, campaign=campaign)
    rows = rows.exclude(division=place)
    unexplained = rows.filter(severity=Severity.WARN).exclude(state=State.EXPLAINED)
    return {"open_errors": rows.errors().count(), "open_warnings": unexplained.count()}


def _summary_differences(place: Division, campaign: Campaign) -> int | None:
    """How many numbers of the city's submitted T1 the register no longer gives; none while nothing is submitted."""
    summary = CitySummary.objects.filter(
        division_id=place.parent_id, campaign=campaign, state="submitted"
    ).first()
    if summary is None:
        return None
    reported = figures.stored(summary).numbers[ADJUSTMENT].get(place.pk, {})
    city = Division.objects.get(pk=place.parent_id)
    now = figures.compute(city, campaign).numbers[ADJUSTMENT].get(place.pk, {})
    names = (set(reported) | set(now)) - {n for n in now if n.endswith(".rate")}
    return sum(reported.get(n, Decimal(0)) != now.get(n, Decimal(0)) for n in names)
