"""民政低保/特困 (policy.md §11.2 CC-08): who is on the list, and what was paid in the income window."""

from counties.comparison.spec import (
    ACTIVE,
    ID_NUMBER,
    NAME,
    Difference,
    LedgerSpec,
    Source,
    choice,
    label_sql,
)
from fanpin.sheets.columns import Column

KIND = (
    ("dibao_rural", "农村低保"),
    ("dibao_urban", "城市低保"),
    ("tekun_rural_dispersed", "农村特困(分散供养)"),
    ("tekun_rural_central", "农村特困(集中供养)"),
    ("tekun_urban", "城市特困"),
)
STATUS = (("normal", "正常"), ("stopped", "停发"))
DIBAO = (("none", "未享受"), ("rural", "农村低保"), ("urban", "城市低保"))
TEKUN = (
    ("none", "未享受"),
    ("rural_dispersed", "农村特困(分散供养)"),
    ("rural_central", "农村特困(集中供养)"),
    ("urban", "城市特困"),
)
ON_LIST = "(l.id IS NOT NULL AND l.status <> 'stopped')"
ON_DIBAO = f"({ON_LIST} AND l.kind LIKE 'dibao%%')"
ON_TEKUN = f"({ON_LIST} AND l.kind LIKE 'tekun%%')"
HAS_DIBAO = "(m.dibao_status NOT IN ('', 'none'))"
HAS_TEKUN = "(m.tekun_status NOT IN ('', 'none'))"

# Paid in the income window: the total when the department gives it, else monthly amount × months inside it.
PAID = """coalesce(l.total, l.amount * greatest(0,
    (extract(year FROM age(date_trunc('month', least(coalesce(l.until_on, %(window_to)s),
        %(window_to)s)), date_trunc('month', greatest(coalesce(l.from_on, %(window_from)s),
        %(window_from)s)))) * 12
     + extract(month FROM age(date_trunc('month', least(coalesce(l.until_on, %(window_to)s),
        %(window_to)s)), date_trunc('month', greatest(coalesce(l.from_on, %(window_from)s),
        %(window_from)s)))) + 1)::int), 0)"""
STATEMENTS = Source(
    tables=f"""households_incomestatement s
        JOIN households_household h ON h.id = s.household_id
        CROSS JOIN LATERAL (
            SELECT min(l.id) AS id,
                   coalesce(sum({PAID}) FILTER (WHERE l.kind LIKE 'dibao%%'), 0) AS dibao,
                   coalesce(sum({PAID}) FILTER (WHERE l.kind LIKE 'tekun%%'), 0) AS tekun
            FROM households_member m
            JOIN counties_ledgerrow l ON l.batch_id = %(batch)s AND l.id18 = m.id18
            WHERE m.household_id = h.id AND {ACTIVE}
        ) l""",
    where="""s.purpose = 'annual' AND s.campaign_id = %(campaign)s
        AND NOT s.is_carried AND h.county_code = %(county)s
        AND h.ended_on IS NULL
        AND (%(households)s::bigint[] IS NULL OR h.id = ANY(%(households)s::bigint[]))""",
)


def _beyond(paid: str, stated: str) -> str:
    """Beyond ± the percentage of what was paid, and beyond 10 元 (R-XDP-15)."""
    return f"""abs({paid} - coalesce({stated}, 0)) >
        greatest(10, {paid} * %(dibao_tolerance_percent)s / 100)"""


DIBAO_TEKUN = LedgerSpec(
    key="dibao_tekun",
    title="民政低保特困",
    department="civil_affairs",
    columns=(
        ID_NUMBER,
        NAME,
        Column("head_name", "户主姓名", aliases=("户主",), max_length=40, example="王建国"),
        choice("kind", "救助类型", KIND, required=True, aliases=("类别",), example="农村低保"),
        choice("status", "保障状态", STATUS, required=True, aliases=("状态",), example="正常"),
        Column("from_on", "保障起始日期", "date", example="2020-01-01"),
        Column("until_on", "停发日期", "date"),
        Column(
            "amount",
            "月保障金额",
            "decimal",
            unit="元",
            required=True,
            least=0,
            most=5000,
            aliases=("月金额",),
            example="310",
        ),
        Column(
            "total",
            "收入周期内发放合计",
            "decimal",
            unit="元",
            least=0,
            most=60000,
            aliases=("发放合计",),
            help="2020年10月至2021年9月实际发放；不填则按月金额和月数计算",
        ),
    ),
    parameters=("dibao_tolerance_percent",),
    pays={
        "dibao_rural": "inc_dibao",
        "dibao_urban": "inc_dibao",
        "tekun_rural_dispersed": "inc_tekun",
        "tekun_rural_central": "inc_tekun",
        "tekun_urban": "inc_tekun",
    },
    differences=(
        Difference(
            code="R-XDP-13",
            title="低保标识与民政台账不符",
            severity="error",
            direction="both",
            when=f"{HAS_DIBAO} <> {ON_DIBAO}",
            detail=f"""m.name || '在册“' || {label_sql("m.dibao_status", DIBAO)} || '”，民政台账'
                || CASE WHEN l.id IS NULL THEN '查无此人' ELSE {label_sql("l.kind", KIND)}
                || '（' || {label_sql("l.status", STATUS)} || '）' END""",
            remedy="按民政台账改正“享受低保政策情况”；台账有误的，由民政部门更正后重新报送",
            fields=("dibao_status",),
        ),
        Difference(
            code="R-XDP-14",
            title="特困标识与民政台账不符",
            severity="error",
            direction="both",
            when=f"{HAS_TEKUN} <> {ON_TEKUN}",
            detail=f"""m.name || '在册“' || {label_sql("m.tekun_status", TEKUN)} || '”，民政台账'
                || CASE WHEN l.id IS NULL THEN '查无此人' ELSE {label_sql("l.kind", KIND)}
                || '（' || {label_sql("l.status", STATUS)} || '）' END""",
            remedy="按民政台账改正“享受特困供养政策情况”；台账有误的，由民政部门更正后重新报送",
            fields=("tekun_status",),
        ),
        Difference(
            code="R-XDP-15",
            title="低保金、特困金与发放台账不符",
            severity="error",
            direction="both",
            tolerance="±5%（参数）且超过10元",
            source=STATEMENTS,
            when=f"""({_beyond("l.dibao", "s.inc_dibao")})
                OR ({_beyond("l.tekun", "s.inc_tekun")})""",
            detail="""concat_ws('；',
                CASE WHEN l.dibao <> coalesce(s.inc_dibao, 0) THEN '低保金：收入表'
                     || coalesce(s.inc_dibao, 0) || '元，台账' || round(l.dibao, 2) || '元' END,
                CASE WHEN l.tekun <> coalesce(s.inc_tekun, 0) THEN '特困金：收入表'
                     || coalesce(s.inc_tekun, 0) || '元，台账' || round(l.tekun, 2) || '元' END)""",
            remedy="核对收入周期内实际发放金额，改正年度收入中的低保金、特困供养金",
            fields=("inc_dibao", "inc_tekun"),
            subject="'household:' || h.id",
            member="NULL::bigint",
        ),
    ),
)
