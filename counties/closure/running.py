"""Runs the checks over a county: comparison first, then each check set-based; violations are findings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, Q

from counties.closure import CHECKS, ClosureCheck
from counties.comparison import SPECS, running
from counties.models import ClosureResult, ClosureRun, Finding, LedgerBatch
from counties.models.findings import LIVE_STATES, Origin, State
from counties.policies.closures import may_run
from counties.quality import check_county_sheet, check_villages
from counties.selectors.ledgers import in_use
from counties.services import findings
from counties.services.upserting import HITS, Dispatch, hits, upsert
from counties.verbs import CLOSURE_RUN
from fanpin import clock
from fanpin.audit.recording import record
from fanpin.regions.models import Division
from fanpin.sheets.loading import copy_frame
from households.models import Campaign
from households.selectors.parameters import parameter

Advance = Callable[[int, int, str], None]


def run(
    *, county: Division, campaign: Campaign, by: Any, advance: Advance = lambda *_: None
) -> ClosureRun:
    """Check the county now; what is wrong stands as findings with owner and link.

    Each ledger and the sheets are brought up to date by themselves, the checks together; run again after a stop it
    finds the same. `advance` hears each step inside its transaction.
    """
    dispatch = findings.at_once(county, by) if by is not None else None
    used = in_use(county, campaign)
    obstacles = _missing(set(used))
    steps = len(used) + 2
    for number, (key, batch) in enumerate(used.items(), start=1):
        with _step(county, campaign, by):
            _compare(key, batch, obstacles, dispatch, by)
            advance(number, steps, f"{SPECS[key].title}已比对")
    with _step(county, campaign, by):
        check_villages(county, campaign=campaign)
        advance(steps - 1, steps, "村表已检查")
    with _step(county, campaign, by):
        made = _conclude(county, campaign, obstacles, dispatch, by)
        advance(steps, steps, "检查完成")
    return made


@contextmanager
def _step(county: Division, campaign: Campaign, by: Any) -> Iterator[None]:
    """A transaction that asks anew whether the county may still be checked: it may have been signed meanwhile."""
    with transaction.atomic():
        if by is not None:
            may_run(by, county, campaign).require()
        yield


def _conclude(
    county: Division,
    campaign: Campaign,
    obstacles: dict[str, str],
    dispatch: Dispatch | None,
    by: Any,
) -> ClosureRun:
    """The checks themselves, the county's own sheet, which counts what is open, and what the run came to."""
    made = ClosureRun.objects.create(
        division=county, campaign=campaign, run_at=clock.now(), run_by=by
    )
    sent = sum(_judge(check, county, campaign, obstacles, dispatch) for check in CHECKS.values())
    if dispatch and sent:
        findings.note_dispatched(sent, dispatch, path=county.path, by=by)
    if by is not None:
        _send_down(county, campaign, by)
    check_county_sheet(county, campaign=campaign)
    results = [_result(made, check, county, campaign, obstacles) for check in CHECKS.values()]
    ClosureResult.objects.bulk_create(results)
    made.blocking = sum(r.violations + bool(r.obstacle) for r in results)
    made.others, made.others_settled = _others(county, campaign)
    made.save()
    record(
        CLOSURE_RUN,
        by=by,
        on=made,
        path=county.path,
        after={r.code: r.violations for r in results},
    )
    return made


def _send_down(county: Division, campaign: Campaign, by: Any) -> None:
    """What earlier runs without a person left open goes down as well (policy.md §11.4)."""
    for origin in (Origin.COMPARISON, Origin.CLOSURE):
        findings.dispatch_new(county=county, campaign=campaign, origin=origin, by=by)


def _missing(used: set[str]) -> dict[str, str]:
    """Check → which of its ledgers nobody handed in."""
    missing = {
        check.code: [SPECS[key].title for key in check.ledgers if key not in used]
        for check in CHECKS.values()
    }
    return {code: f"尚未报送{'、'.join(titles)}台账" for code, titles in missing.items() if titles}


def _compare(
    key: str, batch: LedgerBatch, obstacles: dict[str, str], dispatch: Dispatch | None, by: Any
) -> None:
    """Bring the findings of one ledger up to date, or note why its checks cannot be made."""
    try:
        with transaction.atomic():
            _found, change = running.compare(SPECS[key], batch, dispatch=dispatch)
    except ValidationError as missing_parameter:
        for check in CHECKS.values():
            if key in check.ledgers:
                obstacles[check.code] = missing_parameter.messages[0][:200]
        return
    if dispatch and change.dispatched:
        findings.note_dispatched(change.dispatched, dispatch, path=batch.division.path, by=by)


def _judge(
    check: ClosureCheck,
    county: Division,
    campaign: Campaign,
    obstacles: dict[str, str],
    dispatch: Dispatch | None,
) -> int:
    """Bring the check's own findings up to date; how many were sent down."""
    if not check.queries and check.frame is None:
        return 0
    values = _values(county, campaign)
    try:
        for key in check.needs:
            parameter(key, county.path, campaign.income_to)
    except ValidationError as missing_parameter:
        obstacles[check.code] = missing_parameter.messages[0][:200]
        return 0
    with hits(), connection.cursor() as cursor:
        for query in check.queries:
            cursor.execute(_insert(check, query), values)
        if check.frame is not None:
            copy_frame(HITS, _staged(check, check.frame(values), campaign))
        done = upsert(
            origin=Origin.CLOSURE,
            codes=[check.code],
            county_code=county.code,
            campaign_id=campaign.pk,
            dispatch=dispatch,
        )
    return done.dispatched


def _values(county: Division, campaign: Campaign) -> dict[str, Any]:
    today = clock.today()
    return {
        "county": county.code,
        "counties": [county.code],
        "county_path": county.path,
        "campaign": campaign.pk,
        "year": campaign.year,
        "today": today,
        "day": min(today, campaign.report_due_on),
    }


def _insert(check: ClosureCheck, query: str) -> str:
    head, select = _split(query)
    return f"""{head} INSERT INTO {HITS} (fingerprint, code, title, severity, household_id,
            member_id, division_path, detail, owner_level)
        SELECT 'closure:{check.code}:' || %(campaign)s || ':' || v.subject, '{check.code}',
            '{check.title}', 'error', v.household_id, v.member_id, v.division_path, v.detail,
            '{check.owner_level}'
        FROM ({select}) v (household_id, member_id, division_path, subject, detail)"""


def _split(query: str) -> tuple[str, str]:
    """A WITH stands before INSERT."""
    if not query.lstrip().startswith("WITH"):
        return "", query
    at = query.index("SELECT h.id")
    return query[:at], query[at:]


def _staged(check: ClosureCheck, found: pl.DataFrame, campaign: Campaign) -> pl.DataFrame:
    return found.select(
        fingerprint=pl.lit(f"closure:{check.code}:{campaign.pk}:") + pl.col("subject"),
        code=pl.lit(check.code),
        title=pl.lit(check.title),
        severity=pl.lit("error"),
        household_id=pl.col("household_id"),
        member_id=pl.col("member_id"),
        division_path=pl.col("division_path"),
        detail=pl.col("detail"),
        owner_level=pl.lit(check.owner_level),
    )


def violations(check: ClosureCheck, county: Division, campaign: Campaign) -> Any:
    """The findings that count for a check: its own, or the comparison's it covers."""
    if check.covers:
        mine = Q(origin=Origin.COMPARISON, code__in=check.covers)
    else:
        mine = Q(origin=Origin.CLOSURE, code=check.code)
    return Finding.objects.filter(mine, county_code=county.code, campaign=campaign)


def _result(
    run_row: ClosureRun,
    check: ClosureCheck,
    county: Division,
    campaign: Campaign,
    obstacles: dict[str, str],
) -> ClosureResult:
    counts = violations(check, county, campaign).aggregate(
        live=Count("pk", filter=Q(state__in=LIVE_STATES)),
        waived=Count("pk", filter=Q(state=State.WAIVED)),
    )
    return ClosureResult(
        run=run_row,
        code=check.code,
        violations=counts["live"],
        explained=counts["waived"],
        obstacle=obstacles.get(check.code, ""),
    )


def _others(county: Division, campaign: Campaign) -> tuple[int, int]:
    """Findings outside the blocking checks, and how many of them are settled with an explanation."""
    counts = (
        Finding.objects.filter(county_code=county.code, campaign=campaign)
        .others()
        .exclude(state=State.CLOSED)
        .aggregate(all=Count("pk"), settled=Count("pk", filter=Q(state=State.WAIVED)))
    )
    return counts["all"], counts["settled"]
