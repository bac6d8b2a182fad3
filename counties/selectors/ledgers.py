"""Ledgers as a user may see them: own counties, and for a department officer own departments."""

from django.db.models import Q, QuerySet

from counties.models import LedgerBatch
from counties.models.ledgers import BatchState
from counties.selectors.places import departments_of
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division
from households.models import Campaign


def batches(user: User) -> QuerySet[LedgerBatch]:
    """Every batch the user may open, newest first."""
    found = LedgerBatch.objects.within(user.scope_for(Permission.VIEW_LEDGERS))
    limits = Q()
    for posting in user.postings_today:
        own = departments_of(user, posting.division)
        if own is not None:
            limits |= Q(division__path__startswith=posting.division.path) & ~Q(department__in=own)
    return (found.exclude(limits) if limits else found).select_related("division", "uploaded_by")


def in_use(county: Division, campaign: Campaign) -> dict[str, LedgerBatch]:
    """The ledger in use of each kind in a county."""
    found = LedgerBatch.objects.filter(
        county_code=county.code, campaign=campaign, state=BatchState.IN_USE
    )
    return {batch.ledger: batch for batch in found}
