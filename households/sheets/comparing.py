"""Rows of a file against rows of the register, field by field; an empty cell never erases anything."""

from collections.abc import Mapping

import polars as pl

OLD = "__old_"


def types_of(frame: pl.DataFrame, names: tuple[str, ...]) -> dict[str, pl.DataType]:
    return {name: frame.schema[name] for name in names}


def with_old(frame: pl.DataFrame, old: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """The frame with the register's value of each field beside it, joined by id."""
    if old.is_empty():
        nulls = [pl.lit(None, dtype=frame.schema[name]).alias(f"{OLD}{name}") for name in names]
        return frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("version"), *nulls)
    chosen = old.select("id", "version", *(pl.col(name).alias(f"{OLD}{name}") for name in names))
    return frame.join(chosen, on="id", how="left", maintain_order="left")


def differs(name: str) -> pl.Expr:
    """The file says something and the register something else. Codes count as sets."""
    return pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{OLD}{name}"))


def any_differs(names: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(differs(name) for name in names) if names else pl.lit(value=False)


def changes(frame: pl.DataFrame, names: tuple[str, ...]) -> Mapping[int, dict[str, list[object]]]:
    """id → {field: [old, new]} for the rows of a frame that has the old values beside the new."""
    found: dict[int, dict[str, list[object]]] = {}
    for name in names:
        pairs = frame.filter(differs(name)).select(
            "id", _plain(frame, f"{OLD}{name}"), _plain(frame, name)
        )
        for key, old, new in pairs.iter_rows():
            found.setdefault(key, {})[name] = [old, new]
    return found


def _plain(frame: pl.DataFrame, name: str) -> pl.Expr:
    """The value as JSON keeps it."""
    dtype = frame.schema[name]
    if isinstance(dtype, pl.Decimal) or dtype == pl.Date:
        return pl.col(name).cast(pl.String)
    return pl.col(name)
