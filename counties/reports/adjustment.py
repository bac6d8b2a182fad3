"""T1 监测对象动态调整 and T2 按类别: stock, ins and outs of the period, read from the marks (policy.md §12.2)."""

from counties.reports.table import Cell, Group, Table, pair
from counties.selectors.stock import SPELLS
from households.choices import choices

CATEGORIES = tuple(choices("monitor_type"))
_MOVE = """CASE WHEN s.action IN ('close', 'reopen', 'merge') THEN 'closed' WHEN s.action = 'identify' THEN 'new'
    WHEN s.action = 'eliminate' THEN
        CASE WHEN s.method = 'natural' THEN 'eliminated_natural' ELSE 'eliminated_assisted' END
    WHEN s.action = 'void' THEN 'voided' ELSE s.action END"""
# Member changes of a household while it is under monitoring, on the day they took effect in the register.
_NATURAL = """
    FROM monitoring_monitoringobject o
    JOIN households_household h ON h.id = o.household_id
    JOIN households_memberchange c ON c.household_id = h.id AND c.state = 'done'
         AND c.kind IN ('increase', 'decrease') AND c.member_id IS NOT NULL
    JOIN LATERAL (SELECT w.is_in, w.set_at FROM spells w WHERE w.object_id = o.id
         AND w.set_at < coalesce(c.decided_at, c.made_at)
         ORDER BY w.set_at DESC, w.id DESC LIMIT 1) s ON s.is_in"""
_EFFECTIVE = "(coalesce(c.decided_at, c.made_at) AT TIME ZONE 'Asia/Shanghai')::date"
_STOCK = "o.state IN ('monitored', 'eliminating')"

_T1_ROWS = f"""
WITH {SPELLS}, opening AS (
    SELECT DISTINCT ON (s.object_id) s.* FROM spells s WHERE s.set_on < %(start)s
    ORDER BY s.object_id, s.set_at DESC, s.id DESC
)
SELECT h.county_code, 'opening' AS key, h.id AS household_id, 1 AS households,
    (s.persons + coalesce((SELECT sum(CASE c.kind WHEN 'increase' THEN 1 ELSE -1 END)
        FROM households_memberchange c WHERE c.household_id = h.id AND c.state = 'done'
        AND c.kind IN ('increase', 'decrease') AND c.member_id IS NOT NULL AND {_EFFECTIVE} < %(start)s
        AND coalesce(c.decided_at, c.made_at) > s.set_at), 0))::int AS persons
FROM opening s JOIN monitoring_monitoringobject o ON o.id = s.object_id
JOIN households_household h ON h.id = o.household_id WHERE s.is_in
UNION ALL
SELECT h.county_code, {_MOVE}, h.id, CASE s.action WHEN 'reopen' THEN -1 ELSE 1 END,
    CASE s.action WHEN 'reopen' THEN -s.persons ELSE s.persons END
FROM spells s JOIN monitoring_monitoringobject o ON o.id = s.object_id
JOIN households_household h ON h.id = o.household_id
WHERE s.set_on BETWEEN %(start)s AND %(until)s AND s.is_in <> s.was_in
UNION ALL
SELECT h.county_code, 'natural', h.id, 0, CASE c.kind WHEN 'increase' THEN 1 ELSE -1 END
{_NATURAL} WHERE h.county_code = ANY(%(counties)s)
    AND {_EFFECTIVE} BETWEEN %(start)s AND %(until)s
UNION ALL
SELECT h.county_code, 'closing', h.id, 1, h.family_size
FROM monitoring_monitoringobject o JOIN households_household h ON h.id = o.household_id
WHERE h.county_code = ANY(%(counties)s) AND {_STOCK}
UNION ALL
SELECT h.county_code, 'ever_in', h.id, 1, h.family_size
FROM monitoring_monitoringobject o JOIN households_household h ON h.id = o.household_id
WHERE h.county_code = ANY(%(counties)s) AND o.state NOT IN ('not_monitored', 'identifying',
    'approved', 'voided')
UNION ALL
SELECT h.county_code, 'ever_out', h.id, 1, h.family_size
FROM monitoring_monitoringobject o JOIN households_household h ON h.id = o.household_id
WHERE h.county_code = ANY(%(counties)s)
    AND o.state IN ('eliminated', 'rolling_back', 'relabelling')
"""

T1 = Table(
    code="T1",
    title="监测对象动态调整情况",
    groups=(
        pair("opening", "期初存量(未消除)"),
        pair("new", "新识别"),
        pair("relabel", "再标注"),
        pair("rollback", "回退"),
        pair("eliminated_assisted", "帮扶消除"),
        pair("eliminated_natural", "自然消除"),
        pair("closed", "整户减少"),
        pair("voided", "退出(识别不准)"),
        Group("户内自然增减", (Cell("natural", "persons"),)),
        pair("closing", "期末存量(未消除)"),
        pair("ever_in", "累计纳入"),
        pair("ever_out", "累计消除"),
        Group("消除率", (Cell("ever_out", of="ever_in"),)),
    ),
    rows=_T1_ROWS,
    note="期初为当年1月1日；人数为办理时家庭人口，期末、累计为当前家庭人口。",
)

_BY_CATEGORY = "coalesce(nullif({category}, ''), 'none')"
_T2_ROWS = f"""
WITH {SPELLS}
SELECT h.county_code, 'closing.' || {_BY_CATEGORY.format(category="o.category")} AS key,
    h.id AS household_id, 1 AS households, h.family_size AS persons
FROM monitoring_monitoringobject o JOIN households_household h ON h.id = o.household_id
WHERE h.county_code = ANY(%(counties)s) AND {_STOCK}
UNION ALL
SELECT h.county_code, 'four_haves.' || {_BY_CATEGORY.format(category="o.category")}, h.id, 1,
    h.family_size
FROM monitoring_monitoringobject o JOIN households_household h ON h.id = o.household_id
WHERE h.county_code = ANY(%(counties)s) AND {_STOCK} AND o.is_four_haves
UNION ALL
SELECT h.county_code, CASE s.action WHEN 'identify' THEN 'new.' WHEN 'relabel' THEN 'relabel.'
    ELSE 'eliminated.' END || {_BY_CATEGORY.format(category="s.category")}, h.id, 1, s.persons
FROM spells s JOIN monitoring_monitoringobject o ON o.id = s.object_id
JOIN households_household h ON h.id = o.household_id
WHERE s.set_on BETWEEN %(start)s AND %(until)s AND s.is_in <> s.was_in
    AND s.action IN ('identify', 'relabel', 'eliminate')
"""
T2_COLUMNS = (
    ("closing", "期末存量"),
    ("new", "新识别"),
    ("relabel", "再标注"),
    ("eliminated", "消除"),
    ("four_haves", "其中四有人员"),
)

T2 = Table(
    code="T2",
    title="监测对象分类别情况",
    groups=tuple(
        pair(f"{key}.{category}", f"{name} {label}")
        for category, name in CATEGORIES
        for key, label in T2_COLUMNS
    ),
    rows=_T2_ROWS,
)
