"""Hits become findings, set-based: refreshed, reopened, closed when they no longer hold, never doubled.

A run opens `hits()`, fills the staging table by INSERT … SELECT or COPY, and calls `upsert`. What a person waived stays
waived until its date; counts on the households follow.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from fanpin import clock
from households.services import standing

HITS = "finding_hits"
MANY = 1_000
_COLUMNS = {
    "fingerprint": "text NOT NULL",
    "code": "text NOT NULL",
    "title": "text NOT NULL",
    "severity": "text NOT NULL",
    "household_id": "bigint",
    "member_id": "bigint",
    "division_id": "text",
    "division_path": "text NOT NULL",
    "detail": "text NOT NULL DEFAULT ''",
    "fields": "text[] NOT NULL DEFAULT '{}'",
    "department": "text NOT NULL DEFAULT ''",
    "owner_level": "text NOT NULL DEFAULT 'village'",
    "ledger_row_id": "bigint",
}
_REFRESHED = (
    "title",
    "severity",
    "household_id",
    "member_id",
    "division_id",
    "division_path",
    "detail",
    "fields",
    "department",
    "owner_level",
    "ledger_row_id",
)
_LIVE = "('open', 'dispatched', 'corrected', 'explained')"


@dataclass(frozen=True)
class Upserted:
    """How many findings are new or open again, and how many closed because they no longer hold."""

    opened: int
    closed: int


@contextmanager
def hits() -> Iterator[str]:
    """An empty staging table for one upsert, its name; inside a transaction."""
    columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {HITS} ({columns}) ON COMMIT DROP")
        yield HITS
        cursor.execute(f"DROP TABLE {HITS}")


def upsert(
    *,
    origin: str,
    codes: Sequence[str],
    county_code: str,
    campaign_id: int | None,
    households: Sequence[int] | None = None,
    divisions: Sequence[str] = (),
) -> Upserted:
    """Bring the findings of these codes in line with the staged hits, for a county or some of its households.

    `divisions` are the places whose own sheet was judged, beside the households.
    """
    scope: dict[str, Any] = {
        "origin": origin,
        "codes": list(codes),
        "county": county_code,
        "campaign": campaign_id,
        "households": list(households) if households is not None else None,
        "divisions": list(divisions),
        "now": clock.now(),
        "today": clock.today(),
    }
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX ON {HITS} (fingerprint)")
        cursor.execute(f"ANALYZE {HITS}")
        cursor.execute(_UPSERT, scope)
        opened = cursor.fetchone()[0]
        if opened > MANY:
            # The planner still believes in the few findings of before this run.
            cursor.execute("ANALYZE counties_finding (origin, code, state, county_code)")
        cursor.execute(_CLOSE, scope)
        closed = cursor.rowcount
        cursor.execute(_RECOUNT, scope)
        counts = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    if counts:
        standing.set_findings(counts)
    return Upserted(opened, closed)


def recount(household_ids: Sequence[int]) -> None:
    """The households' numbers of open findings, after a person moved some."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, {"county": None, "households": list(household_ids)})
        counts = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    if counts:
        standing.set_findings(counts)


_SAME = ", ".join(f"f.{name}" for name in _REFRESHED)
_NEW = ", ".join(f"EXCLUDED.{name}" for name in _REFRESHED)
_ALL = ", ".join(_COLUMNS)
_UPSERT = f"""
WITH done AS (
    INSERT INTO counties_finding AS f
        ({_ALL}, origin, county_code, campaign_id, state, first_seen_at, last_seen_at)
    SELECT DISTINCT ON (fingerprint) {_ALL}, %(origin)s, %(county)s, %(campaign)s::int,
           'open', %(now)s, %(now)s
    FROM {HITS} ORDER BY fingerprint
    ON CONFLICT (fingerprint) DO UPDATE SET
        ({", ".join(_REFRESHED)}) = ROW({_NEW}),
        last_seen_at = EXCLUDED.last_seen_at,
        first_seen_at = CASE WHEN f.state = 'closed' THEN EXCLUDED.first_seen_at
                             ELSE f.first_seen_at END,
        state = CASE WHEN f.state = 'closed' OR f.waived_until < %(today)s THEN 'open'
                     WHEN f.state = 'corrected' THEN
                         CASE WHEN f.dispatched_at IS NULL THEN 'open' ELSE 'dispatched' END
                     ELSE f.state END,
        dispatched_at = CASE WHEN f.state = 'closed' OR f.waived_until < %(today)s THEN NULL
                             ELSE f.dispatched_at END,
        dispatched_by_id = CASE WHEN f.state = 'closed' OR f.waived_until < %(today)s THEN NULL
                                ELSE f.dispatched_by_id END,
        due_on = CASE WHEN f.state = 'closed' OR f.waived_until < %(today)s THEN NULL
                      ELSE f.due_on END,
        closed_at = NULL,
        waived_until = CASE WHEN f.waived_until < %(today)s THEN NULL ELSE f.waived_until END
    WHERE ROW({_SAME}) IS DISTINCT FROM ROW({_NEW})
       OR f.state IN ('closed', 'corrected')
       OR f.waived_until < %(today)s
       OR f.last_seen_at < %(today)s::timestamptz
    RETURNING f.state = 'open' AND f.first_seen_at = %(now)s AS opened
)
SELECT count(*) FILTER (WHERE opened) FROM done
"""
_CLOSE = f"""
UPDATE counties_finding f SET state = 'closed', closed_at = %(now)s, waived_until = NULL
WHERE f.origin = %(origin)s AND f.county_code = %(county)s AND f.code = ANY(%(codes)s)
  AND f.campaign_id IS NOT DISTINCT FROM %(campaign)s::int
  AND (%(households)s::bigint[] IS NULL OR f.household_id = ANY(%(households)s::bigint[])
       OR f.division_id = ANY(%(divisions)s))
  AND f.state IN {_LIVE}
  AND NOT EXISTS (SELECT FROM {HITS} h WHERE h.fingerprint = f.fingerprint)
"""
_RECOUNT = f"""
SELECT h.id, coalesce(n.errors, 0), coalesce(n.warnings, 0)
FROM households_household h
LEFT JOIN (
    SELECT household_id,
           count(*) FILTER (WHERE severity = 'error') AS errors,
           count(*) FILTER (WHERE severity = 'warn') AS warnings
    FROM counties_finding
    WHERE household_id IS NOT NULL AND state IN {_LIVE}
      AND (%(county)s::text IS NULL OR county_code = %(county)s)
      AND (%(households)s::bigint[] IS NULL OR household_id = ANY(%(households)s::bigint[]))
    GROUP BY household_id
) n ON n.household_id = h.id
WHERE (%(county)s::text IS NULL OR h.county_code = %(county)s)
  AND (%(households)s::bigint[] IS NULL OR h.id = ANY(%(households)s::bigint[]))
  AND (h.open_errors, h.open_warnings) IS DISTINCT FROM
      (coalesce(n.errors, 0), coalesce(n.warnings, 0))
"""
