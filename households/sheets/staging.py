"""A filled-in household workbook becomes staged rows: new, changed, unchanged, or wrong with its cell.

`stage_file` reads and judges; it writes nothing. All work is on whole columns.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import polars as pl

from fanpin.regions.scope import Scope
from fanpin.sheets.checking import check
from fanpin.sheets.problems import Problem, SheetRefused
from fanpin.sheets.reading import ROW, Read, read_book
from households.choices import HEAD
from households.selectors import imports as register
from households.sheets import earnings, missing, people, placing, results
from households.sheets.cards import read_cards
from households.sheets.columns import (
    HOUSEHOLD_FIELDS,
    HOUSEHOLD_SHEET,
    IDENTITY_FIELDS,
    MEMBER_FIELDS,
    MEMBER_SHEET,
    NEEDED,
    book,
)
from households.sheets.comparing import types_of, with_old
from households.sheets.working import Work

Mended = Mapping[tuple[str, int], Mapping[str, str]]


def stage_file(
    path: Path | str,
    *,
    scope: Scope,
    today: date,
    mended: Mended | None = None,
    later: bool = False,
) -> results.Staged:
    """Read and judge a file for somebody with this scope. `mended` replaces cells corrected on
    screen: (sheet name, row) → {column key: text}. `later`: columns of later sheets are read too. Raises
    SheetRefused when it is no such file."""
    reads, notes = _reads(path, scope, later=later)
    _refuse_without_keys(reads)
    if not any(read.frame.height for read in reads):
        raise SheetRefused(Problem("表里只有表头，没有数据", "请填写后再上传"))
    checked = {read.sheet.title: check(_mend(read, mended or {}), today=today) for read in reads}
    households = Work(HOUSEHOLD_SHEET, checked.get(HOUSEHOLD_SHEET.title))
    members = Work(MEMBER_SHEET, checked.get(MEMBER_SHEET.title))
    people.derive(members)
    people.judge(members, today)
    placing.find_heads(households, members)
    known = register.household_keys(households.frame, members.frame)
    placing.place_households(households, scope, known)
    people.find_households(members, households, known)
    _judge_households(households, scope)
    earnings.judge(households, members)
    existing = _judge_members(members, households, scope)
    absent = [missing.households(households), missing.members(members, existing)]
    staged = results.of(households, members, checked, absent=absent, unread=reads[0].unread)
    staged.notes = notes
    return staged


def _reads(path: Path | str, scope: Scope, *, later: bool) -> tuple[list[Read], list[str]]:
    """The sheets of a workbook; of printed cards that were filled in, what their boxes say."""
    try:
        return read_book(path, book(later=later), needed=NEEDED), []
    except SheetRefused:
        filled = read_cards(path, scope)
        if filled is None:
            raise
        return filled.reads, filled.notes


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
    for (name, row), cells in mended.items():
        if name != read.name:
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
    old = register.households(work.frame["id"], types_of(work.frame, HOUSEHOLD_FIELDS))
    facts = old.select(
        "id",
        old_path="division_path",
        old_village="village_id",
        old_hamlet="natural_village_id",
        ended="ended_on",
        old_code="hh_code",
    )
    found = work.narrow("id").join(facts, on="id", how="left", maintain_order="left")
    work.attach(found, *(name for name in facts.columns if name != "id"))
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


def _judge_members(work: Work, households: Work, scope: Scope) -> pl.DataFrame:
    """Gives what the register knows of the people and households that the sheet names."""
    ids = work.frame["household_id"]
    names = (*MEMBER_FIELDS, *people.PERSON_DERIVED)
    existing = register.members(
        household_ids=ids,
        id18s=work.frame["id18"],
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
        whole_row=True,
    )
    return existing


def _refuse_foreign_households(work: Work, ids: pl.Series, scope: Scope) -> None:
    """A member sheet alone may name households of other places, or ended ones."""
    found = register.households(ids, {}).select(
        household_id="id", hh_path="division_path", hh_ended="ended_on"
    )
    narrow = work.narrow("household_id").join(
        found, on="household_id", how="left", maintain_order="left"
    )
    work.attach(narrow, "hh_path", "hh_ended")
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
        whole_row=True,
    )
