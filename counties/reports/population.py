"""T4 人口自然变更: members in and out by reason, 脱贫户 and 监测对象 separately (policy.md §6.2, §12.2)."""

from counties.reports.table import Cell, Group, Table

# Column → the reasons it counts (households/data/codes.csv, change_reason).
REASONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "cancelled": ("户籍注销", ("dec_hukou_cancel",)),
    "moved_out": ("迁出", ("dec_hukou_out", "dec_marriage")),
    "prison": ("服刑", ("dec_prison",)),
    "missing": ("失踪", ("dec_missing",)),
    "death": ("死亡", ("dec_death",)),
    "not_living": ("未共同生活", ("dec_not_cohabit",)),
    "moved_in": ("迁入", ("inc_hukou_in", "inc_marriage", "inc_adopt")),
    "newborn": ("新生儿", ("inc_newborn",)),
    "living": ("共同生活", ("inc_cohabit",)),
}
GROUPS = {"lifted": "脱贫户", "monitored": "监测对象"}
OUT = ("cancelled", "moved_out", "prison", "missing", "death", "not_living", "other_out")
IN = ("moved_in", "newborn", "living", "other_in", "registered")
_CASES = " ".join(
    f"WHEN c.reason IN ({', '.join(repr(code) for code in codes)}) THEN '{key}'"
    for key, (_label, codes) in REASONS.items()
)
_WHO = """(
    SELECT h.*, w.name AS who FROM households_household h CROSS JOIN (VALUES ('lifted'),
        ('monitored')) w (name)
    WHERE h.county_code = ANY(%(counties)s) AND CASE w.name WHEN 'lifted' THEN h.hh_type = 'lifted'
        ELSE h.monitoring_state IN ('monitored', 'eliminating', 'eliminated', 'rolling_back',
            'relabelling', 'closed') END
) h"""
_ON_ROSTER = "m.status IN ('active', 'pending_out')"

_ROWS = f"""
SELECT h.county_code, h.who || '.' || CASE {_CASES}
        WHEN c.kind = 'increase' THEN 'other_in' ELSE 'other_out' END AS key,
    h.id AS household_id, 0 AS households, 1 AS persons
FROM {_WHO} JOIN households_memberchange c ON c.household_id = h.id AND c.state = 'done'
    AND c.kind IN ('increase', 'decrease') AND c.member_id IS NOT NULL AND c.changed_on BETWEEN %(start)s AND %(until)s
UNION ALL
SELECT h.county_code, h.who || '.registered', h.id, 0, 1
FROM {_WHO} JOIN households_member m ON m.household_id = h.id AND m.joined_on >= %(start)s
WHERE m.status IN ('active', 'pending_out', 'decreased') AND NOT EXISTS (
    SELECT FROM households_memberchange c WHERE c.member_id = m.id AND c.household_id = h.id
    AND c.kind = 'increase' AND c.state = 'done')
UNION ALL
SELECT h.county_code, h.who || '.gone', h.id, 1, 0
FROM {_WHO} WHERE h.ended_on BETWEEN %(start)s AND %(until)s
UNION ALL
SELECT h.county_code, h.who || '.opening', h.id, 0, 1
FROM {_WHO} JOIN households_member m ON m.household_id = h.id
WHERE coalesce(m.joined_on, '1900-01-01') < %(start)s
    AND ({_ON_ROSTER} OR m.left_on >= %(start)s)
UNION ALL
SELECT h.county_code, h.who || '.closing', h.id, 0, 1
FROM {_WHO} JOIN households_member m ON m.household_id = h.id WHERE {_ON_ROSTER}
"""


def _groups() -> tuple[Group, ...]:
    groups = []
    for who, name in GROUPS.items():
        heads = [
            ("opening", "期初人口"),
            *((key, label) for key, (label, _codes) in REASONS.items()),
        ]
        heads += [("other_in", "其他增加"), ("other_out", "其他减少"), ("registered", "新建档"),
                  ("closing", "期末人口")]  # fmt: skip
        cells = tuple(Cell(f"{who}.{key}", "persons", label=label) for key, label in heads)
        groups.append(Group(name, (*cells, Cell(f"{who}.gone", label="整户减少(户)"))))
    return tuple(groups)


T4 = Table(
    code="T4",
    title="人口自然变更情况",
    groups=_groups(),
    rows=_ROWS,
    note="脱贫户和监测对象分别统计，同时属于两类的分别计入；新建档为本年新登记农户的成员。",
)
