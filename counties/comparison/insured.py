"""医保参保: insured in the campaign's year, on either side."""

from counties.comparison.spec import ID_NUMBER, NAME, Difference, LedgerSpec, choice, label_sql
from fanpin.sheets.columns import Column

KIND = (("resident", "城乡居民基本医疗保险"), ("employee", "城镇职工基本医疗保险"))
STATUS = (("insured", "正常参保"), ("stopped", "中断或未缴费"))
IN_LEDGER = "(l.id IS NOT NULL AND l.status <> 'stopped')"
IN_REGISTER = "(coalesce(m.ins_med_resident, false) OR coalesce(m.ins_med_employee, false))"

INSURED = LedgerSpec(
    key="insured",
    title="医保参保",
    department="medical_insurance",
    columns=(
        ID_NUMBER,
        NAME,
        Column("year", "参保年度", "int", required=True, least=2015, most=2100, example="2021"),
        choice(
            "kind",
            "险种",
            KIND,
            required=True,
            example="城乡居民基本医疗保险",
            synonyms=(
                ("居民医保", "resident"),
                ("城乡居民医保", "resident"),
                ("职工医保", "employee"),
            ),
        ),
        choice("status", "参保状态", STATUS, required=True, aliases=("状态",), example="正常参保"),
        Column("address", "参保地", max_length=160),
        Column("amount", "资助金额", "decimal", unit="元", least=0, most=2000, example="140"),
    ),
    differences=(
        Difference(
            code="R-XDP-19",
            title="医保参保与医保台账不符",
            severity="error",
            direction="both",
            when=f"{IN_REGISTER} <> {IN_LEDGER}",
            detail=f"""m.name || CASE WHEN {IN_REGISTER} THEN '在册已参保，' ELSE '在册未参保，' END
                || '医保台账' || CASE WHEN l.id IS NULL THEN '查无此人'
                ELSE {label_sql("l.kind", KIND)} || '（' || {label_sql("l.status", STATUS)} || '）' END""",
            remedy="核对参保缴费凭证，改正参保情况；确未参保的动员参保并填写未参保原因",
            fields=("ins_med_resident", "ins_med_employee"),
        ),
    ),
)
