"""What a judged file comes to: the rows to be written, cut into chunks, and the counts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from fanpin.sheets.checking import Checked
from fanpin.sheets.loading import reserve_ids
from fanpin.sheets.reading import ROW
from households.choices import HEAD
from households.selectors import imports as register
from households.sheets import people
from households.sheets.columns import (
    HOUSEHOLD_FIELDS,
    HOUSEHOLD_SHEET,
    IDENTITY_FIELDS,
    INCOME_FIELDS,
    MEMBER_FIELDS,
    MEMBER_SHEET,
)
from households.sheets.comparing import any_differs, changes
from households.sheets.missing import SCHEMA
from households.sheets.working import Work

CHUNK = 5_000
LABOUR = ("ordinary", "skilled")
NOTHING = "{}"
PROVINCE = "62"
_HOME = (
    "sheet",
    "label", "kind", "id", "version", "chunk", "village_id", "natural_village_id", "division_path",
    "statement_id", "fields", "before", "after",
)  # fmt: skip
_PERSON = (
    "sheet",
    "label", "kind", "id", "household_id", "county_code", "work_region", "version", "chunk", "fields",
    "before", "after",
)  # fmt: skip
_STANDING = (
    "family_size", "head_name", "head_pinyin", "head_id_no", "labour_count", "migrant_count",
    "public_post_count",
)  # fmt: skip


@dataclass
class Staged:
    """Frames hold new and changed rows only, named as the models' columns, ready to be copied."""

    households: pl.DataFrame
    members: pl.DataFrame
    problems: pl.DataFrame
    raw_of_wrong: dict[str, pl.DataFrame]
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    missing: int = 0
    chunks: int = 0
    ignored: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # of printed cards: what changed since
    others: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))


def of(
    households: Work,
    members: Work,
    checked: Mapping[str, Checked],
    *,
    absent: Sequence[pl.DataFrame],
    unread: list[str],
) -> Staged:
    """Collect the result of the two judged sheets; `absent` is what the file does not have,
    `unread` are sheets it has besides."""
    homes = _homes(households)
    persons = _persons(members, homes)
    homes = _with_standing(homes, persons)
    homes, persons = _chunked(homes, persons)
    works = {HOUSEHOLD_SHEET.title: households, MEMBER_SHEET.title: members}
    kinds = pl.concat([homes.get_column("kind"), persons.get_column("kind")])
    written = [frame.filter(pl.col("kind") != "unchanged") for frame in (homes, persons)]
    return Staged(
        households=_kept(
            written[0], (*HOUSEHOLD_FIELDS, *IDENTITY_FIELDS, *INCOME_FIELDS, *_STANDING), _HOME
        ),
        members=_kept(written[1], (*MEMBER_FIELDS, *people.PERSON_DERIVED), _PERSON),
        problems=pl.concat(work.problems.frame() for work in works.values()),
        raw_of_wrong={
            each.read.name: each.read.frame.filter(
                pl.col(ROW).is_in(works[title].wrong_rows.implode())
            ).with_columns(pl.col(pl.String).str.replace_all("\x00", ""))  # JSON cannot hold it
            for title, each in checked.items()
        },
        rows=sum(each.frame.height for each in checked.values()),
        new=int((kinds == "new").sum()),
        changed=int((kinds == "changed").sum()),
        unchanged=int((kinds == "unchanged").sum()),
        wrong=sum(len(work.wrong_rows) for work in works.values()),
        missing=sum(frame.height for frame in absent),
        chunks=_chunks(*written),
        ignored=[text for each in checked.values() for text in each.read.ignored],
        unread=unread,
        others=pl.concat([_unchanged(homes, "id"), _unchanged(persons, "household_id"), *absent]),
    )


def _unchanged(rows: pl.DataFrame, household: str) -> pl.DataFrame:
    return rows.filter(pl.col("kind") == "unchanged").select(
        "kind",
        "sheet",
        pl.col(ROW).alias("row_number"),
        "label",
        pl.lit("").alias("note"),
        pl.col(household).alias("household_id"),
    )


def _chunks(*frames: pl.DataFrame) -> int:
    numbers = pl.concat([frame.get_column("chunk") for frame in frames])
    return int(numbers.max()) + 1 if len(numbers) else 0  # type: ignore[arg-type]


def _kept(rows: pl.DataFrame, fields: Sequence[str], more: Sequence[str]) -> pl.DataFrame:
    """The columns that say something, beside those every row has."""
    said = [name for name in fields if not rows.get_column(name).is_null().all()]
    return rows.select(pl.col(ROW).alias("row_number"), *more, *said)


def _homes(work: Work) -> pl.DataFrame:
    names = (*HOUSEHOLD_FIELDS, *IDENTITY_FIELDS, *INCOME_FIELDS)
    fresh = pl.col("id").is_null()
    moved = pl.col("hamlet_id").is_not_null() & pl.col("hamlet_id").ne_missing(pl.col("old_hamlet"))
    frame = work.good().with_columns(
        sheet=pl.lit(work.name),
        label=pl.coalesce("head_name", "national_hh_no", "hh_code", "head_id_no"),
        kind=_kind(fresh, any_differs(names) | moved),
        natural_village_id="hamlet_id",
        division_path=pl.coalesce("path", "old_path"),
    )
    return _with_changes(_with_ids(frame, register.HOUSEHOLD_TABLE), names)


def _kind(fresh: pl.Expr, differs: pl.Expr) -> pl.Expr:
    changed = pl.when(differs).then(pl.lit("changed")).otherwise(pl.lit("unchanged"))
    return pl.when(fresh).then(pl.lit("new")).otherwise(changed)


def _persons(work: Work, homes: pl.DataFrame) -> pl.DataFrame:
    frame = work.good().with_columns(
        sheet=pl.lit(work.name),
        label=pl.col("name"),
        kind=_kind(pl.col("id").is_null(), any_differs(MEMBER_FIELDS)),
    )
    in_file = homes.select(household_row=ROW, file_id="id", file_path="division_path")
    found = frame.select("household_row").join(
        in_file, on="household_row", how="left", maintain_order="left"
    )
    frame = frame.with_columns(found.select("file_id", "file_path").get_columns())
    path = pl.coalesce("hh_path", "file_path")
    frame = frame.with_columns(
        household_id=pl.coalesce("household_id", "file_id"),
        county_code=path.str.extract(r"^/\d+/\d+/(\d+)/"),
        township=path.str.extract(r"^/\d+/\d+/\d+/(\d+)/"),
    )
    frame = frame.with_columns(work_region=_region())
    return _with_changes(_with_ids(frame, register.MEMBER_TABLE), MEMBER_FIELDS)


def _region() -> pl.Expr:
    """务工区域 from workplace and home, as `services.people` does for one member. A changed row that
    says nothing about work keeps what is there."""
    silent = pl.all_horizontal(
        pl.col(name).is_null()
        for name in ("work_months", "works_abroad", "work_township", "work_county", "work_province")
    )

    def value(name: str) -> pl.Expr:
        return pl.coalesce(name, f"__old_{name}")

    province = value("work_province")
    return (
        pl.when(silent & (pl.col("kind") != "new"))
        .then(None)
        .when(value("work_months").fill_null(0) == 0)
        .then(pl.lit("none"))
        .when(value("works_abroad").fill_null(value=False))
        .then(pl.lit("abroad"))
        .when(value("work_township") == pl.col("township"))
        .then(pl.lit("town"))
        .when(value("work_county") == pl.col("county_code"))
        .then(pl.lit("county"))
        .when(province != PROVINCE)
        .then(pl.lit("outside"))
        .when(province.is_not_null())
        .then(pl.lit("province"))
    )


def _with_ids(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """New rows take their ids from the table's sequence now, so that everything can point at them."""
    rows = frame.filter(pl.col("kind") == "new").get_column(ROW)
    fresh = pl.Series(reserve_ids(table, "id", len(rows)), dtype=pl.Int64)
    ids = pl.DataFrame({ROW: rows, "fresh_id": fresh})
    found = frame.select(ROW).join(ids, on=ROW, how="left", maintain_order="left")
    return frame.with_columns(found.get_column("fresh_id")).with_columns(
        id=pl.coalesce("id", "fresh_id")
    )


def _with_changes(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """`fields`, and `before` and `after` as JSON texts; a new row has none."""
    found = changes(frame.filter(pl.col("kind") == "changed"), names)
    lines = [
        (
            key,
            list(pairs),
            json.dumps({name: pair[0] for name, pair in pairs.items()}, ensure_ascii=False),
            json.dumps({name: pair[1] for name, pair in pairs.items()}, ensure_ascii=False),
        )
        for key, pairs in found.items()
    ]
    schema: dict[str, Any] = {
        "id": pl.Int64,
        "fields": pl.List(pl.String),
        "before": pl.String,
        "after": pl.String,
    }
    table = pl.DataFrame(lines, schema=schema, orient="row")
    found_rows = frame.select("id").join(table, on="id", how="left", maintain_order="left")
    frame = frame.with_columns(found_rows.select("fields", "before", "after").get_columns())
    return frame.with_columns(pl.col("before", "after").fill_null(NOTHING))


def _with_standing(homes: pl.DataFrame, persons: pl.DataFrame) -> pl.DataFrame:
    """A new household is written with its standing counted, as `services.standing` would."""
    head = pl.col("relation") == HEAD
    counted = (
        persons.filter(pl.col("kind") == "new")
        .group_by(id="household_id")
        .agg(
            family_size=pl.len().cast(pl.Int64),
            head_name=pl.col("name").filter(head).first(),
            head_pinyin=pl.col("pinyin").filter(head).first(),
            head_id_no=pl.col("id_no").filter(head).first(),
            labour_count=pl.col("labour").is_in(LABOUR).sum().cast(pl.Int64),
            migrant_count=(pl.col("work_months") > 0).sum().cast(pl.Int64),
            public_post_count=(pl.col("public_post").list.len() > 0).sum().cast(pl.Int64),
        )
    )
    new = homes.filter(pl.col("kind") == "new").select("id")
    counted = counted.join(new, on="id", how="semi")
    bare = homes.drop("head_name", "head_id_no")
    return bare.join(counted, on="id", how="left", maintain_order="left")


def _chunked(homes: pl.DataFrame, persons: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the chunks so that a household and its people always fall into the same one."""
    written = pl.col("kind") != "unchanged"
    ids = pl.concat(
        [
            homes.filter(written).get_column("id"),
            persons.filter(written).get_column("household_id"),
        ]
    )
    ids = ids.unique().sort()
    table = pl.DataFrame({"household_id": ids}).with_row_index("n")
    table = table.select("household_id", chunk=(pl.col("n") // CHUNK).cast(pl.Int64))
    homes = homes.join(
        table, left_on="id", right_on="household_id", how="left", maintain_order="left"
    )
    persons = persons.join(table, on="household_id", how="left", maintain_order="left")
    return homes, persons
