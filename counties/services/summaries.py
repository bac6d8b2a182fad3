"""The city submits its numbers as a version that stands; a return leads to a correction and the next version."""

import datetime
import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction

from counties.models import CitySummary, SummaryFigure
from counties.models.summaries import SummaryState
from counties.policies import summaries as policies
from counties.verbs import SUMMARY_RETURNED, SUMMARY_SUBMITTED
from fanpin import clock
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from households.models import Campaign

Line = tuple[str, str, str, Decimal]


@transaction.atomic
def submit(
    *,
    city: Division,
    campaign: Campaign,
    as_of: datetime.date,
    lines: Iterable[Line],
    unsigned: Sequence[Division],
    without_data: Sequence[Division],
    broken: Sequence[str],
    is_draft: bool,
    late_reason: str = "",
    no_data_reason: str = "",
    by: Any,
) -> CitySummary:
    """Keep (table, county, key, value) lines as the next version.

    After the deadline a reason is asked and marked; for counties without any household the city says why.
    """
    Division.objects.select_for_update().get(pk=city.pk)
    policies.may_submit(
        by, city, campaign, unsigned=unsigned, broken=broken, is_draft=is_draft
    ).require()
    if without_data and len(no_data_reason.strip()) < 4:
        names = "、".join(county.name for county in without_data)
        Verdict.no(
            Reason(f"{names}没有农户数据，请说明原因（不少于4个字）", field="no_data_reason",
                   clause="通知四(三)")
        ).require()  # fmt: skip
    late = clock.today() > campaign.summary_due_on
    if late and not late_reason.strip():
        Verdict.no(
            f"已过上报截止日期（{campaign.summary_due_on:%Y-%m-%d}），请填写逾期原因"
        ).require()
    earlier = CitySummary.objects.filter(division=city, campaign=campaign)
    version = 1 + (earlier.order_by("-version").values_list("version", flat=True).first() or 0)
    earlier.filter(state__in=(SummaryState.SUBMITTED, SummaryState.RETURNED)).update(
        state=SummaryState.REPLACED
    )
    ordered = sorted(lines)
    summary = CitySummary.objects.create(
        division=city,
        campaign=campaign,
        version=version,
        as_of=as_of,
        sha256=digest(ordered),
        is_late=late,
        late_reason=late_reason.strip() if late else "",
        no_data_reason=no_data_reason.strip() if without_data else "",
        submitted_at=clock.now(),
        submitted_by=by,
    )
    SummaryFigure.objects.bulk_create(
        [
            SummaryFigure(summary=summary, table=table, county_code=county, key=key, value=value)
            for table, county, key, value in ordered
        ],
        batch_size=2000,
    )
    record(
        SUMMARY_SUBMITTED,
        by=by,
        on=summary,
        path=city.path,
        after={
            "version": version,
            "sha256": summary.sha256,
            "is_late": late,
            "without_data": [county.code for county in without_data],
        },
    )
    return summary


def digest(lines: Sequence[Line]) -> str:
    """SHA-256 over the lines in order."""
    found = hashlib.sha256()
    for table, county, key, value in lines:
        found.update(f"{table}\t{county}\t{key}\t{value:.2f}\n".encode())
    return found.hexdigest()


@transaction.atomic
def return_to_county(
    summary: CitySummary, *, county: Division, reason: str, by: Any
) -> CitySummary:
    """Send the report back: the county orders a correction and signs again, then a new version is submitted."""
    summary = (
        CitySummary.objects.select_for_update(of=("self",))
        .select_related("division", "campaign")
        .get(pk=summary.pk)
    )
    policies.may_return(by, summary, county).require()
    if len(reason.strip()) < 4:
        Verdict.no("请写明退回原因，不少于4个字").require()
    summary.state = SummaryState.RETURNED
    summary.returned_at, summary.returned_by = clock.now(), by
    summary.returned_to, summary.return_reason = county, reason.strip()
    summary.save()
    record(
        SUMMARY_RETURNED,
        by=by,
        on=summary,
        path=county.path,
        after={"version": summary.version, "county": county.name},
        note=summary.return_reason,
    )
    return summary
