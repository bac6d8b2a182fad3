"""The county sheet: which counties have one, its indicators of the day, what was answered, what the system knows."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection
from django.db.models import Prefetch, Q, QuerySet

from counties.models import CountyFigure, CountySheet, Indicator
from counties.models.indicators import IndicatorKind
from counties.models.sheets import FILLED_STATES
from counties.selectors import rollups
from counties.selectors.rollups import Rollup, whole
from counties.selectors.sheets import VIRTUAL, listed_villages
from fanpin import clock
from fanpin.regions.models import Division, Level
from fanpin.regions.scope import codes
from households.choices import label, lists
from households.models import Campaign, PolicyItem
from households.selectors.parameters import policy_items

KEY_COUNTY = "key_county"
NUMBERS = (IndicatorKind.INT, IndicatorKind.DECIMAL)
Answer = Decimal | str | None
Answers = dict[str, Answer]
_ATTENDED = "(h.hh_type = 'lifted' OR h.monitoring_state IN ('monitored', 'eliminating'))"
ROLLUPS: dict[str, Rollup] = {
    "lifted_migrants": Rollup("h.hh_type = 'lifted' AND m.work_months > 0", "member"),
    "public_post_workers": Rollup("cardinality(m.public_post) > 0", "member"),
    "dropout_count": Rollup(
        f"""{_ATTENDED}
            AND m.dropout_reason NOT IN ('', 'suspended', 'deferred', 'home_teaching')""",
        "member",
    ),
    "insured_rate_lifted": Rollup(
        f"{_ATTENDED} AND (m.ins_med_resident OR m.ins_med_employee)", "member"
    ),
}
_EVERYBODY = Rollup(_ATTENDED, "member")
# Summed over the village sheets of the campaign.
_VILLAGES = """
SELECT count(*), sum(s.hh_total), sum(s.pop_total), sum(s.land_cultivated), sum(s.coop_count),
    sum(s.primary_schools), sum(s.clinics), sum(s.doctors),
    count(*) FILTER (WHERE s.collective_income >= 5), count(*) FILTER (WHERE s.clinics = 0),
    count(*) FILTER (WHERE s.road_to_town), count(*) FILTER (WHERE s.broadband_hh > 0)
FROM counties_villagesheet s JOIN regions_division d ON d.code = s.division_id
WHERE d.path LIKE %(path)s AND s.campaign_id = %(campaign)s AND s.state = ANY(%(filled)s)
"""
_SUMS = (
    "v_sheets", "rural_hh", "rural_pop", "cultivated_mu", "coop_count", "primary_schools",
    "village_clinics", "doctors", "villages_income_5w", "villages_without_clinic", "with_road",
    "with_broadband",
)  # fmt: skip
_INCOME = """
SELECT sum(s.inc_net), sum(s.members_count)
FROM households_incomestatement s JOIN households_household h ON h.id = s.household_id
WHERE h.county_code = %(county)s AND h.ended_on IS NULL AND h.hh_type = 'lifted'
  AND s.purpose = 'annual' AND s.state = 'confirmed' AND s.campaign_id = %(campaign)s
"""


def key_level(county: Division, on: datetime.date | None = None) -> str:
    """国家级 or 省级 on a day; "" for a county that has no sheet."""
    found = policy_items(KEY_COUNTY, county.path, on or clock.today())
    return found[0].code if found else ""


def key_counties(path: str, on: datetime.date) -> dict[str, str]:
    """Code → level of every key county below a place, in one query."""
    rows = PolicyItem.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=on),
        list_key=KEY_COUNTY,
        active=True,
        effective_from__lte=on,
        division__path__startswith=path,
    )
    return dict(rows.values_list("division_id", "code"))


def indicators(county: Division, on: datetime.date | None = None) -> list[Indicator]:
    """The indicators in force, in order; a lower division's row replaces that of the same code."""
    day = on or clock.today()
    rows = Indicator.objects.filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=day),
        effective_from__lte=day,
        division_id__in=codes(county.path),
    ).order_by("division__path")
    nearest = {row.code: row for row in rows}
    return sorted(nearest.values(), key=lambda row: (row.position, row.code))


def draft(county: Division, campaign: Campaign) -> CountySheet:
    """The county's sheet; one that nobody touched is not stored and has version 0."""
    rows = CountySheet.objects.select_related(
        "campaign", "changed_by", "submitted_by", "decided_by"
    ).prefetch_related(Prefetch("figures", CountyFigure.objects.select_related("indicator")))
    found = rows.filter(division=county, campaign=campaign).first()
    found = found or CountySheet(division=county, campaign=campaign, version=0)
    found.division = county
    return found


def previous(county: Division, campaign: Campaign) -> CountySheet | None:
    """Last campaign's filled sheet."""
    rows = CountySheet.objects.filter(
        division=county, campaign__year__lt=campaign.year, state__in=FILLED_STATES
    )
    return rows.order_by("-campaign__year").first()


def answers(sheet: CountySheet | None) -> Answers:
    """Indicator code → number or text."""
    if sheet is None or sheet.pk is None:
        return {}
    # An indicator that was replaced in the year has two figures; the newer stands.
    rows = sorted(sheet.figures.all(), key=lambda row: row.indicator.effective_from)  # type: ignore[attr-defined]
    return {
        row.indicator.code: row.number if row.indicator.kind in NUMBERS else row.text
        for row in rows
    }


def blank(given: Mapping[str, Answer], asked: Sequence[Indicator]) -> list[Indicator]:
    """The required indicators without an answer; what the system answers is not asked."""
    return [
        row
        for row in asked
        if row.is_required and not row.from_system and given.get(row.code) in (None, "")
    ]


def words(indicator: Indicator, value: Any) -> Any:
    """An answer as the paper shows it."""
    if value in (None, ""):
        return None
    if indicator.kind == IndicatorKind.BOOL:
        return "是" if str(value) == "1" else "否"
    if indicator.kind == IndicatorKind.CHOICE and indicator.code_list in lists():
        return label(indicator.code_list, str(value))
    if indicator.kind in NUMBERS:
        return whole(value)
    return value


def system_answers(county: Division, campaign: Campaign) -> dict[str, Decimal]:
    """What divisions, village sheets and register say, by indicator code; `v_sheets` is the number of sheets summed."""
    below = Division.objects.filter(path__startswith=county.path, valid_until__isnull=True)
    counted = rollups.numbers({**ROLLUPS, "everybody": _EVERYBODY}, [county.pk], by="county_code")[
        county.pk
    ]
    sums = _village_sums(county, campaign)
    return {
        "township_count": Decimal(below.filter(level=Level.TOWNSHIP).count()),
        "village_count": Decimal(
            below.filter(level=Level.VILLAGE).exclude(village_kind=VIRTUAL).count()
        ),
        "delisted_village_count": Decimal(len(listed_villages(county.path, clock.today()))),
        **{name: value for name, value in sums.items() if not name.startswith("with_")},
        **{name: counted[name] for name in ROLLUPS},
        "road_village_rate": _percent(sums["with_road"], sums["v_sheets"]),
        "broadband_village_rate": _percent(sums["with_broadband"], sums["v_sheets"]),
        "insured_rate_lifted": _percent(counted["insured_rate_lifted"], counted["everybody"]),
        "lifted_income_pc": _income(county, campaign),
    }


def _village_sums(county: Division, campaign: Campaign) -> dict[str, Decimal]:
    values: dict[str, Any] = {
        "path": f"{county.path}%", "campaign": campaign.pk,
        "filled": [str(state) for state in FILLED_STATES],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_VILLAGES, values)
        row = cursor.fetchone()
    return {name: Decimal(value or 0) for name, value in zip(_SUMS, row, strict=True)}


def _income(county: Division, campaign: Campaign) -> Decimal:
    with connection.cursor() as cursor:
        cursor.execute(_INCOME, {"county": county.pk, "campaign": campaign.pk})
        net, persons = cursor.fetchone()
    return _rounded(Decimal(net) / persons) if persons else Decimal(0)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return _rounded(part * 100 / whole) if whole else Decimal(0)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def households_behind(code: str, county: str) -> list[int]:
    """The households that make a number of the register; none for a sum over village sheets."""
    return rollups.behind(ROLLUPS[code], county, by="county_code")


def counties(scope_rows: QuerySet[Division], campaign: Campaign) -> list[dict[str, Any]]:
    """The key counties among some, each with level, sheet and how many indicators are filled."""
    levels = key_counties("/", clock.today())
    places = list(scope_rows.filter(code__in=levels).select_related("parent").order_by("code"))
    sheets = {
        sheet.division_id: sheet
        for sheet in CountySheet.objects.filter(campaign=campaign, division__in=places)
        .select_related("changed_by")
        .prefetch_related(Prefetch("figures", CountyFigure.objects.select_related("indicator")))
    }
    asked = indicators_of(places)
    return [
        {
            "pk": place.pk,
            "county": place,
            "level": levels[place.pk],
            "sheet": (sheet := sheets.get(place.pk)),
            "due": sum(row.is_required and not row.from_system for row in asked[place.pk]),
            "missing": len(blank(answers(sheet), asked[place.pk])),
        }
        for place in places
    ]


def indicators_of(places: Sequence[Division]) -> dict[str, list[Indicator]]:
    """The indicators of several counties, in one query."""
    day = clock.today()
    rows = list(
        Indicator.objects.filter(
            Q(effective_to__isnull=True) | Q(effective_to__gte=day), effective_from__lte=day
        )
        .select_related("division")
        .order_by("division__path")
    )
    found = {}
    for place in places:
        nearest = {r.code: r for r in rows if place.path.startswith(r.division.path)}
        found[place.pk] = sorted(nearest.values(), key=lambda row: (row.position, row.code))
    return found
