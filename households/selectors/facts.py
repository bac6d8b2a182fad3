"""What the rules look at, as frames: one COPY for households, one for their members.

For one household after a save, a list of them, or everything below a division. The columns are
those of households.rules.schema: an empty answer is null, a multiple choice one comma-joined
text.
"""

import io
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from households.models import Campaign, Household, Member
from households.rules.schema import HOUSEHOLD, MEMBER, Fact, polars_schema

# Columns that are not simply a field of the table.
HOUSEHOLD_SQL = {
    "township_code": "split_part(h.division_path, '/', 5)",
    "village_code": "h.village_id",
    "natural_village_code": "h.natural_village_id",
    "collect_status": "nullif(col.state, '')",
    "has_statement": "(st.id IS NOT NULL)::text",
    "income_from": "st.window_from",
    "income_to": "st.window_to",
    "family_size_year": "st.members_count",
    "undocumented_changes": """(
        SELECT count(*) FROM households_memberchange ch
        WHERE ch.household_id = h.id AND ch.kind IN ('increase', 'decrease')
          AND ch.batch_id IS NULL AND ch.changed_on >= %(income_from)s
          AND NOT EXISTS (
            SELECT 1 FROM households_memberchangedocument d WHERE d.change_id = ch.id))""",
    "prev_hh_type": """(
        SELECT nullif(s.hh_type, '') FROM households_householdsnapshot s
        WHERE s.household_id = h.id AND s.campaign_id = %(last_year)s
        ORDER BY s.edition DESC LIMIT 1)""",
    "prev_inc_wage": "pst.inc_wage",
    "prev_inc_business": "pst.inc_business",
    "prev_inc_property": "pst.inc_property",
    "prev_inc_transfer": "pst.inc_transfer",
    "prev_inc_net_pc": "pst.inc_net_pc",
}
STATEMENT = ("inc_", "exp_", "claim_income", "self_pay", "ref_income")
MEMBER_SQL = {
    "household_id": "m.household_id",
    "joined_reason": """CASE WHEN m.joined_on >= %(income_from)s THEN (
        SELECT ch.reason FROM households_memberchange ch
        WHERE ch.member_id = m.id AND ch.kind = 'increase'
        ORDER BY ch.made_at DESC LIMIT 1) END""",
}
HOUSEHOLDS_FROM = """
FROM households_household h
LEFT JOIN households_collection col ON col.household_id = h.id AND col.campaign_id = %(year)s
LEFT JOIN households_incomestatement st
  ON st.household_id = h.id AND st.campaign_id = %(year)s AND st.purpose = 'annual'
LEFT JOIN households_incomestatement pst
  ON pst.household_id = h.id AND pst.campaign_id = %(last_year)s AND pst.purpose = 'annual'
WHERE h.ended_on IS NULL AND """
MEMBERS_FROM = """
FROM households_member m
JOIN households_household h ON h.id = m.household_id
WHERE m.status IN ('active', 'pending_out') AND h.ended_on IS NULL AND """


def frames(
    campaign: Campaign, *, household_ids: Iterable[int] | None = None, path: str = ""
) -> dict[str, pl.DataFrame]:
    """Facts of the given households, or of every household below `path`, for one campaign."""
    values: dict[str, Any] = {
        "year": campaign.year,
        "last_year": campaign.year - 1,
        "income_from": campaign.income_from,
    }
    if household_ids is None:
        where = "h.division_path LIKE %(path)s"
        values["path"] = path + "%"
    else:
        where = "h.id = ANY(%(ids)s)"
        values["ids"] = list(household_ids)
    return {
        "household": copied(_household_select() + HOUSEHOLDS_FROM + where, values, HOUSEHOLD),
        "member": copied(_member_select() + MEMBERS_FROM + where, values, MEMBER),
    }


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


def _household_select() -> str:
    return "SELECT " + ", ".join(
        HOUSEHOLD_SQL.get(name) or _column(name, Household, "h") for name in HOUSEHOLD
    )


def _member_select() -> str:
    return "SELECT " + ", ".join(
        MEMBER_SQL.get(name) or _column(name, Member, "m") for name in MEMBER
    )


def _column(name: str, model: type[models.Model], alias: str) -> str:
    """A field as the rules want it: empty text as null, several codes joined, booleans spelled."""
    if name.startswith(STATEMENT) and model is Household:
        return f"st.{name}"
    field = model._meta.get_field(name)
    if isinstance(field, ArrayField):
        return f"nullif(array_to_string({alias}.{name}, ','), '')"
    if isinstance(field, models.BooleanField):
        return f"{alias}.{name}::text"
    if isinstance(field, models.CharField | models.TextField):
        return f"nullif({alias}.{name}, '')"
    return f"{alias}.{name}"
