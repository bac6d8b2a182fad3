"""公安户籍 (policy.md §6.1, notice 一(一)): members follow the household register unless residence says otherwise."""

from counties.comparison.spec import (
    ACTIVE,
    ID_NUMBER,
    NAME,
    WANTED,
    Difference,
    LedgerSpec,
    Source,
    choice,
    label_sql,
)
from fanpin.sheets.columns import Column
from households.choices import choices

STATUS = (
    ("normal", "正常"),
    ("cancelled", "注销"),
    ("moved_out", "迁出"),
    ("dead", "死亡"),
)
SEX = (("1", "男"), ("2", "女"))
ETHNICITY = tuple(choices("ethnicity"))
RELATION = tuple(choices("relation_to_head"))

# Approved residence exceptions: I3 for somebody who lives here, D6 for somebody who does not.
LIVES_HERE = """EXISTS (
    SELECT FROM households_memberchange c WHERE c.member_id = m.id AND c.household_id = m.household_id
    AND c.state = 'done' AND (c.reason = 'inc_cohabit' OR c.hukou_basis = 'residence'))"""

FAMILY = Source(
    tables=f"""counties_ledgerrow head
        JOIN households_member m ON m.id18 = head.id18 AND m.relation = '02' AND {ACTIVE}
        JOIN counties_ledgerrow l ON l.batch_id = head.batch_id
             AND l.household_no = head.household_no AND l.id18 <> head.id18
        JOIN households_household h ON h.id = m.household_id AND h.ended_on IS NULL""",
    where=f"""head.batch_id = %(batch)s AND head.household_no <> '' AND head.status = 'normal'
        AND l.household_no <> '' AND l.status = 'normal' AND m.county_code = %(county)s
        AND {WANTED}""",
)
# l: a person of the head's police household; q: the same person among the household's members.
IS_MEMBER = """EXISTS (
    SELECT FROM households_member q WHERE q.id18 = l.id18 AND q.household_id = m.household_id
    AND q.status IN ('active', 'pending_out'))"""
LEFT_WITH_REASON = """EXISTS (
    SELECT FROM households_memberchange c JOIN households_member p ON p.id = c.member_id
    WHERE p.id18 = l.id18 AND c.state = 'done'
      AND ((c.household_id = m.household_id AND c.reason IN
            ('dec_not_cohabit', 'dec_prison', 'dec_missing', 'dec_military'))
        OR (c.household_id <> m.household_id AND c.reason = 'inc_cohabit'
            AND p.status IN ('active', 'pending_out'))))"""

POLICE = LedgerSpec(
    key="police",
    title="公安户籍",
    department="public_security",
    columns=(
        ID_NUMBER,
        NAME,
        choice("sex", "性别", SEX, required=True, example="男"),
        choice("ethnicity", "民族", ETHNICITY, example="汉族"),
        Column("household_no", "户号", required=True, max_length=40, example="620421000123"),
        choice("relation", "户主关系", RELATION, aliases=("与户主关系",), example="户主"),
        Column("address", "户籍地址", max_length=160),
        choice("status", "状态", STATUS, required=True, aliases=("户籍状态",), example="正常"),
        Column("status_on", "状态日期", "date", example="2021-03-01"),
    ),
    differences=(
        Difference(
            code="R-XDP-01",
            title="证件号码不在公安户籍库",
            severity="error",
            direction="register→ledger",
            when="l.id IS NULL",
            unless=LIVES_HERE,
            detail="m.name || '在册，公安户籍台账查无此人'",
            remedy="核对证件号码；户籍不在本县而共同生活的，按“共同生活”办理成员增加确认",
            fields=("id_no", "name"),
        ),
        Difference(
            code="R-XDP-02",
            title="姓名、性别或民族与公安户籍不一致",
            severity="error",
            direction="both",
            when="""(l.name <> '' AND l.name <> m.name) OR (l.sex <> '' AND l.sex <> m.sex)
                 OR (l.ethnicity <> '' AND l.ethnicity <> m.ethnicity)""",
            detail=f"""concat_ws('；',
                CASE WHEN l.name <> m.name THEN '姓名：在册' || m.name || '，户籍' || l.name END,
                CASE WHEN l.sex <> '' AND l.sex <> m.sex THEN '性别：在册'
                     || {label_sql("m.sex", SEX)} || '，户籍' || {label_sql("l.sex", SEX)} END,
                CASE WHEN l.ethnicity <> '' AND l.ethnicity <> m.ethnicity THEN '民族：在册'
                     || {label_sql("m.ethnicity", ETHNICITY)} || '，户籍'
                     || {label_sql("l.ethnicity", ETHNICITY)} END)""",
            remedy="对照户口簿改正成员信息；户籍登记有误的，由公安部门更正后重新报送",
            fields=("name", "sex", "ethnicity"),
        ),
        Difference(
            code="R-XDP-03",
            title="已死亡人员仍在册",
            severity="error",
            direction="ledger→register",
            when="l.status = 'dead'",
            detail="m.name || '户籍状态为死亡' || coalesce('（' || l.status_on || '）', '')",
            remedy="办理成员减少（死亡），上传死亡医学证明、火化证或注销页之一",
            fields=("status",),
        ),
        Difference(
            code="R-XDP-05",
            title="户籍已注销或迁出仍在册",
            severity="error",
            direction="ledger→register",
            when="l.status IN ('cancelled', 'moved_out')",
            unless=LIVES_HERE,
            detail=f"""m.name || '户籍状态为' || {label_sql("l.status", STATUS)}
                || coalesce('（' || l.status_on || '）', '')""",
            remedy="办理成员减少；仍共同生活的，按“共同生活”办理并上传村级评议和邻里证明",
            fields=("status",),
        ),
        Difference(
            code="R-XDP-06",
            title="公安同户人员未录入",
            severity="warn",
            direction="ledger→register",
            source=FAMILY,
            when=f"NOT {IS_MEMBER}",
            unless=LEFT_WITH_REASON,
            detail="'公安户籍中' || l.name || '与户主' || m.name || '同户，本户未录入'",
            remedy="属实的办理成员增加；户籍在一起而不共同生活的，办理成员减少并说明",
            fields=("members",),
            subject="'household:' || h.id || ':' || left(md5(l.id18), 12)",
            member="NULL::bigint",
        ),
    ),
)
