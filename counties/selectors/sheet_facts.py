"""What the rules of village sheets look at, as one frame for the villages asked about."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection

from counties.models import VillageSheet
from counties.models.sheets import SheetState
from counties.rules.lines import LAND_FIELDS, VILLAGE_LINES
from counties.rules.schema import VILLAGE
from counties.selectors import rollups
from fanpin.rules import frame_of
from households.models import Campaign
from households.rules.schema import polars_schema

COUNTED = (
    *LAND_FIELDS, "hh_dangerous", "pop_dibao", "hh_lifted", "hh_unstable", "hh_marginal",
    "hh_sudden",
)  # fmt: skip
DONE = ("reviewed", "closed")
_BELOW = """
SELECT d.code,
    coalesce(n.sheets, 0), coalesce(n.households, 0), coalesce(n.persons, 0),
    (SELECT count(*) FROM households_household h JOIN regions_division g
        ON g.code = h.natural_village_id
     WHERE h.village_id = d.code AND h.ended_on IS NULL
       AND (g.parent_id <> d.code OR g.valid_until IS NOT NULL)),
    (SELECT count(*) FROM households_household h
     WHERE h.village_id = d.code AND h.ended_on IS NULL AND NOT EXISTS (
        SELECT FROM households_collection c WHERE c.household_id = h.id
          AND c.campaign_id = %(campaign)s AND c.state = ANY(%(done)s)))
FROM regions_division d
LEFT JOIN LATERAL (
    SELECT count(*) AS sheets, sum(s.nv_hh_total) AS households, sum(s.nv_pop_total) AS persons
    FROM counties_hamletsheet s JOIN regions_division g ON g.code = s.division_id
    WHERE g.parent_id = d.code AND g.valid_until IS NULL AND s.campaign_id = %(campaign)s
      AND s.nv_active) n ON true
WHERE d.code = ANY(%(villages)s)
"""
_LEDGER = """
SELECT h.village_id, count(*) FILTER (WHERE l.kind LIKE 'dibao%%'),
       count(*) FILTER (WHERE l.kind LIKE 'tekun%%')
FROM counties_ledgerbatch b
JOIN counties_ledgerrow l ON l.batch_id = b.id AND l.status <> 'stopped'
JOIN households_member m ON m.id18 = l.id18 AND m.status IN ('active', 'pending_out')
JOIN households_household h ON h.id = m.household_id AND h.ended_on IS NULL
WHERE b.ledger = 'dibao_tekun' AND b.state = 'in_use' AND b.campaign_id = %(campaign)s
  AND b.county_code = %(county)s AND h.village_id = ANY(%(villages)s)
GROUP BY 1
"""


def villages(campaign: Campaign, county: str, codes: Sequence[str] | None = None) -> pl.DataFrame:
    """The filled sheets of a county, or of some of its villages; a sheet nobody touched has nothing to judge."""
    rows = VillageSheet.objects.filter(
        campaign=campaign, division__path__contains=f"/{county}/", division__valid_until=None
    ).exclude(state=SheetState.TODO, version=0)
    if codes is not None:
        rows = rows.filter(division__in=codes)
    names = [line.name for line in VILLAGE_LINES]
    found = {row.pop("division"): row for row in rows.values("division", *names)}
    if not found:
        return pl.DataFrame(schema=polars_schema(VILLAGE))
    places = list(found)
    counted = rollups.numbers({name: rollups.VILLAGE[name] for name in COUNTED}, places)
    below = _below(campaign, places)
    ledger = _ledger(campaign, county, places)
    last = dict(
        VillageSheet.objects.filter(campaign_id=campaign.year - 1, division__in=places).values_list(
            "division", "farmer_income_pc"
        )
    )
    return frame_of(
        [
            {"id": int(code), "prev_farmer_income_pc": _plain(last.get(code)), "household_id": None}
            | {name: _plain(value) for name, value in row.items()}
            | {f"r_{name}": float(value) for name, value in counted[code].items()}
            | below[code]
            | ledger.get(code, {})
            for code, row in found.items()
        ],
        polars_schema(VILLAGE),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return None if value == "" else value


def _below(campaign: Campaign, places: list[str]) -> dict[str, dict[str, float]]:
    """Natural village sheets added up, households at the wrong natural village, forms not passed."""
    names = ("nv_count", "nv_hh_sum", "nv_pop_sum", "n_misplaced", "n_uncollected")
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"campaign": campaign.pk, "villages": places, "done": list(DONE)})
        return {
            row[0]: dict(zip(names, map(float, row[1:]), strict=True)) for row in cursor.fetchall()
        }


def _ledger(campaign: Campaign, county: str, places: list[str]) -> dict[str, dict[str, float]]:
    """People of the civil affairs ledger in use, by the village where they are registered; none without a ledger."""
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, {"campaign": campaign.pk, "county": county, "villages": places})
        return {
            row[0]: {"ledger_dibao": float(row[1]), "ledger_tekun": float(row[2])}
            for row in cursor.fetchall()
        }
