"""Who belongs to a household: the police book, identity numbers, kinship."""

import polars as pl

from counties.choices import COVERS
from counties.closure.check import ACTIVE, ClosureCheck, Values
from fanpin.sheets.loading import query_frame
from households.rules import identity

CC_02 = ClosureCheck(
    code="CC-02",
    title="在册成员与公安户籍不一致",
    kind="账账相符",
    owner_level="village",
    remedy="办理成员增加或减少；实际共同生活或不共同生活的，按例外情形上传证明经县级确认",
    covers=COVERS["CC-02"],
    ledgers=("police",),
)


def wrong_numbers(values: Values) -> pl.DataFrame:
    """Active members whose number cannot be true, or stands in two households."""
    people = query_frame(
        f"""SELECT m.id AS member_id, m.household_id, h.division_path, m.name, m.id_no, m.id18
            FROM households_member m JOIN households_household h ON h.id = m.household_id
            WHERE m.county_code = %s AND {ACTIVE} AND h.ended_on IS NULL
              AND NOT (m.id_type = 'birth_cert' AND m.id_no = '')""",
        [values["county"]],
        schema={"member_id": pl.Int64(), "household_id": pl.Int64()},
    )
    number = pl.col("id_no").fill_null("")
    length = number.str.len_chars()
    reason = (
        pl.when(length == 0)
        .then(pl.lit("未填证件号码"))
        .when(~length.is_in([18, 20, 22]))
        .then(pl.lit("证件号码不是18、20或22位"))
        .when(~identity.checksum_holds(pl.col("id_no").str.slice(0, 18)))
        .then(pl.lit("证件号码校验码不对"))
        .when(pl.col("id18").is_not_null() & pl.col("id18").is_duplicated())
        .then(pl.lit("同一证件号码在两户在册"))
    )
    return (
        people.with_columns(reason=reason)
        .filter(pl.col("reason").is_not_null())
        .select(
            "household_id",
            "member_id",
            "division_path",
            subject=pl.lit("member:") + pl.col("member_id").cast(pl.String),
            detail=pl.col("name").fill_null("") + pl.lit("：") + pl.col("reason"),
        )
    )


CC_03 = ClosureCheck(
    code="CC-03",
    title="证件号码无效或重复",
    kind="内部一致",
    owner_level="village",
    remedy="对照身份证、残疾人证改正证件号码；重复的在其中一户办理减少",
    frame=wrong_numbers,
)

_CHILD = "('20', '30')"
_PARENT = "('51', '52')"
_GRANDCHILD = "('41', '42', '43', '44')"
_GRANDPARENT = "('61', '62', '63', '64')"
_WITH_HEAD = f"""
    FROM households_household h
    JOIN households_member head ON head.household_id = h.id AND head.relation = '02'
         AND head.status IN ('active', 'pending_out')
    JOIN households_member m ON m.household_id = h.id AND m.id <> head.id AND {ACTIVE}
    WHERE h.county_code = %(county)s AND h.ended_on IS NULL"""

CC_04 = ClosureCheck(
    code="CC-04",
    title="户主或亲属关系不合理",
    kind="内部一致",
    owner_level="village",
    remedy="确定一名户主，按户主改正其他成员的“与户主关系”；出生日期有误的改正证件号码",
    queries=(
        f"""SELECT h.id, NULL::bigint, h.division_path, 'household:' || h.id,
                CASE WHEN heads.n = 0 THEN '没有户主' ELSE '有' || heads.n || '名户主' END
            FROM households_household h
            CROSS JOIN LATERAL (SELECT count(*) AS n FROM households_member m
                WHERE m.household_id = h.id AND m.relation = '02' AND {ACTIVE}) heads
            WHERE h.county_code = %(county)s AND h.ended_on IS NULL AND heads.n <> 1""",
        f"""SELECT h.id, m.id, h.division_path, 'member:' || m.id,
                CASE WHEN m.relation = '10' THEN '户主' || head.name || '与配偶' || m.name || '性别相同'
                     ELSE m.name || '与户主' || head.name || '的关系和出生日期不合理' END
            {_WITH_HEAD} AND (
                (m.relation = '10' AND m.sex <> '' AND m.sex = head.sex)
                OR (m.relation IN {_CHILD} AND m.birth_date <= head.birth_date)
                OR (m.relation IN {_GRANDCHILD} AND m.birth_date <= head.birth_date)
                OR (m.relation IN {_PARENT} AND m.birth_date >= head.birth_date)
                OR (m.relation IN {_GRANDPARENT} AND m.birth_date >= head.birth_date))""",
    ),
)
