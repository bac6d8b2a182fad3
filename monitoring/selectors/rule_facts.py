"""What the rules on marks look at, as one frame: one COPY, and the one list of the seven over those out of risk.

The same signature as households.selectors.facts, so that a check joins all dictionaries.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from django.db import connection

from fanpin import clock
from households.models import Campaign, Household
from households.selectors.facts import chosen
from households.selectors.parameters import Policy
from monitoring.models import Case, Episode, HouseholdCheck
from monitoring.rules.facts import MARK, polars_schema
from monitoring.rules.no_elimination import INCOME, evaluate
from monitoring.selectors import standing

LAST = ("hits_then", "hits_now", "measures", "categories")
PARAMETER = """(SELECT p.value::numeric FROM households_parameter p
    WHERE p.key = '{key}' AND h.division_path LIKE '%%/' || p.division_id || '/%%'
      AND p.effective_from <= {day} AND coalesce(p.effective_to, 'infinity') >= {day}
    ORDER BY length(p.division_id) DESC LIMIT 1)"""
FIRST_DAY = "to_date({month}, 'YYYYMM')"
IDENTIFIED = FIRST_DAY.format(month="ep.identified_month")
CLOSED = FIRST_DAY.format(month="nullif(ep.closed_month, '')")
PER_HEAD = "nullif({s}.members_count, 0)"
SQL = f"""
WITH chosen AS (
    SELECT h.*, o.id AS object_id, o.state, o.category, o.contact_name, o.contact_phone
    FROM households_household h JOIN monitoring_monitoringobject o ON o.household_id = h.id
    WHERE h.ended_on IS NULL AND {{where}}
      AND o.state IN ('monitored', 'eliminating', 'eliminated', 'rolling_back', 'relabelling')
), ep AS (
    SELECT DISTINCT ON (e.object_id) e.* FROM monitoring_episode e
    JOIN chosen ON chosen.object_id = e.object_id ORDER BY e.object_id, e.seq DESC
), risk AS (
    SELECT r.episode_id, string_agg(r.cause, ',' ORDER BY r.position, r.id) AS causes,
        count(*) - count(DISTINCT (r.cause, coalesce(r.member_id, 0))) AS repeated,
        count(*) FILTER (WHERE r.cause = 'other' AND r.note = '') AS unexplained,
        count(*) FILTER (WHERE r.cause = 'disaster' AND r.subtype = '') AS unspecified
    FROM monitoring_episoderisk r JOIN ep ON ep.id = r.episode_id
    WHERE r.state NOT IN ('proposed', 'rejected') GROUP BY 1
), people AS (
    SELECT m.household_id, count(*) FILTER (WHERE {{active}}) AS members,
        count(*) FILTER (WHERE {{active}} AND m.labour IN ('none', 'lost')) AS without_labour,
        count(*) FILTER (WHERE 'disabled' = ANY (m.health)) AS disabled_ever,
        count(*) FILTER (WHERE m.health && ARRAY['major', 'chronic']::varchar[]) AS ill_ever,
        count(*) FILTER (WHERE {{active}} AND m.school_status NOT IN ('', 'none')) AS students
    FROM households_member m JOIN chosen ON chosen.id = m.household_id GROUP BY 1
), mark AS (
    SELECT DISTINCT ON (f.object_id) f.object_id, f.action FROM monitoring_riskflag f
    JOIN chosen ON chosen.object_id = f.object_id ORDER BY f.object_id, f.set_at DESC, f.id DESC
), ident AS (
    SELECT DISTINCT ON (k.object_id) k.* FROM monitoring_case k
    JOIN chosen ON chosen.object_id = k.object_id
    WHERE k.kind IN ('identify', 'relabel') AND k.status = 'registered'
    ORDER BY k.object_id, k.ended_on DESC, k.id DESC
), elim AS (
    SELECT DISTINCT ON (k.object_id) k.* FROM monitoring_case k
    JOIN chosen ON chosen.object_id = k.object_id AND chosen.state = 'eliminated'
    WHERE k.kind = 'eliminate' AND k.status = 'eliminated'
    ORDER BY k.object_id, k.ended_on DESC, k.id DESC
), seen AS (
    SELECT DISTINCT ON (v.case_id) v.*, s.window_from, s.window_to, s.members_count, s.inc_wage,
        s.inc_business, s.inc_transfer, s.inc_net, s.claim_income, s.self_pay
    FROM monitoring_householdcheck v LEFT JOIN households_incomestatement s ON s.id = v.statement_id
    WHERE v.case_id IN (SELECT id FROM ident UNION ALL SELECT id FROM elim)
    ORDER BY v.case_id, v.id DESC
), met AS (
    SELECT d.case_id, max(d.held_on) AS held_on FROM monitoring_deliberation d
    JOIN ident ON ident.id = d.case_id GROUP BY 1
), posted AS (
    SELECT DISTINCT ON (n.case_id) n.case_id, n.posted_on, n.days FROM monitoring_publicnotice n
    JOIN ident ON ident.id = n.case_id WHERE n.kind = 'draft' ORDER BY n.case_id, n.id DESC
), taken AS (
    SELECT t.case_id, max(t.done_on) FILTER (WHERE t.transition = 'submit') AS submitted_on,
        max(t.done_on) FILTER (WHERE t.transition IN ('township_pass', 'government_pass')) AS township_on,
        max(t.done_on) FILTER (WHERE t.transition IN ('county_approve', 'county_file')) AS county_on
    FROM monitoring_casestep t JOIN ident ON ident.id = t.case_id GROUP BY 1
)
SELECT h.id, h.id, nullif(h.hh_type, ''), h.state, nullif(h.category, ''),
    nullif(array_to_string(h.siyou_flags, ','), ''), nullif(h.siyou_exception_note, ''),
    h.is_dangerous_house::text, h.has_safe_water::text, h.labour_count,
    coalesce(people.members, 0), coalesce(people.without_labour, 0),
    coalesce(people.disabled_ever, 0), coalesce(people.ill_ever, 0), coalesce(people.students, 0),
    ep.opened_by_action, ep.identified_month, nullif(ep.closed_month, ''), nullif(ep.method, ''),
    risk.causes, coalesce(risk.repeated, 0), coalesce(risk.unexplained, 0), coalesce(risk.unspecified, 0),
    nullif(h.contact_name, ''), nullif(h.contact_phone, ''), mark.action,
    (SELECT count(*) FROM monitoring_clue q WHERE q.household_id = h.id AND q.state = 'open'
        AND q.received_on > ep.closed_on),
    a.inc_net / {PER_HEAD.format(s="a")},
    (a.inc_net + coalesce(a.claim_income, 0) - coalesce(a.self_pay, 0)) / {PER_HEAD.format(s="a")},
    {PARAMETER.format(key="monitoring_line", day=IDENTIFIED)}, a.window_from, a.window_to,
    (to_date(ident.reference_month, 'YYYYMM') - interval '12 months')::date,
    to_date(ident.reference_month, 'YYYYMM') - 1, a.house_safe::text, a.water_safe::text,
    a.checked_on, met.held_on, posted.posted_on, posted.days, taken.submitted_on, taken.township_on,
    taken.county_on, ident.total_due_on,
    (EXISTS (SELECT FROM assistance_advancehelp w WHERE w.household_id = h.id))::text,
    (z.id IS NOT NULL)::text,
    (EXISTS (SELECT FROM monitoring_casedocument w WHERE w.case_id = elim.id
        AND w.kind = '帮扶成效评估表'))::text,
    z.inc_wage, z.inc_business, z.inc_transfer,
    (z.inc_net + coalesce(z.claim_income, 0) - coalesce(z.self_pay, 0)) / {PER_HEAD.format(s="z")},
    {PARAMETER.format(key="monitoring_line", day=CLOSED)},
    nullif(concat_ws('、', CASE WHEN NOT z.house_safe THEN '住房' END, CASE WHEN NOT z.water_safe THEN '饮水' END,
        CASE WHEN NOT z.schooling_ok THEN '义务教育' END, CASE WHEN NOT z.insured THEN '基本医疗' END), ''),
    CASE WHEN ep.closed_month <> '' THEN
        (left(ep.closed_month, 4)::int - left(ep.identified_month, 4)::int) * 12
        + right(ep.closed_month, 2)::int - right(ep.identified_month, 2)::int END,
    {PARAMETER.format(key="min_months_monitored", day=CLOSED)}
FROM chosen h
LEFT JOIN ep ON ep.object_id = h.object_id
LEFT JOIN risk ON risk.episode_id = ep.id
LEFT JOIN people ON people.household_id = h.id
LEFT JOIN mark ON mark.object_id = h.object_id
LEFT JOIN ident ON ident.object_id = h.object_id
LEFT JOIN seen a ON a.case_id = ident.id
LEFT JOIN met ON met.case_id = ident.id
LEFT JOIN posted ON posted.case_id = ident.id
LEFT JOIN taken ON taken.case_id = ident.id
LEFT JOIN elim ON elim.object_id = h.object_id
LEFT JOIN seen z ON z.case_id = elim.id
"""
ACTIVE = "m.status IN ('active', 'pending_out')"


def frames(
    campaign: Campaign,
    *,
    household_ids: Iterable[int] | None = None,
    paths: Sequence[str] = (),
) -> dict[str, pl.DataFrame]:
    """The marks of the chosen households; they know no campaign."""
    where, values = chosen(household_ids, paths)
    marks = _copied(SQL.format(where=where, active=ACTIVE), values)
    out = marks.filter(pl.col("mark_state") == "eliminated")["household_id"].to_list()
    seven = pl.DataFrame(
        _seven(out),
        schema={"household_id": pl.Int64, "hits_then": pl.String, "hits_now": pl.String},
        orient="row",
    )
    empty = [pl.lit(None, MARK[name][0]).alias(name) for name in ("measures", "categories")]
    joined = marks.join(seven, on="household_id", how="left").with_columns(empty)
    return {"mark": joined.select(list(MARK))}


def _copied(select: str, values: dict[str, Any]) -> pl.DataFrame:
    schema = {name: dtype for name, dtype in polars_schema().items() if name not in LAST}
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(select, values).decode()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT csv)", buffer)
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    return pl.read_csv(buffer, has_header=False, schema=schema, null_values="")


def _seven(household_ids: list[int]) -> list[tuple[int, str | None, str | None]]:
    """What the list of the seven says of each: by the income of its elimination, and by all that is known today."""
    if not household_ids:
        return []
    policy = Policy(clock.today())
    homes = list(Household.objects.filter(pk__in=household_ids))
    visits = _visits(household_ids)
    episodes = _closed(household_ids)
    month = clock.month_of(policy.on)
    now = standing.facts_of(
        [standing.Asked(h, is_natural=_natural(episodes, h), month=month) for h in homes], policy
    )
    then = standing.facts_of(
        [
            standing.Asked(
                h, check=visits[h.pk], is_natural=_natural(episodes, h), month=episodes[h.pk][0]
            )
            for h in homes
            if h.pk in visits and h.pk in episodes
        ],
        policy,
    )
    return [
        (h.pk, _words(then.get(h.pk), h, policy, (INCOME,)), _words(now[h.pk], h, policy))
        for h in homes
    ]


def _visits(household_ids: list[int]) -> dict[int, HouseholdCheck]:
    """The visit on which each household's risk was marked as gone."""
    cases = Case.objects.filter(
        household_id__in=household_ids, kind="eliminate", status="eliminated"
    )
    rows = HouseholdCheck.objects.filter(case__in=cases).select_related("statement", "case")
    return {row.case.household_id: row for row in rows.order_by("case__ended_on", "pk")}


def _closed(household_ids: list[int]) -> dict[int, tuple[str, str]]:
    """Month and method of the last elimination."""
    rows = Episode.objects.filter(object__household_id__in=household_ids).exclude(closed_month="")
    listed = rows.order_by("seq").values_list("object__household_id", "closed_month", "method")
    return {pk: (month, method) for pk, month, method in listed}


def _natural(episodes: dict[int, tuple[str, str]], household: Household) -> bool:
    return episodes.get(household.pk, ("", ""))[1] == "natural"


def _words(
    facts: Any, household: Household, policy: Policy, pages: tuple[str, ...] = ()
) -> str | None:
    """The findings, of these pages only when some are named: members and house of that day are not kept apart."""
    if facts is None:
        return None
    lights = evaluate(facts, standing.conditions(household.division_path, policy))
    found = [
        f"{light.code.upper()} {f.text}"
        for light in lights
        for f in light.findings
        if not pages or f.page in pages
    ]
    return "；".join(found) or None
