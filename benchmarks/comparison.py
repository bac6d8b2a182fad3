"""A household-register ledger of a whole county: taken in from CSV, then compared with 400,000 members.

receive_ledger  limit: COPY of the same rows into a table with the same columns and indexes
                peer:  parsing line by line and `bulk_create`, over a sample, extrapolated
comparison      limit: one bare hash join for each condition, results kept in a table
                peer:  both books in Python dictionaries, walked person by person and household by household
Ours runs through the services: batch, findings with words, counts on households, dispatch, audit.
"""

import csv
import io
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import polars as pl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction

from counties.comparison import SPECS, receiving, running
from counties.models import Finding, LedgerBatch, LedgerRow
from counties.services import comparisons, ledgers
from fanpin import clock
from fanpin.accounts.models import Posting, User
from fanpin.regions.models import Division
from fanpin.sheets.loading import copy_frame
from households.models import Household, Member
from households.rules.identity import CHECK, WEIGHTS
from households.selectors.parameters import current_campaign
from households.services.reference import load_reference

MEMBERS = {"village": 4_000, "county": 400_000, "province": 800_000}
PLACES = (
    ("62", "甘肃省", "province"),
    ("6299", "测速市", "city"),
    ("629901", "测速县", "county"),
    ("629901100", "测速镇", "township"),
    ("629901100201", "测速村", "village"),
)
PATH = "/62/6299/629901/629901100/629901100201/"
SAMPLE = 2_000
# Of a hundred rows of the ledger: other name, died; of a hundred members: not in it.
OTHER_NAME, DEAD, MISSING = 1, 1, 3


def measure(size: str) -> list[dict[str, Any]]:
    """One line for taking the ledger in, one for the comparison."""
    members = MEMBERS[size]
    people = _people(members)
    county, by = _register(people)
    ledger = _ledger(people)
    taken = _receive(size, ledger, county, by)
    return [taken, _compare(size, county, by, members, ledger.height)]


def _people(count: int) -> pl.DataFrame:
    """n, id18 with a right check character, name, sex, household (four people each)."""
    n = pl.int_range(count, eager=True).alias("n")
    frame = pl.DataFrame({"n": n}).with_columns(
        first=pl.lit("990601")
        + (19400101 + pl.col("n") % 50 * 10000 + pl.col("n") // 50 % 12 * 100).cast(pl.String)
        + (pl.col("n") // 600 % 1000).cast(pl.String).str.zfill(3)
    )
    # 600 days hold 1,000 numbers each; above that the region's last digits tell people apart.
    region = (990600 + pl.col("n") // 600_000).cast(pl.String)
    frame = frame.with_columns(first=region + pl.col("first").str.slice(6))
    total = pl.sum_horizontal(
        pl.col("first").str.slice(i, 1).cast(pl.Int64) * weight for i, weight in enumerate(WEIGHTS)
    )
    digit = (total % 11).replace_strict(list(range(11)), list(CHECK), return_dtype=pl.String)
    return frame.select(
        "n",
        id18=pl.col("first") + digit,
        name=pl.lit("王") + pl.col("n").cast(pl.String),
        sex=(pl.col("n") % 2 + 1).cast(pl.String),
        household=pl.col("n") // 4 + 1,
        relation=pl.when(pl.col("n") % 4 == 0).then(pl.lit("02")).otherwise(pl.lit("99")),
    )


def _register(people: pl.DataFrame) -> tuple[Division, User]:
    parent, path = None, "/"
    for code, name, level in PLACES:
        path += f"{code}/"
        parent, _ = Division.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "full_name": name,
                "level": level,
                "parent": parent,
                "path": path,
            },
        )
    load_reference()
    by, made = User.objects.get_or_create(username="bench", defaults={"name": "测速"})
    if made:
        Posting.objects.create(
            user=by, role="county_reviewer", division_id="629901", from_on="2021-01-01"
        )
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE counties_ledgerrow, counties_ledgererror, counties_ledgerbatch, "
                       "households_member, households_household CASCADE")  # fmt: skip
    households = people.unique("household").select(id="household")
    copy_frame("households_household", households.select(
        pl.col("id"), *_constants(Household, hh_code="", village_id=PLACES[4][0], county_code="629901",
                                  division_path=PATH, head_name="户主", family_size=4),
    ).with_columns(hh_code=pl.col("id").cast(pl.String).str.zfill(17)))  # fmt: skip
    copy_frame("households_member", people.select(
        pl.col("household").alias("household_id"), pl.col("id18"), pl.col("id18").alias("id_no"),
        "name", "sex", "relation",
        *_constants(Member, without=("household_id", "id18", "id_no", "name", "sex", "relation"),
                    county_code="629901", ethnicity="01", status="active"),
    ))  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE households_member; ANALYZE households_household")
    county = Division.objects.get(pk="629901")
    return county, User.objects.get(pk=by.pk)


def _constants(
    model: type[models.Model], without: tuple[str, ...] = (), **given: Any
) -> list[pl.Expr]:
    """Every column that may not be null, with the model's default or the given value."""
    found = []
    for field in model._meta.concrete_fields:
        name = field.column
        if field.primary_key or name in without or (field.null and name not in given):
            continue
        value = given.get(
            name, clock.now() if isinstance(field, models.DateTimeField) else field.get_default()
        )
        if isinstance(value, list):
            value = "{}"
        found.append(pl.lit("" if value is None else value).alias(name))
    return found


def _ledger(people: pl.DataFrame) -> pl.DataFrame:
    """The police book: some people missing, some under another name, some dead."""
    share = pl.col("n") % 100
    return people.filter(share >= MISSING).select(
        身份证号=pl.col("id18"),
        姓名=pl.when(share == MISSING).then(pl.lit("李某")).otherwise(pl.col("name")),
        性别=pl.when(pl.col("sex") == "1").then(pl.lit("男")).otherwise(pl.lit("女")),
        户号=pl.col("household").cast(pl.String),
        状态=pl.when(share == MISSING + OTHER_NAME).then(pl.lit("死亡")).otherwise(pl.lit("正常")),
    )


def _receive(size: str, ledger: pl.DataFrame, county: Division, by: User) -> dict[str, Any]:
    raw = ledger.write_csv().encode()
    batch = ledgers.receive(
        ledger=SPECS["police"], county=county, campaign=current_campaign(), period="202110",
        upload=SimpleUploadedFile("police.csv", raw), by=by, wait=True,
    )  # fmt: skip
    ours = _timed(lambda: receiving.load(batch))
    limit = _timed(lambda: _bare_copy(batch.pk))
    peer = _line_by_line(raw, batch) * ledger.height / SAMPLE
    return _line("receive_ledger", size, ledger.height, limit, peer, ours, {})


def _bare_copy(batch: int) -> None:
    """The loaded rows once more, as CSV, into an empty table with the same indexes; the file is made untimed."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_rows")
        cursor.execute("CREATE TABLE bench_rows (LIKE counties_ledgerrow INCLUDING ALL)")
        cursor.cursor.copy_expert(
            f"COPY (SELECT * FROM counties_ledgerrow WHERE batch_id = {batch}) TO STDOUT CSV",
            buffer,
        )
        buffer.seek(0)
        _untimed(-time.perf_counter())
        cursor.cursor.copy_expert("COPY bench_rows FROM STDIN CSV", buffer)
        _untimed(time.perf_counter())
        cursor.execute("DROP TABLE bench_rows")


_marks: list[float] = []


def _untimed(mark: float) -> None:
    """Bounds of the part of `_timed` that counts, where a measure has a preparation of its own."""
    _marks.append(mark)


def _line_by_line(raw: bytes, batch: LedgerBatch) -> float:
    """Seconds for a sample with a reader, a model instance for each line and bulk_create."""
    sample = io.StringIO("\n".join(raw.decode().split("\n", SAMPLE + 1)[: SAMPLE + 1]))
    with transaction.atomic():
        LedgerRow.objects.filter(batch=batch).delete()
        taken = _created(sample, batch)
        transaction.set_rollback(True)
    return taken


def _created(sample: io.StringIO, batch: LedgerBatch) -> float:
    start = time.perf_counter()
    rows = [
        LedgerRow(
            batch=batch, county_code="629901", number=n, id18=line["身份证号"][:18].upper(),
            name=line["姓名"], sex=line["性别"], household_no=line["户号"], status=line["状态"], raw=line,
        )
        for n, line in enumerate(csv.DictReader(sample), 2)
    ]  # fmt: skip
    LedgerRow.objects.bulk_create(rows, batch_size=1000)
    return time.perf_counter() - start


def _compare(size: str, county: Division, by: User, members: int, rows: int) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE counties_ledgerrow")
    batch = LedgerBatch.objects.get(ledger="police", state="in_use")
    _bare_joins(batch)  # every page is read once before anything is timed
    run = comparisons.start(county, campaign=current_campaign(), by=by, wait=True)
    ours = _timed(lambda: running.run(run, advance=lambda *_: None))
    again = comparisons.start(county, campaign=current_campaign(), by=by, wait=True)
    twice = _timed(lambda: running.run(again, advance=lambda *_: None))
    limit = median(_timed(lambda: _bare_joins(batch)) for _ in range(3))
    peer = _timed(lambda: _dictionaries(batch))
    found = Finding.objects.filter(origin="comparison").count()
    return _line(
        "comparison", size, rows, limit, peer, ours,
        {"members": members, "findings": found, "again": round(twice, 3),
         "again_to_limit": round(twice / limit, 2)},
    )  # fmt: skip


def _bare_joins(batch: LedgerBatch) -> None:
    """A join for each condition under the settings of a run: no words, no exceptions, nothing written but two ids."""
    spec = SPECS["police"]
    values = {**running.values_of(spec, batch, None)}
    asked = {(d.source, d.when): d for d in spec.differences}
    with transaction.atomic(), running.whole_county(), connection.cursor() as cursor:
        for n, d in enumerate(asked.values()):
            cursor.execute(
                f"CREATE UNLOGGED TABLE bench_join_{n} AS SELECT {d.member} AS member, {d.row} AS row"
                f" FROM {d.source.tables} WHERE {d.source.where} AND ({d.when})",
                values,
            )
            cursor.execute(f"DROP TABLE bench_join_{n}")


def _dictionaries(batch: LedgerBatch) -> int:
    """What a script does: both books into memory, person by person, then family by family; nothing is kept."""
    book = {
        row[0]: row
        for row in LedgerRow.objects.filter(batch=batch).values_list(
            "id18", "name", "sex", "ethnicity", "status", "household_no"
        )
    }
    families: dict[str, list[str]] = {}
    for row in book.values():
        if row[5] and row[4] == "normal":
            families.setdefault(row[5], []).append(row[0])
    found: list[tuple[Any, str]] = []
    home: dict[str, int] = {}
    heads: list[tuple[str, int]] = []
    for pk, number, name, sex, ethnicity, household, relation in Member.objects.filter(
        county_code="629901", status__in=("active", "pending_out")
    ).values_list("pk", "id18", "name", "sex", "ethnicity", "household_id", "relation"):
        home[number] = household
        row = book.get(number)
        if relation == "02" and row is not None:
            heads.append((row[5], household))
        if row is None:
            found.append((pk, "R-XDP-01"))
        else:
            if row[1] != name or (row[2] and row[2] != sex) or (row[3] and row[3] != ethnicity):
                found.append((pk, "R-XDP-02"))
            if row[4] == "dead":
                found.append((pk, "R-XDP-03"))
            if row[4] in ("cancelled", "moved_out"):
                found.append((pk, "R-XDP-05"))
    for number, household in heads:
        for person in families.get(number, ()):
            if home.get(person) != household:
                found.append((person, "R-XDP-06" if person not in home else "R-XDP-06C"))
    return len(found)


def _line(
    name: str, size: str, rows: int, limit: float, peer: float, ours: float, more: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "size": size,
        "rows": rows,
        "limit": round(limit, 3),
        "peer": round(peer, 3),
        "ours": round(ours, 3),
        "ratio_to_limit": round(ours / limit, 2),
        "times_peer": round(peer / ours, 1),
        **more,
    }


def _timed(run: Callable[[], object]) -> float:
    _marks.clear()
    start = time.perf_counter()
    run()
    taken = time.perf_counter() - start
    return sum(_marks) if _marks else taken
