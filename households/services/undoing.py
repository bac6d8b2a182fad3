"""Takes an applied import back: changed rows get their values again, new rows leave the register.

Nothing is deleted (design.md decision 14): a household that only the import brought is ended, its
people leave as 错录核减, and every step is a change row of its own.
"""

from typing import Any

from django.db import connection, models, transaction

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.audit.recording import record
from fanpin.sheets.loading import quoted
from households import verbs
from households.models import Household, ImportBatch, ImportRow, Member, MemberChange
from households.policies.imports import may_undo_import
from households.services import standing, telling

ENDED_REASON = "撤销导入"
MISTAKEN = "dec_error"
HOUSEHOLDS, MEMBERS = Household._meta.db_table, Member._meta.db_table
CHANGES, ROWS = MemberChange._meta.db_table, ImportRow._meta.db_table
State = ImportBatch.State


@transaction.atomic
def undo(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Restore what was before the batch. Refused as long as somebody changed one of its rows since."""
    row = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    ids = _household_ids(row)
    _execute(f"SELECT 1 FROM {HOUSEHOLDS} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])
    may_undo_import(by, row, len(touched_since(row))).require()
    now, today = clock.now(), clock.today()
    for model, column in ((Household, "household_id"), (Member, "member_id")):
        _restore(row, model, column, now)
    _log(row, by, now, today)
    _remove_new(row, now, today)
    standing.refresh_members(ids)
    row.state, row.undone_at, row.undone_by = State.UNDONE, now, by
    row.save(update_fields=["state", "undone_at", "undone_by"])
    record(
        verbs.IMPORT_UNDONE, by=by, on=row, path=row.division.path, subject=row.original_name,
        before={"new": row.new, "changed": row.changed},
    )  # fmt: skip
    telling.tell(ids, "household", "member")
    return row


def touched_since(batch: ImportBatch) -> list[int]:
    """Households of the batch that somebody changed after it was applied."""
    return [
        row[0]
        for row in _execute(
            f"""
            SELECT DISTINCT c.household_id FROM {CHANGES} c
            WHERE c.household_id IN (SELECT household_id FROM {ROWS} WHERE batch_id = %s AND applied)
              AND c.batch_id IS DISTINCT FROM %s
              AND c.id > (SELECT max(id) FROM {CHANGES} WHERE batch_id = %s)
            """,
            [batch.pk, batch.pk, batch.pk],
        )
    ]


def _execute(statement: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def _household_ids(batch: ImportBatch) -> list[int]:
    rows = ImportRow.objects.filter(batch=batch, applied=True).order_by()
    return list(rows.values_list("household_id", flat=True).distinct())


def _restore(batch: ImportBatch, model: type[models.Model], column: str, now: Any) -> None:
    """Put `before` back, column by column that the batch changed anywhere."""
    sheet = "户" if model is Household else "成员"
    names = _execute(
        f"SELECT DISTINCT jsonb_object_keys(before) FROM {ROWS}"
        " WHERE batch_id = %s AND sheet = %s AND kind = 'changed' AND applied",
        [batch.pk, sheet],
    )
    for (name,) in names:
        field = model._meta.get_field(name)
        value = _from_json(field)
        _execute(
            f"UPDATE {model._meta.db_table} t SET {quoted(field.column)} = {value}"  # type: ignore[union-attr]
            f" FROM {ROWS} r WHERE r.{column} = t.id AND r.batch_id = %s AND r.sheet = %s"
            " AND r.kind = 'changed' AND r.applied AND r.before ? %s",
            [batch.pk, sheet, name],
        )
    _execute(
        f"UPDATE {model._meta.db_table} t SET version = version + 1, updated_at = %s FROM {ROWS} r"
        f" WHERE r.{column} = t.id AND r.batch_id = %s AND r.sheet = %s AND r.kind = 'changed'"
        " AND r.applied",
        [now, batch.pk, sheet],
    )


def _from_json(field: Any) -> str:
    """SQL of a stored old value; an empty one is the column's own empty value."""
    key = field.name
    text = f"(r.before ->> '{key}')"
    kind = field.db_type(connection)
    if kind.endswith("[]"):
        listed = f"ARRAY(SELECT jsonb_array_elements_text(r.before -> '{key}'))::{kind}"
        return f"CASE jsonb_typeof(r.before -> '{key}') WHEN 'array' THEN {listed} ELSE '{{}}' END"
    if field.null:
        return f"{text}::{kind}"
    return f"coalesce({text}, '')::{kind}"


def _log(batch: ImportBatch, by: User, now: Any, today: Any) -> None:
    names = (
        "household_id, member_id, kind, reason, changed_on, hukou_basis, counter_hh_code,"
        " police_match, fields, before, after, note, state, batch_id, made_at, made_by_id, decision_note"
    )
    _execute(
        f"""
        INSERT INTO {CHANGES} ({names})
        SELECT household_id, member_id, 'undo',
               CASE WHEN kind = 'new' AND member_id IS NOT NULL THEN '{MISTAKEN}' ELSE '' END, %s,
               '', '', '', coalesce(array(SELECT jsonb_object_keys(before)), '{{}}'), after, before,
               '撤销导入', 'done', %s, %s, %s, ''
        FROM {ROWS} WHERE batch_id = %s AND applied AND kind IN ('new', 'changed') ORDER BY id
        """,
        [today, batch.pk, now, by.pk, batch.pk],
    )


def _remove_new(batch: ImportBatch, now: Any, today: Any) -> None:
    """People the batch brought leave; households it brought end and give their number free."""
    chosen = f"IN (SELECT {{}} FROM {ROWS} WHERE batch_id = %s AND applied AND kind = 'new' AND sheet = %s)"
    _execute(
        f"UPDATE {MEMBERS} SET status = 'decreased', left_on = %s, left_reason = '{MISTAKEN}',"
        f" version = version + 1, updated_at = %s WHERE id {chosen.format('member_id')}",
        [today, now, batch.pk, "成员"],
    )
    _execute(
        f"UPDATE {HOUSEHOLDS} SET ended_on = %s, ended_reason = '{ENDED_REASON}', national_hh_no = '',"
        f" version = version + 1, updated_at = %s WHERE id {chosen.format('household_id')}",
        [today, now, batch.pk, "户"],
    )
