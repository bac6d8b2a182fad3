"""From facts to findings: one household after a save, or a county township by township.

Findings are written set-based through counties.services.upserting: refreshed, closed when they no
longer hold, never doubled, never reopened while waived.
"""

import io
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from operator import or_
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Left

from assistance.selectors import facts as assistance_facts
from counties.models import Finding
from counties.models.findings import Origin
from counties.quality.judging import Judged, judge
from counties.quality.portions import SIDES, side_by_side
from counties.services import upserting
from fanpin.regions.models import Division, Level
from fanpin.rules import registry
from households.models import Campaign, Household
from households.selectors import facts as household_facts
from households.selectors.parameters import current_campaign
from monitoring.selectors import rule_facts as monitoring_facts

STAGED = (
    "fingerprint", "code", "title", "severity", "household_id", "member_id", "division_path",
    "detail", "fields", "department",
)  # fmt: skip
SOURCES = (household_facts.frames, assistance_facts.frames, monitoring_facts.frames)
# Households read, judged and written in one transaction.
PORTION = 25_000
# So many are not worth a second connection.
FEW = 2_000
Advance = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Checked:
    """What a check looked at and found; `skipped` are rules whose policy value nobody has set."""

    households: int = 0
    members: int = 0
    rules: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    skipped: dict[str, list[str]] = field(default_factory=dict)
    opened: int = 0
    closed: int = 0
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """「检查 1,500 户 5,200 人，疑点 312 条，新增 20 条，销号 8 条」"""
        text = (
            f"检查 {self.households:,} 户 {self.members:,} 人，疑点 {self.hits.total():,} 条，"
            f"新增 {self.opened:,} 条，销号 {self.closed:,} 条"
        )
        if self.skipped:
            codes = "、".join(self.skipped)
            text += f"；{len(self.skipped)} 条规则因参数未设置没有检查：{codes}"
        return text

    def __add__(self, other: "Checked") -> "Checked":
        return Checked(
            self.households + other.households,
            self.members + other.members,
            max(self.rules, other.rules),
            self.hits + other.hits,
            self.skipped | other.skipped,
            self.opened + other.opened,
            self.closed + other.closed,
            self.seconds + other.seconds,
        )


def facts_of(campaign: Campaign, **which: Any) -> dict[str, pl.DataFrame]:
    """The facts of every app that has rules; `which` is household_ids=… or paths=…."""
    found: dict[str, pl.DataFrame] = {}
    for source in SOURCES:
        found |= source(campaign, **which)
    return found


def check_households(household_ids: Iterable[int], *, campaign: Campaign | None = None) -> Checked:
    """Judge these households now; rules that need the whole village keep their last answer."""
    campaign = campaign or current_campaign()
    by_county: dict[tuple[str, str], list[int]] = {}
    rows = Household.objects.filter(pk__in=list(household_ids)).order_by("pk")
    for pk, county, path in rows.values_list("pk", "county_code", "division_path"):
        by_county.setdefault((county, _county_path(path)), []).append(pk)
    total = Checked()
    started = time.perf_counter()
    for (county, path), ids in by_county.items():

        def check(part: list[int], county: str = county, path: str = path) -> Checked:
            collect = partial(facts_of, campaign, household_ids=part)
            return _check(collect, campaign, county, path, reach=("household",), households=part)

        size = min(PORTION, max(-(-len(ids) // SIDES), FEW))
        parts = [ids[start : start + size] for start in range(0, len(ids), size)]
        total = sum(side_by_side(check, parts), start=total)
    return replace(total, seconds=time.perf_counter() - started)


def check_county(
    county_code: str,
    *,
    campaign: Campaign | None = None,
    start: int = 0,
    advance: Advance | None = None,
) -> Checked:
    """Judge a county, some townships a transaction, so that a killed run goes on where it stopped.

    Two such portions are judged at a time; a run goes on behind the last pair that is written whole.
    """
    campaign = campaign or current_campaign()
    county = Division.objects.get(pk=county_code, level=Level.COUNTY)
    townships = list(
        Division.objects.filter(parent=county).order_by("code").values_list("name", "path")
    )
    retired = _retired(county.code)
    total = Checked()
    started = time.perf_counter()
    done = start
    portions = list(portions_of(county.code, townships[start:]))

    def check(portion: list[Township]) -> Checked:
        return _check_below([path for _name, path in portion], campaign, county, retired)

    for first in range(0, len(portions), SIDES):
        pair = portions[first : first + SIDES]
        total = sum(side_by_side(check, pair), start=total)
        done += sum(len(portion) for portion in pair)
        if advance:
            advance(done, len(townships), f"{pair[-1][-1][0]}已检查")
    return replace(total, seconds=time.perf_counter() - started)


Township = tuple[str, str]


def portions_of(county_code: str, townships: Sequence[Township]) -> Iterator[list[Township]]:
    """Townships that follow each other, together until they are enough: each portion reads whole tables once."""
    rows = Household.objects.filter(county_code=county_code).order_by()
    length = min((len(path) for _name, path in townships), default=0)
    sizes = dict(
        rows.annotate(township=Left("division_path", length))
        .values_list("township")
        .annotate(Count("pk"))
    )
    portion: list[Township] = []
    held = 0
    for township in townships:
        portion.append(township)
        held += sizes.get(township[1], 0)
        if held >= PORTION:
            yield portion
            portion, held = [], 0
    if portion:
        yield portion


def _check_below(
    paths: Sequence[str], campaign: Campaign, county: Division, retired: Sequence[str]
) -> Checked:
    below = reduce(or_, (Q(division_path__startswith=path) for path in paths))
    ids = list(Household.objects.filter(below).values_list("pk", flat=True))
    if not ids:
        return Checked()
    return _check(
        partial(facts_of, campaign, paths=paths),
        campaign, county.code, county.path, reach=("household", "village"), households=ids,
        retired=retired,
    )  # fmt: skip


def _check(
    collect: Callable[[], dict[str, pl.DataFrame]],
    campaign: Campaign,
    county_code: str,
    county_path: str,
    *,
    reach: Sequence[str],
    households: Sequence[int],
    retired: Sequence[str] = (),
) -> Checked:
    with transaction.atomic():
        frames = collect()
        judged = judge(frames, campaign, county_path, reach=reach)
        with upserting.hits() as table:
            _stage(table, judged, frames, campaign)
            done = upserting.upsert(
                origin=Origin.QUALITY,
                codes=[*(rule.code for rule in judged.rules), *retired],
                county_code=county_code,
                campaign_id=campaign.pk,
                households=households,
            )
    return Checked(
        frames["household"].height,
        frames["member"].height,
        len(judged.rules),
        Counter(dict(judged.hits.group_by("code").len().iter_rows())),
        judged.skipped,
        done.opened,
        done.closed,
    )


def _stage(table: str, judged: Judged, frames: dict[str, pl.DataFrame], campaign: Campaign) -> None:
    """The hits of households and members with title, severity and place beside them."""
    if judged.hits.is_empty():
        return
    places = frames["household"].select(pl.col("id").alias("household_id"), "division_path")
    rows = (
        judged.hits.join(headings(judged), on="code")
        .join(places, on="household_id")
        .with_columns(
            fingerprint=pl.format(
                "quality:{}:{}:{}:{}",
                "code",
                pl.lit(str(campaign.year)),
                "subject",
                "subject_id",
            ),
            member_id=pl.when(pl.col("subject") == "member").then(pl.col("subject_id")),
        )
    )
    stage(table, rows)


def stage(table: str, rows: pl.DataFrame, more: Sequence[str] = ()) -> None:
    """Rows into the staging table by COPY: the columns that `rows` has."""
    columns = [name for name in (*STAGED, *more) if name in rows.columns]
    buffer = io.BytesIO()
    rows.select(columns).write_csv(buffer, include_header=False)
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv)", buffer)


def headings(judged: Judged) -> pl.DataFrame:
    """Code → title, severity, fields and first department of each judged rule."""
    return pl.DataFrame(
        {
            "code": [rule.code for rule in judged.rules],
            "title": [rule.title for rule in judged.rules],
            "severity": [rule.severity for rule in judged.rules],
            "fields": ["{" + ",".join(rule.fields) + "}" for rule in judged.rules],
            "department": [(*rule.departments, "")[0] for rule in judged.rules],
        }
    )


def _retired(county_code: str) -> list[str]:
    """Codes with live findings whose rule exists no more: those close."""
    codes = Finding.objects.filter(origin=Origin.QUALITY, county_code=county_code).live()
    known = codes.order_by().values_list("code", flat=True).distinct()
    return [code for code in known if code not in registry]


def _county_path(path: str) -> str:
    return "/".join(path.split("/")[:4]) + "/"
