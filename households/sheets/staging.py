"""A filled-in household workbook becomes staged rows: new, changed, unchanged, or wrong with its cell.

`stage_file` reads and judges; it writes nothing. All work is on whole columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from fanpin.regions.scope import Scope
from fanpin.sheets.checking import Checked, check
from fanpin.sheets.loading import reserve_ids
from fanpin.sheets.problems import PROBLEM_SCHEMA, Problem, SheetRefused
from fanpin.sheets.reading import ROW, Read, read_book
from households.choices import HEAD
from households.selectors import imports as register
from households.sheets import people, placing
from households.sheets.columns import (
    BOOK,
    HOUSEHOLD_FIELDS,
    HOUSEHOLD_SHEET,
    INCOME_FIELDS,
    MEMBER_FIELDS,
    MEMBER_SHEET,
    NEEDED,
)
from households.sheets.comparing import any_differs, changes, types_of, with_old
from households.sheets.working import Work, distinct

CHUNK = 5_000
Mended = Mapping[tuple[str, int], Mapping[str, str]]
IDENTITY_FIELDS = ("national_hh_no",)


@dataclass
class Staged:
    """What a file comes to. Frames hold new and changed rows only, ready to be copied."""

    households: pl.DataFrame
    members: pl.DataFrame
    problems: pl.DataFrame
    sheet_names: dict[str, str]
    raw_of_wrong: dict[str, pl.DataFrame]
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    missing: int = 0
    chunks: int = 0
    ignored: list[str] = field(default_factory=list)
    household_changes: Mapping[int, dict[str, list[object]]] = field(default_factory=dict)
    member_changes: Mapping[int, dict[str, list[object]]] = field(default_factory=dict)


def stage_file(
    path: Path | str, *, scope: Scope, today: date, mended: Mended | None = None
) -> Staged:
    """Read and judge a file for somebody with this scope. `mended` replaces cells corrected on
    screen: (sheet title, row) → {column key: text}. Raises SheetRefused when it is no such file."""
    reads = read_book(path, BOOK, needed=NEEDED)
    _refuse_without_keys(reads)
    checked = {read.sheet.title: check(_mend(read, mended or {}), today=today) for read in reads}
    households = Work(HOUSEHOLD_SHEET, checked.get(HOUSEHOLD_SHEET.title))
    members = Work(MEMBER_SHEET, checked.get(MEMBER_SHEET.title))
    people.derive(members)
    people.judge(members, today)
    placing.place_households(households, scope, members)
    people.find_households(members, households)
    _judge_households(households, scope)
    _judge_members(members, households, scope)
    return _result(households, members, checked)


def _refuse_without_keys(reads: list[Read]) -> None:
    keys = ("hh_code", "national_hh_no", "head_id_no")
    bad = [read for read in reads if not any(key in read.letters for key in keys)]
    if bad:
        raise SheetRefused(
            *(
                Problem(
                    "没有户编号、户主证件号码等能认出一户的列", "请加上其中一列", sheet=read.name
                )
                for read in bad
            )
        )


def _mend(read: Read, mended: Mended) -> Read:
    for (title, row), cells in mended.items():
        if title != read.sheet.title:
            continue
        for key, text in cells.items():
            if key in read.letters:
                here = pl.when(pl.col(ROW) == row).then(pl.lit(text)).otherwise(pl.col(key))
                read.frame = read.frame.with_columns(here.alias(key))
                if read.lost_digits is not None:
                    lost = (pl.col(ROW) == row) & (pl.col("key") == key)
                    read.lost_digits = read.lost_digits.filter(~lost)
    return read


def _judge_households(work: Work, scope: Scope) -> None:
    """Refuse rows of households that ended, lie elsewhere, or are new without a place."""
    fields = (*HOUSEHOLD_FIELDS, *IDENTITY_FIELDS)
    ids = [int(n) for n in work.frame["id"].drop_nulls().unique()]
    old = register.households(ids, types_of(work.frame, HOUSEHOLD_FIELDS))
    facts = old.select(
        "id",
        old_path="division_path",
        old_village="village_id",
        ended="ended_on",
        old_code="hh_code",
    )
    work.frame = work.frame.join(facts, on="id", how="left", maintain_order="left")
    work.frame = with_old(work.frame, old, fields)
    outside = ~_covered(pl.col("old_path"), scope)
    work.refuse(outside, "head_id_no", f"该户{placing.OUT_OF_SCOPE}", "请由该户所在地的人员导入")
    work.refuse(
        pl.col("ended").is_not_null(),
        "head_id_no",
        "该户已销户",
        "已销户的不能再修改，请删去这一行",
    )
    work.refuse(
        ~outside & (pl.col("old_village") != pl.col("village_id")),
        "village",
        "与系统登记的行政村不同",
        "导入不能把一户移到另一个村，请核对",
    )
    untouched = ~pl.col(ROW).is_in(work.wrong_rows.implode())
    work.refuse(
        pl.col("id").is_null() & pl.col("village_id").is_null() & untouched,
        "village",
        "新登记的户须填写行政村",
        "请填写乡(镇)和行政村",
    )
    one = pl.col("longitude").is_null() != pl.col("latitude").is_null()
    work.refuse(one & pl.col("id").is_null(), "longitude", "经度和纬度须同时填写", "请补上另一项")


def _covered(path: pl.Expr, scope: Scope) -> pl.Expr:
    inside = pl.lit(value=False)
    for prefix in scope.paths:
        inside = inside | path.str.starts_with(prefix)
    return inside


def _judge_members(work: Work, households: Work, scope: Scope) -> None:
    ids = [int(n) for n in work.frame["household_id"].drop_nulls().unique()]
    names = (*MEMBER_FIELDS, *people.PERSON_DERIVED)
    existing = register.members(
        household_ids=ids,
        id18s=distinct(work.frame["id18"]),
        types=types_of(work.frame, names),
    )
    people.match_people(work, existing)
    people.judge_against_register(work, existing)
    _refuse_foreign_households(work, ids, scope)
    work.frame = with_old(work.frame, existing, names)
    if households.read is not None and work.read is not None:
        _refuse_headless(households, work)
    bad = households.wrong_rows
    new_household = pl.col("household_id").is_null()
    work.refuse(
        new_household & pl.col("household_row").is_in(bad.implode()),
        "name",
        pl.lit("所在户（“户”表第") + pl.col("household_row").cast(pl.String) + pl.lit("行）有误"),
        "请先改正“户”表中的这一行",
    )


def _refuse_foreign_households(work: Work, ids: list[int], scope: Scope) -> None:
    """A member sheet alone may name households of other places, or ended ones."""
    found = register.households(ids, {}).select(
        household_id="id", hh_path="division_path", hh_ended="ended_on"
    )
    work.frame = work.frame.join(found, on="household_id", how="left", maintain_order="left")
    work.refuse(
        ~_covered(pl.col("hh_path"), scope),
        "name",
        f"该户{placing.OUT_OF_SCOPE}",
        "请由该户所在地的人员导入",
    )
    work.refuse(pl.col("hh_ended").is_not_null(), "name", "该户已销户", "请删去这一行")


def _refuse_headless(households: Work, members: Work) -> None:
    """A new household needs exactly one right row of a head in the member sheet."""
    untouched = ~pl.col(ROW).is_in(households.wrong_rows.implode())
    heads = (
        members.good().filter(pl.col("relation") == HEAD).get_column("household_row").drop_nulls()
    )
    households.refuse(
        pl.col("id").is_null() & untouched & ~pl.col(ROW).is_in(heads.unique().implode()),
        "head_name",
        "“成员”表里没有这一户的户主，或户主那一行有误",
        "请补上户主，“与户主关系”填“户主”",
    )


def _result(households: Work, members: Work, checked: Mapping[str, Checked]) -> Staged:
    homes = _homes(households)
    persons = _persons(members, homes)
    homes, persons = _chunked(homes, persons)
    problems = [work.problems.frame() for work in (households, members)]
    works = {HOUSEHOLD_SHEET.title: households, MEMBER_SHEET.title: members}
    kinds = pl.concat([homes.get_column("kind"), persons.get_column("kind")])
    changed_homes = homes.filter(pl.col("kind") == "changed")
    changed_people = persons.filter(pl.col("kind") == "changed")
    return Staged(
        households=_kept(homes, (*HOUSEHOLD_FIELDS, *IDENTITY_FIELDS, *INCOME_FIELDS), _HOME),
        members=_kept(persons, (*MEMBER_FIELDS, *people.PERSON_DERIVED), _PERSON),
        problems=pl.concat(problems) if problems else pl.DataFrame(schema=PROBLEM_SCHEMA),
        sheet_names={title: each.read.name for title, each in checked.items()},
        raw_of_wrong={
            title: each.read.frame.filter(pl.col(ROW).is_in(works[title].wrong_rows.implode()))
            for title, each in checked.items()
        },
        rows=sum(each.frame.height for each in checked.values()),
        new=int((kinds == "new").sum()),
        changed=int((kinds == "changed").sum()),
        unchanged=int((kinds == "unchanged").sum()),
        wrong=sum(len(work.wrong_rows) for work in works.values()),
        chunks=_chunks(homes, persons),
        ignored=[text for each in checked.values() for text in each.read.ignored],
        household_changes=changes(changed_homes, (*HOUSEHOLD_FIELDS, *IDENTITY_FIELDS)),
        member_changes=changes(changed_people, MEMBER_FIELDS),
    )


def _chunks(*frames: pl.DataFrame) -> int:
    last = [frame.get_column("chunk").max() for frame in frames if frame.height]
    return max(last) + 1 if last else 0  # type: ignore[type-var, operator]


_HOME = ("label", "kind", "id", "version", "chunk", "village_id", "hamlet_id", "path", "has_income")
_PERSON = ("label", "kind", "id", "household_id", "version", "chunk")


def _kept(frame: pl.DataFrame, fields: tuple[str, ...], more: tuple[str, ...]) -> pl.DataFrame:
    """What is copied into the staging table: rows that write something, columns that say something."""
    rows = frame.filter(pl.col("kind") != "unchanged")
    said = [name for name in fields if not rows.get_column(name).is_null().all()]
    return rows.select(pl.col(ROW).alias("row_number"), *more, *said)


def _homes(work: Work) -> pl.DataFrame:
    good = work.good()
    income = pl.any_horizontal(pl.col(name).is_not_null() for name in INCOME_FIELDS)
    fresh = pl.col("id").is_null()
    moved = pl.col("hamlet_id").is_not_null() & fresh.not_()
    changed = any_differs((*HOUSEHOLD_FIELDS, *IDENTITY_FIELDS))
    good = good.with_columns(
        has_income=income,
        label=pl.coalesce("head_name", "national_hh_no", "hh_code", "head_id_no"),
        kind=pl.when(fresh)
        .then(pl.lit("new"))
        .when(changed | income | moved)
        .then(pl.lit("changed"))
        .otherwise(pl.lit("unchanged")),
    )
    return _with_ids(good, register.HOUSEHOLD_TABLE)


def _persons(work: Work, homes: pl.DataFrame) -> pl.DataFrame:
    good = work.good().with_columns(
        label=pl.col("name"),
        kind=pl.when(pl.col("id").is_null())
        .then(pl.lit("new"))
        .when(any_differs(MEMBER_FIELDS))
        .then(pl.lit("changed"))
        .otherwise(pl.lit("unchanged")),
    )
    new_homes = homes.select(household_row=ROW, file_id="id")
    good = good.join(new_homes, on="household_row", how="left", maintain_order="left")
    good = good.with_columns(household_id=pl.coalesce("household_id", "file_id"))
    return _with_ids(good, register.MEMBER_TABLE)


def _with_ids(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """New rows take their ids from the table's sequence now, so that everything can point at them."""
    rows = frame.filter(pl.col("kind") == "new").get_column(ROW)
    ids = pl.DataFrame(
        {ROW: rows, "fresh_id": pl.Series(reserve_ids(table, "id", len(rows)), dtype=pl.Int64)}
    )
    frame = frame.join(ids, on=ROW, how="left", maintain_order="left")
    return frame.with_columns(id=pl.coalesce("id", "fresh_id"))


def _chunked(homes: pl.DataFrame, persons: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the chunks so that a household and its people always fall into the same one."""
    ids = pl.concat([homes.get_column("id"), persons.get_column("household_id")]).unique().sort()
    table = pl.DataFrame({"household_id": ids}).with_row_index("n")
    table = table.select("household_id", chunk=(pl.col("n") // CHUNK).cast(pl.Int64))
    homes = homes.join(table, left_on="id", right_on="household_id", how="left")
    persons = persons.join(table, on="household_id", how="left")
    return homes, persons
