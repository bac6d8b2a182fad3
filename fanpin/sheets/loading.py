"""Frames into PostgreSQL by COPY, and the few pieces of SQL that set-based merges are made of.

Names of tables and columns come from declarations in code, never from a file; they are quoted here
all the same.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import polars as pl
from django.db import connection

BLOCK = 50_000
TYPES: dict[Any, str] = {
    pl.Int64: "bigint",
    pl.Int32: "integer",
    pl.UInt32: "bigint",
    pl.Float64: "double precision",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime: "timestamptz",
    pl.String: "text",
}


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def sql_type(dtype: pl.DataType) -> str:
    """The PostgreSQL type a polars column is staged as."""
    if isinstance(dtype, pl.Decimal):
        return f"numeric({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.List):
        return "text[]"
    return TYPES[dtype.base_type()]


def create_staging(table: str, schema: dict[str, pl.DataType]) -> None:
    """An unlogged table for one batch. It outlives a killed worker, not a crash of the server."""
    columns = ", ".join(f"{quoted(name)} {sql_type(dtype)}" for name, dtype in schema.items())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
        cursor.execute(
            f"CREATE UNLOGGED TABLE {quoted(table)} ({columns}) WITH (autovacuum_enabled=false)"
        )


def drop_staging(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {quoted(table)}")


def staging_exists(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [quoted(table)])
        return bool(cursor.fetchone()[0])


def copy_frame(table: str, frame: pl.DataFrame) -> int:
    """COPY the frame into the columns of the same names; returns the number of rows."""
    names = ", ".join(quoted(name) for name in frame.columns)
    statement = f"COPY {quoted(table)} ({names}) FROM STDIN WITH (FORMAT csv, NULL '')"
    ready = frame.with_columns(_array_literals(frame))
    with connection.cursor() as cursor:
        for offset in range(0, ready.height, BLOCK):
            buffer = BytesIO()
            ready.slice(offset, BLOCK).write_csv(buffer, include_header=False)
            buffer.seek(0)
            cursor.cursor.copy_expert(statement, buffer)
    return ready.height


def stage(table: str, frame: pl.DataFrame) -> int:
    """Create the staging table for this frame, fill it, and tell the planner what is in it."""
    create_staging(table, dict(frame.schema))
    count = copy_frame(table, frame)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {quoted(table)}")
    return count


def query_frame(
    statement: str, params: Sequence[Any] = (), schema: Mapping[str, pl.DataType] | None = None
) -> pl.DataFrame:
    """The rows of a SELECT as a frame, by COPY TO. `schema` types the columns it names; the rest
    are texts. Empty texts and empty arrays come back as null, like an empty cell of a sheet."""
    buffer = BytesIO()
    with connection.cursor() as cursor:
        bound = cursor.cursor.mogrify(statement, list(params)).decode() if params else statement
        cursor.cursor.copy_expert(
            f"COPY ({bound}) TO STDOUT WITH (FORMAT csv, HEADER true)", buffer
        )
    buffer.seek(0)
    frame = pl.read_csv(buffer, infer_schema=False)
    types = schema or {}
    return frame.with_columns(
        _from_text(name, types.get(name, pl.String())) for name in frame.columns
    )


def _from_text(name: str, dtype: pl.DataType) -> pl.Expr:
    text = pl.col(name)
    if isinstance(dtype, pl.List):
        inside = text.str.strip_chars("{}")
        return (
            pl.when(inside != "").then(inside.str.replace_all('"', "").str.split(",")).alias(name)
        )
    if dtype == pl.Boolean:
        return (text == "t").alias(name)
    if dtype == pl.Date:
        return text.str.to_date("%Y-%m-%d").alias(name)
    if dtype == pl.String:
        return pl.when(text != "").then(text).alias(name)
    return text.cast(dtype).alias(name)


def reserve_ids(sequence_of: str, column: str, count: int) -> list[int]:
    """Take `count` values from a table's sequence, so that rows know their ids before they exist."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)::regclass) FROM generate_series(1, %s)",
            [sequence_of, column, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _array_literals(frame: pl.DataFrame) -> list[pl.Expr]:
    """Lists of codes as PostgreSQL array literals."""
    return [
        pl.when(pl.col(name).is_null())
        .then(None)
        .otherwise(
            pl.lit("{")
            + pl.col(name).list.eval(pl.lit('"') + pl.element() + pl.lit('"')).list.join(",")
            + pl.lit("}")
        )
        .alias(name)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List)
    ]
