"""Where a county's closure stands."""

from collections.abc import Iterable

from counties.models import CitySummary, ClosureRun, ClosureSignature
from counties.models.summaries import SummaryState
from fanpin.jobs.models import Job
from fanpin.regions.models import Division, Level
from households.models import Campaign, Household

CLOSURE_JOB = "counties.closure"
SIGN_JOB = "counties.sign"


def latest_run(county: Division, campaign: Campaign) -> ClosureRun | None:
    return (
        ClosureRun.objects.filter(division=county, campaign=campaign)
        .select_related("run_by", "division", "campaign")
        .prefetch_related("results")
        .order_by("-pk")
        .first()
    )


def latest_job(county: Division) -> Job | None:
    """The last run of the checks, or signature, in the worker: at work, done, or stopped with its reason."""
    rows = Job.objects.filter(kind__in=(CLOSURE_JOB, SIGN_JOB), division_path=county.path)
    return rows.order_by("-pk").first()


def signatures(county: Division, campaign: Campaign) -> list[ClosureSignature]:
    """All editions, the newest first."""
    rows = ClosureSignature.objects.filter(division=county, campaign=campaign)
    return list(rows.select_related("signed_by", "division", "campaign").order_by("-edition"))


def next_edition(county: Division, campaign: Campaign) -> int:
    """The number of the signature to come."""
    return 1 + len(signatures(county, campaign))


def in_force(city: Division, campaign: Campaign) -> dict[str, ClosureSignature]:
    """The valid signature of each county of a city, by county code."""
    rows = ClosureSignature.objects.filter(
        division__path__startswith=city.path, campaign=campaign, ordered_at__isnull=True
    )
    return {row.division_id: row for row in rows}


def uncorrected(city: Division, campaign: Campaign) -> Division | None:
    """The county that the newest report was returned to, while it has not signed a newer edition since."""
    newest = (
        CitySummary.objects.filter(division=city, campaign=campaign)
        .select_related("returned_to")
        .order_by("-version")
        .first()
    )
    if newest is None or newest.returned_to is None or newest.state != SummaryState.RETURNED:
        return None
    signed = in_force(city, campaign).get(newest.returned_to.code)
    done = signed is not None and newest.returned_at and signed.signed_at > newest.returned_at
    return None if done else newest.returned_to


def without_households(counties: Iterable[Division]) -> set[str]:
    """The codes of the counties that never had a household on the register: there is nothing to sign."""
    codes = {county.code for county in counties}
    held = Household.objects.filter(county_code__in=codes).order_by().values("county_code")
    return codes - set(held.distinct().values_list("county_code", flat=True))


def counties_of(city: Division) -> list[Division]:
    """The counties of a city, the virtual one of a city without counties included."""
    rows = Division.objects.filter(path__startswith=city.path, level=Level.COUNTY)
    return list(rows.filter(valid_until__isnull=True).order_by("code"))
