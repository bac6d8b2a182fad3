"""Theirs joined with ours, for one kind of export: same, different field by field, on one side only. Set-based."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from counties.models.reconciling import Meeting
from counties.reconciling.layouts import Layout
from counties.reconciling.speaking import differs, empty, said
from counties.selectors import national
from fanpin.regions.models import Division
from fanpin.sheets.reading import ROW
from households.models import Campaign
from households.sheets.placing import found_by

_FACTS = ("id", "household_id", "member_id", "path", "village_id", "label", "number", "found_by",
          "id18", "expected")  # fmt: skip
_PLACE = ("province", "city", "county", "township", "village")
LABELS = {"household": "head_name", "member": "name", "village": "village"}
NUMBERS = {"household": "head_id_no", "member": "id_no"}
LONGEST = 200


@dataclass(frozen=True)
class Met:
    """The items of one kind, one row each, named as the model's columns; `fields`, `ours`, `theirs` are lists."""

    items: pl.DataFrame
    rows: int


def meet(
    layout: Layout, theirs: Sequence[pl.DataFrame], division: Division, campaign: Campaign
) -> Met:
    """Compare everything these files say with the register of the place."""
    mine = ours(layout, division, campaign)
    rows = pl.concat(theirs, how="diagonal")
    rows = _by_their_place(rows, division)
    found = _found(layout, rows, mine)
    twice = pl.col("id").is_not_null() & ~pl.col("id").is_first_distinct()
    found = found.with_columns(state=_state(twice))
    met = found.filter(pl.col("state") == "met")
    both = _both(layout, met, mine)
    alone = _theirs(layout, found.filter(pl.col("state") != "met"), division)
    parts = [both, alone]
    if layout.lists_all:
        parts.append(_ours(mine, found))
    return Met(pl.concat(parts, how="diagonal"), rows.height)


def ours(layout: Layout, division: Division, campaign: Campaign) -> pl.DataFrame:
    """The register's rows in their words, with what joins them."""
    types = dict(empty(layout).schema)
    match layout.key:
        case "household":
            frame = national.households(division, types, campaign)
        case "object":
            frame = national.objects(division, types)
        case "village":
            frame = national.villages(division, types, campaign)
        case _:
            frame = national.members(division, types, at_work=layout.key == "worker")
    named = frame.join(national.names(division), on="village_id", how="left", maintain_order="left")
    if "year" in layout.columns:
        named = named.with_columns(year=pl.lit(campaign.year, dtype=pl.Int64))
    return said(named, layout)


def _by_their_place(rows: pl.DataFrame, division: Division) -> pl.DataFrame:
    """Where their village is known, its names as the register writes them: 泰和村委会 is 泰和村."""
    present = [name for name in _PLACE if name in rows.columns]
    if not present:
        return rows
    known = national.names(division).select("village_id", *present)
    joined = rows.join(known, on="village_id", how="left", suffix="#", maintain_order="left")
    return joined.with_columns(pl.coalesce(f"{name}#", name).alias(name) for name in present).drop(
        f"{name}#" for name in present
    )


def _found(layout: Layout, rows: pl.DataFrame, mine: pl.DataFrame) -> pl.DataFrame:
    """Each of their rows with the `id` of ours that it means."""
    if layout.subject == "village":
        known = mine.select("id", "village_id")
        return found_by(("village_id",), rows, known).drop("id_village_id")
    own = "national_person_no" if layout.subject == "member" else "national_hh_no"
    keys = [key for key in (own, "id18") if key in rows.columns]
    if layout.subject == "member":
        keys.reverse()  # A person is known by the identity number first.
    known = mine.select("id", *keys)
    found = found_by(keys, rows, known).drop(f"id_{key}" for key in keys)
    return _nameless(found, mine) if layout.subject == "member" else found


def _nameless(rows: pl.DataFrame, mine: pl.DataFrame) -> pl.DataFrame:
    """People without a number are known by name within their household."""
    if "national_hh_no" not in rows.columns:
        return rows
    named = (
        mine.filter(pl.col("id18").is_null() & pl.col("number").is_not_null())
        .select("national_hh_no", "name", named="id")
        .unique(["national_hh_no", "name"], keep="none")
    )
    joined = rows.join(named, on=["national_hh_no", "name"], how="left", maintain_order="left")
    return joined.with_columns(id=pl.coalesce("id", "named")).drop("named")


def _state(twice: pl.Expr) -> pl.Expr:
    return (
        pl.when(twice)
        .then(pl.lit(Meeting.DOUBLED.value))
        .when(pl.col("id").is_not_null())
        .then(pl.lit("met"))
        .when(pl.col("path").is_null())
        .then(pl.lit(Meeting.OUTSIDE.value))
        .otherwise(pl.lit(Meeting.THEIRS.value))
    )


def _both(layout: Layout, met: pl.DataFrame, mine: pl.DataFrame) -> pl.DataFrame:
    """What stands on both sides, with every field that differs and both values."""
    keys = [key for key in layout.compared if key in met.columns]
    beside = met.select("id", "file_id", ROW, *keys).join(
        mine.select(*_FACTS, *(pl.col(key).alias(f"o_{key}") for key in keys)),
        on="id",
        how="left",
        maintain_order="left",
    )
    lines = [
        beside.filter(differs(layout, key, f"o_{key}", key)).select(
            "id", fields=pl.lit(key), ours=_cut(f"o_{key}"), theirs=_cut(key)
        )
        for key in keys
    ]
    changes = pl.concat(lines).group_by("id", maintain_order=True).agg("fields", "ours", "theirs")
    joined = beside.select(*_FACTS, "file_id", ROW).join(
        changes, on="id", how="left", maintain_order="left"
    )
    different = pl.col("fields").is_not_null()
    return _items(
        joined.with_columns(
            state=pl.when(different)
            .then(pl.lit(Meeting.DIFFERS.value))
            .otherwise(pl.lit(Meeting.SAME.value))
        )
    )


def _cut(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.slice(0, LONGEST)


def _ours(mine: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Who ought to be there and is in none of the files."""
    missing = mine.filter("expected").join(
        found.select("id").drop_nulls(), on="id", how="anti", maintain_order="left"
    )
    return _items(missing.select(*_FACTS).with_columns(state=pl.lit(Meeting.OURS.value)))


def _theirs(layout: Layout, rows: pl.DataFrame, division: Division) -> pl.DataFrame:
    """Their rows that meet nobody, by what they say of themselves."""
    label, number = LABELS[layout.subject], NUMBERS.get(layout.subject, "")

    def own(name: str) -> pl.Expr:
        return pl.col(name) if name in rows.columns else pl.lit(None, dtype=pl.String)

    return _items(
        rows.select(
            "state", "file_id", ROW, "village_id",
            path=pl.col("path").fill_null(division.path),
            label=own(label), number=own("national_hh_no"), found_by=own(number),
        )
    )  # fmt: skip


def _items(rows: pl.DataFrame) -> pl.DataFrame:
    """As the model's columns; what a row does not have stays empty."""

    def has(name: str, dtype: pl.DataType) -> pl.Expr:
        return pl.col(name).cast(dtype) if name in rows.columns else pl.lit(None, dtype=dtype)

    texts = pl.List(pl.String)
    return rows.select(
        "state",
        label=has("label", pl.String()).fill_null("").str.slice(0, 60),
        number=has("number", pl.String()).fill_null("").str.slice(0, 32),
        id_no=has("found_by", pl.String()).fill_null("").str.slice(0, 22),
        household_id=has("household_id", pl.Int64()),
        member_id=has("member_id", pl.Int64()),
        place_id=pl.coalesce("village_id", pl.col("path").str.extract(r"/(\d+)/$")),
        division_path="path",
        file_id=has("file_id", pl.Int64()),
        row_number=has(ROW, pl.Int64()),
        fields=has("fields", texts),
        ours=has("ours", texts),
        theirs=has("theirs", texts),
    )
