"""Runs the specs over a county, each in its own transaction: one hash join per source, findings by one upsert."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from counties.comparison import SPECS
from counties.comparison.spec import ACTIVE, Difference, LedgerSpec, Source
from counties.models import CheckCount, CheckPart, CheckRun, LedgerBatch
from counties.models.findings import Origin
from counties.models.ledgers import WARNING, BatchState
from counties.services import comparisons, findings
from counties.services.upserting import HITS, Dispatch, Upserted, hits, upsert
from fanpin import clock
from fanpin.regions.models import Division
from households.models import Campaign
from households.selectors.parameters import parameter

Advance = Callable[[int, int, str], None]


def run(check_run: CheckRun, *, advance: Advance, done: int = 0) -> None:
    """Compare ledger by ledger from the `done`-th on; `advance(done, total, message)` stands in each transaction.

    What is found goes to the villages with a due date at once; at the end also what other runs left open.
    """
    total = len(check_run.ledgers)
    for number, ledger in enumerate(check_run.ledgers[done:], done + 1):
        spec = SPECS[ledger]
        with transaction.atomic():
            _part(check_run, spec)
            advance(number, total, f"已比对{spec.title}，共{total}个台账")
    with transaction.atomic():
        if check_run.started_by is not None:
            findings.dispatch_new(
                county=check_run.division,
                campaign=check_run.campaign,
                origin=Origin.COMPARISON,
                by=check_run.started_by,
            )
        comparisons.finish(check_run)


def _part(check_run: CheckRun, spec: LedgerSpec) -> None:
    batch = LedgerBatch.objects.get(
        county_code=check_run.division.code,
        campaign=check_run.campaign,
        ledger=spec.key,
        state=BatchState.IN_USE,
    )
    started = time.monotonic()
    by = check_run.started_by
    dispatch = findings.at_once(check_run.division, by) if by else None
    found, change = compare(spec, batch, dispatch=dispatch)
    if dispatch and change.dispatched:
        findings.note_dispatched(change.dispatched, dispatch, path=check_run.division.path, by=by)
    part, _made = CheckPart.objects.update_or_create(
        run=check_run,
        ledger=spec.key,
        defaults={
            "batch": batch,
            "rows": batch.loaded,
            "matched": _matched(batch),
            "opened": change.opened,
            "closed": change.closed,
            "seconds": round(time.monotonic() - started, 2),
        },
    )
    part.counts.all().delete()
    CheckCount.objects.bulk_create(
        [CheckCount(part=part, code=code, found=found[code]) for code in spec.codes]
    )


def compare(
    spec: LedgerSpec,
    batch: LedgerBatch,
    households: Sequence[int] | None = None,
    dispatch: Dispatch | None = None,
) -> tuple[Counter[str], Upserted]:
    """Disagreements by code of one ledger with a county's register, or with some of its households."""
    values = values_of(spec, batch, households)
    with (
        transaction.atomic(),
        whole_county(wanted=households is None),
        hits(_disagreements(spec), values),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT code, count(DISTINCT fingerprint) FROM {HITS} GROUP BY code")
        found = Counter(dict(cursor.fetchall()))
        change = upsert(
            origin=Origin.COMPARISON,
            codes=spec.codes,
            county_code=batch.county_code,
            campaign_id=batch.campaign_id,
            households=households,
            dispatch=dispatch,
        )
    return found, change


# A county's books are joined in memory by every free processor: the planner takes each row for a disagreement,
# and would have one process do it for fear of handing all of them over.
_WIDE = {
    "work_mem": "'128MB'",
    "jit": "off",
    "parallel_setup_cost": "0",
    "parallel_tuple_cost": "0",
}


@contextmanager
def whole_county(*, wanted: bool = True) -> Iterator[None]:
    """Settings for joins over a county, in the transaction and no longer than the block."""
    if not wanted:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in _WIDE.items()))
        yield
        cursor.execute("; ".join(f"RESET {name}" for name in _WIDE))


def recheck(households: Sequence[int], county: Division, campaign: Campaign) -> None:
    """Compare some households of a county again with every ledger in use: what agrees now closes by itself.

    What an edit brings to light goes down under the county's last run: the village need not wait for the next one.
    """
    last = (
        CheckRun.objects.filter(division=county, campaign=campaign, started_by__isnull=False)
        .select_related("started_by")
        .order_by("-pk")
        .first()
    )
    dispatch = None
    if last is not None:
        day = timezone.localtime(last.started_at).date()
        dispatch = findings.at_once(county, last.started_by, f"（按{day}发起的比对自动派发）")
    batches = LedgerBatch.objects.filter(
        county_code=county.code, campaign=campaign, state=BatchState.IN_USE
    ).exclude(ledger__startswith=WARNING)
    for batch in batches:
        compare(SPECS[batch.ledger], batch, households, dispatch)


def values_of(
    spec: LedgerSpec, batch: LedgerBatch, households: Sequence[int] | None
) -> dict[str, Any]:
    campaign = batch.campaign
    path = batch.division.path
    return {
        "batch": batch.pk,
        "county": batch.county_code,
        "campaign": campaign.pk,
        "households": list(households) if households is not None else None,
        "window_from": campaign.income_from,
        "window_to": campaign.income_to,
        "school_day": f"{campaign.year}-08-31",
        **{key: parameter(key, path, clock.today()) for key in spec.parameters},
    }


def _disagreements(spec: LedgerSpec) -> str:
    """Every disagreement of a ledger as a row of the staging table, one pass over each source."""
    passes = []
    for source in dict.fromkeys(d.source for d in spec.differences):
        kinds = [d for d in spec.differences if d.source == source]
        passes.append(_pass(spec, source, kinds))
    return " UNION ALL ".join(passes)


def _pass(spec: LedgerSpec, source: Source, kinds: list[Difference]) -> str:
    """Only rows that hit something reach the branches, where each hit makes its own words."""
    asked = list(dict.fromkeys(d.when for d in kinds))
    if len(asked) == 1:
        # Joined as a condition of its own, it may become an anti join; what is left are the exceptions.
        branches = [(d, f"NOT ({d.unless})" if d.unless else "true") for d in kinds]
        any_hit = asked[0]
    else:
        branches = [(d, d.holds) for d in kinds]
        any_hit = " OR ".join(f"({when})" for when in asked)
    rows = " UNION ALL ".join(f"SELECT {_row(spec, d)} WHERE {holds}" for d, holds in branches)
    return f"""SELECT k.* FROM {source.tables} CROSS JOIN LATERAL ({rows}) k
        WHERE {source.where} AND ({any_hit})"""


def _row(spec: LedgerSpec, d: Difference) -> str:
    fields = ", ".join(f"'{name}'" for name in d.fields)
    return f"""'comparison:{d.code}:' || %(campaign)s || ':' || {d.subject} AS fingerprint,
        '{d.code}' AS code, '{d.title}' AS title, '{d.severity}' AS severity,
        h.id AS household_id, {d.member} AS member_id, NULL::text AS division_id,
        h.division_path, {d.detail} AS detail,
        ARRAY[{fields}]::text[] AS fields, '{spec.department}' AS department,
        '{d.owner_level}' AS owner_level, {d.row} AS ledger_row_id"""


def _matched(batch: LedgerBatch) -> int:
    with whole_county(), connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FROM counties_ledgerrow l JOIN households_member m
                ON m.id18 = l.id18 AND {ACTIVE} AND m.county_code = %s WHERE l.batch_id = %s""",
            [batch.county_code, batch.pk],
        )
        return int(cursor.fetchone()[0])
