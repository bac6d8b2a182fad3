"""Adds to the fact frames what many rules share: ages, the head beside each member, counts of a
household's members.

Grouping is done once for all rules; a rule then is a comparison of columns.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import polars as pl

from households.rules import identity

ROSTER = ("active", "pending_out")
MALE_ONLY = ("20", "28", "41", "43", "51", "53", "55", "61", "63", "L47", "93", "L80")
FEMALE_ONLY = ("30", "38", "42", "44", "52", "54", "56", "62", "64", "L48", "94", "L74")
PRESCHOOL = ("preschool_age", "preschool")
JUNIOR_UP = ("junior", "senior", "college", "bachelor")
EXCUSED = ("deferred", "suspended", "home_teaching")
NO_LABOUR = ("none", "lost")
CHILDREN = ("20", "30")
PARENTS = ("51", "52")
CARRIED = ("county_code", "inc_pension", "filled_on", "has_statement")

Frames = dict[str, pl.DataFrame]
c = pl.col


def prepare(frames: Frames, values: Mapping[str, Any]) -> Frames:
    """Member rules see members on the roster only; household rules see what those members add up
    to.
    """
    if "household" not in frames or "member" not in frames:
        return frames
    households = frames["household"]
    members = _with_ages(frames["member"].filter(c("status").is_in(ROSTER)), values)
    members = members.join(_carried(households), on="household_id", how="left")
    members = members.join(_heads(members), on="household_id", how="left")
    households = households.with_columns(household_id=c("id"), **_same_place())
    households = households.join(_summed(members), on="household_id", how="left").with_columns(
        c("^n_.*$").fill_null(0)
    )
    households = households.with_columns(roster_gaps=_roster_gaps())
    return frames | {"household": households, "member": members}


def _with_ages(members: pl.DataFrame, values: Mapping[str, Any]) -> pl.DataFrame:
    born = c("birth_date")
    return members.with_columns(
        age_survey=identity.age(born, pl.lit(values["survey_on"], dtype=pl.Date)),
        age_school=identity.age(born, pl.lit(values["school_on"], dtype=pl.Date)),
    )


def _carried(households: pl.DataFrame) -> pl.DataFrame:
    return households.select(
        c("id").alias("household_id"), *(c(n).alias(f"h_{n}") for n in CARRIED)
    )


def _heads(members: pl.DataFrame) -> pl.DataFrame:
    return (
        members.filter(c("relation") == "02")
        .select(
            "household_id",
            c("birth_date").alias("head_birth"),
            c("sex").alias("head_sex"),
            c("age_survey").alias("head_age"),
        )
        .unique("household_id", keep="first", maintain_order=True)
    )


def _same_place() -> dict[str, pl.Expr]:
    place = ("village_code", "longitude", "latitude")
    return {"n_same_place": pl.len().over(place).cast(pl.Int64)}


def is_dropout() -> pl.Expr:
    """Of compulsory school age, not in school, not excused, junior school not finished (forms.md
    §6.1).
    """
    out_of_school = c("school_status").is_null() | c("school_status").is_in(PRESCHOOL)
    return (
        c("age_school").is_between(6, 15)
        & out_of_school
        & ~c("education").is_in(JUNIOR_UP).fill_null(False)
        & ~c("dropout_reason").is_in(EXCUSED).fill_null(False)
    )


def _gap(older: str, younger: str) -> pl.Expr:
    return identity.age(c(older), c(younger))


def _roster_gaps() -> pl.Expr:
    """People who came or went since the round was opened and no change says so; null without an opening."""
    gone = c("baseline_size") - c("n_stayed") - c("recorded_leavers").fill_null(0)
    return c("n_unrecorded") + gone.clip(lower_bound=0)


@cache
def _member_marks() -> dict[str, pl.Expr]:
    """One true/false column a member for each count a household."""
    relation = c("relation")
    other_county = c("work_county").n_unique().over("household_id", "member_phone") > 1
    return {
        "n_heads": relation == "02",
        "n_spouses": relation == "10",
        "n_spouse_same_sex": (relation == "10") & (c("sex") == c("head_sex")),
        "n_sex_conflict": (relation.is_in(MALE_ONLY) & (c("sex") == "2"))
        | (relation.is_in(FEMALE_ONLY) & (c("sex") == "1")),
        "n_child_gap": relation.is_in(CHILDREN)
        & ~_gap("head_birth", "birth_date").is_between(15, 60),
        "n_parent_gap": relation.is_in(PARENTS) & (_gap("birth_date", "head_birth") < 15),
        "n_wife_parents": relation.is_in(["55", "56"]),
        "n_husband_parents": relation.is_in(["53", "54"]),
        "n_dibao": c("dibao_status") != "none",
        "n_tekun": c("tekun_status") != "none",
        "n_migrant": c("work_months") > 0,
        "n_posts": c("public_post").is_not_null(),
        "n_stayed": c("in_baseline"),
        "n_unrecorded": c("came_unrecorded"),
        "n_no_labour": c("labour").is_in(NO_LABOUR),
        "n_dropout": is_dropout(),
        "n_uninsured": ~c("ins_med_resident")
        & ~c("ins_med_employee")
        & c("uninsured_reason").is_null(),
        "n_shared_phone": c("member_phone").is_not_null() & other_county,
    }


def _summed(members: pl.DataFrame) -> pl.DataFrame:
    marks = _member_marks()
    return (
        members.select(
            "household_id",
            c("work_months").fill_null(0).cast(pl.Int64).alias("work_months_sum"),
            "head_sex",
            "head_age",
            **{name: mark.cast(pl.Int64) for name, mark in marks.items()},
        )
        .group_by("household_id")
        .agg(
            pl.len().cast(pl.Int64).alias("n_active"),
            c("work_months_sum").sum(),
            c("head_sex", "head_age").first(),
            c(*marks).sum(),
        )
    )
