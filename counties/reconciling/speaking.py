"""A typed value in the national system's words. Both sides are turned into these and then compared, so that what their
export cannot say (城市低保 beside 农村低保) is no difference.
"""

import polars as pl

from counties.reconciling.layouts import Layout
from fanpin.sheets.checking import Checked, dtype_of
from fanpin.sheets.columns import Column
from fanpin.sheets.reading import ROW

CENT = 0.01


def said(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """The typed columns of a frame as their texts; other columns stay as they are."""
    present = [key for key in layout.columns if key in frame.columns]
    return frame.with_columns(
        _text(layout.columns[key], layout.by_key[key].spoken, frame.schema[key]) for key in present
    )


def as_read(checked: Checked, layout: Layout) -> pl.DataFrame:
    """What a file says, by their words; a cell that cannot be understood says what stands in it."""
    texts = said(checked.frame, layout)
    raw = checked.read.frame.select(ROW, *(c for c in layout.columns if c in texts.columns))
    both = texts.join(raw, on=ROW, how="left", suffix="#raw", maintain_order="left")
    kept = [
        pl.coalesce(pl.col(key), _filled(pl.col(f"{key}#raw"))).alias(key)
        for key in layout.columns
        if f"{key}#raw" in both.columns
    ]
    return both.with_columns(kept).drop([c for c in both.columns if c.endswith("#raw")])


def empty(layout: Layout) -> pl.DataFrame:
    """No rows of the layout, typed as `check` would type them."""
    return pl.DataFrame(schema={key: dtype_of(column) for key, column in layout.columns.items()})


def differs(layout: Layout, key: str, ours: str, theirs: str) -> pl.Expr:
    """Whether the two texts say different things. Nothing and no money are the same (forms.md §1.3); a cent is no
    difference."""
    column = layout.columns[key]
    mine, other = pl.col(ours), pl.col(theirs)
    if column.kind != "decimal":
        return mine.ne_missing(other)
    if is_money(column):
        mine, other = mine.fill_null("0"), other.fill_null("0")
    apart = (mine.cast(pl.Float64, strict=False) - other.cast(pl.Float64, strict=False)).abs()
    return mine.ne_missing(other) & (apart > CENT + 1e-9).fill_null(value=True)


def is_money(column: Column) -> bool:
    return column.kind == "decimal" and column.key.startswith(
        ("inc_", "exp_", "claim_", "self_", "ref_")
    )


def _text(column: Column, spoken: object, dtype: pl.DataType) -> pl.Expr:
    value = pl.col(column.key)
    words = dict(spoken) if spoken else dict(column.choices)  # type: ignore[call-overload]
    match column.kind:
        case "bool":
            return (
                pl.when(value).then(pl.lit("是")).when(~value).then(pl.lit("否")).alias(column.key)
            )
        case "choice":
            return value.replace(words)
        case "multi":
            named = value.list.eval(pl.element().replace(words)).list.sort().list.join(",")
            return _filled(named)
        case "date":
            return value.dt.strftime("%Y%m%d")
        case "decimal":
            text = value.cast(pl.String)
            return text.str.replace(r"(\.\d*?)0+$", "$1").str.replace(r"\.$", "")
        case "int":
            return value.cast(pl.String)
        case _:
            return _filled(value.cast(pl.String).str.strip_chars())


def _filled(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.strip_chars() != "").then(text)
