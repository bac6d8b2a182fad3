"""Takes an applied import back: changed rows get their values again, new rows leave the register.

Nothing is deleted (design.md decision 14): a household that only the import brought is ended, its
people leave as 错录核减, and every step is a change row of its own.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.sheets.loading import quoted
from households import verbs
from households.models import (
    Campaign,
    Household,
    ImportBatch,
    ImportRow,
    IncomeStatement,
    Member,
    MemberChange,
)
from households.policies.imports import may_undo_import
from households.services import earning, standing, telling

ENDED_REASON = "撤销导入"
MISTAKEN = "dec_error"
HOUSEHOLDS, MEMBERS = Household._meta.db_table, Member._meta.db_table
CHANGES, ROWS = MemberChange._meta.db_table, ImportRow._meta.db_table
State = ImportBatch.State


@transaction.atomic
def undo(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Restore what was before the batch. What somebody changed since stays as it is now: single
    fields of changed rows, new households as a whole."""
    row = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    ids = _household_ids(row)
    _execute(f"SELECT 1 FROM {HOUSEHOLDS} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])
    may_undo_import(by, row).require()
    kept, touched = changed_since(row), touched_since(row)
    now, today = clock.now(), clock.today()
    for model, same in _MODELS:
        _restore(row, model, same, now)
    earning.derive(_statements(ids))
    _log(row, by, now, today, kept, touched)
    _remove_new(row, now, today, touched)
    standing.refresh_members(ids)
    row.state, row.undone_at, row.undone_by = State.UNDONE, now, by
    row.save(update_fields=["state", "undone_at", "undone_by"])
    record(
        verbs.IMPORT_UNDONE, by=by, on=row, path=row.division.path, subject=row.original_name,
        before={"new": row.new, "changed": row.changed, "kept": len(kept)},
    )  # fmt: skip
    telling.tell(ids, "household", "member")
    return row


@dataclass(frozen=True)
class Kept:
    """A field that no longer holds what the batch wrote: undoing leaves it alone."""

    row_id: int
    household_id: int
    member_id: int | None
    field: str
    key: str
    written: Any


def changed_since(batch: ImportBatch) -> list[Kept]:
    """Every field of the batch's changed rows that somebody has changed after it was applied."""
    found: list[Kept] = []
    for model, same in _MODELS:
        for field in _fields(batch, model):
            now, after = f"t.{quoted(field.column)}", _from_json(field, "after")
            rows = _execute(
                f"SELECT r.id, r.household_id, r.member_id, r.key, r.after -> '{field.name}'"
                f" FROM {ROWS} r, {model._meta.db_table} t {_CHOSEN} AND {same}"
                f" AND r.before ? %s AND {now} IS DISTINCT FROM {after} ORDER BY r.id",
                [batch.pk, field.name],
            )
            found += [Kept(a, b, c, field.name, d, json.loads(e)) for a, b, c, d, e in rows]
    return found


def touched_since(batch: ImportBatch) -> list[int]:
    """Households of the batch that somebody changed after it was applied."""
    rows = _execute(
        f"""
        SELECT DISTINCT c.household_id FROM {CHANGES} c
        WHERE c.household_id IN (SELECT household_id FROM {CHANGES} WHERE batch_id = %s)
          AND c.batch_id IS DISTINCT FROM %s
          AND c.id > (SELECT max(id) FROM {CHANGES} WHERE batch_id = %s)
        """,
        [batch.pk, batch.pk, batch.pk],
    )
    return [row[0] for row in rows]


def _execute(statement: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def _household_ids(batch: ImportBatch) -> list[int]:
    rows = MemberChange.objects.filter(batch=batch).order_by()
    return list(rows.values_list("household_id", flat=True).distinct())


# Only the current round's statement: an earlier one was never touched by an import.
_ANNUAL = (
    "t.household_id = r.household_id AND t.purpose = 'annual' AND t.campaign_id IN"
    f" (SELECT year FROM {Campaign._meta.db_table} WHERE is_current)"
)


def _statements(household_ids: list[int]) -> list[int]:
    rows = IncomeStatement.objects.filter(
        household__in=household_ids, purpose="annual", campaign__is_current=True
    )
    return list(rows.order_by().values_list("pk", flat=True))


_CHOSEN = "WHERE r.batch_id = %s AND r.kind = 'changed'"
_MODELS: tuple[tuple[type[models.Model], str], ...] = (
    (Household, "r.member_id IS NULL AND t.id = r.household_id"),
    (Member, "t.id = r.member_id"),
    (IncomeStatement, f"r.member_id IS NULL AND {_ANNUAL}"),
)


def _fields(batch: ImportBatch, model: type[models.Model]) -> list[Any]:
    """The columns of this model that the batch changed anywhere."""
    people = "IS NOT NULL" if model is Member else "IS NULL"
    rows = _execute(
        f"SELECT DISTINCT jsonb_object_keys(r.before) FROM {ROWS} r {_CHOSEN}"
        f" AND r.member_id {people}",
        [batch.pk],
    )
    names = {name for (name,) in rows}
    return [field for field in model._meta.concrete_fields if field.name in names]


def _restore(batch: ImportBatch, model: type[models.Model], same: str, now: Any) -> None:
    """Put `before` back, column by column, where the column still holds what the batch wrote."""
    for field in _fields(batch, model):
        column = quoted(field.column)
        _execute(
            f"UPDATE {model._meta.db_table} t SET {column} = {_from_json(field, 'before')}"
            f" FROM {ROWS} r {_CHOSEN} AND {same} AND r.before ? %s"
            f" AND t.{column} IS NOT DISTINCT FROM {_from_json(field, 'after')}",
            [batch.pk, field.name],
        )
    if model is not IncomeStatement:
        _execute(
            f"UPDATE {model._meta.db_table} t SET version = version + 1, updated_at = %s"
            f" FROM {ROWS} r {_CHOSEN} AND {same}",
            [now, batch.pk],
        )


def _from_json(field: Any, side: str) -> str:
    """SQL of a stored value; an empty one is the column's own empty value."""
    text = f"(r.{side} ->> '{field.name}')"
    kind = field.db_type(connection)
    if kind.endswith("[]"):
        old = f"r.{side} -> '{field.name}'"
        listed = f"ARRAY(SELECT jsonb_array_elements_text({old}))::{kind}"
        return f"CASE jsonb_typeof({old}) WHEN 'array' THEN {listed} ELSE '{{}}' END"
    if field.null:
        return f"{text}::{kind}"
    empty = "'0'" if isinstance(field, models.DecimalField) else "''"
    return f"coalesce({text}, {empty})::{kind}"


def _log(
    batch: ImportBatch, by: User, now: Any, today: Any, kept: list[Kept], touched: list[int]
) -> None:
    """Each act of the batch gets its counterpart, without the fields that were kept."""
    names = (
        "household_id, member_id, kind, reason, changed_on, hukou_basis, counter_hh_code,"
        " police_match, ledger_line, fields, before, after, note, state, batch_id, made_at, made_by_id,"
        " decision_note"
    )
    listed = json.dumps(
        [{"h": each.household_id, "m": each.member_id, "f": each.field} for each in kept]
    )
    _execute(
        f"""
        INSERT INTO {CHANGES} ({names})
        SELECT c.household_id, c.member_id, 'undo',
               CASE c.kind WHEN 'register' THEN %s ELSE '' END, %s, '', '', '', '',
               ARRAY(SELECT f FROM unnest(c.fields) f WHERE f <> ALL(k.names)),
               c.after - k.names, c.before - k.names, '撤销导入', 'done', %s, %s, %s, ''
        FROM {CHANGES} c CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(x.f), '{{}}') AS names
            FROM jsonb_to_recordset(%s::jsonb) AS x(h bigint, m bigint, f text)
            WHERE x.h = c.household_id AND x.m IS NOT DISTINCT FROM c.member_id) k
        WHERE c.batch_id = %s AND (
            (c.kind = 'register' AND NOT c.household_id = ANY(%s::bigint[]))
            OR (c.kind = 'import' AND NOT (c.fields <@ k.names::varchar[] AND c.fields <> '{{}}')))
        ORDER BY c.id
        """,
        [MISTAKEN, today, batch.pk, now, by.pk, listed, batch.pk, touched],
    )


def _remove_new(batch: ImportBatch, now: Any, today: Any, touched: list[int]) -> None:
    """People the batch brought leave; households it brought end and give their number free. Those
    somebody has worked on since stay."""
    brought = (
        f"FROM {CHANGES} WHERE batch_id = %s AND kind = 'register'"
        " AND NOT household_id = ANY(%s::bigint[]) AND member_id"
    )
    both = [batch.pk, touched]
    _execute(
        f"UPDATE {MEMBERS} SET status = 'decreased', left_on = %s, left_reason = %s,"
        " version = version + 1, updated_at = %s"
        f" WHERE household_id IN (SELECT household_id {brought} IS NULL)"
        f" OR id IN (SELECT member_id {brought} IS NOT NULL)",
        [today, MISTAKEN, now, *both, *both],
    )
    _execute(
        f"UPDATE {HOUSEHOLDS} SET ended_on = %s, ended_reason = %s, national_hh_no = '',"
        " version = version + 1, updated_at = %s"
        f" WHERE id IN (SELECT household_id {brought} IS NULL)",
        [today, ENDED_REASON, now, *both],
    )
