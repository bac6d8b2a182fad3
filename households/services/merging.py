"""Writes the staged rows of an import chunk by chunk: the set-based twin of registering and editing.

A chunk is one transaction: households, members, change rows, standing and `chunks_done` are
committed together, so a killed worker goes on with the first chunk that is not there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.sheets.loading import quoted, staging_exists
from households import verbs
from households.models import (
    Campaign,
    CellError,
    Collection,
    Household,
    ImportBatch,
    ImportRow,
    Member,
    MemberChange,
)
from households.policies.imports import may_apply_import
from households.services import standing, telling
from households.services.imports import forget_staging, staging_tables

State = ImportBatch.State
HOUSEHOLDS, MEMBERS = Household._meta.db_table, Member._meta.db_table
CHANGES, ROWS = MemberChange._meta.db_table, ImportRow._meta.db_table
NOT_FIELDS = {
    "row_number", "label", "kind", "id", "household_id", "version", "chunk", "village_id", "hamlet_id",
    "path", "has_income",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """What one chunk came to."""

    done: int
    of: int


def apply_next(batch: ImportBatch, *, by: User) -> Written:
    """Write the next chunk that is not written yet."""
    with transaction.atomic():
        row = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        may_apply_import(by, row).require()
        if row.chunks_done < row.chunks:
            _write_chunk(row, row.chunks_done, by)
            row.chunks_done += 1
            row.state = State.APPLYING
        if row.chunks_done >= row.chunks:
            _finish(row, by)
        row.save(update_fields=["chunks_done", "state", "applied_at", "applied_by", "wrong"])
    batch.refresh_from_db()
    return Written(row.chunks_done, row.chunks)


def staging_is_whole(batch: ImportBatch) -> bool:
    """False when the server crashed since the check and emptied the staging tables."""
    tables = staging_tables(batch.pk)
    if not all(staging_exists(table) for table in tables):
        return False
    count = sum(_execute(f"SELECT count(*) FROM {table}")[0][0] for table in tables)
    return count == ImportRow.objects.filter(batch=batch, kind__in=("new", "changed")).count()


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
    forget_staging(batch)


def _write_chunk(batch: ImportBatch, chunk: int, by: User) -> None:
    home, person = staging_tables(batch.pk)
    now, today = clock.now(), clock.today()
    _lock(home, person, chunk)
    stale = _mark_stale(batch, home, HOUSEHOLDS, chunk) + _mark_stale(batch, person, MEMBERS, chunk)
    _number_households(home, chunk)
    _insert_households(home, chunk, now)
    _update(home, HOUSEHOLDS, chunk, now)
    _insert_members(person, chunk, now, today)
    taken = _mark_taken(batch, person, chunk)
    _update(person, MEMBERS, chunk, now)
    _log_changes(batch, home, person, chunk, by)
    _open_collections(home, person, chunk, by)
    ids = _touched(home, person, chunk)
    standing.refresh_members(ids)
    _execute(
        f"UPDATE {ROWS} SET applied = true WHERE batch_id = %s AND kind IN ('new', 'changed')"
        " AND household_id = ANY(%s)",
        [batch.pk, ids],
    )
    if stale or taken:
        batch.wrong += stale + taken
    telling.tell(ids, "household", "member")


def _execute(statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(params))
        return cursor.fetchall() if cursor.description else []


def _staged_fields(table: str) -> list[str]:
    """The model columns a staging table carries; a column nobody filled in is not there at all."""
    rows = _execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        [quoted(table)],
    )
    return [name for (name,) in rows if name not in NOT_FIELDS]


def _lock(home: str, person: str, chunk: int) -> None:
    """Nobody else edits these households until the chunk is written."""
    _execute(
        f"SELECT 1 FROM {HOUSEHOLDS} WHERE id IN (SELECT id FROM {home} WHERE chunk = %s"
        f" UNION SELECT household_id FROM {person} WHERE chunk = %s) ORDER BY id FOR UPDATE",
        [chunk, chunk],
    )


def _mark_stale(batch: ImportBatch, table: str, target: str, chunk: int) -> int:
    """Rows somebody edited after the check stay out: the preview no longer tells the truth."""
    rows = _execute(
        f"DELETE FROM {table} s USING {target} t WHERE t.id = s.id AND s.chunk = %s"
        " AND s.kind = 'changed' AND t.version <> s.version RETURNING s.row_number, s.label",
        [chunk],
    )
    sheet = "户" if target == HOUSEHOLDS else "成员"
    _refuse_rows(batch, sheet, rows, "检查以后有人修改了这一行", "请重新上传检查")
    return len(rows)


def _mark_taken(batch: ImportBatch, person: str, chunk: int) -> int:
    """People who were registered elsewhere between check and merge were not inserted."""
    rows = _execute(
        f"DELETE FROM {person} s WHERE chunk = %s AND kind = 'new'"
        f" AND NOT EXISTS (SELECT 1 FROM {MEMBERS} m WHERE m.id = s.id) RETURNING row_number, label",
        [chunk],
    )
    _refuse_rows(batch, "成员", rows, "检查以后该人员已在别处登记", "请核对后重新上传检查")
    return len(rows)


def _refuse_rows(
    batch: ImportBatch, sheet: str, rows: Iterable[tuple[int, str]], message: str, remedy: str
) -> None:
    rows = list(rows)
    numbers = [number for number, _ in rows]
    ImportRow.objects.filter(batch=batch, sheet=sheet, number__in=numbers).update(kind="wrong")
    CellError.objects.bulk_create(
        CellError(
            batch=batch, sheet=sheet, number=number, value=(label or "")[:200], message=message,
            remedy=remedy, column="整行",
        )
        for number, label in rows
    )  # fmt: skip


def _number_households(home: str, chunk: int) -> None:
    """Give new households the next numbers of their villages, whose rows are locked for it."""
    _execute(
        f"SELECT 1 FROM regions_division WHERE code IN (SELECT village_id FROM {home}"
        " WHERE chunk = %s AND kind = 'new') ORDER BY code FOR UPDATE",
        [chunk],
    )
    _execute(f"ALTER TABLE {home} ADD COLUMN IF NOT EXISTS hh_code text")
    _execute(
        f"""
        UPDATE {home} s SET hh_code = s.village_id || lpad(n.serial::text, 5, '0')
        FROM (SELECT w.id, coalesce(used.last, 0)
                     + row_number() OVER (PARTITION BY w.village_id ORDER BY w.row_number) AS serial
              FROM {home} w
              LEFT JOIN LATERAL (SELECT right(max(h.hh_code), 5)::int AS last FROM {HOUSEHOLDS} h
                                 WHERE h.hh_code >= w.village_id || '00000'
                                   AND h.hh_code <= w.village_id || '99999') used ON true
              WHERE w.chunk = %s AND w.kind = 'new') n
        WHERE s.id = n.id
        """,
        [chunk],
    )


def _default(field: models.Field) -> tuple[str, list[Any]]:
    """SQL of a column's value when the file says nothing."""
    if field.null:
        return "NULL", []
    value = field.get_default()
    if isinstance(value, list):
        return f"'{{}}'::{field.db_type(connection)}", []
    if callable(value) or value is None:
        value = ""
    return "%s", [value]


def _insert(
    table: str, model: type[models.Model], chunk: int, given: dict[str, tuple[str, list[Any]]]
) -> None:
    """INSERT … SELECT of the new rows; `given` is SQL for columns that are not simply staged."""
    staged = set(_staged_fields(table))
    names, parts, params = [], [], []
    for field in model._meta.concrete_fields:
        column = field.column
        default, values = _default(field)
        if column in given:
            sql, values = given[column]
        elif column in staged:
            sql = f"s.{quoted(column)}::{field.db_type(connection)}"
            if default != "NULL":
                sql = f"coalesce({sql}, {default})"
            else:
                values = []
        else:
            sql = default
        names.append(quoted(column))
        parts.append(sql)
        params += values
    _execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {', '.join(parts)}"
        f" FROM {table} s {given.get('', ('', []))[0]}"
        " WHERE s.chunk = %s AND s.kind = 'new' ORDER BY s.id ON CONFLICT DO NOTHING",
        [*params, chunk],
    )


def _insert_households(home: str, chunk: int, now: Any) -> None:
    _insert(
        home,
        Household,
        chunk,
        {
            "id": ("s.id", []),
            "hh_code": ("s.hh_code", []),
            "village_id": ("s.village_id", []),
            "natural_village_id": ("s.hamlet_id", []),
            "division_path": ("s.path", []),
            "county_code": ("substr(s.village_id, 1, 6)", []),
            "created_at": ("%s", [now]),
            "updated_at": ("%s", [now]),
        },
    )


def _insert_members(person: str, chunk: int, now: Any, today: Any) -> None:
    staged = _staged_fields(person)
    joined = "coalesce(s.joined_ym, %s)" if "joined_ym" in staged else "%s"
    _insert(
        person,
        Member,
        chunk,
        {
            "": (f"JOIN {HOUSEHOLDS} h ON h.id = s.household_id", []),
            "id": ("s.id", []),
            "household_id": ("s.household_id", []),
            "county_code": ("h.county_code", []),
            "joined_on": ("%s", [today]),
            "joined_ym": (joined, [f"{today:%Y%m}"]),
            "work_region": _region(staged),
            "updated_at": ("%s", [now]),
        },
    )


def _region(staged: Sequence[str]) -> tuple[str, list[Any]]:
    """务工区域 from workplace and home, as `people.take_place_of_work` does for one member."""

    def cell(name: str, otherwise: str) -> str:
        return f"s.{name}" if name in staged else otherwise

    none = "NULL::text"
    return (
        f"""CASE
        WHEN coalesce({cell("work_months", "0")}, 0) = 0 THEN 'none'
        WHEN {cell("works_abroad", "false")} THEN 'abroad'
        WHEN {cell("work_township", none)} = substr(split_part(h.division_path, '/', 5), 1, 9) THEN 'town'
        WHEN {cell("work_county", none)} = h.county_code THEN 'county'
        WHEN {cell("work_province", none)} <> '62' THEN 'outside'
        WHEN {cell("work_province", none)} IS NOT NULL THEN 'province' ELSE '' END""",
        [],
    )


def _update(table: str, target: str, chunk: int, now: Any) -> None:
    """UPDATE … FROM the changed rows; an empty cell keeps what is there."""
    model: type[models.Model] = Household if target == HOUSEHOLDS else Member
    columns = {field.column: field for field in model._meta.concrete_fields}
    fields = [name for name in _staged_fields(table) if name in columns and name != "hh_code"]
    sets = [
        f"{quoted(name)} = coalesce(s.{quoted(name)}::{columns[name].db_type(connection)}, t.{quoted(name)})"
        for name in fields
    ]
    if target == HOUSEHOLDS:
        sets.append("natural_village_id = coalesce(s.hamlet_id, t.natural_village_id)")
    _execute(
        f"UPDATE {target} t SET {', '.join([*sets, 'version = t.version + 1', 'updated_at = %s'])}"
        f" FROM {table} s WHERE s.id = t.id AND s.chunk = %s AND s.kind = 'changed'",
        [now, chunk],
    )


def _log_changes(batch: ImportBatch, home: str, person: str, chunk: int, by: User) -> None:
    """One change row for each new or changed household and member, carrying the batch."""
    names = (
        "household_id, member_id, kind, reason, changed_on, hukou_basis, counter_hh_code,"
        " police_match, fields, before, after, note, state, batch_id, made_at, made_by_id, decision_note"
    )
    sources = (
        (home, "s.id", "NULL::bigint", "'户'"),
        (person, "s.household_id", "s.id", "'成员'"),
    )
    for table, household, member, sheet in sources:
        _execute(
            f"""
            INSERT INTO {CHANGES} ({names})
            SELECT {household}, {member}, 'import', '', %s, '', '', '',
                   coalesce(array(SELECT jsonb_object_keys(r.after)), '{{}}'),
                   coalesce(r.before, '{{}}'), coalesce(r.after, '{{}}'),
                   CASE s.kind WHEN 'new' THEN '导入新登记' ELSE '导入修改' END, 'done', %s, %s, %s, ''
            FROM {table} s
            LEFT JOIN {ROWS} r ON s.kind = 'changed' AND r.batch_id = %s AND r.sheet = {sheet}
                AND r.number = s.row_number
            WHERE s.chunk = %s ORDER BY s.row_number
            """,
            [clock.today(), batch.pk, clock.now(), by.pk, batch.pk, chunk],
        )


def _open_collections(home: str, person: str, chunk: int, by: User) -> None:
    """New households enter the current round; submitted forms of changed ones go back."""
    campaign = Campaign.objects.filter(is_current=True).first()
    if campaign is None:
        return
    table = Collection._meta.db_table
    _execute(
        f"INSERT INTO {table} (household_id, campaign_id, state, note, changed_at, changed_by_id)"
        f" SELECT id, %s, 'todo', '', %s, %s FROM {home} WHERE chunk = %s AND kind = 'new'"
        " ON CONFLICT DO NOTHING",
        [campaign.pk, clock.now(), by.pk, chunk],
    )
    _execute(
        f"UPDATE {table} SET state = 'collected', note = '提交后信息有修改，须重新提交',"
        " changed_at = %s, changed_by_id = %s"
        f" WHERE campaign_id = %s AND state IN ('checked', 'reviewed') AND household_id IN"
        f" (SELECT id FROM {home} WHERE chunk = %s UNION SELECT household_id FROM {person} WHERE chunk = %s)",
        [clock.now(), by.pk, campaign.pk, chunk, chunk],
    )


def _touched(home: str, person: str, chunk: int) -> list[int]:
    rows = _execute(
        f"SELECT id FROM {home} WHERE chunk = %s UNION SELECT household_id FROM {person} WHERE chunk = %s",
        [chunk, chunk],
    )
    return [row[0] for row in rows]
