"""What the coverage rules look at, as frames: one COPY for the households helped, one for their measures.

The same signature as households.selectors.facts, so that a check joins both dictionaries.
"""

import io
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import polars as pl
from django.db import connection

from assistance.rules.schema import FACTS, polars_schema
from households.choices import lists
from households.models import Campaign
from households.selectors.facts import chosen

SUPPORT_SQL = """
WITH dead AS (
    SELECT m.id, m.household_id, m.name, m.left_on, m.work_end_ym
    FROM households_member m JOIN households_household h ON h.id = m.household_id
    WHERE m.status = 'decreased' AND m.left_reason = 'dec_death' AND h.ended_on IS NULL AND {where}
), done AS (
    SELECT d.household_id, string_agg(d.name || '于' || d.left_on || '死亡，' || a.what, '；'
                                      ORDER BY d.id, a.what) AS after_death
    FROM dead d CROSS JOIN LATERAL (
        SELECT '务工至' || d.work_end_ym AS what WHERE d.work_end_ym > to_char(d.left_on, 'YYYYMM')
        UNION ALL SELECT '帮扶措施于' || x.start_on || '开始' FROM assistance_measure x
            WHERE x.member_id = d.id AND x.status <> 'cancelled' AND x.start_on > d.left_on
        UNION ALL SELECT '收入明细登记到' || r.received_on FROM households_receipt r
            WHERE r.member_id = d.id AND r.withdrawn_at IS NULL AND r.received_on > d.left_on
              AND r.line LIKE 'inc_wage%%'
        UNION ALL SELECT '以户主身份在走访记录签字（' || v.visited_on || '）' FROM households_visit v
            JOIN households_visitpaper p ON p.visit_id = v.id AND p.kind = 'signature'
            WHERE v.household_id = d.household_id AND v.visited_on > d.left_on
              AND EXISTS (SELECT FROM households_memberchange k
                  WHERE k.household_id = d.household_id AND k.kind = 'head'
                    AND k.before->>(d.id::text) = '02' AND k.changed_on > v.visited_on)
    ) a GROUP BY 1
), chosen AS (
    SELECT h.* FROM households_household h
    WHERE h.ended_on IS NULL AND {where}
      AND (h.monitoring_state NOT IN ('not_monitored', 'identifying', 'voided', 'closed')
           OR EXISTS (SELECT 1 FROM assistance_measure x
                      WHERE x.household_id = h.id AND x.status <> 'cancelled')
           OR h.id IN (SELECT household_id FROM done))
), people AS (
    SELECT m.household_id,
        count(*) FILTER (WHERE m.dibao_status NOT IN ('', 'none')) AS dibao_ever,
        count(*) FILTER (WHERE {active} AND m.dibao_status NOT IN ('', 'none')) AS dibao_now,
        count(*) FILTER (WHERE m.tekun_status NOT IN ('', 'none')) AS tekun_ever,
        count(*) FILTER (WHERE {active} AND m.tekun_status NOT IN ('', 'none')) AS tekun_now,
        count(*) FILTER (WHERE {active} AND m.disability_level IN ('1', '2')) AS severely_disabled,
        count(*) FILTER (WHERE {active} AND m.school_status ~ '^(voc|hvc|tech)') AS vocational_students,
        count(*) FILTER (WHERE {active} AND m.work_county <> '' AND m.work_county <> m.county_code)
            AS working_outside
    FROM households_member m JOIN chosen ON chosen.id = m.household_id GROUP BY 1
), given AS (
    SELECT x.household_id, count(*) AS measures,
        count(*) FILTER (WHERE x.status IN ('done', 'verified')) AS delivered,
        string_agg(DISTINCT x.category, ',') AS categories,
        string_agg(DISTINCT x.item, ',') AS items
    FROM assistance_measure x JOIN chosen ON chosen.id = x.household_id
    WHERE x.status <> 'cancelled' GROUP BY 1
), planned AS (
    SELECT p.household_id, p.version, nullif(p.helper, '') AS helper, p.reviewed_on,
        nullif(p.dev_measure_status, '') AS dev_measure_status,
        (SELECT count(*) FROM assistance_planitem i WHERE i.plan_id = p.id) AS items,
        ARRAY(SELECT r.cause::text FROM assistance_planrisk r WHERE r.plan_id = p.id) AS risks
    FROM assistance_plan p JOIN chosen ON chosen.id = p.household_id WHERE p.state = 'approved'
), helped AS (
    SELECT g.household_id, min(p.name) AS helper
    FROM households_helping g JOIN chosen ON chosen.id = g.household_id
    JOIN households_helper p ON p.id = g.helper_id
    WHERE g.end_on IS NULL GROUP BY 1
), visited AS (
    SELECT v.household_id, max(v.visited_on) AS last_on
    FROM households_visit v JOIN chosen ON chosen.id = v.household_id GROUP BY 1
)
SELECT h.id, h.id, nullif(h.hh_type, ''), h.monitoring_state, h.labour_count, h.migrant_count,
    h.public_post_count, d.registered_on, d.due_on,
    array_to_string(coalesce(d.risks::text[], planned.risks), ','), NULL,
    (SELECT string_agg(r, ',') FROM unnest(d.risks::text[]) r WHERE r <> ALL (planned.risks)),
    planned.version, coalesce(planned.helper, helped.helper), planned.dev_measure_status,
    coalesce(planned.items, 0), planned.reviewed_on,
    coalesce(given.measures, 0), coalesce(given.delivered, 0), given.categories, NULL, given.items,
    coalesce(dibao_ever, 0), coalesce(dibao_now, 0), coalesce(tekun_ever, 0),
    coalesce(tekun_now, 0), coalesce(severely_disabled, 0), coalesce(vocational_students, 0),
    coalesce(working_outside, 0), visited.last_on, done.after_death, NULL, NULL
FROM chosen h
LEFT JOIN done ON done.household_id = h.id
LEFT JOIN people ON people.household_id = h.id
LEFT JOIN given ON given.household_id = h.id
LEFT JOIN planned ON planned.household_id = h.id
LEFT JOIN helped ON helped.household_id = h.id
LEFT JOIN visited ON visited.household_id = h.id
LEFT JOIN assistance_planduty d ON d.household_id = h.id
"""
# A household marked again keeps the measures of its first time: they are held against the first registration.
MEASURE_SQL = """
SELECT x.id, x.household_id, nullif(h.hh_type, ''), h.monitoring_state,
    least(d.registered_on, (d.opened_at AT TIME ZONE 'Asia/Shanghai')::date),
    x.category, x.item, x.item, nullif(x.note, ''), x.start_on, x.is_advance::text,
    m.name, nullif(m.school_status, '')
FROM assistance_measure x
LEFT JOIN households_member m ON m.id = x.member_id
JOIN households_household h ON h.id = x.household_id
LEFT JOIN assistance_planduty d ON d.household_id = h.id
WHERE x.status <> 'cancelled' AND h.ended_on IS NULL AND {where}
"""
ACTIVE = "m.status IN ('active', 'pending_out')"


def frames(
    campaign: Campaign,
    *,
    household_ids: Iterable[int] | None = None,
    paths: Sequence[str] = (),
) -> dict[str, pl.DataFrame]:
    """The same choice of households as households.selectors.facts; plans and measures know no campaign."""
    where, values = chosen(household_ids, paths)
    support = _copied(SUPPORT_SQL.format(where=where, active=ACTIVE), values, "support")
    measure = _copied(MEASURE_SQL.format(where=where), values, "measure")
    return {
        "support": support.with_columns(
            risks_text=_in_words("risks", "risk_type"),
            unplanned_text=_in_words("unplanned_text", "risk_type"),
            categories_text=_in_words("categories", "measure_category").fill_null("无"),
        ).select(list(FACTS["support"])),
        "measure": measure.with_columns(item_text=_in_words("item", "measure_item")),
    }


def _copied(select: str, values: dict[str, Any], subject: str) -> pl.DataFrame:
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(select, values).decode()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT csv)", buffer)
    schema = polars_schema(subject)
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    return pl.read_csv(buffer, has_header=False, schema=schema, null_values="")


@cache
def _in_words(column: str, code_list: str) -> pl.Expr:
    """The codes of a comma-joined column in Chinese; null stays null."""
    names = lists()[code_list]
    words = pl.element().replace(list(names), list(names.values()))
    return pl.col(column).str.split(",").list.eval(words).list.join("、")
