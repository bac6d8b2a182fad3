"""What a generated household earns in a window, component by component, in whole yuan."""

from random import Random
from typing import Any

DIBAO_MONTHLY = 340
TEKUN_YEARLY = 5778
LINE = 6000
# A wage of the year below this is taken for a month's (R-FMT-14).
SMALLEST_WAGE = 300


def statement(
    rng: Random, household: dict[str, Any], members: list[dict[str, Any]]
) -> dict[str, Any]:
    """The annual lines of a household that does reasonably well: above the line, sums right."""
    lines: dict[str, Any] = {"members_count": len(members)}
    months = sum(m["work_months"] for m in members)
    lines["inc_wage_migrant"] = months * rng.randint(2600, 4300)
    lines["inc_wage"] = lines["inc_wage_migrant"]
    lines["inc_crop"] = household["land_cultivated"] * rng.randint(380, 620)
    lines["inc_livestock"] = rng.choice((0, 2600, 5400, 9800))
    lines["inc_forestry"] = household["land_orchard"] * 1800
    lines["inc_business_other"] = 0
    lines["inc_dividend"] = rng.choice((0, 300, 600)) if household["hh_type"] == "lifted" else 0
    lines["inc_land_transfer"] = rng.choice((0, 0, 400))
    lines["inc_property_other"] = 0
    _transfers(lines, household, members)
    lines["self_pay"] = sum(
        rng.randint(2000, 9000) for m in members if "major" in m["health"]
    ) + sum(rng.randint(300, 1200) for m in members if "chronic" in m["health"])
    lines["claim_income"] = 0
    totals(lines)
    lift(lines, rng.randint(8200, 13500))
    return lines


def _transfers(
    lines: dict[str, Any], household: dict[str, Any], members: list[dict[str, Any]]
) -> None:
    old = sum(1 for m in members if m["birth_date"].year <= 1961)
    dibao = sum(1 for m in members if m["dibao_status"] != "none")
    forest = household["land_forest"] + household["land_pasture"]
    lines |= {
        "inc_family_planning": 0,
        "inc_dibao": dibao * DIBAO_MONTHLY * 12,
        "inc_tekun": sum(TEKUN_YEARLY for m in members if m["tekun_status"] != "none"),
        "inc_pension": old * 1356,
        "inc_eco_comp": forest * 45,
        "inc_disability_subsidy": sum(
            1200 for m in members if m.get("disability_level") in ("1", "2")
        ),
        "inc_elder_allowance": 0,
        "inc_alimony": 0,
        "inc_edu_aid": 0,
        "inc_relief": 0,
        "inc_agri_subsidy": household["land_cultivated"] * 98,
        "inc_transfer_other": 0,
    }


TRANSFERS = (
    "inc_family_planning",
    "inc_dibao",
    "inc_tekun",
    "inc_pension",
    "inc_eco_comp",
    "inc_disability_subsidy",
    "inc_elder_allowance",
    "inc_alimony",
    "inc_edu_aid",
    "inc_relief",
    "inc_agri_subsidy",
    "inc_transfer_other",
)
BUSINESS = ("inc_crop", "inc_livestock", "inc_forestry", "inc_business_other")
PROPERTY = ("inc_dividend", "inc_land_transfer", "inc_property_other")


def lift(lines: dict[str, Any], per_capita: int) -> None:
    """Raise operating income until the household reaches a per-capita figure; never lower it."""
    missing = per_capita * lines["members_count"] - lines["inc_net"]
    if missing > 0:
        lines["inc_livestock"] += round(missing / 0.7)
        totals(lines)


def lower(lines: dict[str, Any], per_capita: int) -> None:
    """Bring a household to a per-capita figure at or below its own, mostly through less wage and stock."""
    target = per_capita * lines["members_count"]
    lines["inc_livestock"] = 0
    lines["inc_wage"] = lines["inc_wage_migrant"] = 0
    totals(lines)
    if lines["inc_net"] > target:
        lines["inc_crop"] = max(0, lines["inc_crop"] - round((lines["inc_net"] - target) / 0.7))
        totals(lines)
    missing = target - lines["inc_net"]
    lines["inc_wage"] = lines["inc_wage_migrant"] = missing if missing >= SMALLEST_WAGE else 0
    totals(lines)


def totals(lines: dict[str, Any]) -> None:
    """Sums of the parts, net and reference income, in the row itself."""
    lines["inc_business"] = sum(lines[k] for k in BUSINESS)
    lines["inc_property"] = sum(lines[k] for k in PROPERTY)
    lines["inc_transfer"] = sum(lines[k] for k in TRANSFERS)
    lines["exp_business"] = round(lines["inc_business"] * 0.3)
    gross = (
        lines["inc_wage"] + lines["inc_business"] + lines["inc_property"] + lines["inc_transfer"]
    )
    lines["inc_gross"] = gross
    lines["inc_net"] = gross - lines["exp_business"]
    lines["inc_net_pc"] = round(lines["inc_net"] / lines["members_count"], 2)
    lines["ref_income"] = lines["inc_net"] + lines["claim_income"] - lines["self_pay"]
    lines["ref_income_pc"] = round(lines["ref_income"] / lines["members_count"], 2)
