"""Who may submit and return a city summary, and what stands in the way."""

from collections.abc import Sequence

from django.urls import reverse

from counties.models import CitySummary
from counties.models.summaries import SummaryState
from counties.selectors.closures import uncorrected
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.regions.models import Division
from households.models import Campaign


def may_submit(
    user: User,
    city: Division,
    campaign: Campaign,
    *,
    unsigned: Sequence[Division],
    broken: Sequence[str],
    is_draft: bool,
) -> Verdict:
    """The city submits once every county with households has signed and every identity holds (policy.md §12.2)."""
    if not user.may(Permission.SUBMIT_SUMMARY, city.path):
        return Verdict.denied("汇总由市州上报")
    reasons = [
        Reason(
            f"{county.name}尚未签署县级闭合，只能生成草稿",
            reverse("counties:closure_of", args=[county.code]),
            "业务规程 §12.2",
        )
        for county in unsigned
    ]
    county = uncorrected(city, campaign)
    if county is not None:
        reasons.append(
            Reason(
                f"上一版已退回{county.name}更正，须由该县下达更正令、重新闭合并签署后再上报",
                reverse("counties:closure_of", args=[county.code]),
                "业务规程 §12.2",
            )
        )
    if is_draft and not reasons:
        reasons.append(Reason("还没有任何县签署县级闭合，只能生成草稿", clause="业务规程 §12.2"))
    return Verdict.no(*reasons, *broken)


def may_return(user: User, summary: CitySummary, county: Division | None) -> Verdict:
    """The city sends a submitted report back to one of its counties for a correction order."""
    if not user.may(Permission.SUBMIT_SUMMARY, summary.division.path):
        return Verdict.denied("由市州退回县级更正")
    if summary.state != SummaryState.SUBMITTED:
        return Verdict.no(f"该版{summary.get_state_display()}")
    if county is not None and not county.path.startswith(summary.division.path):
        return Verdict.no("只能退回本市州的县")
    return Verdict.yes()
