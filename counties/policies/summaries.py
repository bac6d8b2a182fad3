"""Who may submit and return a city summary, and what stands in the way."""

from collections.abc import Sequence

from counties.models import CitySummary
from counties.models.summaries import SummaryState
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.regions.models import Division


def may_submit(
    user: User, city: Division, *, unsigned: Sequence[Division], broken: Sequence[str]
) -> Verdict:
    """The city submits once every county has signed and every identity holds (policy.md §12.2)."""
    if not user.may(Permission.SUBMIT_SUMMARY, city.path):
        return Verdict.denied("汇总由市州上报")
    reasons = [f"{county.name}尚未签署县级闭合，只能生成草稿" for county in unsigned]
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
