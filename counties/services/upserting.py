"""Hits become findings, set-based: refreshed, reopened, closed when they no longer hold, never doubled.

A run opens `hits()`, fills the staging table by a query, INSERT … SELECT or COPY, and calls `upsert`. What a person
waived stays waived until its date; counts on the households follow.
"""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from fanpin import clock
from households.services import standing

HITS = "finding_hits"
TOUCHED = "finding_touched"
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
    "fields": "varchar[] NOT NULL DEFAULT '{}'",
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
    "ledger_row_id",
)
_LIVE = "('open', 'dispatched', 'corrected', 'explained')"


@dataclass(frozen=True)
class Upserted:
    """How many findings are new or open again, closed because they no longer hold, and sent down at once."""

    opened: int
    closed: int
    dispatched: int = 0


@dataclass(frozen=True)
class Dispatch:
    """New findings go straight to the level that mends them: who sends them, and until when they are to be answered."""

    by: int
    due_on: datetime.date
    how: str = ""

    @property
    def note(self) -> str:
        return f"限{self.due_on:%Y-%m-%d}前处理{self.how}"


@contextmanager
def hits(query: str = "", values: dict[str, Any] | None = None) -> Iterator[str]:
    """The staging table for one upsert, its name: empty, or with the rows of a query; inside a transaction.

    A table made from a query may be filled by several processes, an INSERT only by one.
    """
    if query:
        typed = ", ".join(f"{name}::{kind.split()[0]}" for name, kind in _COLUMNS.items())
        table = f"{HITS} ON COMMIT DROP AS SELECT {typed} FROM ({query}) found"
    else:
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        table = f"{HITS} ({columns}) ON COMMIT DROP"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {table}", values)
        cursor.execute(f"CREATE TEMP TABLE {TOUCHED} (household_id bigint NOT NULL) ON COMMIT DROP")
        yield HITS
        cursor.execute(f"DROP TABLE {HITS}, {TOUCHED}")


def upsert(
    *,
    origin: str,
    codes: Sequence[str],
    county_code: str,
    campaign_id: int | None,
    households: Sequence[int] | None = None,
    divisions: Sequence[str] = (),
    dispatch: Dispatch | None = None,
) -> Upserted:
    """Bring the findings of these codes in line with the staged hits, for a county or some of its households.

    `divisions` are the places whose own sheet was judged, beside the households. With `dispatch` what is new or open
    again is dispatched in the same statement, its action beside it.
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
        "fresh": "dispatched" if dispatch else "open",
        "sent_at": clock.now() if dispatch else None,
        "sent_by": dispatch.by if dispatch else None,
        "due": dispatch.due_on if dispatch else None,
        "note": dispatch.note if dispatch else "",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {HITS} (fingerprint)")
        cursor.execute(_UPSERT, scope)
        opened, sent = cursor.fetchone()
        if opened > MANY:
            # The planner still believes in the few findings of before this run.
            cursor.execute("ANALYZE counties_finding (origin, code, state, county_code)")
        cursor.execute(_CLOSE, scope)
        (closed,) = cursor.fetchone()
        if (
            households and len(households) <= MANY
        ):  # a household that is looked at is counted, moved or not
            cursor.execute(f"INSERT INTO {TOUCHED} SELECT unnest(%(households)s::bigint[])", scope)
        cursor.execute(f"ANALYZE {TOUCHED}")
        cursor.execute(_RECOUNT.format(households=f"SELECT household_id FROM {TOUCHED}"))
        counts = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    if counts:
        standing.set_findings(counts)
    return Upserted(opened, closed, sent)


def recount(household_ids: Sequence[int]) -> None:
    """The households' numbers of open findings, after a person moved some."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RECOUNT.format(households="SELECT unnest(%(ids)s::bigint[])"),
            {"ids": list(household_ids)},
        )
        counts = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
    if counts:
        standing.set_findings(counts)


_SAME = ", ".join(f"f.{name}" for name in _REFRESHED)
_FOUND = ", ".join(f"h.{name}" for name in _REFRESHED)
_NEW = ", ".join(f"EXCLUDED.{name}" for name in _REFRESHED)
_ALL = ", ".join(_COLUMNS)
# What the village filed for a finding is still with the township or the county.
_WAITING = """EXISTS (
    SELECT FROM counties_findingchange x JOIN households_memberchange c ON c.id = x.change_id
    WHERE x.finding_id = f.id AND c.state IN ('township', 'county'))"""
# Only what is new or changed reaches the upsert; `was` is the state before, for a conflict would not tell it.
_UPSERT = f"""
WITH changed AS (
    SELECT DISTINCT ON (h.fingerprint) h.*, f.state AS was, f.household_id AS had,
           coalesce(f.waived_until < %(today)s, false) AS lapsed
    FROM {HITS} h LEFT JOIN counties_finding f ON f.fingerprint = h.fingerprint
    WHERE f.id IS NULL
       OR ROW({_SAME}) IS DISTINCT FROM ROW({_FOUND})
       OR f.state IN ('closed', 'corrected')
       OR f.waived_until < %(today)s
    ORDER BY h.fingerprint
), done AS (
    INSERT INTO counties_finding AS f
        ({_ALL}, origin, county_code, campaign_id, state, first_seen_at, refreshed_at,
         dispatched_at, dispatched_by_id, due_on)
    SELECT {_ALL}, %(origin)s, %(county)s, %(campaign)s::int, %(fresh)s, %(now)s, %(now)s,
           %(sent_at)s::timestamptz, %(sent_by)s::bigint, %(due)s::date
    FROM changed
    ON CONFLICT (fingerprint) DO UPDATE SET
        ({", ".join(_REFRESHED)}) = ROW({_NEW}),
        refreshed_at = EXCLUDED.refreshed_at,
        first_seen_at = CASE WHEN f.state = 'closed' THEN EXCLUDED.first_seen_at
                             ELSE f.first_seen_at END,
        state = CASE WHEN {{again}} THEN EXCLUDED.state
                     WHEN f.state = 'corrected' AND NOT {_WAITING} THEN
                         CASE WHEN f.dispatched_at IS NULL THEN 'open' ELSE 'dispatched' END
                     ELSE f.state END,
        dispatched_at = CASE WHEN {{again}} THEN EXCLUDED.dispatched_at ELSE f.dispatched_at END,
        dispatched_by_id = CASE WHEN {{again}} THEN EXCLUDED.dispatched_by_id
                                ELSE f.dispatched_by_id END,
        due_on = CASE WHEN {{again}} THEN EXCLUDED.due_on ELSE f.due_on END,
        owner_level = CASE WHEN {{again}} THEN EXCLUDED.owner_level ELSE f.owner_level END,
        closed_at = NULL,
        waived_until = CASE WHEN f.waived_until < %(today)s THEN NULL ELSE f.waived_until END
    RETURNING f.id, f.fingerprint, f.state, f.dispatched_at
), touched AS (
    INSERT INTO {TOUCHED} SELECT household_id FROM changed WHERE household_id IS NOT NULL
    UNION SELECT had FROM changed WHERE had IS NOT NULL
), moved AS (
    SELECT done.id, c.was IS NULL OR c.was = 'closed' AS opened,
           done.state = 'dispatched' AND done.dispatched_at = %(sent_at)s
               AND (c.was IS NULL OR c.was = 'closed' OR c.lapsed) AS sent
    FROM done JOIN changed c USING (fingerprint)
), noted AS (
    INSERT INTO counties_findingaction
        (finding_id, verb, source, target, note, done_at, done_by_id)
    SELECT id, 'dispatched', 'open', 'dispatched', %(note)s, %(now)s, %(sent_by)s
    FROM moved WHERE sent ORDER BY id
)
SELECT count(*) FILTER (WHERE opened), count(*) FILTER (WHERE sent) FROM moved
""".format(again="(f.state = 'closed' OR f.waived_until < %(today)s)")
_CLOSE = f"""
WITH closed AS (
UPDATE counties_finding f SET state = 'closed', closed_at = %(now)s, waived_until = NULL
WHERE f.origin = %(origin)s AND f.county_code = %(county)s AND f.code = ANY(%(codes)s)
  AND f.campaign_id IS NOT DISTINCT FROM %(campaign)s::int
  AND (%(households)s::bigint[] IS NULL OR f.household_id = ANY(%(households)s::bigint[])
       OR f.division_id = ANY(%(divisions)s))
  AND f.state IN {_LIVE}
  AND NOT EXISTS (SELECT FROM {HITS} h WHERE h.fingerprint = f.fingerprint)
RETURNING f.household_id
), touched AS (
    INSERT INTO {TOUCHED} SELECT DISTINCT household_id FROM closed WHERE household_id IS NOT NULL
)
SELECT count(*) FROM closed
"""
# Only households one of whose findings moved are counted again.
_RECOUNT = f"""
SELECT h.id, coalesce(n.errors, 0), coalesce(n.warnings, 0)
FROM households_household h
LEFT JOIN (
    SELECT household_id,
           count(*) FILTER (WHERE severity = 'error') AS errors,
           count(*) FILTER (WHERE severity = 'warn') AS warnings
    FROM counties_finding
    WHERE state IN {_LIVE} AND household_id IN ({{households}})
    GROUP BY household_id
) n ON n.household_id = h.id
WHERE h.id IN ({{households}})
  AND (h.open_errors, h.open_warnings) IS DISTINCT FROM
      (coalesce(n.errors, 0), coalesce(n.warnings, 0))
"""
