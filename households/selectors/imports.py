"""What an import has to know of the register, as frames: villages, households, people. No row loop."""

from collections.abc import Mapping

import polars as pl

from fanpin.regions.scope import Scope
from fanpin.sheets.loading import array_of, query_frame, quoted
from households.models import Campaign, Household, IncomeStatement, Member

ACTIVE = "('active', 'pending_out')"
HOUSEHOLD_TABLE = Household._meta.db_table
MEMBER_TABLE = Member._meta.db_table
STATEMENT_TABLE = IncomeStatement._meta.db_table


def villages(scope: Scope) -> pl.DataFrame:
    """code, name, path, township, county of every current village in the scope."""
    return query_frame(
        """
        SELECT v.code, v.name, v.path, t.name AS township, c.name AS county
        FROM regions_division v
        JOIN regions_division t ON t.code = v.parent_id
        JOIN regions_division c ON c.code = t.parent_id
        WHERE v.level = 'village' AND v.valid_until IS NULL AND v.path LIKE ANY(%s)
        """,
        [[f"{path}%" for path in scope.paths] or [""]],
    )


def standing_households(village_codes: pl.Series) -> pl.DataFrame:
    """id, hh_code, head_name and village of every household that stands in these villages."""
    return query_frame(
        f"""
        SELECT h.id, h.hh_code, h.head_name, v.name AS village
        FROM {HOUSEHOLD_TABLE} h JOIN regions_division v ON v.code = h.village_id
        WHERE h.ended_on IS NULL AND h.village_id = ANY(%s::text[]) ORDER BY h.hh_code
        """,
        [array_of(village_codes)],
        {"id": pl.Int64()},
    )


def hamlets(village_codes: pl.Series) -> pl.DataFrame:
    """code, name, village_code of the natural villages below these villages."""
    return query_frame(
        "SELECT code, name, parent_id AS village_code FROM regions_division"
        " WHERE level = 'hamlet' AND valid_until IS NULL AND parent_id = ANY(%s::text[])",
        [array_of(village_codes)],
    )


def household_keys(*named: pl.DataFrame) -> pl.DataFrame:
    """id, hh_code, national_hh_no, head18 of every household that one of these frames names by one
    of the three keys."""
    return query_frame(
        f"""
        SELECT h.id, h.hh_code, h.national_hh_no, m.id18 AS head18
        FROM {HOUSEHOLD_TABLE} h
        LEFT JOIN {MEMBER_TABLE} m
            ON m.household_id = h.id AND m.relation = '02' AND m.status IN {ACTIVE}
        WHERE h.id IN (
            SELECT id FROM {HOUSEHOLD_TABLE} WHERE hh_code = ANY(%s::text[])
            UNION SELECT id FROM {HOUSEHOLD_TABLE}
                WHERE national_hh_no = ANY(%s::text[]) AND national_hh_no <> ''
            UNION SELECT household_id FROM {MEMBER_TABLE}
                WHERE id18 = ANY(%s::text[]) AND relation = '02' AND status IN {ACTIVE})
        """,
        [
            array_of(*(frame.get_column(key) for frame in named))
            for key in ("hh_code", "national_hh_no", "head18")
        ],
        {"id": pl.Int64()},
    )


def households(ids: pl.Series, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The named columns of these households, with id, place, version and end."""
    names = ", ".join(f"h.{quoted(name)}" for name in types)
    return query_frame(
        f"""
        SELECT h.id, h.village_id, h.natural_village_id, h.division_path, h.version, h.ended_on,
               h.hh_code, h.national_hh_no{", " if names else ""}{names}
        FROM {HOUSEHOLD_TABLE} h WHERE h.id = ANY(%s::bigint[])
        """,
        [array_of(ids)],
        {"id": pl.Int64(), "version": pl.Int64(), **types},
    )


def members(
    *, household_ids: pl.Series, id18s: pl.Series, types: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """Everybody registered in these households or under these numbers, wherever in the province."""
    names = ", ".join(f"m.{quoted(name)}" for name in types)
    return query_frame(
        f"""
        SELECT m.id, m.household_id, m.version, m.status, m.left_reason, {names}
        FROM {MEMBER_TABLE} m
        WHERE m.id IN (SELECT id FROM {MEMBER_TABLE} WHERE household_id = ANY(%s::bigint[])
                       UNION SELECT id FROM {MEMBER_TABLE} WHERE id18 = ANY(%s::text[]))
        """,
        [array_of(household_ids), array_of(id18s)],
        {"id": pl.Int64(), "household_id": pl.Int64(), "version": pl.Int64(), **types},
    )


def statements(
    campaign: Campaign, household_ids: pl.Series, types: Mapping[str, pl.DataType]
) -> pl.DataFrame:
    """statement id, household id, state and the named lines of this campaign's annual statements."""
    names = ", ".join(f"i.{quoted(name)}" for name in types)
    return query_frame(
        f"""
        SELECT i.id AS statement_id, i.household_id AS id, i.state AS statement_state, {names}
        FROM {STATEMENT_TABLE} i
        WHERE i.purpose = 'annual' AND i.campaign_id = %s AND i.household_id = ANY(%s::bigint[])
        """,
        [campaign.pk, array_of(household_ids)],
        {"statement_id": pl.Int64(), "id": pl.Int64(), **types},
    )
