"""Runs the specs over a county, each in its own transaction: one hash join per source, findings by one upsert."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction

from counties.comparison import SPECS
from counties.comparison.spec import ACTIVE, Difference, LedgerSpec, Source
from counties.models import CheckCount, CheckPart, CheckRun, LedgerBatch
from counties.models.findings import Origin
from counties.models.ledgers import BatchState
from counties.services import comparisons, findings
from counties.services.upserting import HITS, Upserted, hits, upsert
from fanpin import clock
from fanpin.regions.models import Division
from households.models import Campaign
from households.selectors.parameters import parameter

Advance = Callable[[int, int, str], None]


def run(check_run: CheckRun, *, advance: Advance, done: int = 0) -> None:
    """Compare ledger by ledger from the `done`-th on; `advance(done, total, message)` stands in each transaction.

    At the end the new findings go to the villages with a due date.
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
    found, change = compare(spec, batch)
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
    spec: LedgerSpec, batch: LedgerBatch, households: Sequence[int] | None = None
) -> tuple[Counter[str], Upserted]:
    """Disagreements by code of one ledger with a county's register, or with some of its households."""
    values = values_of(spec, batch, households)
    with hits(), connection.cursor() as cursor:
        if households is None:
            # A county's books are joined in memory, not in batches on the disk.
            cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
        for source in dict.fromkeys(d.source for d in spec.differences):
            kinds = [d for d in spec.differences if d.source == source]
            cursor.execute(_statement(spec, source, kinds), values)
        cursor.execute(f"SELECT code, count(DISTINCT fingerprint) FROM {HITS} GROUP BY code")
        found = Counter(dict(cursor.fetchall()))
        change = upsert(
            origin=Origin.COMPARISON,
            codes=spec.codes,
            county_code=batch.county_code,
            campaign_id=batch.campaign_id,
            households=households,
        )
    return found, change


def recheck(households: Sequence[int], county: Division, campaign: Campaign) -> None:
    """Compare some households of a county again with every ledger in use: what agrees now closes by itself."""
    batches = LedgerBatch.objects.filter(
        county_code=county.code, campaign=campaign, state=BatchState.IN_USE
    )
    for batch in batches:
        compare(SPECS[batch.ledger], batch, households)


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


def _statement(spec: LedgerSpec, source: Source, kinds: list[Difference]) -> str:
    """One pass over a source: only rows that hit something reach the VALUES, where each hit becomes a row."""
    lines = ",\n".join(_line(d) for d in kinds)
    any_hit = " OR ".join(f"({d.when})" for d in kinds)
    return f"""
        INSERT INTO {HITS} (fingerprint, code, title, severity, household_id, member_id,
            division_path, detail, fields, department, owner_level, ledger_row_id)
        SELECT 'comparison:' || k.code || ':' || %(campaign)s || ':' || k.subject, k.code,
            k.title, k.severity, h.id, k.member, h.division_path, k.detail, k.fields,
            '{spec.department}', k.owner, k.ledger_row
        FROM {source.tables}
        CROSS JOIN LATERAL (VALUES {lines})
            AS k (code, hit, title, severity, subject, member, detail, fields, owner, ledger_row)
        WHERE {source.where} AND ({any_hit}) AND k.hit
    """


def _line(d: Difference) -> str:
    fields = ", ".join(f"'{name}'" for name in d.fields)
    return f"""('{d.code}', ({d.when}), '{d.title}', '{d.severity}', {d.subject},
        {d.member}, {d.detail}, ARRAY[{fields}]::text[], '{d.owner_level}', {d.row})"""


def _matched(batch: LedgerBatch) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FROM counties_ledgerrow l JOIN households_member m
                ON m.id18 = l.id18 AND {ACTIVE} AND m.county_code = %s WHERE l.batch_id = %s""",
            [batch.county_code, batch.pk],
        )
        return int(cursor.fetchone()[0])
