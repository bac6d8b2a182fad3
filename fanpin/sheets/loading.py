"""Frames into PostgreSQL by COPY and out of it: what set-based merges are made of.

Names of tables and columns come from declarations in code, never from a file; they are quoted here
all the same.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import polars as pl
from django.db import IntegrityError, connection, models, transaction

BLOCK = 4_000


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def copy_frame(table: str, frame: pl.DataFrame) -> int:
    """COPY the frame into the columns of the same names; returns the number of rows."""
    names = ", ".join(quoted(name) for name in frame.columns)
    statement = f"COPY {quoted(table)} ({names}) FROM STDIN WITH (FORMAT csv, NULL '')"
    ready = frame.with_columns(_array_literals(frame))
    offsets = range(0, ready.height, BLOCK)
    with (
        # The next block becomes text while the server takes this one.
        ThreadPoolExecutor(1) as beside,
        connection.cursor() as cursor,
        connection.wrap_database_errors,
    ):
        for block in beside.map(lambda offset: _as_csv(ready.slice(offset, BLOCK)), offsets):
            cursor.cursor.copy_expert(statement, block)
    return ready.height


def _as_csv(frame: pl.DataFrame) -> BytesIO:
    buffer = BytesIO()
    frame.write_csv(buffer, include_header=False)
    buffer.seek(0)
    return buffer


def rows_for(model: type[models.Model], frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as rows of a model's table: columns it lacks, and nulls where the table wants a
    value, get the field's default. Columns the model does not know are left out."""
    return frame.select(
        _column_for(field, frame)
        for field in model._meta.concrete_fields
        if field.column in frame.columns or not field.primary_key
    )


def _column_for(field: Any, frame: pl.DataFrame) -> pl.Expr:
    default = None if field.null else field.get_default()
    if not field.null and default is None:
        default = ""
    if isinstance(default, list | dict):
        default = "{}"
    if field.column not in frame.columns:
        return pl.lit(default).alias(field.column)
    value = pl.col(field.column)
    if isinstance(frame.schema[field.column], pl.List):
        value = array_text(value)
    return (value if default is None else value.fill_null(default)).alias(field.column)


def insert_rows(model: type[models.Model], frame: pl.DataFrame) -> list[int]:
    """COPY rows into a model's table; gives the ids that a constraint kept out.

    The frame carries the ids. Only when some row collides are the rows inserted one by one by the
    server, which is slower.
    """
    if not frame.height:
        return []
    table, rows = model._meta.db_table, rows_for(model, frame)
    try:
        with transaction.atomic():
            copy_frame(table, rows)
    except IntegrityError:
        return _insert_what_fits(table, rows)
    return []


def _insert_what_fits(table: str, rows: pl.DataFrame) -> list[int]:
    names = ", ".join(quoted(name) for name in rows.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE incoming (LIKE {quoted(table)}) ON COMMIT DROP")
        copy_frame("incoming", rows)
        cursor.execute(
            f"INSERT INTO {quoted(table)} ({names}) SELECT {names} FROM incoming ORDER BY id"
            " ON CONFLICT DO NOTHING RETURNING id"
        )
        kept = {row[0] for row in cursor.fetchall()}
        cursor.execute("DROP TABLE incoming")
    return [pk for pk in rows.get_column("id").to_list() if pk not in kept]


def update_rows(model: type[models.Model], frame: pl.DataFrame, **sets: Any) -> None:
    """Write the frame's columns into the rows with its ids; a null keeps what is there.

    `sets` are further columns with one value for all rows.
    """
    if not frame.height:
        return
    table = model._meta.db_table
    columns = {field.column for field in model._meta.concrete_fields} - {"id"}
    names = [name for name in frame.columns if name in columns]
    parts = [f"{quoted(name)} = coalesce(s.{quoted(name)}, t.{quoted(name)})" for name in names]
    parts += [f"{quoted(name)} = %s" for name in sets]
    with connection.cursor() as cursor:
        chosen = ", ".join(quoted(name) for name in ("id", *names))
        cursor.execute(
            f"CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {chosen} FROM {quoted(table)} LIMIT 0"
        )
        copy_frame("incoming", frame.select("id", *names))
        cursor.execute("CREATE INDEX ON incoming (id)")
        cursor.execute("ANALYZE incoming")
        cursor.execute(
            f"UPDATE {quoted(table)} t SET {', '.join(parts)} FROM incoming s WHERE s.id = t.id",
            list(sets.values()),
        )
        cursor.execute("DROP TABLE incoming")


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
        # Asked once: inside the next statement the server would look the name up for each value.
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [sequence_of, column])
        (sequence,) = cursor.fetchone()
        cursor.execute(
            "SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count]
        )
        return [row[0] for row in cursor.fetchall()]


def array_of(*series: pl.Series) -> str:
    """The values that occur in any of these as one array literal, sorted, for `= ANY(%s::text[])`.

    A list of a hundred thousand would be adapted, parsed and planned value by value.
    """
    values = pl.concat([each.drop_nulls().cast(pl.String) for each in series]).unique().sort()
    safe = values.str.replace_all("\\", "\\\\", literal=True).str.replace_all(
        '"', '\\"', literal=True
    )
    return "{" + ",".join(('"' + safe + '"').to_list()) + "}"


def array_text(column: pl.Expr) -> pl.Expr:
    """A list of texts as a PostgreSQL array literal; null stays null."""
    escaped = pl.element().str.replace_all(r'(["\\])', r"\$1")
    quoted_codes = column.list.eval(pl.lit('"') + escaped + pl.lit('"')).list.join(",")
    return pl.when(column.is_not_null()).then(pl.lit("{") + quoted_codes + pl.lit("}"))


def _array_literals(frame: pl.DataFrame) -> list[pl.Expr]:
    return [
        array_text(pl.col(name)).alias(name)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.List)
    ]
