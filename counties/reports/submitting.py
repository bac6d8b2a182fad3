"""Computes a city's numbers and submits exactly those."""

from typing import Any

from django.db import transaction

from counties.models import CitySummary
from counties.reports import TABLES, figures
from counties.services import summaries
from fanpin.regions.models import Division
from households.models import Campaign


@transaction.atomic
def submit(
    *,
    city: Division,
    campaign: Campaign,
    late_reason: str = "",
    no_data_reason: str = "",
    by: Any,
) -> CitySummary:
    """Refused with every unsigned county and every sum that does not hold."""
    report = figures.compute(city, campaign)
    lines = [
        (code, county, cell.name, report.value(table, county, cell))
        for code, table in TABLES.items()
        for county in report.numbers[code]
        for cell in table.cells
    ]
    return summaries.submit(
        city=city,
        campaign=campaign,
        as_of=report.as_of,
        lines=lines,
        unsigned=report.unsigned,
        without_data=report.without_data,
        is_draft=report.is_draft,
        broken=figures.broken_identities(report),
        late_reason=late_reason,
        no_data_reason=no_data_reason,
        by=by,
    )
