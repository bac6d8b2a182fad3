"""教育学籍: who is at school, in which grade, and who of compulsory age is nowhere."""

from counties.comparison.spec import ID_NUMBER, NAME, Difference, LedgerSpec, choice, label_sql
from fanpin.sheets.columns import Column
from households.choices import choices

NOT_AT_SCHOOL = ("preschool_age", "preschool")
GRADE = tuple((code, text) for code, text in choices("school_status") if code not in NOT_AT_SCHOOL)
STATUS = (("enrolled", "在读"), ("suspended", "休学"), ("dropped", "辍学"))
# The county's roll ends with the upper secondary schools: students of colleges are on the rolls of their schools.
ON_COUNTY_ROLL = "(m.school_status ~ '^(primary|g[789]|sh[123]|voc[123])$')"
ENROLLED = "(l.id IS NOT NULL AND l.status = 'enrolled')"
AT_SCHOOL = "(m.school_status NOT IN ('', 'preschool_age', 'preschool'))"
AGE = "extract(year FROM age(%(school_day)s::date, m.birth_date))"

SCHOOL = LedgerSpec(
    key="school",
    title="教育学籍",
    department="education",
    columns=(
        ID_NUMBER,
        NAME,
        Column(
            "address",
            "学校",
            required=True,
            max_length=160,
            aliases=("学校名称",),
            example="靖远县第一中学",
        ),
        choice("level", "学段年级", GRADE, required=True, aliases=("年级",), example="七年级"),
        choice("status", "学籍状态", STATUS, required=True, aliases=("状态",), example="在读"),
    ),
    differences=(
        Difference(
            code="R-XDP-16",
            title="在校生状况与学籍库不符",
            severity="error",
            direction="both",
            when=f"({ENROLLED} AND NOT {AT_SCHOOL}) OR ({ON_COUNTY_ROLL} AND NOT {ENROLLED})",
            detail=f"""m.name || CASE WHEN {AT_SCHOOL} THEN '在册为在校生，' ELSE '在册非在校生，' END
                || '学籍库' || CASE WHEN l.id IS NULL THEN '查无此人' ELSE
                {label_sql("l.level", GRADE)} || '（' || {label_sql("l.status", STATUS)} || '）' END""",
            remedy="核对就读学校，改正在校生状况；在县外就读的上传就读证明并说明",
            fields=("school_status",),
        ),
        Difference(
            code="R-XDP-17",
            title="学段年级与学籍库不一致",
            severity="error",
            direction="both",
            when=f"{ENROLLED} AND {AT_SCHOOL} AND l.level <> m.school_status",
            detail=f"""m.name || '：在册' || {label_sql("m.school_status", GRADE)} || '，学籍库'
                || {label_sql("l.level", GRADE)}""",
            remedy="按学籍库改正学段年级",
            fields=("school_status",),
        ),
        Difference(
            code="R-XDP-18",
            title="义务教育适龄且无学籍",
            severity="error",
            direction="register→ledger",
            when=f"""NOT {ENROLLED} AND NOT {ON_COUNTY_ROLL} AND {AGE} BETWEEN 6 AND 15
                AND m.dropout_reason NOT IN ('home_teaching', 'deferred', 'suspended')""",
            detail=f"""m.name || '，' || {AGE} || '岁，学籍库无在读学籍'""",
            remedy="入户核实就学情况；失学辍学的填写原因并劝返，送教上门、缓学、休学的填写相应原因",
            fields=("school_status", "dropout_reason"),
        ),
    ),
)
