"""A signed closure freezes a county's records of its campaign (policy.md §11.4)."""

from django.db import connection
from django.utils import timezone

from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of
from fanpin.web.once import once
from households.models import Campaign, CountyLock


def unlocked(path: str, campaign: Campaign | None = None) -> Verdict:
    """Whether records at a place may still change for a campaign (None: the current one).

    Every service that writes a household, member, measure or case asks this once its row is locked. Asked inside a
    transaction it waits for a signature under way, and a signature waits for the transaction: nothing slips between.
    """
    county_code = code_of(path, "county")
    key = ("unlocked", county_code, campaign and campaign.pk)
    return once(key, lambda: _unlocked(county_code, campaign))


def _unlocked(county_code: str, campaign: Campaign | None) -> Verdict:
    _stand_beside(county_code)
    locks = CountyLock.objects.filter(county_code=county_code, lifted_at__isnull=True)
    locks = locks.filter(campaign=campaign) if campaign else locks.filter(campaign__is_current=True)
    lock = locks.select_related("campaign", "locked_by").first()
    if lock is None:
        return Verdict.yes()
    county = Division.objects.filter(code=lock.county_code).values_list("name", flat=True).first()
    signed = f"{lock.locked_by.name}，{timezone.localtime(lock.locked_at):%Y-%m-%d %H:%M}"
    return Verdict.no(
        Reason(
            f"{county or lock.county_code}{lock.campaign}已县级闭合锁定（{signed}），"
            "须由县级下达更正令后再修改",
            clause="业务规程 §11.4",
        )
    )


# The first half of PostgreSQL's advisory lock key: "a county's books".
BOOKS = 620_000


def stand_alone(county_code: str) -> None:
    """Before a signature: wait until every writer of the county is through, and keep new ones waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [BOOKS, int(county_code)])


def _stand_beside(county_code: str) -> None:
    if county_code and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [BOOKS, int(county_code)])
