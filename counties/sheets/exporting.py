"""The sheets of a list as one workbook, in the layout that is read back."""

from decimal import Decimal
from typing import IO, Any

import polars as pl
from django.db.models import QuerySet

from counties.models.sheets import Kind
from counties.rules.lines import Line
from counties.selectors import sheets as selectors
from counties.sheets.columns import LINES, book
from fanpin.regions.models import Division
from fanpin.sheets.writing import table_of, write_xlsx
from households.choices import label
from households.models import Campaign

DTYPES: dict[str, Any] = {"int": pl.Int64, "bool": pl.String, "decimal": pl.Float64}


def write(target: IO[bytes], kind: str, places: QuerySet[Division], campaign: Campaign) -> int:
    """Every place of the list, filled or not; returns the number of rows, which stands in the file too."""
    lines = LINES[kind]
    model = selectors.MODELS[kind]
    stored = {
        row["division"]: row
        for row in model.objects.filter(campaign=campaign, division__in=places.values("pk")).values(
            "division", *(line.name for line in lines)
        )
    }
    rows = [_row(kind, place, campaign, stored.get(place.pk, {}), lines) for place in places]
    sheet = book(kind).sheets[0]
    schema = {column.key: pl.String for column in sheet.columns}
    schema |= {line.name: DTYPES.get(line.kind, pl.String) for line in lines} | {"year": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema)
    caption = f"{campaign.year}年度{sheet.title}，共{len(rows)}行"
    write_xlsx(target, [table_of(sheet, frame, caption)])
    return len(rows)


def _row(
    kind: str, place: Division, campaign: Campaign, given: dict[str, Any], lines: tuple[Line, ...]
) -> dict[str, Any]:
    above = place.parent.name if place.parent else ""
    upper = {"township": above} if kind == Kind.VILLAGE else {"village": above}
    return {
        "place_code": place.code,
        **upper,
        "name": place.name,
        "year": campaign.year,
        **{line.name: _shown(line, given.get(line.name)) for line in lines},
    }


def _shown(line: Line, value: Any) -> Any:
    if value is None or value == "":
        return None
    if line.codes:
        return label(line.codes, value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return float(value) if isinstance(value, Decimal) else value
