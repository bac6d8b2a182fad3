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
    """Restore what was before the batch. Refused as long as somebody changed one of its rows since."""
    row = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    ids = _household_ids(row)
    _execute(f"SELECT 1 FROM {HOUSEHOLDS} WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [ids])
    may_undo_import(by, row, len(touched_since(row))).require()
    now, today = clock.now(), clock.today()
    _restore(row, Household, "r.member_id IS NULL AND t.id = r.household_id", now)
    _restore(row, Member, "t.id = r.member_id", now)
    _restore(row, IncomeStatement, f"r.member_id IS NULL AND {_ANNUAL}", now)
    earning.derive(_statements(ids))
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


def _restore(batch: ImportBatch, model: type[models.Model], same: str, now: Any) -> None:
    """Put `before` back, column by column that the batch changed anywhere in this model."""
    chosen = f"FROM {ROWS} r WHERE r.batch_id = %s AND r.kind = 'changed'"
    people = "IS NOT NULL" if model is Member else "IS NULL"
    rows = _execute(
        f"SELECT DISTINCT jsonb_object_keys(r.before) {chosen} AND r.member_id {people}", [batch.pk]
    )
    names = {name for (name,) in rows}
    fields: list[Any] = [field for field in model._meta.concrete_fields if field.name in names]
    for field in fields:
        _execute(
            f"UPDATE {model._meta.db_table} t SET {quoted(field.column)} = {_from_json(field)}"
            f" {chosen} AND {same} AND r.before ? %s",
            [batch.pk, field.name],
        )
    if model is not IncomeStatement:
        _execute(
            f"UPDATE {model._meta.db_table} t SET version = version + 1, updated_at = %s"
            f" {chosen} AND {same}",
            [now, batch.pk],
        )


def _from_json(field: Any) -> str:
    """SQL of a stored old value; an empty one is the column's own empty value."""
    text = f"(r.before ->> '{field.name}')"
    kind = field.db_type(connection)
    if kind.endswith("[]"):
        old = f"r.before -> '{field.name}'"
        listed = f"ARRAY(SELECT jsonb_array_elements_text({old}))::{kind}"
        return f"CASE jsonb_typeof({old}) WHEN 'array' THEN {listed} ELSE '{{}}' END"
    if field.null:
        return f"{text}::{kind}"
    empty = "'0'" if isinstance(field, models.DecimalField) else "''"
    return f"coalesce({text}, {empty})::{kind}"


def _log(batch: ImportBatch, by: User, now: Any, today: Any) -> None:
    """Each act of the batch gets its counterpart."""
    names = (
        "household_id, member_id, kind, reason, changed_on, hukou_basis, counter_hh_code,"
        " police_match, ledger_line, fields, before, after, note, state, batch_id, made_at, made_by_id,"
        " decision_note"
    )
    _execute(
        f"""
        INSERT INTO {CHANGES} ({names})
        SELECT household_id, member_id, 'undo', CASE kind WHEN 'register' THEN %s ELSE '' END, %s,
               '', '', '', '', fields, after, before, '撤销导入', 'done', %s, %s, %s, ''
        FROM {CHANGES} WHERE batch_id = %s AND kind IN ('register', 'import') ORDER BY id
        """,
        [MISTAKEN, today, batch.pk, now, by.pk, batch.pk],
    )


def _remove_new(batch: ImportBatch, now: Any, today: Any) -> None:
    """People the batch brought leave; households it brought end and give their number free."""
    brought = f"FROM {CHANGES} WHERE batch_id = %s AND kind = 'register' AND member_id"
    _execute(
        f"UPDATE {MEMBERS} SET status = 'decreased', left_on = %s, left_reason = %s,"
        " version = version + 1, updated_at = %s"
        f" WHERE household_id IN (SELECT household_id {brought} IS NULL)"
        f" OR id IN (SELECT member_id {brought} IS NOT NULL)",
        [today, MISTAKEN, now, batch.pk, batch.pk],
    )
    _execute(
        f"UPDATE {HOUSEHOLDS} SET ended_on = %s, ended_reason = %s, national_hh_no = '',"
        " version = version + 1, updated_at = %s"
        f" WHERE id IN (SELECT household_id {brought} IS NULL)",
        [today, ENDED_REASON, now, batch.pk],
    )
