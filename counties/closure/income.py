"""Income: this year's statement is there and adds up, event statements have the right twelve months."""

from counties.closure.check import ClosureCheck

_MUST_HAVE = """(h.hh_type = 'lifted' OR h.monitoring_state IN
    ('monitored', 'eliminating', 'eliminated', 'rolling_back', 'relabelling'))"""

CC_05 = ClosureCheck(
    code="CC-05",
    title="年度收入缺失或合计不对",
    kind="内部一致",
    owner_level="village",
    remedy="填写并确认2021年度收入；合计不对的重新保存收入表",
    queries=(
        f"""SELECT h.id, NULL::bigint, h.division_path, 'household:' || h.id,
                CASE WHEN s.id IS NULL THEN '没有年度收入表' ELSE '年度收入表尚未确认' END
            FROM households_household h
            LEFT JOIN households_incomestatement s ON s.household_id = h.id
                 AND s.purpose = 'annual' AND s.campaign_id = %(campaign)s
            WHERE h.county_code = %(county)s AND h.ended_on IS NULL AND {_MUST_HAVE}
              AND coalesce(s.state, '') <> 'confirmed'""",
        f"""SELECT h.id, NULL::bigint, h.division_path, 'household:' || h.id || ':sum',
                '各项收入合计与年纯收入、人均纯收入不符'
            FROM households_incomestatement s JOIN households_household h ON h.id = s.household_id
            WHERE s.purpose = 'annual' AND s.campaign_id = %(campaign)s AND s.state = 'confirmed'
              AND h.county_code = %(county)s AND h.ended_on IS NULL AND {_MUST_HAVE}
              AND (abs(s.inc_wage + s.inc_business + s.inc_property + s.inc_transfer
                       - s.exp_business - s.inc_net) > 0.01
                   OR abs(s.inc_net / s.members_count - s.inc_net_pc) > 0.01)""",
    ),
)

CC_06 = ClosureCheck(
    code="CC-06",
    title="识别或消除时的收入周期不对",
    kind="内部一致",
    owner_level="township",
    remedy="基准月份往前推12个月重新测算收入",
    clause="通知三(一)、业务规程 §7.3",
    queries=(
        """SELECT h.id, NULL::bigint, h.division_path, 'statement:' || s.id,
                CASE s.purpose WHEN 'identify' THEN '识别' ELSE '消除' END || '收入周期'
                || s.window_from || '至' || s.window_to || '，基准月份' || s.reference_month
            FROM households_incomestatement s JOIN households_household h ON h.id = s.household_id
            WHERE s.purpose IN ('identify', 'eliminate') AND h.county_code = %(county)s
              AND h.ended_on IS NULL AND s.state = 'confirmed'
              AND (s.window_from, s.window_to) IS DISTINCT FROM (
                (to_date(s.reference_month, 'YYYYMM') - interval '12 months')::date,
                (to_date(s.reference_month, 'YYYYMM') - interval '1 day')::date)""",
    ),
)
