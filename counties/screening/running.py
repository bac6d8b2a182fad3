"""Screens a county some townships at a time, or some households after a save: reasons appear, change and go set-based.

Each step is a transaction of its own, so that a killed run goes on with the next ones. What somebody dismissed
stays dismissed until a new reason stands or a figure has got worse by the dated percentage.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from counties.models import LedgerBatch, RunValue, ScreeningRun
from counties.models.ledgers import BatchState
from counties.quality.checking import portions_of
from counties.screening import upserting
from counties.screening.signals import SIGNALS, Reading, Signal
from counties.services import screening as services
from fanpin import clock
from fanpin.regions.models import Division
from fanpin.regions.scope import code_of
from households.models import Campaign
from households.parameters import PARAMETERS
from households.selectors.parameters import parameters, policy_items

Advance = Callable[[int, int, str], None]
POINTS = "screening_signal"


@dataclass(frozen=True)
class Terms:
    """What is judged on a day in a county: the signals in force with their points, and the values they read.

    `skipped` are signals in force one of whose values nobody has set: they are not guessed.
    """

    points: dict[str, int]
    values: dict[str, Any]
    skipped: dict[str, list[str]] = field(default_factory=dict)
    ledgers: frozenset[str] = frozenset()

    @property
    def judged(self) -> list[Signal]:
        return [SIGNALS[code] for code in self.points]


def terms_at(path: str, campaign: Campaign) -> Terms:
    """What is judged today at a place. Raises MissingParameter when the colours have no thresholds."""
    known = parameters(path, clock.today())
    if any(known.get(key) is None for key in services.THRESHOLDS):
        services.thresholds(path)
    colours = {key: known[key] for key in services.THRESHOLDS}
    points, skipped = {}, {}
    for item in policy_items(POINTS, path, clock.today()):
        signal = SIGNALS.get(item.test_key)
        if signal is None:
            continue
        lacking = [key for key in signal.needs if known.get(key) is None]
        if lacking:
            skipped[signal.code] = lacking
        else:
            points[signal.code] = int(item.limit or 0)
    last = Campaign.objects.filter(year=campaign.year - 1).values_list("pk", flat=True).first()
    return Terms(
        points,
        {
            **{key: known.get(key) for signal in SIGNALS.values() for key in signal.needs},
            **colours,
            "today": clock.today(),
            "county": code_of(path, "county"),
            "campaign": campaign.pk,
            "last_campaign": last,
        },
        skipped,
        _ledgers(path, campaign),
    )


def _ledgers(path: str, campaign: Campaign) -> frozenset[str]:
    """The ledgers in use in the county of a place: where none is, nothing is joined."""
    rows = LedgerBatch.objects.filter(
        county_code=code_of(path, "county"), campaign=campaign, state=BatchState.IN_USE
    )
    return frozenset(rows.values_list("ledger", flat=True))


def run(row: ScreeningRun, *, advance: Advance, done: int = 0) -> None:
    """Screen the townships of a county from the `done`-th on; `advance` stands in each transaction."""
    terms = terms_at(row.division.path, row.campaign)
    places = Division.objects.filter(parent=row.division).order_by("code")
    townships = list(places.values_list("name", "path"))
    for portion in portions_of(row.division.code, townships[done:]):
        with transaction.atomic():
            changed = screen(terms, paths=[path for _name, path in portion])
            done += len(portion)
            ScreeningRun.objects.filter(pk=row.pk).update(
                appeared=F("appeared") + changed.appeared,
                vanished=F("vanished") + changed.vanished,
                came_back=F("came_back") + changed.came_back,
            )
            advance(done, len(townships), f"{portion[-1][0]}已筛查")
    with transaction.atomic():
        _keep_values(row, terms)
        services.finish(row)


def _keep_values(row: ScreeningRun, terms: Terms) -> None:
    """The thresholds and points this run decided by."""
    used = {key for signal in terms.judged for key in signal.needs} | {*services.THRESHOLDS}
    values = [
        RunValue(run=row, key=key, label=PARAMETERS[key].label, value=str(terms.values[key]))
        for key in PARAMETERS
        if key in used
    ]
    values += [
        RunValue(run=row, key=f"{POINTS}.{code}", label=SIGNALS[code].title, value=str(points))
        for code, points in terms.points.items()
    ]
    RunValue.objects.bulk_create(values, ignore_conflicts=True)


def rescreen(households: Sequence[int], county: Division, campaign: Campaign) -> None:
    """Some households of a county that was screened before, after their facts changed."""
    screen(terms_at(county.path, campaign), households=households)


@transaction.atomic
def screen(
    terms: Terms, *, paths: Sequence[str] = (), households: Sequence[int] = ()
) -> upserting.Changed:
    """Bring the reasons of the households below some paths, or of the named ones, in line with the books."""
    if households:
        where = "h.id = ANY(%(households)s)"
        more: dict[str, Any] = {"households": list(households)}
    else:
        where, more = (
            "h.division_path LIKE ANY(%(below)s)",
            {"below": [f"{path}%" for path in paths]},
        )
    values = {**terms.values, **more}
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE {upserting.HITS} ON COMMIT DROP AS {_hits(terms, where)}", values
        )
        changed = upserting.upsert(cursor, where, values, many=not households)
        cursor.execute(f"DROP TABLE {upserting.HITS}")
    return changed


def _hits(terms: Terms, where: str) -> str:
    """Every signal that holds, once for each person: the first of its readings that says so."""
    readings = [
        (rank, signal, reading)
        for signal in terms.judged
        for rank, reading in enumerate(signal.readings)
        if not reading.ledger or reading.ledger in terms.ledgers
    ]
    passes = [
        _pass(terms, [r for r in readings if r[2].tables == tables], tables, where)
        for tables in dict.fromkeys(reading.tables for _rank, _signal, reading in readings)
    ]
    rows = " UNION ALL ".join(passes) or _NOTHING
    return f"""SELECT DISTINCT ON (household_id, code, member_id) * FROM ({rows}) found
        ORDER BY household_id, code, member_id, rank"""


def _pass(
    terms: Terms, readings: list[tuple[int, Signal, Reading]], tables: str, where: str
) -> str:
    """One pass over the tables for all readings of them; only rows that hit something make their words."""
    branches = " UNION ALL ".join(
        f"""SELECT {rank} AS rank, '{signal.code}'::varchar AS code, '{signal.title}'::varchar AS title,
            '{signal.key_group}'::varchar AS key_group, {terms.points[signal.code]}::smallint AS points,
            ({reading.detail})::text AS detail, ({reading.figure})::numeric(14, 2) AS figure,
            ({reading.source})::varchar AS source, ({reading.source_on})::date AS source_on,
            {reading.member} AS member_id, {reading.row} AS ledger_row_id
        WHERE {reading.when}"""
        for rank, signal, reading in readings
    )
    asked = " OR ".join(f"({reading.when})" for _rank, _signal, reading in readings)
    return f"""SELECT h.id AS household_id, k.* FROM {tables} CROSS JOIN LATERAL ({branches}) k
        WHERE {where} AND h.ended_on IS NULL AND ({asked})"""


_NOTHING = """SELECT NULL::bigint AS household_id, 0 AS rank, ''::varchar AS code, ''::varchar AS title,
    ''::varchar AS key_group, 0::smallint AS points, ''::text AS detail, NULL::numeric AS figure,
    ''::varchar AS source, NULL::date AS source_on, NULL::bigint AS member_id,
    NULL::bigint AS ledger_row_id WHERE false"""
