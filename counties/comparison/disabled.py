"""残联持证残疾人: certificate, kind and grade."""

from counties.comparison.spec import ID_NUMBER, NAME, Difference, LedgerSpec, choice, label_sql
from fanpin.sheets.columns import Column
from households.choices import choices

TYPE = tuple(choices("disability_type"))
LEVEL = tuple(choices("disability_level"))
STATUS = (("valid", "有效"), ("cancelled", "注销"), ("expired", "过期"))
HOLDS = "(l.id IS NOT NULL AND l.status = 'valid')"
MARKED = "('disabled' = ANY(m.health))"

DISABLED = LedgerSpec(
    key="disabled",
    title="残联持证残疾人",
    department="disabled_federation",
    columns=(
        ID_NUMBER,
        NAME,
        choice("kind", "残疾类别", TYPE, required=True, aliases=("类别",), example="肢体残疾"),
        choice(
            "level",
            "残疾等级",
            LEVEL,
            required=True,
            aliases=("等级",),
            example="二级",
            synonyms=(
                ("一级", "1"),
                ("1级", "1"),
                ("2级", "2"),
                ("3级", "3"),
                ("四级", "4"),
                ("4级", "4"),
            ),
        ),
        choice("status", "证件状态", STATUS, required=True, aliases=("状态",), example="有效"),
        Column("status_on", "发证日期", "date", example="2019-05-20"),
    ),
    differences=(
        Difference(
            code="R-XDP-10",
            title="残联持证人员未标残疾",
            severity="error",
            direction="ledger→register",
            when=f"{HOLDS} AND NOT {MARKED}",
            detail=f"""m.name || '持有残疾人证（' || {label_sql("l.kind", TYPE)} || '，'
                || {label_sql("l.level", LEVEL)} || '），健康状况未标残疾'""",
            remedy="核对残疾人证，健康状况补标“残疾”，证件号码改填残疾人证号",
            fields=("health", "id_no"),
        ),
        Difference(
            code="R-XDP-11",
            title="残疾类别、等级与残联台账不符",
            severity="error",
            direction="both",
            when=f"""{MARKED} AND ((l.id IS NOT NULL AND l.status <> 'valid') OR ({HOLDS} AND (
                (m.disability_type <> '' AND m.disability_type <> l.kind)
                OR (m.disability_level <> '' AND m.disability_level <> l.level))))""",
            detail=f"""CASE WHEN l.status <> 'valid' THEN m.name || '的残疾人证'
                || {label_sql("l.status", STATUS)} ELSE m.name || '：在册'
                || {label_sql("m.disability_type", TYPE)} || {label_sql("m.disability_level", LEVEL)}
                || '，台账' || {label_sql("l.kind", TYPE)} || {label_sql("l.level", LEVEL)} END""",
            remedy="对照残疾人证改正证件号码末位；证已注销或过期的，改正健康状况",
            fields=("id_no", "disability_type", "disability_level"),
        ),
        Difference(
            code="R-XDP-12",
            title="标残疾但残联台账无证",
            severity="error",
            direction="register→ledger",
            when=f"{MARKED} AND l.id IS NULL",
            detail="m.name || '健康状况为残疾，残联台账查无此人'",
            remedy="无证的改正健康状况，或协助办理残疾人证后由残联重新报送",
            fields=("health", "id_no"),
        ),
    ),
)
