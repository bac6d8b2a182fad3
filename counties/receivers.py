"""When a household changed its rules are judged and its books compared before the answer goes out."""

import logging
from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from counties.comparison import running
from counties.models import Finding
from counties.models.findings import Origin
from counties.quality import check_households
from counties.quality.sheets import check_changed
from counties.screening import running as screening
from counties.selectors.screening import on_list
from counties.services import with_forms
from counties.signals import sheets_changed
from fanpin.accounts.models import User
from fanpin.regions.models import Division
from households.models import Campaign
from households.models import Collection as Form
from households.selectors.parameters import MissingParameter, campaign_now
from households.services import telling
from households.signals import form_moved, household_changed

# Beyond this many a list is compared by the county's next run, not before the answer.
COMPARED_AT_ONCE = 200
logger = logging.getLogger(__name__)


@receiver(household_changed, dispatch_uid="counties.quality")
def check_at_once(household_ids: Collection[int], **_: Any) -> None:
    """The saved household's findings stand on the page that follows."""
    if telling.is_judged_later():
        return
    ids = list(household_ids)
    try:
        check_households(ids)
    except MissingParameter as missing:
        logger.warning("households %s not checked: %s", ids[:5], "；".join(missing.messages))


@receiver(household_changed, dispatch_uid="counties.comparison")
def compare_at_once(household_ids: Collection[int], **_: Any) -> None:
    """Households with a live comparison finding are compared again, so that what was mended closes."""
    campaign = Campaign.objects.filter(is_current=True).first()
    if campaign is None or telling.is_judged_later() or len(household_ids) > COMPARED_AT_ONCE:
        return
    live = Finding.objects.live().filter(origin=Origin.COMPARISON, campaign=campaign)
    # A person in two households is one row of the ledger and two findings: both are looked at again.
    shared = live.filter(household_id__in=household_ids).exclude(ledger_row=None)
    rows = (
        live.filter(
            Q(household_id__in=household_ids) | Q(ledger_row__in=shared.values("ledger_row"))
        )
        .values_list("county_code", "household_id")
        .distinct()
    )
    by_county: dict[str, list[int]] = {}
    for county_code, household_id in rows:
        by_county.setdefault(county_code, []).append(household_id)
    for county_code, ids in by_county.items():
        running.recheck(ids, Division.objects.get(pk=county_code), campaign)


@receiver(household_changed, dispatch_uid="counties.screening")
def screen_at_once(household_ids: Collection[int], **_: Any) -> None:
    """What stands of a household on the list follows its facts at once; others are found by the next run."""
    if telling.is_judged_later() or len(household_ids) > COMPARED_AT_ONCE:
        return
    campaign = campaign_now()
    if campaign is None:
        return
    for county, ids in on_list(household_ids):
        try:
            screening.rescreen(ids, county, campaign)
        except MissingParameter as missing:
            logger.warning("households %s not screened: %s", ids[:5], "；".join(missing.messages))


@receiver(sheets_changed, dispatch_uid="counties.sheets")
def check_sheets_at_once(kind: str, codes: Collection[str], **_: Any) -> None:
    """A saved sheet's findings stand on the page that follows."""
    if telling.is_judged_later():
        return
    try:
        check_changed(kind, list(codes))
    except MissingParameter as missing:
        logger.warning("sheets %s not checked: %s", list(codes)[:5], "；".join(missing.messages))


ANSWERS = {
    "checked": with_forms.submitted,
    "reviewed": with_forms.passed,
    "returned": with_forms.returned,
}


@receiver(form_moved, dispatch_uid="counties.forms")
def answer_with_the_form(form: Form, state: str, by: User, **_: Any) -> None:
    """The 核实说明 of the annual form is the explanation of the household's warnings."""
    if state in ANSWERS:
        ANSWERS[state](form, by=by)
