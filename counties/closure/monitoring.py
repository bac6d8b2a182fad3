"""Monitoring: possible categories, allowances, and households marked as out of risk that are not."""

from counties.closure.check import ACTIVE, ClosureCheck, value_of

_OBJECT = """
    FROM monitoring_monitoringobject o
    JOIN households_household h ON h.id = o.household_id
    JOIN LATERAL (SELECT * FROM monitoring_episode e WHERE e.object_id = o.id
                  ORDER BY e.seq DESC LIMIT 1) e ON true"""
_HERE = "h.county_code = %(county)s AND h.ended_on IS NULL"
_UNDER = f"{_HERE} AND o.state IN ('monitored', 'eliminating')"
_STATEMENT = """
    LEFT JOIN LATERAL (SELECT s.*, {line} AS line FROM households_incomestatement s
        WHERE s.household_id = h.id AND s.purpose = '{purpose}' AND s.state = 'confirmed'
        ORDER BY s.reference_month DESC, s.id DESC LIMIT 1) s ON true"""
_IDENTIFIED = _STATEMENT.format(
    line=value_of("monitoring_line", "s.reference_month"), purpose="identify"
)
_ELIMINATED = _STATEMENT.format(
    line=value_of("monitoring_line", "s.reference_month"), purpose="eliminate"
)
_MONTHS = value_of("min_months_monitored", "e.closed_month")
_SHARE = value_of("transfer_share_max", "s.reference_month")
_BELOW = "(s.inc_net < s.line * s.members_count)"

CC_07 = ClosureCheck(
    code="CC-07",
    title="监测对象类别不合理",
    kind="逻辑",
    owner_level="township",
    remedy="核对户类型、识别时人均纯收入和风险成因；四有人员补齐三级确认",
    clause="业务规程 §3.2、§4.7",
    needs=("monitoring_line",),
    queries=(
        f"""SELECT h.id, NULL::bigint, h.division_path, 'category:' || h.id, CASE
                WHEN o.category = 'unstable' AND h.hh_type <> 'lifted' THEN '脱贫不稳定户的户类型不是脱贫户'
                WHEN o.category = 'marginal' AND h.hh_type = 'lifted' THEN '边缘易致贫户的户类型是脱贫户'
                WHEN o.category = 'sudden' THEN '突发严重困难户识别时人均纯收入'
                     || s.inc_net_pc || '元，低于监测范围' || s.line || '元'
                ELSE '识别时人均纯收入' || s.inc_net_pc || '元，不低于监测范围' || s.line || '元' END
            {_OBJECT} {_IDENTIFIED}
            WHERE {_UNDER} AND (
                (o.category = 'unstable' AND (h.hh_type <> 'lifted' OR NOT {_BELOW}))
                OR (o.category = 'marginal' AND (h.hh_type = 'lifted' OR NOT {_BELOW}))
                OR (o.category = 'sudden' AND {_BELOW} AND NOT o.is_four_haves))""",
        f"""SELECT h.id, NULL::bigint, h.division_path, 'risks:' || h.id, '没有登记风险成因'
            {_OBJECT} WHERE {_UNDER} AND NOT EXISTS (
                SELECT FROM monitoring_episoderisk r WHERE r.episode_id = e.id
                AND r.state NOT IN ('proposed', 'rejected'))""",
        f"""SELECT h.id, r.member_id, h.division_path, 'risk:' || r.id,
                CASE r.cause WHEN 'disaster' THEN '因自然灾害未选子项' ELSE '其他风险未填说明' END
            {_OBJECT} JOIN monitoring_episoderisk r ON r.episode_id = e.id
            WHERE {_UNDER} AND r.state IN ('open', 'resolving')
              AND ((r.cause = 'disaster' AND r.subtype = '') OR (r.cause = 'other' AND r.note = ''))""",
        f"""SELECT h.id, NULL::bigint, h.division_path, 'fourhaves:' || h.id,
                '四有人员缺少' || concat_ws('、',
                CASE WHEN NOT g.village THEN '村级评议确认' END,
                CASE WHEN NOT g.township THEN '乡镇政府核实' END,
                CASE WHEN NOT g.county THEN '县级备案审查' END)
            {_OBJECT}
            CROSS JOIN LATERAL (SELECT
                EXISTS (SELECT FROM monitoring_deliberation d JOIN monitoring_case c
                    ON c.id = d.case_id WHERE c.household_id = h.id AND d.is_passed
                    AND d.confirms_four_haves) AS village,
                EXISTS (SELECT FROM monitoring_review v JOIN monitoring_case c ON c.id = v.case_id
                    WHERE c.household_id = h.id AND v.kind = 'government'
                    AND v.decision = 'pass') AS township,
                EXISTS (SELECT FROM monitoring_review v JOIN monitoring_case c ON c.id = v.case_id
                    WHERE c.household_id = h.id AND v.kind = 'filing_review'
                    AND v.decision = 'pass') AS county) g
            WHERE {_UNDER} AND o.is_four_haves AND NOT (g.village AND g.township AND g.county)""",
    ),
)

CC_08 = ClosureCheck(
    code="CC-08",
    title="低保、特困与民政台账不一致",
    kind="账账相符",
    owner_level="village",
    remedy="按民政台账改正享受情况和金额；台账有误的由民政部门更正后重新报送",
    covers=("R-XDP-13", "R-XDP-14", "R-XDP-15"),
    ledgers=("dibao_tekun",),
)

_GONE = f"{_HERE} AND o.state = 'eliminated'"
_DROPPED_OUT = """(m.birth_date IS NOT NULL AND m.dropout_reason NOT IN
    ('', 'home_teaching', 'deferred', 'suspended')
    AND extract(year FROM age(%(today)s::date, m.birth_date)) BETWEEN 6 AND 15)"""
_UNINSURED = "(m.ins_med_resident = false AND NOT coalesce(m.ins_med_employee, false))"


def _eliminated(subject: str, detail: str, joins: str, condition: str) -> str:
    return f"""SELECT h.id, NULL::bigint, h.division_path, '{subject}:' || h.id, {detail}
        {_OBJECT} {joins} WHERE {_GONE} AND {condition}"""


CC_11 = ClosureCheck(
    code="CC-11",
    title="已标注风险消除但条件不足",
    kind="逻辑",
    owner_level="county",
    remedy="风险未真正消除的办理风险消除回退；信息不全的补齐措施、监测联系人",
    clause="业务规程 §5.1、§5.3",
    needs=("monitoring_line", "min_months_monitored", "transfer_share_max"),
    queries=(
        _eliminated("house", "'住房或饮水没有保障'", "", """(h.is_dangerous_house
            OR h.house_level IN ('C', 'D') OR h.has_safe_water = false OR h.water_difficult)"""),
        f"""SELECT h.id, m.id, h.division_path, 'member:' || m.id, m.name || CASE
                WHEN {_DROPPED_OUT} THEN '义务教育阶段失学辍学' ELSE '未参加基本医疗保险' END
            {_OBJECT} JOIN households_member m ON m.household_id = h.id AND {ACTIVE}
            WHERE {_GONE} AND ({_DROPPED_OUT} OR {_UNINSURED})""",
        _eliminated("income", f"""CASE WHEN s.inc_net <= s.line * s.members_count
                THEN '消除时人均纯收入' || s.inc_net_pc || '元，未超过监测范围' || s.line || '元'
                ELSE '转移性收入占比超过' || {_SHARE} || '%%' END""", _ELIMINATED,
            f"""(s.inc_net <= s.line * s.members_count OR
                s.inc_transfer * 100 > {_SHARE} * nullif(s.inc_gross, 0))"""),
        _eliminated("rigid", "'扣除合规自付支出后人均低于监测范围' || s.line || '元'", _ELIMINATED,
            "s.ref_income < s.line * s.members_count"),
        _eliminated("labour", "'整户无劳动能力'", "", f"""EXISTS (SELECT FROM households_member m
            WHERE m.household_id = h.id AND {ACTIVE} HAVING count(*) > 0
            AND bool_and(m.labour IN ('none', 'lost')))"""),
        _eliminated("plan", "'一户一策还有措施未落实'", "", """EXISTS (SELECT FROM assistance_plan p
            JOIN assistance_planitem i ON i.plan_id = p.id WHERE p.household_id = h.id
            AND p.state = 'approved' AND i.status IN ('planned', 'ongoing'))"""),
        _eliminated("measure", "'帮扶消除但没有已落实的帮扶措施'", "", """e.method = 'assisted'
            AND NOT EXISTS (SELECT FROM assistance_measure a WHERE a.household_id = h.id
            AND a.status IN ('done', 'verified'))"""),
        _eliminated("clue", "'有线索尚未处理'", "", """EXISTS (SELECT FROM monitoring_clue c
            WHERE c.household_id = h.id AND c.state = 'open')"""),
        _eliminated("contact", "'缺少监测联系人或电话'", "",
            "(o.contact_name = '' OR o.contact_phone = '')"),
        _eliminated("months", f"'监测不足' || {_MONTHS} || '个月'", "",
            f"""e.method = 'assisted' AND e.closed_month <> '' AND
            (left(e.closed_month, 4)::int - left(e.identified_month, 4)::int) * 12
            + right(e.closed_month, 2)::int - right(e.identified_month, 2)::int
            < {_MONTHS}"""),
    ),
)  # fmt: skip
