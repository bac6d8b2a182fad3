"""What the register itself says about a village or county, beside what was typed on its sheet.

Every roll-up is declared once: the number and the list of households behind it come from the same condition.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from django.db import connection

Table = Literal["household", "member"]
Numbers = dict[str, dict[str, Decimal]]


@dataclass(frozen=True)
class Rollup:
    """One number: the rows of a table that count, and what each adds.

    `exact`: the sheet has to say the same. Otherwise the register holds a part of the village, and the sheet may say
    more but not less.
    """

    where: str = "true"
    table: Table = "household"
    adds: str = "1"
    exact: bool = False


_UNDER = "h.monitoring_state IN ('monitored', 'eliminating')"


def _category(name: str) -> Rollup:
    return Rollup(f"{_UNDER} AND h.monitor_type = '{name}'", exact=True)


VILLAGE: dict[str, Rollup] = {
    "hh_total": Rollup(),
    "pop_total": Rollup(table="member"),
    "pop_minority": Rollup("m.ethnicity NOT IN ('', '01')", "member"),
    "pop_female": Rollup("m.sex = '2'", "member"),
    "pop_disabled": Rollup("'disabled' = ANY(m.health)", "member"),
    "pop_labour": Rollup(adds="h.labour_count"),
    "pop_migrant": Rollup(adds="h.migrant_count"),
    "hh_dibao": Rollup(
        """EXISTS (SELECT FROM households_member x WHERE x.household_id = h.id
           AND x.status IN ('active', 'pending_out') AND x.dibao_status NOT IN ('', 'none'))"""
    ),
    "pop_dibao": Rollup("m.dibao_status NOT IN ('', 'none')", "member"),
    "hh_tekun": Rollup(
        """EXISTS (SELECT FROM households_member x WHERE x.household_id = h.id
           AND x.status IN ('active', 'pending_out') AND x.tekun_status NOT IN ('', 'none'))"""
    ),
    "pop_tekun": Rollup("m.tekun_status NOT IN ('', 'none')", "member"),
    "hh_lifted": Rollup("h.hh_type = 'lifted'", exact=True),
    "pop_lifted": Rollup("h.hh_type = 'lifted'", "member", exact=True),
    "hh_unstable": _category("unstable"),
    "hh_marginal": _category("marginal"),
    "hh_sudden": _category("sudden"),
    "party_members": Rollup("m.political_status = '01'", "member"),
    "land_cultivated": Rollup(adds="coalesce(h.land_cultivated, 0)"),
    "land_irrigated": Rollup(adds="coalesce(h.land_irrigated, 0)"),
    "land_forest": Rollup(adds="coalesce(h.land_forest, 0)"),
    "land_returned_forest": Rollup(adds="coalesce(h.land_returned_forest, 0)"),
    "land_orchard": Rollup(adds="coalesce(h.land_orchard, 0)"),
    "land_pasture": Rollup(adds="coalesce(h.land_pasture, 0)"),
    "land_water": Rollup(adds="coalesce(h.land_water, 0)"),
    "ins_med_count": Rollup("m.ins_med_resident", "member"),
    "ins_pension_count": Rollup("m.ins_pension_resident", "member"),
    "ins_pension_emp_count": Rollup("m.ins_pension_employee", "member"),
    "hh_unsafe_water": Rollup("h.has_safe_water = false"),
    "hh_water_difficult": Rollup("h.water_difficult"),
    "hh_dangerous": Rollup("h.is_dangerous_house"),
    "coop_hh": Rollup("h.in_cooperative"),
    "tv_hh": Rollup("h.has_tv"),
    "broadband_hh": Rollup("h.has_internet"),
}
HAMLET: dict[str, Rollup] = {
    "nv_hh_total": Rollup(),
    "nv_pop_total": Rollup(table="member"),
}
ROLLUPS = VILLAGE | HAMLET
_FROM: dict[Table, str] = {
    "household": "households_household h",
    "member": """households_member m JOIN households_household h ON h.id = m.household_id
        AND m.status IN ('active', 'pending_out')""",
}


def whole(value: Decimal) -> Decimal | int:
    """Without decimals where there are none."""
    return int(value) if value == value.to_integral() else value


def numbers(
    rollups: dict[str, Rollup], places: Sequence[str], *, by: str = "village_id"
) -> Numbers:
    """Place → name → number, in two queries; `by` is the household's column that names the place."""
    found: Numbers = {place: dict.fromkeys(rollups, Decimal(0)) for place in places}
    for table in ("household", "member"):
        chosen = {name: rollup for name, rollup in rollups.items() if rollup.table == table}
        for place, *values in _ask(table, chosen, places, by) if chosen else ():
            found[place] |= {
                name: Decimal(value or 0) for name, value in zip(chosen, values, strict=True)
            }
    return found


def _ask(
    table: Table, rollups: dict[str, Rollup], places: Sequence[str], by: str
) -> Iterable[tuple[Any, ...]]:
    sums = ", ".join(f"sum({r.adds}) FILTER (WHERE {r.where})" for r in rollups.values())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT h.{by}, {sums} FROM {_FROM[table]}
                WHERE h.ended_on IS NULL AND h.{by} = ANY(%s) GROUP BY 1""",
            [list(places)],
        )
        return cursor.fetchall()


def households_behind(name: str, place: str) -> list[int]:
    """The households that make a number of a village or natural village."""
    by = "village_id" if name in VILLAGE else "natural_village_id"
    return behind(ROLLUPS[name], place, by=by)


def behind(rollup: Rollup, place: str, *, by: str) -> list[int]:
    """The households that make a number of a place."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT h.id FROM {_FROM[rollup.table]}
                WHERE h.ended_on IS NULL AND h.{by} = %s AND ({rollup.where})
                  AND ({rollup.adds}) > 0""",
            [place],
        )
        return [row[0] for row in cursor.fetchall()]
