"""重点核查户 as pages show them: ranked, with the reasons that stand and those that went."""

from collections.abc import Collection, Iterator

from django.db.models import Count, Prefetch, QuerySet

from counties.models import KeyCheck, KeyCheckReason, ScreeningRun
from counties.models.screening import URGENT, CheckState
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of, codes

# The codes on a county's path.
COUNTY_DEPTH = 3
_SAID = ("member", "ledger_row__batch")


def visible(user: User, place: Division | None = None) -> QuerySet[KeyCheck]:
    """The households of the list in the user's scope, or in a division inside it, the gravest first."""
    scope = user.scope_for(Permission.VIEW_CASES)
    rows = KeyCheck.objects.within(scope)
    paths = list(scope.paths)
    if place is not None:
        paths = [place.path]
        rows = rows.filter(division_path__startswith=place.path)
    if paths and all(len(codes(path)) == COUNTY_DEPTH for path in paths):
        # The index that ranks begins with the county.
        rows = rows.filter(county_code__in=[code_of(path, "county") for path in paths])
    return rows.order_by("-points", "pk")


def with_reasons(rows: QuerySet[KeyCheck]) -> QuerySet[KeyCheck]:
    """For a list: each with what stands, as `standing`."""
    said = KeyCheckReason.objects.filter(gone_at=None).select_related("member")
    return rows.select_related("household__village", "dismissed_by").prefetch_related(
        Prefetch("reasons", queryset=said, to_attr="standing")
    )


def standing(row: KeyCheck) -> list[KeyCheckReason]:
    """What stands now, the gravest first."""
    return list(row.reasons.filter(gone_at=None).select_related(*_SAID))


def gone(row: KeyCheck) -> list[KeyCheckReason]:
    """What stood once, the last gone first."""
    return list(row.reasons.exclude(gone_at=None).select_related(*_SAID).order_by("-gone_at")[:50])


def of_household(household_id: int) -> KeyCheck | None:
    rows = KeyCheck.objects.select_related("household", "clue__case", "dismissed_by")
    return rows.filter(household=household_id).first()


def waiting(user: User) -> QuerySet[KeyCheck]:
    """Red and orange ones nobody has looked at: somebody at the village has to."""
    rows = KeyCheck.objects.within(user.scope_for(Permission.VILLAGE_CASE))
    return rows.filter(state=CheckState.WAITING, colour__in=URGENT)


def on_list(household_ids: Collection[int]) -> Iterator[tuple[Division, list[int]]]:
    """Those of the households that are on the list, county by county."""
    rows = KeyCheck.objects.filter(household__in=household_ids)
    by_county: dict[str, list[int]] = {}
    for pk, county in rows.values_list("household", "household__county_code"):
        by_county.setdefault(county, []).append(pk)
    for county, division in Division.objects.in_bulk(list(by_county)).items() if by_county else ():
        yield division, by_county[county]


def screened() -> QuerySet[Division]:
    """The counties that were screened for the campaign being worked on."""
    runs = ScreeningRun.objects.filter(finished_at__isnull=False, campaign__is_current=True)
    return Division.objects.filter(pk__in=runs.values("division"))


def colours(rows: QuerySet[KeyCheck]) -> dict[str, int]:
    """How many households of each colour wait."""
    counted = rows.filter(state=CheckState.WAITING).order_by()
    return dict(counted.values_list("colour").annotate(Count("pk")))


def last_run(user: User) -> ScreeningRun | None:
    """The last screening that went to its end, of the county somebody works in."""
    paths = user.scope_for(Permission.VIEW_CASES).paths
    county = code_of(paths[0], "county") if paths else ""
    rows = ScreeningRun.objects.filter(division=county, finished_at__isnull=False)
    return rows.select_related("division", "started_by").first()
