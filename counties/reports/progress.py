"""T5 采集进度: forms, positions, village and county sheets due and done, plans, folders (policy.md §12.2)."""

from assistance.selectors.folders import COMPLETE
from counties.reports.table import Cell, Group, Table

_DUE = """h.county_code = ANY(%(counties)s) AND h.ended_on IS NULL AND (h.hh_type = 'lifted'
    OR h.monitoring_state IN ('monitored', 'eliminating', 'eliminated', 'rolling_back',
        'relabelling'))"""
_UNDER = """h.county_code = ANY(%(counties)s) AND h.ended_on IS NULL
    AND h.monitoring_state IN ('monitored', 'eliminating')"""

_ADMITTED = """h.county_code = ANY(%(counties)s) AND h.ended_on IS NULL AND h.monitoring_state IN
    ('monitored', 'eliminating', 'eliminated', 'rolling_back', 'relabelling')"""
_FILLED = "s.state IN ('collected', 'checked', 'reviewed', 'closed')"


def _in_force(table: str) -> str:
    return f"""{table}.effective_from <= %(until)s
        AND coalesce({table}.effective_to, %(until)s) >= %(until)s"""


_STANDS = """coalesce(d.valid_until, %(until)s + 1) > %(until)s
    AND coalesce(d.valid_from, %(until)s) <= %(until)s
    AND d.village_kind <> 'virtual' AND o.village_kind <> 'virtual'"""
_PLACES = f"""
SELECT split_part(d.path, '/', 4), k.key, NULL::bigint, 1, 0
FROM regions_division d
JOIN regions_division o ON o.code = d.parent_id
LEFT JOIN counties_villagesheet s ON s.division_id = d.code AND s.campaign_id = %(campaign)s
CROSS JOIN LATERAL (VALUES ('village_due', true), ('village_done', {_FILLED})) k (key, counts)
WHERE d.level = 'village' AND split_part(d.path, '/', 4) = ANY(%(counties)s) AND {_STANDS}
  AND k.counts
UNION ALL
SELECT split_part(d.path, '/', 4), k.key, NULL, 1, 0
FROM regions_division d
JOIN regions_division o ON o.code = d.parent_id
LEFT JOIN counties_hamletsheet s ON s.division_id = d.code AND s.campaign_id = %(campaign)s
CROSS JOIN LATERAL (VALUES ('hamlet_due', true), ('hamlet_done', {_FILLED})) k (key, counts)
WHERE d.level = 'hamlet' AND split_part(d.path, '/', 4) = ANY(%(counties)s) AND {_STANDS}
  AND k.counts
"""
# What the system answers itself is not due. A nearer division's indicator replaces that of the same code.
_INDICATORS = f"""
SELECT d.code, v.key, NULL::bigint, count(*) FILTER (WHERE v.counts), 0
FROM regions_division d
JOIN households_policyitem p ON p.list_key = 'key_county' AND p.active
    AND p.division_id = d.code AND {_in_force("p")}
JOIN counties_indicator i ON i.is_required AND NOT i.from_system AND {_in_force("i")}
    AND position('/' || i.division_id || '/' IN d.path) > 0
    AND NOT EXISTS (SELECT FROM counties_indicator n WHERE n.code = i.code
        AND length(n.division_id) > length(i.division_id) AND {_in_force("n")}
        AND position('/' || n.division_id || '/' IN d.path) > 0)
LEFT JOIN counties_countysheet s ON s.division_id = d.code AND s.campaign_id = %(campaign)s
LEFT JOIN counties_countyfigure f ON f.sheet_id = s.id AND f.indicator_id = i.id
CROSS JOIN LATERAL (VALUES ('county_due', true),
    ('county_done', f.number IS NOT NULL OR f.text <> '')) v (key, counts)
WHERE d.code = ANY(%(counties)s)
GROUP BY 1, 2
"""

_ROWS = f"""
SELECT h.county_code, k.key, h.id AS household_id, 1 AS households, h.family_size AS persons
FROM households_household h
LEFT JOIN households_collection c ON c.household_id = h.id AND c.campaign_id = %(campaign)s
CROSS JOIN LATERAL (VALUES ('annual_due', true),
    ('annual_done', c.state IN ('collected', 'checked', 'reviewed', 'closed')),
    ('place_due', true), ('place_done', h.longitude IS NOT NULL)) k (key, counts)
WHERE {_DUE} AND k.counts
UNION ALL
SELECT h.county_code, k.key, h.id, 1, h.family_size
FROM households_household h
CROSS JOIN LATERAL (VALUES ('plan_due', true), ('plan_done', EXISTS (
    SELECT FROM assistance_plan p WHERE p.household_id = h.id AND p.state = 'approved')),
    ('review_done', EXISTS (SELECT FROM assistance_plan p WHERE p.household_id = h.id
        AND p.reviewed_on BETWEEN %(start)s AND %(until)s)),
    ('review_changed', EXISTS (SELECT FROM assistance_plan p WHERE p.household_id = h.id
        AND p.reviewed_on BETWEEN %(start)s AND %(until)s AND p.review_result IN ('adjust', 'redo')))
) k (key, counts)
WHERE {_UNDER} AND k.counts
UNION ALL
SELECT h.county_code, k.key, h.id, 1, h.family_size
FROM households_household h
CROSS JOIN LATERAL (VALUES ('file_due', true), ('file_done', {COMPLETE})) k (key, counts)
WHERE {_ADMITTED} AND k.counts
UNION ALL {_PLACES}
UNION ALL {_INDICATORS}
"""


def _rated(name: str, label: str, due: str, done: str) -> Group:
    return Group(
        label,
        (
            Cell(f"{name}_due", label=due),
            Cell(f"{name}_done", label=done),
            Cell(f"{name}_done", of=f"{name}_due", label="率%"),
        ),
    )


def _places(name: str, label: str, page: str, unit: str = "个") -> Group:
    return Group(
        label,
        (
            Cell(f"{name}_due", "places", label=f"应采{unit}", listed=page),
            Cell(f"{name}_done", "places", label=f"已采{unit}", listed=f"{page}?state=filled"),
            Cell(f"{name}_done", "places", of=f"{name}_due", label="率%"),
        ),
    )


T5 = Table(
    code="T5",
    title="信息采集进度",
    groups=(
        _rated("annual", "户年度基础信息采集表", "应采户", "已采户"),
        _rated("place", "家庭位置", "应采户", "已采户"),
        _places("village", "行政村表", "counties:village_sheets"),
        _places("hamlet", "自然村表", "counties:hamlet_sheets"),
        _places("county", "县表指标（重点帮扶县）", "counties:county_sheets", "项"),
        _rated("plan", "一户一策", "应制定户", "已制定户"),
        Group(
            "一户一策回头看",
            (Cell("review_done", label="已回头看户"), Cell("review_changed", label="调整户")),
        ),
        _rated("file", "户内资料建档率", "应建档户", "齐全户"),
    ),
    rows=_ROWS,
    note="应采范围：脱贫户和纳入过监测的农户（含风险已消除）。县表指标只计国家级、省级重点帮扶县的必填项，不含系统汇总项。"
    "户内资料按监测状态应有的资料计。",
)
