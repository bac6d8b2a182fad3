"""Judges village and county sheets by the same rules' registry and keeps the hits as findings of the place itself."""

import time
from collections import Counter
from collections.abc import Sequence

import polars as pl
from django.db import transaction
from django.db.models import Q

from counties.models import Finding
from counties.models.findings import Origin
from counties.quality import checking, county_facts
from counties.quality.checking import Advance, Checked, headings, stage
from counties.quality.judging import judge
from counties.selectors import sheet_facts
from counties.services import upserting
from fanpin.regions.models import Division
from fanpin.regions.scope import path_to
from households.models import Campaign
from households.selectors.parameters import current_campaign

OWNERS = {"village": "village", "county": "county"}


def check_county(
    county_code: str,
    *,
    campaign: Campaign | None = None,
    start: int = 0,
    advance: Advance | None = None,
) -> Checked:
    """Judge everything of a county: its households township by township, then its sheets."""
    campaign = campaign or current_campaign()
    total = checking.check_county(county_code, campaign=campaign, start=start, advance=advance)
    county = Division.objects.get(pk=county_code)
    total += check_villages(county, campaign=campaign)
    # Last, for it counts what is open elsewhere in the county.
    return total + check_county_sheet(county, campaign=campaign)


def check_villages(
    county: Division, codes: Sequence[str] | None = None, *, campaign: Campaign | None = None
) -> Checked:
    """Judge the sheets of a county's villages, or of some; a village without a sheet loses its findings."""
    campaign = campaign or current_campaign()
    frame = sheet_facts.villages(campaign, county.code, codes)
    return _check("village", frame, county, campaign, places=codes)


def check_county_sheet(county: Division, *, campaign: Campaign | None = None) -> Checked:
    """Judge a county's own sheet against itself, its villages, the report of its city and its open findings."""
    campaign = campaign or current_campaign()
    frame = county_facts.county(campaign, county)
    return _check("county", frame, county, campaign, places=[county.pk])


def _check(
    subject: str,
    frame: pl.DataFrame,
    county: Division,
    campaign: Campaign,
    *,
    places: Sequence[str] | None,
) -> Checked:
    started = time.perf_counter()
    with transaction.atomic():
        judged = judge({subject: frame}, campaign, county.path)
        found = judged.hits.join(headings(judged), on="code").with_columns(
            fingerprint=pl.format(
                "quality:{}:{}:{}:{}", "code", pl.lit(str(campaign.year)), "subject", "subject_id"
            ),
            division_id=pl.col("subject_id").cast(pl.String),
            owner_level=pl.lit(OWNERS[subject]),
        )
        rows = found.join(_paths(found), on="division_id")
        with upserting.hits() as table:
            stage(table, rows, more=("division_id", "owner_level"))
            done = upserting.upsert(
                origin=Origin.QUALITY,
                codes=[rule.code for rule in judged.rules],
                county_code=county.code,
                campaign_id=campaign.pk,
                households=(),
                divisions=places if places is not None else _judged_before(county, campaign),
            )
    return Checked(
        rules=len(judged.rules),
        hits=Counter(dict(judged.hits.group_by("code").len().iter_rows())),
        skipped=judged.skipped,
        opened=done.opened,
        closed=done.closed,
        seconds=time.perf_counter() - started,
    )


def _paths(found: pl.DataFrame) -> pl.DataFrame:
    rows = Division.objects.filter(code__in=found["division_id"].unique().to_list())
    return pl.DataFrame(
        list(rows.values_list("code", "path")),
        schema={"division_id": pl.String, "division_path": pl.String},
        orient="row",
    )


def _judged_before(county: Division, campaign: Campaign) -> list[str]:
    """Every place of the county with an open finding about its sheet: those that no longer hold close."""
    rows = Finding.objects.live().filter(
        Q(division__isnull=False), county_code=county.code, campaign=campaign, origin=Origin.QUALITY
    )
    return list(rows.order_by().values_list("division_id", flat=True).distinct())


def check_changed(kind: str, codes: Sequence[str]) -> None:
    """After somebody saved: the places' own sheets, county by county."""
    by_county: dict[str, list[str]] = {}
    for code, path in Division.objects.filter(code__in=codes).values_list("code", "path"):
        by_county.setdefault(path_to(path, "county"), []).append(code)
    for county in Division.objects.filter(path__in=by_county):
        if kind == "village":
            check_villages(county, by_county[county.path])
        else:
            check_county_sheet(county)
