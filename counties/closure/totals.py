"""CC-14: totals add up, from the village to the county and from the opening stock to the closing one."""

from counties.closure.check import ClosureCheck
from counties.selectors.stock import SPELLS

CC_14 = ClosureCheck(
    code="CC-14",
    title="合计不平",
    kind="合计",
    owner_level="county",
    remedy="核对该户的监测标注、成员变更记录和所属行政村；属系统问题的联系系统管理员",
    queries=(
        """SELECT h.id, NULL::bigint, h.division_path, 'place:' || h.id, '农户的区划与所属行政村不一致'
            FROM households_household h JOIN regions_division v ON v.code = h.village_id
            WHERE h.county_code = %(county)s AND h.ended_on IS NULL
              AND (h.division_path NOT LIKE v.path || '%%' OR v.level <> 'village')""",
        """SELECT h.id, NULL::bigint, h.division_path, 'size:' || h.id,
                '登记人口' || h.family_size || '人，在册成员' || n.people || '人'
            FROM households_household h CROSS JOIN LATERAL (SELECT count(*) AS people
                FROM households_member m WHERE m.household_id = h.id
                AND m.status IN ('active', 'pending_out')) n
            WHERE h.county_code = %(county)s AND h.ended_on IS NULL AND h.family_size <> n.people""",
        f"""WITH {SPELLS}
            SELECT h.id, NULL::bigint, h.division_path, 'stock:' || h.id,
                '按标注记录' || CASE WHEN s.is_in THEN '应在监测' ELSE '应不在监测' END
                || '，当前状态不符'
            FROM monitoring_monitoringobject o JOIN households_household h ON h.id = o.household_id
            LEFT JOIN LATERAL (SELECT w.is_in FROM spells w WHERE w.object_id = o.id
                ORDER BY w.set_at DESC, w.id DESC LIMIT 1) s ON true
            WHERE h.county_code = %(county)s
              AND coalesce(s.is_in, false) <> (o.state IN ('monitored', 'eliminating'))""",
        f"""WITH {SPELLS}
            SELECT h.id, NULL::bigint, h.division_path, 'persons:' || h.id,
                '纳入时' || s.persons || '人，自然增减' || n.net || '人，现有' || h.family_size || '人'
            FROM monitoring_monitoringobject o JOIN households_household h ON h.id = o.household_id
            JOIN LATERAL (SELECT w.* FROM spells w WHERE w.object_id = o.id
                ORDER BY w.set_at DESC, w.id DESC LIMIT 1) s ON s.is_in
            CROSS JOIN LATERAL (SELECT coalesce(sum(
                    CASE c.kind WHEN 'increase' THEN 1 ELSE -1 END), 0) AS net
                FROM households_memberchange c WHERE c.household_id = h.id AND c.state = 'done'
                AND c.kind IN ('increase', 'decrease') AND c.member_id IS NOT NULL
                AND coalesce(c.decided_at, c.made_at) > s.set_at) n
            WHERE h.county_code = %(county)s AND h.ended_on IS NULL
              AND s.persons + n.net <> h.family_size""",
    ),
)
