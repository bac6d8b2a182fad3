"""T5 采集进度: forms due and done, positions, plans (policy.md §12.2)."""

from counties.reports.table import Cell, Group, Table

_DUE = """h.county_code = ANY(%(counties)s) AND h.ended_on IS NULL AND (h.hh_type = 'lifted'
    OR h.monitoring_state IN ('monitored', 'eliminating', 'eliminated', 'rolling_back',
        'relabelling'))"""
_UNDER = """h.county_code = ANY(%(counties)s) AND h.ended_on IS NULL
    AND h.monitoring_state IN ('monitored', 'eliminating')"""

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


T5 = Table(
    code="T5",
    title="信息采集进度",
    groups=(
        _rated("annual", "户年度基础信息采集表", "应采户", "已采户"),
        _rated("place", "家庭位置", "应采户", "已采户"),
        _rated("plan", "一户一策", "应制定户", "已制定户"),
        Group(
            "一户一策回头看",
            (Cell("review_done", label="已回头看户"), Cell("review_changed", label="调整户")),
        ),
    ),
    rows=_ROWS,
    note="应采范围：脱贫户和纳入过监测的农户（含风险已消除）。",
)
