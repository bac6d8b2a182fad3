"""What the national system would export of a demonstration county, in its layout, with some differences planted."""

from pathlib import Path
from typing import Any

import polars as pl

from counties.reconciling.keying import table
from counties.reconciling.layouts import LAYOUTS
from counties.reconciling.meeting import ours
from fanpin.regions.models import Division
from fanpin.sheets.writing import write_xlsx
from households.models import Campaign

CHANGED, MISSING = 3, 5
OTHER = {"household": ("house_area", "66.6"), "member": ("employer", "兰州新区建设公司")}
STRANGER = {"national_hh_no": "6200000999", "head_name": "何国平"}


def write_exports(county: str, campaign: Campaign, folder: Path) -> dict[str, Any]:
    """Write one workbook for each kind of export; gives the files and what a 对账 of each must find."""
    folder.mkdir(parents=True, exist_ok=True)
    division = Division.objects.get(pk=county)
    files: dict[str, str] = {}
    found: dict[str, dict[str, int]] = {}
    for kind, layout in LAYOUTS.items():
        rows = ours(layout, division, campaign).filter("expected").sort("path", "id")
        if kind in OTHER and rows.height > MISSING:
            rows = _with_differences(kind, rows)
            found[kind] = {"differs": 1, "ours": 1, "theirs": int(kind == "household")}
        path = folder / f"{layout.aliases[0]}.xlsx"
        write_xlsx(str(path), [table(rows, layout, f"导出单位：{division.name}")])
        files[kind] = str(path)
    return {"files": files, "found": found}


def _with_differences(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    """One value another, one row missing, and of the households one that the register does not have."""
    key, value = OTHER[kind]
    nth = pl.int_range(pl.len())
    rows = rows.with_columns(
        pl.when(nth == CHANGED).then(pl.lit(value)).otherwise(pl.col(key)).alias(key)
    )
    kept = rows.filter(nth != MISSING)
    if kind != "household":
        return kept
    place = ("province", "city", "county", "township", "village", "year")
    stranger = rows.head(1).select(*place, **{k: pl.lit(v) for k, v in STRANGER.items()})
    return pl.concat([kept, stranger], how="diagonal")
