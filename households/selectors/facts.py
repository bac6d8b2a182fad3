"""What the rules look at, as frames: one COPY for households, one for their members.

For one household after a save, a list of them, or everything below a division. The columns are
those of households.rules.schema: an empty answer is null, a multiple choice one comma-joined
text.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import polars as pl
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from households.choices import lists
from households.models import Campaign, Household, HouseholdBaseline, Member
from households.rules.schema import HOUSEHOLD, MEMBER, Fact, polars_schema
from households.selectors.places import LOCATED, MIDDLES

# Columns that are not simply a field of the table. What changes and snapshots say is joined in one pass
# over each: asked row by row it takes minutes as soon as the server misjudges how many there are.
HOUSEHOLD_SQL = {
    "township_code": "split_part(h.division_path, '/', 5)",
    "village_code": "h.village_id",
    "natural_village_code": "h.natural_village_id",
    "collect_status": "col.state",
    "village_km": """
        111.32 * sqrt((h.latitude - mid.latitude) ^ 2
                      + ((h.longitude - mid.longitude) * cos(radians(mid.latitude))) ^ 2)""",
    "has_statement": "(st.id IS NOT NULL)::text",
    "income_from": "st.window_from",
    "income_to": "st.window_to",
    "family_size_year": "st.members_count",
    "undocumented_changes": "coalesce(acts.undocumented, 0)",
    "baseline_size": "hb.family_size",
    "recorded_leavers": "CASE WHEN hb.id IS NOT NULL THEN coalesce(acts.leavers, 0) END",
    "prev_hh_type": "coalesce(nullif(hb.hh_type, ''), snap.hh_type)",
    "prev_lift_year": "hb.lift_year",
    "prev_first_identified_ym": "hb.first_identified_ym",
    "prev_land_cultivated": "hb.land_cultivated",
    "prev_inc_wage": "pst.inc_wage",
    "prev_inc_business": "pst.inc_business",
    "prev_inc_property": "pst.inc_property",
    "prev_inc_transfer": "pst.inc_transfer",
    "prev_inc_net_pc": "pst.inc_net_pc",
}
STATEMENT = ("inc_", "exp_", "claim_income", "self_pay", "ref_income")
MEMBER_SQL = {
    "household_id": "m.household_id",
    "joined_reason": "CASE WHEN m.joined_on >= %(income_from)s THEN acts.reason END",
    "unlisted": "NULL",
    "in_baseline": "(mb.household_id = m.household_id)::text",
    "came_unrecorded": """CASE WHEN %(carried)s AND mb.household_id IS DISTINCT FROM m.household_id
        THEN (m.household_id <> ALL (coalesce(acts.came_to, '{}')))::text END""",
    "prev_id18": "left(mb.id_no, 18)",
    "id_corrected": """CASE WHEN left(mb.id_no, 18) <> m.id18
        THEN coalesce(acts.corrected, false)::text END""",
    "prev_health": "array_to_string(mb.health, ',')",
} | {
    f"prev_{name}": f"mb.{name}"
    for name in ("education", "school_status", "labour", "work_start_ym", "work_end_ym")
}
# So many households are read before the server would compile anything.
FEW = 100
IN_THEIR_VILLAGES = """
village_id IN (SELECT village_id FROM households_household WHERE id = ANY(%(ids)s))"""
HOUSEHOLDS_FROM = (
    """
FROM households_household h
LEFT JOIN households_collection col ON col.household_id = h.id AND col.campaign_id = %(year)s
LEFT JOIN households_incomestatement st
  ON st.household_id = h.id AND st.campaign_id = %(year)s AND st.purpose = 'annual'
  AND NOT st.is_carried
LEFT JOIN households_householdbaseline hb ON hb.household_id = h.id AND hb.campaign_id = %(year)s
LEFT JOIN households_incomestatement pst
  ON pst.household_id = h.id AND pst.campaign_id = %(last_year)s AND pst.purpose = 'annual'
LEFT JOIN ("""
    + MIDDLES
    + """) mid ON mid.village_id = h.village_id
LEFT JOIN (
    SELECT ch.household_id,
           count(*) FILTER (WHERE ch.kind IN ('increase', 'decrease') AND ch.batch_id IS NULL
                            AND ch.changed_on >= %(income_from)s
                            AND NOT EXISTS (SELECT FROM households_memberchangedocument d
                                            WHERE d.change_id = ch.id)) AS undocumented,
           count(DISTINCT ch.member_id) FILTER (
               WHERE ch.kind <> 'increase'
               AND ch.made_at >= coalesce(%(opened)s, '-infinity'::timestamptz)) AS leavers
    FROM households_memberchange ch
    WHERE ch.kind IN ('increase', 'decrease', 'split', 'merge')
      AND ch.household_id IN (SELECT h.id FROM households_household h WHERE {where})
    GROUP BY ch.household_id
) acts ON acts.household_id = h.id
LEFT JOIN (
    SELECT DISTINCT ON (s.household_id) s.household_id, nullif(s.hh_type, '') AS hh_type
    FROM households_householdsnapshot s
    WHERE s.campaign_id = %(last_year)s
      AND s.household_id IN (SELECT h.id FROM households_household h WHERE {where})
    ORDER BY s.household_id, s.edition DESC
) snap ON snap.household_id = h.id
WHERE h.ended_on IS NULL AND {where}"""
)
MEMBERS_FROM = """
FROM households_member m
JOIN households_household h ON h.id = m.household_id
LEFT JOIN households_memberbaseline mb ON mb.member_id = m.id AND mb.campaign_id = %(year)s
LEFT JOIN (
    SELECT ch.member_id,
           (array_agg(ch.reason ORDER BY ch.made_at DESC) FILTER (WHERE ch.kind = 'increase'))[1] AS reason,
           array_agg(ch.household_id) FILTER (WHERE ch.kind IN ('increase', 'split', 'merge')) AS came_to,
           bool_or(ch.police_match = 'match' AND 'id_no' = ANY (ch.fields)) AS corrected
    FROM households_memberchange ch
    WHERE (ch.kind IN ('increase', 'split', 'merge') OR ch.police_match = 'match')
      AND ch.member_id IN (
        SELECT m.id FROM households_member m
        JOIN households_household h ON h.id = m.household_id WHERE {where})
    GROUP BY ch.member_id
) acts ON acts.member_id = m.id
WHERE m.status IN ('active', 'pending_out') AND h.ended_on IS NULL AND {where}"""


def chosen(household_ids: Iterable[int] | None, paths: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Which households `h`, as SQL with its values: the given ones, or all below any of the paths."""
    if household_ids is not None:
        return "h.id = ANY(%(ids)s)", {"ids": list(household_ids)}
    below = " OR ".join(f"h.division_path LIKE %(path{n})s" for n in range(len(paths)))
    return f"({below})", {f"path{n}": f"{path}%" for n, path in enumerate(paths)}


def frames(
    campaign: Campaign,
    *,
    household_ids: Iterable[int] | None = None,
    paths: Sequence[str] = (),
) -> dict[str, pl.DataFrame]:
    """Facts of the given households, or of every household below one of the paths, for one campaign."""
    where, which = chosen(household_ids, paths)
    values: dict[str, Any] = {
        "year": campaign.year,
        "last_year": campaign.year - 1,
        "income_from": campaign.income_from,
        "located": LOCATED,
        "opened": campaign.opened_at,
        "carried": HouseholdBaseline.objects.filter(campaign=campaign).exists(),
        **which,
    }
    near = where.replace("h.", "") if household_ids is None else IN_THEIR_VILLAGES
    if household_ids is None or len(which["ids"]) > FEW:
        _compile_nothing()
    homes = HOUSEHOLDS_FROM.format(near=near, where=where)
    people = copied(_member_select() + MEMBERS_FROM.format(where=where), values, MEMBER)
    return {
        "household": copied(_household_select() + homes, values, HOUSEHOLD),
        "member": with_unlisted(people, Member),
    }


def _compile_nothing() -> None:
    """For this transaction: compiling the wide SELECTs costs more than it saves."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")


def with_unlisted(frame: pl.DataFrame, model: type[models.Model]) -> pl.DataFrame:
    """Names of the coded fields whose value is in no code list, as one text; null when all are."""
    return frame.with_columns(unlisted=_unlisted(model, tuple(frame.columns)))


@cache
def _unlisted(model: type[models.Model], columns: tuple[str, ...]) -> pl.Expr:
    wrong = [
        pl.when(~_listed(field)).then(pl.lit(str(field.verbose_name)))
        for field in model._meta.concrete_fields
        if getattr(field, "code_list", "") and field.name in columns
    ]
    named = pl.concat_str(wrong, separator="、", ignore_nulls=True)
    return pl.when(named != "").then(named)


def _listed(field: Any) -> pl.Expr:
    known = list(lists()[field.code_list])
    if isinstance(field, ArrayField):
        several = rf"^(?:{'|'.join(known)})(?:,(?:{'|'.join(known)}))*$"
        return pl.col(field.name).str.contains(several)
    return pl.col(field.name).is_in(known)


def copied(select: str, values: Mapping[str, Any], facts: Mapping[str, Fact]) -> pl.DataFrame:
    """The rows of a SELECT as a frame with the facts' columns, by one COPY."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(select, values).decode()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT csv)", buffer)
    schema = polars_schema(facts)
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    buffer.seek(0)
    return pl.read_csv(buffer, has_header=False, schema=schema, null_values="").rechunk()


@cache
def _household_select() -> str:
    return "SELECT " + ", ".join(
        HOUSEHOLD_SQL.get(name) or _column(name, Household, "h") for name in HOUSEHOLD
    )


@cache
def _member_select() -> str:
    return "SELECT " + ", ".join(
        MEMBER_SQL.get(name) or _column(name, Member, "m") for name in MEMBER
    )


def _column(name: str, model: type[models.Model], alias: str) -> str:
    """A field as the rules want it: several codes joined, booleans spelled. Empty text is read as null."""
    if name.startswith(STATEMENT) and model is Household:
        return f"st.{name}"
    field = model._meta.get_field(name)
    if isinstance(field, ArrayField):
        return f"array_to_string({alias}.{name}, ',')"
    if isinstance(field, models.BooleanField):
        return f"{alias}.{name}::text"
    return f"{alias}.{name}"
