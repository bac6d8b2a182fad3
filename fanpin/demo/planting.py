"""A known number of mistakes in the register, so that the quality rules can be held against them."""

from collections import Counter
from dataclasses import dataclass
from random import Random

from households.models import Household, HouseholdBaseline, Member

# Rule → what is wrong with one household; each is planted on a household of its own.
HOUSEHOLD_MISTAKES: dict[str, dict[str, object]] = {
    "R-COM-01": {"phone": ""},
    "R-FMT-01": {"phone": "12345678901"},
    "R-COM-10": {"has_safe_water": None},
    "R-COM-13": {"house_area": None},
    "R-FMT-07": {"land_cultivated": 260},
    "R-FMT-10": {"road_distance_km": 9},
}
MEMBER_MISTAKES: dict[str, dict[str, object]] = {
    "R-COM-27": {"political_status": ""},
    "R-COM-36": {"speaks_mandarin": None},
    "R-COM-22": {"ethnicity": ""},
}


@dataclass(frozen=True)
class Planted:
    """The hits to expect by rule, and the households that are spoilt."""

    expected: Counter[str]
    households: frozenset[int]


def plant_mistakes(county: str, village: str, rng: Random) -> Planted:
    """Spoil households of one village that have no history."""
    rows = Household.objects.filter(
        county_code=county, village_id=village, monitoring_state="not_monitored", cases=None
    ).order_by("hh_code")
    clean = list(rows.values_list("pk", flat=True))
    rng.shuffle(clean)
    expected: Counter[str] = Counter()
    spoilt: set[int] = set()
    for code, values in HOUSEHOLD_MISTAKES.items():
        spoilt.add(household := clean.pop())
        Household.objects.filter(pk=household).update(**values)
        # An old mistake: last year's data have it too, so that it is one finding and not a leap besides.
        HouseholdBaseline.objects.filter(household_id=household).update(**values)
        expected[code] += 1
    for code, values in MEMBER_MISTAKES.items():
        spoilt.add(household := clean.pop())
        member = Member.objects.filter(household_id=household, status="active").first()
        assert member is not None
        Member.objects.filter(pk=member.pk).update(**values)
        expected[code] += 1
    return Planted(expected, frozenset(spoilt))
