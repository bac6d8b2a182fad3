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

# The same person under another number: same name and sex here, and that number is not in the police's book.
MISTYPED = """(SELECT min(q.id) FROM households_member q WHERE q.household_id = m.household_id
    AND q.name = l.name AND q.sex IN (l.sex, '') AND q.status IN ('active', 'pending_out')
    AND q.id18 IS NOT NULL AND NOT EXISTS (
        SELECT FROM counties_ledgerrow k WHERE k.batch_id = l.batch_id AND k.id18 = q.id18))"""
ELSEWHERE = """EXISTS (
    SELECT FROM households_member o WHERE o.id18 = l.id18 AND o.household_id <> m.household_id
    AND o.status IN ('active', 'pending_out'))"""
# m, h: where the person is on the roster; p: the household whose head the police names.
HELD_ELSEWHERE = Source(
    tables=f"""counties_ledgerrow head
        JOIN households_member pm ON pm.id18 = head.id18 AND pm.relation = '02'
             AND pm.status IN ('active', 'pending_out')
        JOIN households_household p ON p.id = pm.household_id AND p.ended_on IS NULL
        JOIN counties_ledgerrow l ON l.batch_id = head.batch_id
             AND l.household_no = head.household_no AND l.id18 <> head.id18
        JOIN households_member m ON m.id18 = l.id18 AND m.household_id <> p.id AND {ACTIVE}
        JOIN households_household h ON h.id = m.household_id""",
    where=f"""head.batch_id = %(batch)s AND head.household_no <> '' AND head.status = 'normal'
        AND l.household_no <> '' AND l.status = 'normal' AND pm.county_code = %(county)s
        AND m.county_code = %(county)s AND h.ended_on IS NULL AND {WANTED}""",
)

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
            unless=f"{LEFT_WITH_REASON} OR {ELSEWHERE} OR {MISTYPED} IS NOT NULL",
            detail="'公安户籍中' || l.name || '与户主' || m.name || '同户，本户未录入'",
            remedy="属实的办理成员增加；户籍在一起而不共同生活的，办理成员减少并说明",
            fields=("members",),
            subject="'household:' || h.id || ':' || left(md5(l.id18), 12)",
            member="NULL::bigint",
        ),
        Difference(
            code="R-XDP-06A",
            title="证件号码与公安户籍不一致",
            severity="error",
            direction="ledger→register",
            source=FAMILY,
            when=f"NOT {IS_MEMBER}",
            unless=f"{ELSEWHERE} OR {MISTYPED} IS NULL",
            detail="'本户' || l.name || '的证件号码与公安户籍同户同名人员不同，户籍尾号' || right(l.id18, 4)",
            remedy="对照户口簿核对，属实的按台账改正证件号码",
            fields=("id_no",),
            subject="'household:' || h.id || ':' || left(md5(l.id18), 12)",
            member=MISTYPED,
        ),
        Difference(
            code="R-XDP-06B",
            title="公安同户人员在另一户在册",
            severity="warn",
            direction="ledger→register",
            source=FAMILY,
            when=f"NOT {IS_MEMBER}",
            unless=f"{LEFT_WITH_REASON} OR NOT {ELSEWHERE}",
            detail="'公安户籍中' || l.name || '与户主' || m.name || '同户，但已在另一户在册'",
            remedy="与对方户核对实际居住：在本户生活的，由对方户先办理减少，再在本户增加；"
            "在对方户生活的，说明实际居住情况",
            fields=("members",),
            subject="'household:' || h.id || ':' || left(md5(l.id18), 12)",
            member="NULL::bigint",
        ),
        Difference(
            code="R-XDP-06C",
            title="在册人员的公安户籍在另一户",
            severity="warn",
            direction="ledger→register",
            source=HELD_ELSEWHERE,
            when="true",
            unless=LIVES_HERE,
            detail="m.name || '在本户在册，公安户籍登记在另一户'",
            remedy="已不在本户生活的，办理成员减少；仍在本户共同生活的，说明实际居住情况并附证明",
            fields=("members",),
        ),
    ),
)
