"""What the register says of everybody the national system may hold, as frames: one COPY for each kind of export.

Every frame has `id`, `household_id`, `member_id`, `path`, `label`, `number`, `found_by`, `id18` and `expected`: whether
the national system ought to have it, because the household is lifted, was ever admitted, or has a number there.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from assistance.choices import DELIVERED
from counties.models import VillageSheet
from counties.models.sheets import SheetState
from fanpin.regions.models import Division
from fanpin.sheets.loading import query_frame, quoted
from households.choices import EVER_ADMITTED
from households.models import Campaign, Household, IncomeStatement, Member
from households.selectors.imports import ACTIVE, HOUSEHOLD_TABLE, MEMBER_TABLE, STATEMENT_TABLE

Types = Mapping[str, pl.DataType]
ADMITTED = "(" + ", ".join(f"'{state}'" for state in EVER_ADMITTED) + ")"
EXPECTED = f"(h.hh_type = 'lifted' OR h.monitoring_state IN {ADMITTED} OR h.national_hh_no <> '')"
_DELIVERED = "(" + ", ".join(f"'{state}'" for state in DELIVERED) + ")"
INT, BOOL = pl.Int64(), pl.Boolean()
_KEYS: dict[str, pl.DataType] = {
    "id": INT,
    "household_id": INT,
    "member_id": INT,
    "expected": BOOL,
}
# Each part is made once for the place, not once for a household. Income is that of the statement made when the
# object was marked.
_OBJECT = """
    LEFT JOIN monitoring_monitoringobject o ON o.household_id = h.id
    LEFT JOIN (
        SELECT DISTINCT ON (x.object_id) x.* FROM monitoring_episode x
        JOIN monitoring_monitoringobject y ON y.id = x.object_id
        WHERE y.household_id IN (SELECT id FROM place) ORDER BY x.object_id, x.seq DESC
    ) e ON e.object_id = o.id
    LEFT JOIN (
        SELECT x.episode_id, array_agg(x.cause ORDER BY x.position, x.id) AS causes,
               max(x.subtype) FILTER (WHERE x.subtype <> '') AS subtype,
               string_agg(x.note, '；' ORDER BY x.position) FILTER (WHERE x.note <> '') AS note
        FROM monitoring_episoderisk x WHERE x.state <> 'proposed' GROUP BY 1
    ) r ON r.episode_id = e.id
    LEFT JOIN (
        SELECT DISTINCT ON (c.household_id) c.household_id, k.* FROM monitoring_householdcheck k
        JOIN monitoring_case c ON c.id = k.case_id WHERE c.household_id IN (SELECT id FROM place)
        ORDER BY c.household_id, k.checked_on DESC, k.id DESC
    ) k ON k.household_id = h.id
    LEFT JOIN (
        SELECT DISTINCT ON (x.household_id) x.household_id, x.dev_measure_status
        FROM assistance_plan x WHERE x.household_id IN (SELECT id FROM place)
        ORDER BY x.household_id, x.version DESC
    ) p ON p.household_id = h.id
    LEFT JOIN (
        SELECT DISTINCT ON (x.household_id, x.reference_month) x.*
        FROM households_incomestatement x WHERE x.purpose = 'identify'
          AND x.household_id IN (SELECT id FROM place)
        ORDER BY x.household_id, x.reference_month, x.id DESC
    ) i ON i.household_id = h.id AND i.reference_month = e.identified_month
    LEFT JOIN (
        SELECT x.household_id, {helps}
        FROM assistance_measure x
        WHERE x.status IN {delivered} AND x.household_id IN (SELECT id FROM place) GROUP BY 1
    ) d ON d.household_id = h.id
"""
_OBJECT_SAYS = {
    "monitor_type": "o.category",
    "identified_month": "e.identified_month",
    **{f"risk{n}": f"r.causes[{n}]" for n in range(1, 6)},
    "disaster_sub": "r.subtype",
    "risk_note": "r.note",
    "dev_measure_status": "p.dev_measure_status",
    "edu_dropout": "NOT k.schooling_ok",
    "house_problem": "NOT k.house_safe",
    "water_problem": "NOT k.water_safe",
    "insurance_missing": "NOT k.insured",
    "eliminated": "o.state IN ('eliminated', 'rolling_back', 'relabelling')",
    "elim_method": "e.method",
    "closed_month": "e.closed_month",
    "contact_name": "o.contact_name",
    "contact_phone": "o.contact_phone",
}
_MEMBER_SAYS = {
    "national_hh_no": "h.national_hh_no",
    "head_name": "h.head_name",
    "head_id_no": "h.head_id_no",
    "household_phone": "h.phone",
    "household_standard": "h.poverty_standard",
}


def households(division: Division, types: Types, campaign: Campaign) -> pl.DataFrame:
    """Every standing household of a place, with this year's annual income."""
    joins = f"""LEFT JOIN {STATEMENT_TABLE} i ON i.household_id = h.id AND i.purpose = 'annual'
        AND i.campaign_id = {int(campaign.pk)}"""
    return _household_rows(division, types, joins, {}, EXPECTED)


def objects(division: Division, types: Types) -> pl.DataFrame:
    """The same of monitored objects, with the last episode and what was done for the household."""
    helps = [key for key in types if key.startswith("help_")]
    says = _OBJECT_SAYS | {key: f"d.{quoted(key)}" for key in helps}
    parts = [
        f"array_agg(DISTINCT x.item) FILTER (WHERE x.category = '{key.removeprefix('help_')}')"
        f" AS {quoted(key)}"
        for key in helps
    ]
    joins = _OBJECT.format(helps=", ".join(parts), delivered=_DELIVERED)
    admitted = f"h.monitoring_state IN {ADMITTED}"
    return _household_rows(division, types, joins, says, admitted)


def _household_rows(
    division: Division, types: Types, joins: str, says: Mapping[str, str], expected: str
) -> pl.DataFrame:
    own = _columns(Household)
    earned = _columns(IncomeStatement) - own
    special = {"head_person_no": "m.national_person_no", **says}
    parts = _selected(types, {"h": own, "i": earned}, special)
    return query_frame(
        f"""
        WITH place AS (SELECT id FROM {HOUSEHOLD_TABLE} WHERE division_path LIKE %s)
        SELECT h.id, h.id AS household_id, NULL AS member_id, h.division_path AS path,
               h.village_id, h.head_name AS label, h.national_hh_no AS number,
               h.head_id_no AS found_by, left(h.head_id_no, 18) AS id18, {expected} AS expected
               {parts}
        FROM {HOUSEHOLD_TABLE} h
        LEFT JOIN {MEMBER_TABLE} m ON m.household_id = h.id AND m.relation = '02'
              AND m.status IN {ACTIVE}
        {joins}
        WHERE h.ended_on IS NULL AND h.division_path LIKE %s
        """,
        [f"{division.path}%", f"{division.path}%"],
        {**_KEYS, **types},
    )


def members(division: Division, types: Types, *, at_work: bool = False) -> pl.DataFrame:
    """Everybody on the register of a place; `at_work`: expected are only those who work away."""
    parts = _selected(types, {"m": _columns(Member), "h": _columns(Household)}, _MEMBER_SAYS)
    expected = f"{EXPECTED} AND m.work_months > 0" if at_work else EXPECTED
    return query_frame(
        f"""
        SELECT m.id, m.household_id, m.id AS member_id, h.division_path AS path, h.village_id,
               m.name AS label, h.national_hh_no AS number, m.id_no AS found_by, m.id18,
               coalesce({expected}, false) AS expected {parts}
        FROM {MEMBER_TABLE} m JOIN {HOUSEHOLD_TABLE} h ON h.id = m.household_id
        WHERE m.status IN {ACTIVE} AND h.ended_on IS NULL AND h.division_path LIKE %s
        """,
        [f"{division.path}%"],
        {**_KEYS, **types},
    )


def villages(division: Division, types: Types, campaign: Campaign) -> pl.DataFrame:
    """Every village of a place with its sheet; one is expected there once its sheet is filled in."""
    parts = _selected(types, {"s": _columns(VillageSheet)}, {})
    return query_frame(
        f"""
        SELECT d.code::bigint AS id, NULL AS household_id, NULL AS member_id, d.path,
               d.code AS village_id, d.name AS label, '' AS number, '' AS found_by, '' AS id18,
               (s.id IS NOT NULL AND s.state <> '{SheetState.TODO.value}') AS expected {parts}
        FROM regions_division d
        LEFT JOIN {VillageSheet._meta.db_table} s ON s.division_id = d.code
              AND s.campaign_id = {int(campaign.pk)}
        WHERE d.level = 'village' AND d.valid_until IS NULL AND d.path LIKE %s
        """,
        [f"{division.path}%"],
        {**_KEYS, **types},
    )


def names(division: Division) -> pl.DataFrame:
    """village_id → the names of its province, city, county, township and of itself."""
    return query_frame(
        """
        SELECT v.code AS village_id, p.name AS province, k.name AS city, c.name AS county,
               t.name AS township, v.name AS village
        FROM regions_division v
        JOIN regions_division t ON t.code = v.parent_id
        JOIN regions_division c ON c.code = t.parent_id
        JOIN regions_division k ON k.code = c.parent_id
        JOIN regions_division p ON p.code = k.parent_id
        WHERE v.level = 'village' AND v.path LIKE %s
        """,
        [f"{division.path}%"],
    )


def _columns(model: Any) -> set[str]:
    return {field.column for field in model._meta.concrete_fields}


def _selected(
    keys: Iterable[str], tables: Mapping[str, set[str]], special: Mapping[str, str]
) -> str:
    """What is selected for each key: a column of one of the tables, or its own expression."""
    parts = []
    for key in keys:
        table = next((name for name, columns in tables.items() if key in columns), "")
        if text := special.get(key) or (table and f"{table}.{quoted(key)}"):
            parts.append(f", {text} AS {quoted(key)}")
    return "".join(parts)
