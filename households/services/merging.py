"""Writes the staged rows of an import chunk by chunk: the set-based twin of registering and editing.

A chunk is one transaction: households, members, history, collection and `chunks_done` are committed
together, so a killed worker goes on with the first chunk that is not there. The apps above hear of all
households at once, when the last chunk is written: judging them together costs a third.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from django.db import connection, models, transaction
from django.db.models import F

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.sheets.loading import copy_frame, insert_rows, rows_for, update_rows
from households import verbs
from households.models import (
    Campaign,
    CellError,
    Collection,
    Household,
    ImportBatch,
    ImportRow,
    IncomeStatement,
    Member,
    MemberChange,
)
from households.policies.imports import may_apply_import
from households.services import earning, standing, telling
from households.services.imports import forget_staged, staged_chunk
from households.services.numbering import LAST_SERIAL

State = ImportBatch.State
# Households from which on the server counts its tables anew before they are judged.
COUNTED_FROM = 2_000
COUNTED: dict[type[models.Model], str] = {
    Household: "id, village_id, division_path, ended_on",
    Member: "id, household_id, status",
    MemberChange: "household_id, member_id, kind",
    Collection: "household_id, campaign_id",
    IncomeStatement: "household_id, campaign_id, purpose",
}
STALE = ("检查以后有人修改了这一行", "请重新上传检查")
TAKEN = ("检查以后该人员已在别处登记", "请核对后重新上传检查")


@dataclass(frozen=True)
class Written:
    """How many chunks are written, of how many."""

    done: int
    of: int


@dataclass
class Chunk:
    """One chunk while it is written."""

    batch: ImportBatch
    by: User
    homes: pl.DataFrame
    people: pl.DataFrame
    now: datetime.datetime
    today: datetime.date

    @property
    def new_homes(self) -> pl.DataFrame:
        return self.homes.filter(pl.col("kind") == "new")

    @property
    def household_ids(self) -> list[int]:
        both = pl.concat([self.homes.get_column("id"), self.people.get_column("household_id")])
        return both.unique().sort().to_list()

    @property
    def registered_before(self) -> list[int]:
        new = set(self.new_homes.get_column("id").to_list())
        return [pk for pk in self.household_ids if pk not in new]


def apply(
    batch: ImportBatch, *, by: User, advance: Callable[[Written], None] | None = None
) -> ImportBatch:
    """Write every chunk that is not written yet, and tell of what is written, also when it is stopped half-way.

    A batch that is written already is only told of: an attempt before may have died in between.
    """
    try:
        while batch.state != State.APPLIED:
            written = apply_next(batch, by=by)
            if advance:
                advance(written)
    finally:
        _tell_all(batch)
    return batch


def apply_next(batch: ImportBatch, *, by: User) -> Written:
    """Write the next chunk that is not written yet; `apply` tells of it."""
    with transaction.atomic():
        row = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        may_apply_import(by, row).require()
        if row.chunks_done < row.chunks:
            _write(_chunk(row, by))
            row.chunks_done += 1
            row.state = State.APPLYING
        if row.chunks_done >= row.chunks:
            _finish(row, by)
        row.save(update_fields=["chunks_done", "state", "applied_at", "applied_by", "wrong"])
    batch.refresh_from_db()
    return Written(row.chunks_done, row.chunks)


def _chunk(batch: ImportBatch, by: User) -> Chunk:
    homes, people = staged_chunk(batch, batch.chunks_done)
    return Chunk(batch, by, homes, people, clock.now(), clock.today())


def _finish(batch: ImportBatch, by: User) -> None:
    batch.state = State.APPLIED
    batch.applied_at = clock.now()
    batch.applied_by = by
    batch.wrong = ImportRow.objects.filter(batch=batch, kind=ImportRow.Kind.WRONG).count()
    record(
        verbs.IMPORT_APPLIED,
        by=by,
        on=batch,
        path=batch.division.path,
        subject=batch.original_name,
        after={"new": batch.new, "changed": batch.changed, "wrong": batch.wrong},
    )
    transaction.on_commit(lambda: forget_staged(batch))


def _write(chunk: Chunk) -> None:
    with connection.cursor() as cursor:
        # A crash may lose the last chunks, never a part of one; `chunks_done` goes with them.
        cursor.execute("SET LOCAL synchronous_commit TO off")
    list(
        Household.objects.select_for_update().filter(pk__in=chunk.registered_before)
        .order_by("pk").values_list("pk")
    )  # fmt: skip
    chunk.homes = _without_stale(chunk, Household, chunk.homes)
    chunk.people = _without_stale(chunk, Member, chunk.people)
    insert_rows(Household, _numbered(chunk))
    _update(chunk, Household, chunk.homes)
    people = chunk.people.filter(pl.col("kind") == "new")
    taken = insert_rows(Member, _enrolled(chunk, people))
    _refuse(chunk, people.filter(pl.col("id").is_in(taken)), TAKEN)
    chunk.people = chunk.people.filter(~pl.col("id").is_in(taken))
    _update(chunk, Member, chunk.people)
    _log(chunk)
    campaign = Campaign.objects.filter(is_current=True).first()
    if campaign is not None:
        earning.save_annual(chunk.homes, campaign=campaign, now=chunk.now, by=chunk.by)
        _open_collections(chunk, campaign)
    # New households came with their standing counted, unless some of their people were kept out.
    standing.refresh_members(chunk.household_ids if taken else chunk.registered_before)


def _tell_all(batch: ImportBatch) -> None:
    """Send what the batch has written so far: who hears it asks for many households, of tables just filled."""
    changes = MemberChange.objects.filter(batch=batch, kind__in=("register", "import"))
    ids = set(changes.values_list("household_id", flat=True).distinct())
    new = set(changes.filter(kind="register", member=None).values_list("household_id", flat=True))
    if len(ids) >= COUNTED_FROM:
        with connection.cursor() as cursor:
            for model, columns in COUNTED.items():
                cursor.execute(f"ANALYZE {model._meta.db_table} ({columns})")
    telling.tell(new, "registered")
    telling.tell(ids - new, "household", "member", "income")


def _without_stale(chunk: Chunk, model: type[models.Model], rows: pl.DataFrame) -> pl.DataFrame:
    """Rows somebody edited after the check stay out: the preview no longer tells the truth."""
    changed = rows.filter(pl.col("kind") == "changed")
    ids = changed.get_column("id").to_list()
    now = dict(model._default_manager.filter(pk__in=ids).values_list("pk", "version"))
    stale = [
        pk for pk, version in changed.select("id", "version").iter_rows() if now[pk] != version
    ]
    _refuse(chunk, rows.filter(pl.col("id").is_in(stale)), STALE)
    return rows.filter(~pl.col("id").is_in(stale))


def _refuse(chunk: Chunk, rows: pl.DataFrame, why: tuple[str, str]) -> None:
    """Keep the rows out and say so in the batch."""
    lines = rows.select("sheet", "row_number", pl.col("label").fill_null("")).rows()
    for sheet, number, label in lines:
        ImportRow.objects.update_or_create(
            batch=chunk.batch,
            sheet=sheet,
            number=number,
            defaults={"kind": "wrong", "key": label[:60]},
        )
    CellError.objects.bulk_create(
        CellError(
            batch=chunk.batch, sheet=sheet, number=number, value=label[:200], column="整行",
            message=why[0], remedy=why[1],
        )
        for sheet, number, label in lines
    )  # fmt: skip


def _numbered(chunk: Chunk) -> pl.DataFrame:
    """The new households with the next numbers of their villages, whose rows are locked for it."""
    homes = chunk.new_homes
    villages = homes.get_column("village_id").unique().sort().to_list()
    serials = _last_serials(villages)
    last = pl.col("village_id").replace_strict(serials, default=0, return_dtype=pl.Int64)
    serial = last + pl.int_range(1, pl.len() + 1).over("village_id")
    homes = homes.with_columns(
        hh_code=pl.col("village_id") + serial.cast(pl.String).str.zfill(5),
        county_code=pl.col("village_id").str.slice(0, 6),
        created_at=pl.lit(chunk.now.isoformat()),
        updated_at=pl.lit(chunk.now.isoformat()),
        version=pl.lit(1),
    )
    if homes.filter(pl.col("hh_code").str.len_chars() > 17).height:
        raise ValueError(f"a village has more than {LAST_SERIAL} households")
    return homes


def _last_serials(villages: list[str]) -> dict[str, int]:
    """The last serial of each village that has one. Holds the villages' rows until the commit, as
    `services.numbering` does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM regions_division WHERE code = ANY(%s) ORDER BY code FOR UPDATE",
            [villages],
        )
        cursor.execute(
            f"""
            SELECT v.code, right(last.hh_code, 5)::int
            FROM unnest(%s::text[]) v (code)
            CROSS JOIN LATERAL (
                SELECT hh_code FROM {Household._meta.db_table}
                WHERE hh_code >= v.code || '00000' AND hh_code <= v.code || '99999'
                ORDER BY hh_code DESC LIMIT 1) last
            """,
            [villages],
        )
        return dict(cursor.fetchall())


def _enrolled(chunk: Chunk, people: pl.DataFrame) -> pl.DataFrame:
    joined = pl.lit(f"{chunk.today:%Y%m}")
    known = pl.col("joined_ym") if "joined_ym" in people.columns else pl.lit(None, dtype=pl.String)
    return people.with_columns(
        joined_on=pl.lit(chunk.today),
        joined_ym=pl.coalesce(known, joined),
        updated_at=pl.lit(chunk.now.isoformat()),
        version=pl.lit(1),
    )


def _update(chunk: Chunk, model: type[models.Model], rows: pl.DataFrame) -> None:
    changed = rows.filter(pl.col("kind") == "changed")
    if not changed.height:
        return
    keys = ("version", "household_id", "village_id", "division_path", "county_code")
    said = [
        name
        for name in changed.columns
        if name not in keys and not changed.get_column(name).is_null().all()
    ]
    update_rows(model, changed.select(said), updated_at=chunk.now)
    ids = changed.get_column("id").to_list()
    model._default_manager.filter(pk__in=ids).update(version=F("version") + 1)


def _log(chunk: Chunk) -> None:
    """History: 建档 for a new household with its people and for new people of a registered one,
    批量导入 for each changed household and member, all carrying the batch."""
    new_homes = chunk.new_homes.get_column("id")
    people = chunk.people.filter(
        (pl.col("kind") == "changed") | ~pl.col("household_id").is_in(new_homes.implode())
    )
    parts = [
        _acts(chunk.homes, household=pl.col("id"), member=pl.lit(None, dtype=pl.Int64)),
        _acts(people, household=pl.col("household_id"), member=pl.col("id")),
    ]
    acts = pl.concat(parts).with_columns(
        changed_on=pl.lit(chunk.today),
        made_at=pl.lit(chunk.now.isoformat()),
        made_by_id=pl.lit(chunk.by.pk),
        batch_id=pl.lit(chunk.batch.pk),
        note=pl.lit(f"导入“{chunk.batch.original_name}”"),
    )
    copy_frame(MemberChange._meta.db_table, rows_for(MemberChange, acts))


def _acts(rows: pl.DataFrame, *, household: pl.Expr, member: pl.Expr) -> pl.DataFrame:
    new = pl.col("kind") == "new"
    return rows.select(
        household_id=household,
        member_id=member,
        kind=pl.when(new).then(pl.lit("register")).otherwise(pl.lit("import")),
        fields="fields",
        before="before",
        after="after",
    )


def _open_collections(chunk: Chunk, campaign: Campaign) -> None:
    """New households enter the current round; submitted forms of changed ones go back."""
    opened = chunk.new_homes.select(
        household_id="id",
        campaign_id=pl.lit(campaign.pk),
        changed_at=pl.lit(chunk.now.isoformat()),
        changed_by_id=pl.lit(chunk.by.pk),
    )
    copy_frame(Collection._meta.db_table, rows_for(Collection, opened))
    Collection.objects.filter(
        household__in=chunk.registered_before, campaign=campaign, state__in=("checked", "reviewed")
    ).update(
        state="collected",
        note="提交后信息有修改，须重新提交",
        changed_at=chunk.now,
        changed_by=chunk.by,
    )
