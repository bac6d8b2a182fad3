"""Staged hits become reasons, and reasons the standing of a household: new, changed, gone, back again."""

from dataclasses import dataclass
from typing import Any

from fanpin import clock

HITS = "screening_hits"
# The state of a household's object says whose it is now.
OPEN_CASE = "('identifying', 'relabelling')"
FREE = "('not_monitored', 'eliminated')"


@dataclass(frozen=True)
class Changed:
    appeared: int = 0
    vanished: int = 0
    came_back: int = 0


def upsert(cursor: Any, where: str, values: dict[str, Any], *, many: bool) -> Changed:
    """`where` cuts `h`, the households looked at; the staging table has one row for each signal and person."""
    given = {**values, "now": clock.now()}
    if many:
        cursor.execute(f"ANALYZE {HITS}")
    counts = []
    for statement in (_HOUSEHOLDS, _VANISHED, _CHANGED, _APPEARED, _STANDING, _BACK):
        cursor.execute(statement.format(where=where), given)
        counts.append(cursor.rowcount)
        if many and cursor.rowcount and statement in (_HOUSEHOLDS, _APPEARED):
            # The planner still believes in the few rows of before this portion.
            cursor.execute("ANALYZE counties_keycheck, counties_keycheckreason")
    return Changed(appeared=counts[3], vanished=counts[1], came_back=counts[5])


_HOUSEHOLDS = f"""
INSERT INTO counties_keycheck (household_id, county_code, division_path, colour, points, reasons_count,
    state, first_seen_at, waiting_from, changed_at, dismissed_reason)
SELECT h.id, h.county_code, h.division_path, 'green', 0, 0, 'waiting', %(now)s, %(now)s, %(now)s, ''
FROM households_household h
WHERE h.id IN (SELECT household_id FROM {HITS})
ON CONFLICT (household_id) DO NOTHING
"""
_VANISHED = f"""
UPDATE counties_keycheckreason r SET gone_at = %(now)s
FROM counties_keycheck k JOIN households_household h ON h.id = k.household_id
WHERE r.key_check_id = k.id AND r.gone_at IS NULL AND {{where}}
  AND NOT EXISTS (SELECT FROM {HITS} x WHERE x.household_id = h.id AND x.code = r.code
      AND x.member_id IS NOT DISTINCT FROM r.member_id AND h.ended_on IS NULL)
"""
_SAID = ("title", "key_group", "points", "detail", "figure", "source", "source_on", "ledger_row_id")
_CHANGED = f"""
UPDATE counties_keycheckreason r SET refreshed_at = %(now)s,
    {", ".join(f"{name} = x.{name}" for name in _SAID)}
FROM {HITS} x JOIN counties_keycheck k ON k.household_id = x.household_id
WHERE r.key_check_id = k.id AND r.gone_at IS NULL AND r.code = x.code
  AND r.member_id IS NOT DISTINCT FROM x.member_id
  AND ({", ".join(f"r.{name}" for name in _SAID)})
      IS DISTINCT FROM ({", ".join(f"x.{name}" for name in _SAID)})
"""
# What stood when the household was dismissed, went and comes again is not new.
_APPEARED = f"""
INSERT INTO counties_keycheckreason (key_check_id, member_id, code, {", ".join(_SAID)},
    settled_figure, first_seen_at, refreshed_at)
SELECT k.id, x.member_id, x.code, {", ".join(f"x.{name}" for name in _SAID)},
    (SELECT o.settled_figure FROM counties_keycheckreason o WHERE o.key_check_id = k.id
        AND o.code = x.code AND o.member_id IS NOT DISTINCT FROM x.member_id
        ORDER BY o.gone_at DESC LIMIT 1),
    %(now)s, %(now)s
FROM {HITS} x JOIN counties_keycheck k ON k.household_id = x.household_id
WHERE NOT EXISTS (SELECT FROM counties_keycheckreason r WHERE r.key_check_id = k.id
    AND r.gone_at IS NULL AND r.code = x.code AND r.member_id IS NOT DISTINCT FROM x.member_id)
"""
# A case that ended without admitting the household settles what was known then.
_SETTLE = f"""
    SELECT r.id FROM counties_keycheckreason r JOIN counties_keycheck k ON k.id = r.key_check_id
    JOIN households_household h ON h.id = k.household_id
    WHERE {{where}} AND r.gone_at IS NULL AND k.state = 'listed' AND h.monitoring_state IN {FREE}
      AND NOT EXISTS (SELECT FROM monitoring_clue c WHERE c.household_id = h.id AND c.state = 'open')
"""
_STANDING = f"""
WITH settled AS (
    UPDATE counties_keycheckreason SET settled_figure = coalesce(figure, 0)
    WHERE id IN ({_SETTLE}) RETURNING id
), sums AS (
    SELECT k.id, h.monitoring_state, h.division_path, h.county_code,
           coalesce(sum(r.points), 0) AS points, count(r.id) AS reasons,
           EXISTS (SELECT FROM monitoring_clue c WHERE c.household_id = h.id AND c.state = 'open')
               AS has_clue
    FROM counties_keycheck k JOIN households_household h ON h.id = k.household_id
    LEFT JOIN counties_keycheckreason r ON r.key_check_id = k.id AND r.gone_at IS NULL
    WHERE {{where}}
    GROUP BY k.id, h.id
), judged AS (
    SELECT s.*, CASE
        WHEN s.points >= %(screening_red)s THEN 'red'
        WHEN s.points >= %(screening_orange)s THEN 'orange'
        WHEN s.points >= %(screening_yellow)s THEN 'yellow' ELSE 'green' END AS colour,
      CASE
        WHEN s.monitoring_state IN {OPEN_CASE} THEN 'listed'
        WHEN s.monitoring_state NOT IN {FREE} THEN 'watched'
        WHEN s.has_clue THEN 'listed'
        WHEN s.reasons = 0 THEN 'gone'
        WHEN k.state = 'listed' THEN 'checked'
        WHEN k.state IN ('dismissed', 'checked') THEN k.state
        ELSE 'waiting' END AS state
    FROM sums s JOIN counties_keycheck k ON k.id = s.id
)
UPDATE counties_keycheck k SET points = j.points, reasons_count = j.reasons, colour = j.colour,
    state = j.state, division_path = j.division_path, county_code = j.county_code,
    changed_at = %(now)s,
    waiting_from = CASE WHEN j.state = 'waiting' AND k.state <> 'waiting' THEN %(now)s
        ELSE k.waiting_from END
FROM judged j
WHERE k.id = j.id AND (k.points, k.reasons_count, k.colour, k.state, k.division_path)
    IS DISTINCT FROM (j.points, j.reasons, j.colour, j.state, j.division_path)
"""
_WORSE = """EXISTS (SELECT FROM counties_keycheckreason r WHERE r.key_check_id = k.id
    AND r.gone_at IS NULL AND (r.settled_figure IS NULL OR coalesce(r.figure, 0)
        > r.settled_figure * (1 + %(screening_worse_percent)s / 100.0)))"""
_BACK = f"""
WITH back AS (
    SELECT k.id, k.points,
           (SELECT string_agg(r.title || '：' || r.detail, '；' ORDER BY r.points DESC, r.id)
            FROM counties_keycheckreason r WHERE r.key_check_id = k.id AND r.gone_at IS NULL
              AND (r.settled_figure IS NULL OR coalesce(r.figure, 0)
                   > r.settled_figure * (1 + %(screening_worse_percent)s / 100.0))) AS news
    FROM counties_keycheck k JOIN households_household h ON h.id = k.household_id
    WHERE {{where}} AND k.state IN ('dismissed', 'checked') AND {_WORSE}
), again AS (
    UPDATE counties_keycheck k SET state = 'waiting', dismissed_at = NULL, dismissed_by_id = NULL,
        dismissed_reason = '', changed_at = %(now)s, waiting_from = %(now)s
    FROM back WHERE k.id = back.id RETURNING k.id
), cleared AS (
    UPDATE counties_keycheckreason r SET settled_figure = NULL
    FROM again WHERE r.key_check_id = again.id
)
INSERT INTO counties_keycheckaction (key_check_id, target, points, note, done_at)
SELECT back.id, 'waiting', back.points, '情况加重，重新列出。' || back.news, %(now)s
FROM back JOIN again ON again.id = back.id
"""
