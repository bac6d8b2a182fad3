"""What a check found for each row of the file, as the lines kept for preview, mending and undo."""

import json
from collections.abc import Mapping

import polars as pl

from fanpin.sheets.reading import ROW
from households.sheets.staging import Mended, Staged

NOTHING = "{}"
SCHEMA = {
    "sheet": pl.String,
    "number": pl.Int64,
    "kind": pl.String,
    "key": pl.String,
    "household_id": pl.Int64,
    "member_id": pl.Int64,
    "raw": pl.String,
    "mended": pl.String,
    "before": pl.String,
    "after": pl.String,
}


def rows_of(staged: Staged, mended: Mended) -> pl.DataFrame:
    """One line for each row that is new, changed or wrong."""
    homes = staged.households.select(
        sheet=pl.lit("户"),
        number="row_number",
        kind="kind",
        key=pl.col("label").fill_null("").str.slice(0, 60),
        household_id="id",
        member_id=pl.lit(None, dtype=pl.Int64),
        id="id",
    )
    people = staged.members.select(
        sheet=pl.lit("成员"),
        number="row_number",
        kind="kind",
        key=pl.col("label").fill_null("").str.slice(0, 60),
        household_id="household_id",
        member_id="id",
        id="id",
    )
    parts = [
        _with_changes(homes, staged.household_changes),
        _with_changes(people, staged.member_changes),
        *(_wrong(title, raw) for title, raw in staged.raw_of_wrong.items()),
    ]
    return _with_mended(pl.concat(part.select(list(SCHEMA)) for part in parts), mended)


def _with_changes(
    rows: pl.DataFrame, changes: Mapping[int, Mapping[str, list[object]]]
) -> pl.DataFrame:
    """`before` and `after` as JSON texts; only changed rows have any."""
    lines = [
        (
            key,
            _json({name: pair[0] for name, pair in pairs.items()}),
            _json({name: pair[1] for name, pair in pairs.items()}),
        )
        for key, pairs in changes.items()
    ]
    table = pl.DataFrame(
        lines, schema={"id": pl.Int64, "before": pl.String, "after": pl.String}, orient="row"
    )
    return rows.join(table, on="id", how="left", maintain_order="left").with_columns(
        pl.col("before").fill_null(NOTHING),
        pl.col("after").fill_null(NOTHING),
        raw=pl.lit(NOTHING),
        mended=pl.lit(NOTHING),
    )


def _wrong(title: str, raw: pl.DataFrame) -> pl.DataFrame:
    cells = pl.struct(pl.exclude(ROW)) if raw.width > 1 else pl.lit(None)
    name = pl.coalesce(
        [key for key in ("name", "head_name", "head_id_no") if key in raw.columns] or [pl.lit("")]
    )
    return raw.select(
        sheet=pl.lit(title),
        number=pl.col(ROW),
        kind=pl.lit("wrong"),
        key=name.fill_null("").str.slice(0, 60),
        household_id=pl.lit(None, dtype=pl.Int64),
        member_id=pl.lit(None, dtype=pl.Int64),
        raw=cells.struct.json_encode(),
        mended=pl.lit(NOTHING),
        before=pl.lit(NOTHING),
        after=pl.lit(NOTHING),
    )


def _with_mended(rows: pl.DataFrame, mended: Mended) -> pl.DataFrame:
    """Corrected cells stay with their row, also when the row is right now."""
    if not mended:
        return rows
    table = pl.DataFrame(
        [(sheet, number, _json(cells)) for (sheet, number), cells in mended.items()],
        schema={"sheet": pl.String, "number": pl.Int64, "cells": pl.String},
        orient="row",
    )
    joined = rows.join(table, on=["sheet", "number"], how="left", maintain_order="left")
    return joined.with_columns(mended=pl.coalesce("cells", "mended")).drop("cells")


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, ensure_ascii=False)
