"""Every signal that makes a household worth a look: one object each, judged in the database for a whole county.

A signal has readings: the registers and ledgers in which it can stand. Conditions and words are SQL over `h` the
household, `m` an active member, `s` this year's statement (`p` last year's), `l` a ledger's row of its batch `b`.
`%(name)s` are the dated policy values named in `needs`; the points of a signal are a policy item of its code.
"""

from dataclasses import dataclass

from counties.comparison.civil import DIBAO_TEKUN
from counties.comparison.disabled import DISABLED
from counties.comparison.spec import ACTIVE, LedgerSpec, label_sql
from counties.comparison.warnings import DISASTERS, DISEASE, MEDICAL, SCHOOL_COST
from households.choices import choices

REGISTER, STATEMENT = "农户登记", "收入测算表"
AGE = "date_part('year', age(%(today)s::date, m.birth_date))"
MEMBERS = "households_household h JOIN households_member m ON m.household_id = h.id AND " + ACTIVE
STATEMENTS = """households_household h
    JOIN households_incomestatement s ON s.household_id = h.id AND s.purpose = 'annual'
        AND s.campaign_id = %(campaign)s AND NOT s.is_carried
    LEFT JOIN households_incomestatement p ON p.household_id = h.id AND p.purpose = 'annual'
        AND p.campaign_id = %(last_campaign)s"""
PATIENTS = f"{STATEMENTS} JOIN households_member m ON m.household_id = h.id AND {ACTIVE}"
WINDOW = "s.window_from || '至' || s.window_to"
# Everybody between school and old age works far away the better part of the year.
GROWN = f"""households_member a WHERE a.household_id = h.id AND {ACTIVE.replace("m.", "a.")}
    AND date_part('year', age(%(today)s::date, a.birth_date)) BETWEEN 18 AND %(elder_age)s - 1"""
IS_AWAY = """(coalesce(a.work_months, 0) >= %(away_months)s
    AND a.work_region IN ('province', 'outside', 'abroad'))"""
ALONE = f"(EXISTS (SELECT FROM {GROWN} AND {IS_AWAY}) AND NOT EXISTS (SELECT FROM {GROWN} AND NOT {IS_AWAY}))"
AWAY_WORDS = "户内18岁以上、老年以下的成员均在县外务工' || %(away_months)s || '个月以上"


def words(column: str, code_list: str) -> str:
    """SQL that shows the label of a stored code."""
    return label_sql(column, tuple(choices(code_list)))


def in_ledger(spec: LedgerSpec) -> str:
    """The people of a ledger in use who stand in the register."""
    return f"""counties_ledgerbatch b JOIN counties_ledgerrow l ON l.batch_id = b.id
        JOIN households_member m ON m.id18 = l.id18 AND {ACTIVE} AND m.county_code = b.county_code
        JOIN households_household h ON h.id = m.household_id AND b.county_code = %(county)s
        AND b.campaign_id = %(campaign)s AND b.ledger = '{spec.key}' AND b.state = 'in_use'"""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One place where the signal can stand. `figure` grows with the trouble: it brings back what was dismissed."""

    tables: str
    when: str
    detail: str
    source: str = f"'{REGISTER}'"
    source_on: str = "(m.updated_at AT TIME ZONE 'Asia/Shanghai')::date"
    figure: str = "NULL::numeric"
    member: str = "m.id"
    row: str = "NULL::bigint"
    # Only read where this ledger is in use.
    ledger: str = ""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A reason to look at a household. `about` says in words when it stands; the first reading that holds tells it."""

    code: str
    title: str
    about: str
    readings: tuple[Reading, ...]
    key_group: str = ""
    needs: tuple[str, ...] = ()
    clause: str = "通知一(三)"


def of_household(when: str, detail: str, **more: str) -> Reading:
    return Reading(
        tables="households_household h", when=when, detail=detail, member="NULL::bigint",
        source_on="(h.updated_at AT TIME ZONE 'Asia/Shanghai')::date", **more,
    )  # fmt: skip


def of_member(when: str, detail: str, **more: str) -> Reading:
    return Reading(tables=MEMBERS, when=when, detail=f"m.name || {detail}", **more)


def of_statement(when: str, detail: str, figure: str) -> Reading:
    return Reading(
        tables=STATEMENTS, when=when, detail=detail, figure=figure, member="NULL::bigint",
        source=f"'{STATEMENT}'", source_on="(s.made_at AT TIME ZONE 'Asia/Shanghai')::date",
    )  # fmt: skip


def of_ledger(spec: LedgerSpec, when: str, detail: str, figure: str = "l.amount") -> Reading:
    return Reading(
        tables=in_ledger(spec), when=when, detail=f"m.name || {detail}", figure=figure, row="l.id",
        ledger=spec.key,
        source=f"'{spec.title}（' || b.period || '）'",
        source_on="(b.uploaded_at AT TIME ZONE 'Asia/Shanghai')::date",
    )  # fmt: skip


def tagged(code: str, words: str) -> Reading:
    return of_member(f"'{code}' = ANY(m.person_groups)", f"'登记为{words}'")


INCOME = (
    Signal(
        code="income_below_line",
        title="人均纯收入低于监测范围",
        about="本年度收入测算的人均纯收入低于当年监测范围",
        key_group="hardship",
        needs=("monitoring_line",),
        clause="业务规程 §3.1",
        readings=(
            of_statement(
                "s.inc_net_pc < %(monitoring_line)s",
                f"""{WINDOW} || '人均纯收入' || trim_scale(s.inc_net_pc) || '元，低于监测范围'
                    || %(monitoring_line)s || '元'""",
                "%(monitoring_line)s - s.inc_net_pc",
            ),
        ),
    ),
    Signal(
        code="expense_below_line",
        title="扣除自付支出后低于监测范围",
        about="人均纯收入不低于监测范围，但加理赔、减合规自付支出后低于监测范围",
        key_group="this_year_hit",
        needs=("monitoring_line",),
        clause="业务规程 §3.2",
        readings=(
            of_statement(
                "s.inc_net_pc >= %(monitoring_line)s AND s.ref_income_pc < %(monitoring_line)s",
                f"""{WINDOW} || '人均纯收入' || trim_scale(s.inc_net_pc) || '元，合规自付支出' || trim_scale(s.self_pay)
                    || '元、理赔' || trim_scale(s.claim_income) || '元，人均参考值' || trim_scale(s.ref_income_pc)
                    || '元，低于监测范围' || %(monitoring_line)s || '元'""",
                "%(monitoring_line)s - s.ref_income_pc",
            ),
        ),
    ),
    Signal(
        code="income_fell",
        title="收入骤减",
        about="人均纯收入比上年减少达到“收入骤减判定”的幅度",
        key_group="this_year_hit",
        needs=("income_collapse_percent",),
        clause="业务规程 §3.2",
        readings=(
            of_statement(
                "p.inc_net_pc > 0"
                " AND s.inc_net_pc <= p.inc_net_pc * (1 - %(income_collapse_percent)s / 100.0)",
                """'人均纯收入由上年' || trim_scale(p.inc_net_pc) || '元减为' || trim_scale(s.inc_net_pc) || '元，减少'
                    || round((1 - s.inc_net_pc / p.inc_net_pc) * 100) || '%%'""",
                "round((1 - s.inc_net_pc / p.inc_net_pc) * 100)",
            ),
        ),
    ),
)
HEALTH = (
    Signal(
        code="medical_bill",
        title="高额医疗自付",
        about="医保部门预警：本年住院自付累计达到脱贫户或一般农户的预警线",
        key_group="major_illness",
        needs=("medical_warning_lifted", "medical_warning_general"),
        clause="业务规程 §2.3",
        readings=(
            of_ledger(
                MEDICAL,
                """l.amount >= CASE h.hh_type WHEN 'lifted' THEN %(medical_warning_lifted)s
                    ELSE %(medical_warning_general)s END""",
                """'本年住院自付' || trim_scale(l.amount) || '元，达到' || CASE h.hh_type WHEN 'lifted'
                    THEN '脱贫户预警线' || %(medical_warning_lifted)s
                    ELSE '一般农户预警线' || %(medical_warning_general)s END || '元'""",
            ),
        ),
    ),
    Signal(
        code="major_illness",
        title="大病重病患者",
        about="卫健部门报送的新增大病，或健康状况登记为患有大病",
        key_group="major_illness",
        readings=(
            of_ledger(
                DISEASE, "true", "'确诊' || l.kind || '（' || l.status_on || '）'", "NULL::numeric"
            ),
            of_member(
                "'major' = ANY(m.health)",
                "'患有大病' || coalesce('：' || nullif(m.disease_name, ''), '')",
            ),
            tagged("major_illness", "大病重病患者"),
        ),
    ),
    Signal(
        code="chronic_burden",
        title="负担较重的慢性病患者",
        about="上月门诊自付达到预警线，或有慢性病患者且合规自付支出占家庭纯收入达到判定比例",
        key_group="chronic_burden",
        needs=("outpatient_warning", "chronic_burden_percent"),
        readings=(
            of_ledger(
                MEDICAL,
                "l.total >= %(outpatient_warning)s",
                "'上月门诊自付' || trim_scale(l.total) || '元，达到预警线' || %(outpatient_warning)s || '元'",
                "l.total",
            ),
            Reading(
                tables=PATIENTS,
                when="""'chronic' = ANY(m.health) AND s.self_pay > 0
                    AND s.self_pay * 100 >= %(chronic_burden_percent)s * greatest(s.inc_net, 1)""",
                detail="""m.name || '患慢性病，全家合规自付支出' || trim_scale(s.self_pay) || '元，家庭纯收入'
                    || trim_scale(s.inc_net) || '元'""",
                figure="s.self_pay",
                source=f"'{STATEMENT}'",
                source_on="(s.made_at AT TIME ZONE 'Asia/Shanghai')::date",
            ),
            tagged("chronic_burden", "负担较重的慢性病患者"),
        ),
    ),
    Signal(
        code="severe_disabled",
        title="重度残疾人",
        about="残联持证或登记的残疾等级为一级、二级",
        key_group="severe_disabled",
        readings=(
            of_ledger(
                DISABLED,
                "l.status = 'valid' AND l.level IN ('1', '2')",
                f"""'持残疾人证（' || {words("l.kind", "disability_type")} || '，'
                    || {words("l.level", "disability_level")} || '）'""",
                "NULL::numeric",
            ),
            of_member(
                "'disabled' = ANY(m.health) AND m.disability_level IN ('1', '2')",
                f"""'残疾等级' || {words("m.disability_level", "disability_level")}""",
            ),
            tagged("severe_disabled", "重度残疾人"),
        ),
    ),
)
GROUPS = (
    Signal(
        code="tekun_dispersed",
        title="分散供养特困人员",
        about="民政台账或登记为农村特困（分散供养）",
        key_group="tekun_dispersed",
        readings=(
            of_ledger(
                DIBAO_TEKUN,
                "l.kind = 'tekun_rural_dispersed' AND l.status <> 'stopped'",
                "'享受农村特困分散供养，月保障金额' || coalesce(l.amount::text, '未填') || '元'",
                "NULL::numeric",
            ),
            of_member("m.tekun_status = 'rural_dispersed'", "'登记为农村特困（分散供养）'"),
            tagged("tekun_dispersed", "分散供养特困人员"),
        ),
    ),
    Signal(
        code="disabled_elderly",
        title="失能老年人口",
        about="达到老年人口年龄且丧失劳动力，或登记为失能老年人口",
        key_group="disabled_elderly",
        needs=("elder_age",),
        readings=(
            of_member(
                f"{AGE} >= %(elder_age)s AND m.labour = 'lost'",
                f"{AGE} || '岁，丧失劳动力'",
            ),
            tagged("disabled_elderly", "失能老年人口"),
        ),
    ),
    Signal(
        code="left_elderly",
        title="留守老人",
        about="达到老年人口年龄，其他成年成员均长期在县外务工，或登记为留守老人",
        key_group="left_elderly",
        needs=("elder_age", "away_months"),
        readings=(
            of_member(f"{AGE} >= %(elder_age)s AND {ALONE}", f"{AGE} || '岁，{AWAY_WORDS}'"),
            tagged("left_elderly", "留守老人"),
        ),
    ),
    Signal(
        code="left_women",
        title="留守妇女",
        about="登记为留守妇女",
        key_group="left_women",
        readings=(tagged("left_women", "留守妇女"),),
    ),
    Signal(
        code="left_children",
        title="留守儿童",
        about="不满16岁，成年成员均长期在县外务工，或登记为留守儿童",
        key_group="left_children",
        needs=("elder_age", "away_months"),
        readings=(
            of_member(f"{AGE} < 16 AND {ALONE}", f"{AGE} || '岁，{AWAY_WORDS}'"),
            tagged("left_children", "留守儿童"),
        ),
    ),
    Signal(
        code="hardship",
        title="特困群众",
        about="整户无劳动能力，或登记为特困群众、整户无劳动能力兜底保障户",
        key_group="hardship",
        readings=(
            of_household(
                "coalesce(h.is_no_labour_guaranteed, false)", "'登记为整户无劳动能力兜底保障户'"
            ),
            of_household(
                "h.family_size > 0 AND h.labour_count = 0",
                "'全家' || h.family_size || '人均无劳动能力'",
            ),
            of_household("'hardship' = ANY(h.special_groups)", "'登记为特困群众'"),
        ),
    ),
)
SHOCKS = (
    Signal(
        code="disaster",
        title="因灾受损",
        about="应急部门报送的受灾户，或登记为今年以来因病因灾因意外困难家庭",
        key_group="this_year_hit",
        clause="业务规程 §2.3",
        readings=(
            of_ledger(
                DISASTERS,
                "l.kind <> 'accident'",
                f"'家' || {DISASTERS.says}",
            ),
            of_household(
                "'this_year_hit' = ANY(h.special_groups)",
                "'登记为今年以来因病因灾因意外事故困难家庭'",
            ),
        ),
    ),
    Signal(
        code="accident",
        title="意外事故",
        about="应急部门报送的意外事故",
        key_group="this_year_hit",
        clause="业务规程 §2.3",
        readings=(of_ledger(DISASTERS, "l.kind = 'accident'", f"'家' || {DISASTERS.says}"),),
    ),
    Signal(
        code="school_cost",
        title="高额学费",
        about="教育部门预警：非义务教育阶段学年自付费用超过预警线",
        key_group="hardship",
        needs=("school_cost_warning",),
        clause="业务规程 §2.3",
        readings=(
            of_ledger(
                SCHOOL_COST,
                "l.amount > %(school_cost_warning)s",
                "'学年自付费用' || trim_scale(l.amount) || '元，超过预警线' || %(school_cost_warning)s || '元'",
            ),
        ),
    ),
)
GUARANTEES = (
    Signal(
        code="unsafe_house",
        title="住房不安全",
        about="住房安全等级为C级、D级，或登记为危房户",
        clause="业务规程 §3.2",
        readings=(
            of_household(
                "h.house_level IN ('C', 'D') OR coalesce(h.is_dangerous_house, false)",
                f"""concat_ws('，', CASE WHEN h.house_level <> '' THEN '住房安全等级'
                    || {words("h.house_level", "house_level")} END,
                    CASE WHEN h.is_dangerous_house THEN '登记为危房户' END)""",
            ),
        ),
    ),
    Signal(
        code="unsafe_water",
        title="饮水不安全",
        about="登记为未解决安全饮用水",
        clause="业务规程 §3.2",
        readings=(of_household("h.has_safe_water IS FALSE", "'登记为未解决安全饮用水'"),),
    ),
    Signal(
        code="dropout",
        title="义务教育阶段失学",
        about="6至15周岁，登记了失学或辍学原因（送教上门、缓学除外）",
        clause="业务规程 §3.2",
        readings=(
            of_member(
                f"""{AGE} BETWEEN 6 AND 15
                    AND m.dropout_reason NOT IN ('', 'home_teaching', 'deferred')""",
                f"""{AGE} || '岁，失学或辍学原因：'
                    || {words("m.dropout_reason", "dropout_reason")}""",
            ),
        ),
    ),
    Signal(
        code="uninsured",
        title="未参加基本医疗保险",
        about="居民和职工基本医疗保险都登记为“否”",
        clause="业务规程 §3.2",
        readings=(
            of_member(
                "m.ins_med_resident IS FALSE AND coalesce(m.ins_med_employee, false) IS FALSE",
                "'未参加基本医疗保险'",
            ),
        ),
    ),
)
SIGNALS: dict[str, Signal] = {
    signal.code: signal for signal in (*INCOME, *HEALTH, *GROUPS, *SHOCKS, *GUARANTEES)
}
