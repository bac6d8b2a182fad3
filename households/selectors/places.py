"""Where the households of a village lie: the middle, how far somebody stands from it, points for a map."""

import math
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from fanpin.regions.models import Division
from households.models import Household

KM_PER_DEGREE = 111.32
# Fewer located households than this say nothing about where their village lies.
LOCATED = 5
# The median longitude and latitude of villages; `near` says of which, %(located)s is LOCATED.
MIDDLES = """
    SELECT village_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY longitude)::float AS longitude,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY latitude)::float AS latitude
    FROM households_household WHERE ended_on IS NULL AND longitude IS NOT NULL AND {near}
    GROUP BY village_id HAVING count(*) >= %(located)s
"""
Point = tuple[float, float]


@dataclass(frozen=True)
class MapPoint:
    """A household on the map: x and y in a square of `SIDE`, what the point says, where it leads."""

    x: float
    y: float
    label: str
    pk: int
    is_here: bool


SIDE = 320
MARGIN = 20


def middle(village: Division) -> Point | None:
    """The median longitude and latitude of a village's households; None when too few are located."""
    with connection.cursor() as cursor:
        cursor.execute(
            MIDDLES.format(near="village_id = %(village)s"),
            {"village": village.pk, "located": LOCATED},
        )
        row = cursor.fetchone()
    return (row[1], row[2]) if row else None


def kilometres(a: Point, b: Point) -> float:
    """Distance over ground between two places of the same county."""
    north = a[1] - b[1]
    east = (a[0] - b[0]) * math.cos(math.radians((a[1] + b[1]) / 2))
    return KM_PER_DEGREE * math.hypot(north, east)


def distance_from_village(village: Division, longitude: Decimal, latitude: Decimal) -> float | None:
    """Kilometres from the village's middle, None when that is not known."""
    centre = middle(village)
    return kilometres((float(longitude), float(latitude)), centre) if centre else None


def village_map(household: Household) -> list[MapPoint]:
    """The located households of the village on a square map, true to scale, this one marked."""
    rows = list(
        _located(household.village).values_list("pk", "head_name", "longitude", "latitude")[:2000]
    )
    if not rows:
        return []
    places = {pk: (float(lon), float(lat)) for pk, _name, lon, lat in rows}
    lons, lats = zip(*places.values(), strict=True)
    shrink = math.cos(math.radians(sum(lats) / len(lats)))
    west, south = min(lons), min(lats)
    span = max((max(lons) - west) * shrink, max(lats) - south) or 1.0
    scale = (SIDE - 2 * MARGIN) / span
    return [
        MapPoint(
            x=round(MARGIN + (lon - west) * shrink * scale, 1),
            y=round(SIDE - MARGIN - (lat - south) * scale, 1),
            label=f"{name}户",
            pk=pk,
            is_here=pk == household.pk,
        )
        for pk, name, (lon, lat) in ((pk, name, places[pk]) for pk, name, *_rest in rows)
    ]


def _located(village: Division):  # type: ignore[no-untyped-def]
    return Household.objects.filter(
        ~Q(longitude=None), village=village, ended_on__isnull=True
    ).order_by("hh_code")
