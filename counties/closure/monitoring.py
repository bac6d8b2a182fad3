"""Monitoring: possible categories, allowances."""

from counties.choices import COVERS
from counties.closure.check import ClosureCheck, value_of

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
    covers=COVERS["CC-08"],
    ledgers=("dibao_tekun",),
)
