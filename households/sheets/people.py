"""The member rows: whose household, who the person is, whether the register allows it."""

from datetime import date

import polars as pl

from fanpin.regions.pinyin import initials_of
from fanpin.sheets.reading import ROW
from households.choices import HEAD
from households.rules import identity
from households.rules.change_reasons import ELSEWHERE
from households.sheets.placing import KEYS
from households.sheets.working import Work, doubled

WITHOUT_NUMBER = ("birth_cert", "none")
ACTIVE = ("active", "pending_out")
MISTAKEN = "dec_error"
PERSON_DERIVED = ("id18", "pinyin", "disability_cert_no", "disability_type", "disability_level")


def derive(work: Work) -> None:
    """What the number says: sex, birth date, disability class; the search key of the name."""
    number = pl.col("id_no")
    id18 = number.str.slice(0, 18)
    disabled = number.str.len_chars() > 18
    names = work.frame["name"].drop_nulls().unique()
    letters = initials_of(names.to_list())
    own_head = pl.when(pl.col("relation") == HEAD).then(id18)
    work.frame = work.frame.with_columns(
        id18=id18,
        head18=pl.coalesce(pl.col("head_id_no").str.slice(0, 18), own_head),
        number_sex=identity.sexes(id18),
        number_birth=identity.birth_dates(id18),
        pinyin=pl.col("name").replace_strict(
            pl.Series(letters.keys(), dtype=pl.String),
            pl.Series(letters.values(), dtype=pl.String).str.slice(0, 40),
            default=None,
            return_dtype=pl.String,
        ),
        disability_cert_no=pl.when(disabled).then(number),
        disability_type=pl.when(disabled).then(number.str.slice(18, 1)),
        disability_level=pl.when(disabled).then(number.str.slice(19, 1)),
        id_type=pl.when(disabled)
        .then(pl.lit("disability_cert"))
        .otherwise(pl.coalesce("id_type", pl.when(number.is_not_null()).then(pl.lit("id_card")))),
    )


def judge(work: Work, today: date) -> None:
    """What can be said of a row by itself and beside the other rows of the file."""
    no_number = pl.col("id_type").is_in(WITHOUT_NUMBER)
    work.refuse(
        pl.col("id_no").is_null() & ~no_number.fill_null(False) & _cell_untouched(work, "id_no"),
        "id_no",
        "没有证件号码",
        "请填写18位号码；确无号码的，证件类型选“无证件”或“出生医学证明”并填性别、出生日期",
    )
    bare = no_number & pl.col("id_no").is_null()
    work.refuse(
        bare & pl.col("birth_date").is_null(), "birth_date", "没有证件号码的须填出生日期", "请填写"
    )
    work.refuse(
        bare & ~pl.col("sex").is_in(["1", "2"]).fill_null(False),
        "sex",
        "没有证件号码的须填性别",
        "请填“男”或“女”",
    )
    work.refuse(
        pl.col("sex").is_in(["1", "2"]) & (pl.col("sex") != pl.col("number_sex")),
        "sex",
        "性别与证件号码第17位不符",
        "请核对证件号码和性别",
    )
    work.refuse(
        pl.col("birth_date") != pl.col("number_birth"),
        "birth_date",
        pl.lit("与证件号码中的出生日期") + pl.col("number_birth").cast(pl.String) + pl.lit("不符"),
        "请核对证件号码和出生日期",
    )
    work.refuse(pl.col("birth_date") > today, "birth_date", "出生日期晚于今天", "请核对出生日期")
    work.frame = work.frame.with_columns(
        *doubled(["id18"]),
        sex=pl.coalesce("number_sex", "sex"),
        birth_date=pl.coalesce("number_birth", "birth_date"),
    )
    message = pl.lit("与第") + pl.col("first_id18").cast(pl.String) + pl.lit("行是同一人")
    work.refuse(
        pl.col("first_id18").is_not_null(), "id_no", message, "一个人只能在一户，请删去一行"
    )


def _cell_untouched(work: Work, key: str) -> pl.Expr:
    """Rows whose cell of this column has no other problem yet: one wrong cell, one reason."""
    rows = work.problems.frame().filter(pl.col("key") == key).get_column("row")
    return ~pl.col(ROW).is_in(rows.implode())


def find_households(work: Work, households: Work, known: pl.DataFrame) -> None:
    """Give each member `household_row` (its row in this file) and `household_id` (in the register).

    `known` are the register's households under the keys of the file."""
    frame = work.narrow(*KEYS)
    in_file = households.frame
    for key in KEYS:
        rows = in_file.filter(pl.col(key).is_not_null()).select(
            key, pl.col(ROW).alias(f"row_{key}"), pl.col("id").alias(f"file_{key}")
        )
        ids = known.filter(pl.col(key).is_not_null()).select(key, pl.col("id").alias(f"id_{key}"))
        for table in (rows, ids):
            frame = frame.join(table.unique(key), on=key, how="left", maintain_order="left")
    frame = frame.with_columns(
        household_row=pl.coalesce([f"row_{key}" for key in KEYS]),
        household_id=pl.coalesce(*[f"file_{key}" for key in KEYS], *[f"id_{key}" for key in KEYS]),
    )
    work.attach(frame, "household_row", "household_id")
    column = "national_hh_no" if "national_hh_no" in _present(work) else "head_id_no"
    work.refuse(
        pl.col("household_row").is_null() & pl.col("household_id").is_null(),
        column,
        "找不到这个人的户",
        "请在“户”表中加上这一户，或核对户编号、户主证件号码",
    )


def _present(work: Work) -> dict[str, str]:
    return work.read.letters if work.read else {}


def match_people(work: Work, existing: pl.DataFrame) -> None:
    """Give each row the register's `id`: by number, else by name among those without a number."""
    active = existing.filter(pl.col("status").is_in(ACTIVE))
    by_number = active.filter(pl.col("id18").is_not_null()).select(
        "id18", number_id="id", number_household="household_id"
    )
    nameless = active.filter(pl.col("id18").is_null())
    by_name = nameless.select("household_id", "name", name_id="id").unique(["household_id", "name"])
    gone = existing.filter(
        (pl.col("status") == "decreased") & pl.col("left_reason").ne_missing(MISTAKEN)
    ).select("household_id", "id18", gone_id="id")
    frame = work.narrow("id18", "household_id", "name")
    frame = frame.join(by_number, on="id18", how="left", maintain_order="left")
    frame = frame.join(by_name, on=["household_id", "name"], how="left", maintain_order="left")
    frame = frame.join(
        gone.filter(pl.col("id18").is_not_null()).unique(["household_id", "id18"]),
        on=["household_id", "id18"],
        how="left",
        maintain_order="left",
    )
    here = pl.col("number_household") == pl.col("household_id")
    frame = frame.with_columns(
        id=pl.coalesce(pl.when(here).then("number_id"), "name_id"),
        elsewhere=pl.col("number_id").is_not_null() & ~here.fill_null(False),
    )
    work.attach(frame, "id", "elsewhere", "gone_id")


def judge_against_register(work: Work, existing: pl.DataFrame) -> None:
    """Refuse what the register does not allow by import."""
    work.refuse(
        pl.col("elsewhere"),
        "id_no",
        ELSEWHERE,
        "须先在原户办理“成员减少”；号码填错的请改正；确在本户生活的，可提请两村核对",
    )
    new = pl.col("id").is_null() & ~pl.col("elsewhere")
    work.refuse(
        new & pl.col("gone_id").is_not_null(),
        "id_no",
        "该人员已从本户减少",
        "确需恢复的，请在户页面办理“成员增加”",
    )
    peopled = existing.filter(pl.col("status").is_in(ACTIVE)).get_column("household_id").unique()
    work.refuse(
        new & pl.col("gone_id").is_null() & pl.col("household_id").is_in(peopled.implode()),
        "name",
        "本户已登记成员，导入不能再增加人口",
        "请在户页面办理“成员增加”并附佐证材料",
    )
    old = existing.select("id", old_relation="relation")
    found = work.narrow("id").join(old, on="id", how="left", maintain_order="left")
    work.attach(found, "old_relation")
    swapped = (pl.col("relation") == HEAD) != (pl.col("old_relation") == HEAD)
    work.refuse(
        swapped & pl.col("old_relation").is_not_null(),
        "relation",
        "导入不能改变户主",
        "请在户页面办理“变更户主”",
    )
    heads = (
        (pl.col("relation") == HEAD)
        .sum()
        .over(pl.coalesce("household_row", -pl.col("household_id")))
    )
    work.refuse(
        (heads > 1) & (pl.col("relation") == HEAD),
        "relation",
        "一户只能有一名户主",
        "请核对“与户主关系”",
    )
