"""What the generated households were a year before: last year's incomes, grades and months of work.

Set-based, from this year's rows and a hash of the household's number, so that the same seed gives the same past.
"""

from typing import Any

from django.db import connection

from fanpin import clock
from fanpin.demo.earning import BUSINESS, PROPERTY, TRANSFERS, totals
from households.models import Campaign, HouseholdBaseline, MemberBaseline
from households.services import campaigns

# Last year's grade of who is in this one; the others stay where they are.
GRADE_BEFORE = {
    "g7": "primary", "g8": "g7", "g9": "g8",
    "sh1": "g9", "sh2": "sh1", "sh3": "sh2",
    "voc1": "g9", "voc2": "voc1", "voc3": "voc2",
    "hvc1": "sh3", "hvc2": "hvc1", "hvc3": "hvc2",
    "ug1": "sh3", "ug2": "ug1", "ug3": "ug2", "ug4": "ug3", "ug5": "ug4",
}  # fmt: skip


def before(campaign: Campaign) -> Campaign:
    """The round of the year before: over, with its window, so that its statements have a year."""
    shifted = {
        field.name: getattr(campaign, field.name).replace(
            year=getattr(campaign, field.name).year - 1
        )
        for field in campaign._meta.concrete_fields
        if field.name.endswith(("_on", "_from", "_to"))
    }
    year = campaign.year - 1
    opened_at = clock.now().replace(year=year)
    found, _made = Campaign.objects.get_or_create(
        year=year, defaults={"name": f"{year}年度信息采集", "opened_at": opened_at, **shifted}
    )
    return found


def earned(lines: dict[str, Any], draw: float) -> dict[str, Any]:
    """Last year's lines: every source a little less, 86 to 97 % of this year's."""
    factor = 0.86 + 0.11 * draw
    scaled = dict(lines)
    for name in ("inc_wage", "inc_wage_migrant", *BUSINESS, *PROPERTY, *TRANSFERS):
        scaled[name] = round(lines[name] * factor)
    scaled["inc_wage_migrant"] = min(scaled["inc_wage"], scaled["inc_wage_migrant"])
    totals(scaled)
    return scaled


def carry(campaign: Campaign, county: str) -> None:
    """Open the round in a county, then let its baseline be a year younger."""
    campaigns.open_county(campaign, county)
    cases = " ".join(f"WHEN '{now}' THEN '{then}'" for now, then in GRADE_BEFORE.items())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE "{MemberBaseline._meta.db_table}" b
                SET school_status = CASE b.school_status {cases} ELSE b.school_status END,
                    work_months = CASE WHEN b.work_months > 3 AND hashtext(h.hh_code) %% 3 = 0
                        THEN b.work_months - 2 ELSE b.work_months END
                FROM households_household h
                WHERE h.id = b.household_id AND h.county_code = %s AND b.campaign_id = %s""",
            [county, campaign.pk],
        )
        cursor.execute(
            f"""UPDATE "{HouseholdBaseline._meta.db_table}" b
                SET has_internet = CASE WHEN hashtext(h.hh_code) %% 5 = 0 THEN false ELSE b.has_internet END,
                    road_distance_km = CASE WHEN hashtext(h.hh_code) %% 7 = 0
                        THEN b.road_distance_km + 0.1 ELSE b.road_distance_km END
                FROM households_household h
                WHERE h.id = b.household_id AND h.county_code = %s AND b.campaign_id = %s""",
            [county, campaign.pk],
        )
    campaigns.analyze()
