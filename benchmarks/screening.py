"""Screening of a county: every signal judged in the database, reasons written, households ranked.

limit  the same two tables copied out of the database and nothing else
peer   the same screening household by household, over a sample, extrapolated
ours   the whole run township by township on a county never screened, then again; and the ranked page of a village
"""

from functools import partial
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import Count

from benchmarks.checking import COUNTY, HOUSEHOLDS, clocked, copied_out, make_county
from counties.models import KeyCheck, KeyCheckReason, ScreeningRun
from counties.screening import running
from counties.selectors import screening as selectors
from counties.services import screening
from fanpin.regions.models import Division
from households.models import Campaign, Household, Member

SINGLE = 30
# One in so many has something to look at.
SICK, UNSAFE = 23, 57
REPEATS = 7


def measure(size: str) -> list[dict[str, Any]]:
    campaign = make_county(HOUSEHOLDS[size])
    county = Division.objects.get(pk=COUNTY)
    _plant()
    first, first_cpu = clocked(partial(_run, county, campaign))
    again, _cpu = clocked(partial(_run, county, campaign))
    limit = min(clocked(copied_out)[0] for _ in range(3))
    ids = list(KeyCheck.objects.values_list("household", flat=True)[:SINGLE])
    single = [clocked(partial(running.rescreen, [pk], county, campaign))[0] for pk in ids]
    peer = median(single) * HOUSEHOLDS[size]
    village = KeyCheck.objects.order_by("-points").first()
    pages = (
        [clocked(partial(_page, village.division_path))[0] for _ in range(REPEATS)]
        if village
        else [0.0]
    )
    return [
        {
            "name": "screening",
            "size": size,
            "rows": Member.objects.filter(county_code=COUNTY).count(),
            "households": KeyCheck.objects.count(),
            "signals": dict(
                KeyCheckReason.objects.order_by().values_list("code").annotate(Count("pk"))
            ),
            "reasons": KeyCheckReason.objects.count(),
            "limit": round(limit, 3),
            "peer": round(peer, 1),
            "ours": round(first, 3),
            "ratio_to_limit": round(first / limit, 2),
            "times_peer": round(peer / first, 1),
            "again": round(again, 3),
            "cpu": round(first_cpu, 2),
            "village_page": round(min(pages), 4),
            "county_page": round(
                min(clocked(partial(_page, county.path))[0] for _ in range(REPEATS)), 4
            ),
            "one_household": round(min(single), 4),
        }
    ]


def _plant() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE households_member SET health = '{major}' WHERE county_code = %s AND id %% %s = 0",
            [COUNTY, SICK],
        )
        cursor.execute(
            "UPDATE households_household SET house_level = 'D' WHERE county_code = %s AND id %% %s = 0",
            [COUNTY, UNSAFE],
        )
        cursor.execute(
            "UPDATE households_household SET labour_count = 2 WHERE county_code = %s", [COUNTY]
        )
        cursor.execute(
            "UPDATE households_member SET ins_med_resident = true WHERE county_code = %s", [COUNTY]
        )
        cursor.execute("ANALYZE households_member, households_household")


def _run(county: Division, campaign: Campaign) -> ScreeningRun:
    row = screening.start(county, campaign=campaign, by=None, wait=True)
    running.run(row, advance=lambda *_: None)
    return row


def _page(path: str) -> list[Household]:
    """The first page of the ranked list below a place, with its reasons, and its count."""
    rows = KeyCheck.objects.filter(
        county_code=COUNTY, division_path__startswith=path, state="waiting"
    )
    rows[:20_001].count()
    return list(selectors.with_reasons(rows.order_by("-points", "pk"))[:50])
