"""The numbers of a city's tables, the list behind each, and whether they hold together."""

import datetime
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from counties.models import CitySummary, ClosureSignature
from counties.reports import TABLES
from counties.reports.adjustment import CATEGORIES
from counties.reports.population import GROUPS, IN, OUT
from counties.reports.table import Cell, Table
from counties.selectors.closures import counties_of, in_force, without_households
from fanpin import clock
from fanpin.regions.models import Division
from households.models import Campaign

TOTAL = ""
Numbers = dict[str, Decimal]


@dataclass
class Report:
    """A city's numbers: table → county (or "" for 合计) → cell name → number."""

    city: Division
    campaign: Campaign
    as_of: datetime.date
    counties: list[Division]
    signed: dict[str, ClosureSignature]
    empty: set[str] = field(default_factory=set)
    is_submitted: bool = False
    numbers: dict[str, dict[str, Numbers]] = field(default_factory=dict)

    @property
    def unsigned(self) -> list[Division]:
        """The counties that have households and no valid signature."""
        return [c for c in self.counties if c.code not in self.signed and c.code not in self.empty]

    @property
    def without_data(self) -> list[Division]:
        """The counties without any household: nothing to sign, and the city says why (notice 四(三))."""
        return [c for c in self.counties if c.code not in self.signed and c.code in self.empty]

    @property
    def is_draft(self) -> bool:
        """Nobody signed anything, or some county that has households did not; what was submitted is none."""
        return not self.is_submitted and (bool(self.unsigned) or not self.signed)

    def value(self, table: Table, county: str, cell: Cell) -> Decimal:
        return self.numbers[table.code].get(county, {}).get(cell.name, Decimal(0))


def compute(city: Division, campaign: Campaign) -> Report:
    """The numbers as the register stands now; a signed county is locked, so its numbers stand still."""
    counties = counties_of(city)
    report = Report(
        city,
        campaign,
        clock.today(),
        counties,
        in_force(city, campaign),
        empty=without_households(counties),
    )
    values = _values([county.code for county in counties], campaign)
    with connection.cursor() as cursor:
        for table in TABLES.values():
            cursor.execute(
                f"""SELECT county_code, key, sum(households), sum(persons)
                    FROM ({table.rows}) r GROUP BY county_code, key""",
                values,
            )
            report.numbers[table.code] = _filled(table, cursor.fetchall(), counties)
    return report


def stored(summary: CitySummary) -> Report:
    """A submitted report with the numbers of that day."""
    counties = counties_of(summary.division)
    report = Report(summary.division, summary.campaign, summary.as_of, counties, {})
    report.signed = in_force(summary.division, summary.campaign)
    report.empty = without_households(counties)
    report.is_submitted = True
    report.numbers = {code: {} for code in TABLES}
    for figure in summary.figures.all():
        table = report.numbers.setdefault(figure.table, {})
        table.setdefault(figure.county_code, {})[figure.key] = figure.value
    return report


def household_ids(table: Table, key: str, counties: list[str], campaign: Campaign) -> list[int]:
    """The households behind one number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT household_id FROM ({table.rows}) r WHERE r.key = %(key)s"
            " AND r.county_code = ANY(%(counties)s)",
            {**_values(counties, campaign), "key": key},
        )
        return [row[0] for row in cursor.fetchall()]


def _values(counties: list[str], campaign: Campaign) -> dict[str, Any]:
    return {
        "counties": counties,
        "start": datetime.date(campaign.year, 1, 1),
        "until": clock.today(),
        "campaign": campaign.pk,
    }


def _filled(
    table: Table, rows: list[tuple[Any, ...]], counties: list[Division]
) -> dict[str, Numbers]:
    """Every county and 合计 with every cell, zeros and rates included."""
    found: dict[str, Numbers] = {
        code: {} for code in (*(county.code for county in counties), TOTAL)
    }
    of_places = {cell.key for cell in table.cells if cell.count == "places"}
    for code, key, households, persons in rows:
        counts = (
            (("places", households),)
            if key in of_places
            else (("households", households), ("persons", persons))
        )
        for place in (code, TOTAL):
            numbers = found.setdefault(place, {})
            for count, value in counts:
                name = f"{key}.{count}"
                numbers[name] = numbers.get(name, Decimal(0)) + Decimal(value)
    for numbers in found.values():
        for cell in table.cells:
            if cell.of:
                numbers[cell.name] = _rate(numbers, cell)
            else:
                numbers.setdefault(cell.name, Decimal(0))
    return found


def _rate(numbers: Numbers, cell: Cell) -> Decimal:
    whole = numbers.get(f"{cell.of}.{cell.count}", Decimal(0))
    part = numbers.get(f"{cell.key}.{cell.count}", Decimal(0))
    rate = part * 100 / whole if whole else Decimal(0)
    return rate.quantize(Decimal("0.01"), ROUND_HALF_UP)


def broken_identities(report: Report) -> list[str]:
    """Every sum that does not hold, with county and both figures; none when the report may be submitted."""
    names = {county.code: county.name for county in report.counties} | {TOTAL: "合计"}
    problems: list[str] = []
    for code, name in names.items():
        problems += [f"{name}：{text}" for text in _t1(report, code)]
        problems += [f"{name}：{text}" for text in _t2(report, code)]
        problems += [f"{name}：{text}" for text in _t4(report, code)]
    return problems


def _t1(report: Report, code: str) -> list[str]:
    numbers = report.numbers["T1"].get(code, {})
    problems = []
    for count, unit in (("households", "户"), ("persons", "人")):

        def of(key: str, count: str = count) -> Decimal:
            return numbers.get(f"{key}.{count}", Decimal(0))

        came = of("opening") + of("new") + of("relabel") + of("rollback")
        went = of("eliminated_assisted") + of("eliminated_natural") + of("closed") + of("voided")
        natural = of("natural") if count == "persons" else Decimal(0)
        if came - went + natural != of("closing"):
            problems.append(
                f"T1期初加新增减减少应为{came - went + natural:f}{unit}，期末为{of('closing'):f}{unit}"
            )
    return problems


def _t2(report: Report, code: str) -> list[str]:
    first, second = report.numbers["T1"].get(code, {}), report.numbers["T2"].get(code, {})
    wholes = {
        "closing": ("closing",),
        "new": ("new",),
        "relabel": ("relabel",),
        "eliminated": ("eliminated_assisted", "eliminated_natural"),
    }
    problems = []
    for key, sources in wholes.items():
        for count in ("households", "persons"):
            parts = sum(second.get(f"{key}.{c}.{count}", Decimal(0)) for c, _label in CATEGORIES)
            whole = sum(first.get(f"{source}.{count}", Decimal(0)) for source in sources)
            if parts != whole:
                problems.append(f"T2“{key}”分类合计{parts:f}，T1为{whole:f}")
    return problems


def _t4(report: Report, code: str) -> list[str]:
    numbers = report.numbers["T4"].get(code, {})
    problems = []
    for who, name in GROUPS.items():

        def of(key: str, who: str = who) -> Decimal:
            return numbers.get(f"{who}.{key}.persons", Decimal(0))

        due = of("opening") + sum(of(key) for key in IN) - sum(of(key) for key in OUT)
        if due != of("closing"):
            problems.append(f"T4{name}期初加增减应为{due:f}人，期末为{of('closing'):f}人")
    return problems
