"""A report as plain values, for the command and the API."""

from typing import Any

from counties.reports import TABLES
from counties.reports.figures import TOTAL, Report, broken_identities


def report_as_json(report: Report) -> dict[str, Any]:
    """draft, counties unsigned and without data, tables with a row for each county and 合计, sums that do not hold."""
    places = [(c.code, c.name) for c in report.counties] + [(TOTAL, "合计")]
    return {
        "city": report.city.code,
        "draft": report.is_draft,
        "as_of": report.as_of.isoformat(),
        "unsigned": [county.code for county in report.unsigned],
        "without_data": [county.code for county in report.without_data],
        "broken": broken_identities(report),
        "tables": {
            code: {
                "title": table.title,
                "rows": [
                    {"county": place, "name": name}
                    | {
                        cell.name: float(report.value(table, place, cell))
                        if cell.of
                        else int(report.value(table, place, cell))
                        for cell in table.cells
                    }
                    for place, name in places
                ],
            }
            for code, table in TABLES.items()
        },
    }
