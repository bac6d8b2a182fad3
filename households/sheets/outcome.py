"""The lines kept for preview and mending: what is wrong as it was read, what changes with both values."""

import json
from collections.abc import Mapping

import polars as pl

from fanpin.sheets.reading import ROW
from households.sheets.results import NOTHING, Staged
from households.sheets.staging import Mended

COLUMNS = (
    "sheet", "number", "kind", "key", "household_id", "member_id", "raw", "mended", "before", "after",
)  # fmt: skip
NO_ID = pl.lit(None, dtype=pl.Int64)


def rows_of(staged: Staged, mended: Mended) -> pl.DataFrame:
    """One line for each row that is changed or wrong; new rows are their staged values."""
    parts = [
        _changed(staged.households, household=pl.col("id"), member=NO_ID),
        _changed(staged.members, household=pl.col("household_id"), member=pl.col("id")),
        *(_wrong(name, raw) for name, raw in staged.raw_of_wrong.items()),
    ]
    return _with_mended(pl.concat(part.select(COLUMNS) for part in parts), mended)


def _changed(rows: pl.DataFrame, *, household: pl.Expr, member: pl.Expr) -> pl.DataFrame:
    return rows.filter(pl.col("kind") == "changed").select(
        "sheet",
        pl.col("row_number").alias("number"),
        "kind",
        pl.col("label").fill_null("").str.slice(0, 60).alias("key"),
        household.alias("household_id"),
        member.alias("member_id"),
        pl.lit(NOTHING).alias("raw"),
        pl.lit(NOTHING).alias("mended"),
        "before",
        "after",
    )


def _wrong(name: str, raw: pl.DataFrame) -> pl.DataFrame:
    keys = [key for key in ("name", "head_name", "head_id_no") if key in raw.columns]
    return raw.select(
        sheet=pl.lit(name),
        number=pl.col(ROW),
        kind=pl.lit("wrong"),
        key=pl.coalesce(*keys, pl.lit("")).str.slice(0, 60),
        household_id=NO_ID,
        member_id=NO_ID,
        raw=pl.struct(pl.exclude(ROW)).struct.json_encode(),
        mended=pl.lit(NOTHING),
        before=pl.lit(NOTHING),
        after=pl.lit(NOTHING),
    )


def _with_mended(rows: pl.DataFrame, mended: Mended) -> pl.DataFrame:
    """Corrected cells stay with their row. A row that is new by now keeps them on a line of its own."""
    if not mended:
        return rows
    table = pl.DataFrame(
        [(sheet, number, _json(cells)) for (sheet, number), cells in mended.items()],
        schema={"sheet": pl.String, "number": pl.Int64, "cells": pl.String},
        orient="row",
    )
    joined = rows.join(table, on=["sheet", "number"], how="full", coalesce=True)
    return joined.with_columns(
        pl.col("kind").fill_null("unchanged"),
        pl.col("key").fill_null(""),
        pl.col("raw", "before", "after").fill_null(NOTHING),
        mended=pl.coalesce("cells", "mended", pl.lit(NOTHING)),
    ).select(COLUMNS)


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
