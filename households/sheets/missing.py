"""What the register has and the file does not: households of the file's villages, people of its
households. Only told; an import deletes nothing."""

import polars as pl

from households.selectors import imports as register
from households.sheets.people import ACTIVE
from households.sheets.working import Work

SCHEMA = {
    "kind": pl.String,
    "sheet": pl.String,
    "row_number": pl.Int64,
    "label": pl.String,
    "note": pl.String,
    "household_id": pl.Int64,
}
NO_ROW = pl.lit(None, dtype=pl.Int64)


def households(work: Work) -> pl.DataFrame:
    """Households of the villages that the household sheet names. A wrong row still names its own."""
    if work.read is None:
        return pl.DataFrame(schema=SCHEMA)
    known = register.standing_households(work.frame["village_id"])
    missing = known.join(work.frame.select("id").drop_nulls(), on="id", how="anti")
    return missing.select(
        kind=pl.lit("missing"),
        sheet=pl.lit(work.sheet.title),
        row_number=NO_ROW,
        label=pl.coalesce("head_name", "hh_code"),
        note=pl.col("village") + pl.lit(" ") + pl.col("hh_code"),
        household_id="id",
    )


def members(work: Work, existing: pl.DataFrame) -> pl.DataFrame:
    """People on the register in the households that the member sheet names."""
    if work.read is None or existing.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    here = existing.filter(pl.col("status").is_in(ACTIVE)).join(
        work.frame.select("household_id").drop_nulls().unique(), on="household_id", how="semi"
    )
    missing = here.join(work.frame.select("id").drop_nulls(), on="id", how="anti").join(
        work.frame.select("id18").drop_nulls(), on="id18", how="anti"
    )
    return missing.select(
        kind=pl.lit("missing"),
        sheet=pl.lit(work.sheet.title),
        row_number=NO_ROW,
        label="name",
        note=pl.lit("在册成员"),
        household_id="household_id",
    )
