"""The only writer of a household's cached standing: head, counts, income, monitoring state, open findings."""

import datetime

from django.db import connection, transaction

from households.models import Household

_MEMBERS_SQL = """
UPDATE households_household h SET
    family_size = coalesce(m.size, 0),
    head_name = coalesce(m.head_name, ''),
    head_pinyin = coalesce(m.head_pinyin, ''),
    head_id_no = coalesce(m.head_id_no, ''),
    labour_count = coalesce(m.labour, 0),
    migrant_count = coalesce(m.migrants, 0),
    public_post_count = coalesce(m.posts, 0)
FROM unnest(%s::bigint[]) AS wanted(id)
LEFT JOIN LATERAL (
    SELECT count(*) AS size,
           min(name) FILTER (WHERE relation = '02') AS head_name,
           min(pinyin) FILTER (WHERE relation = '02') AS head_pinyin,
           min(id_no) FILTER (WHERE relation = '02') AS head_id_no,
           count(*) FILTER (WHERE labour IN ('ordinary', 'skilled')) AS labour,
           count(*) FILTER (WHERE work_months > 0) AS migrants,
           count(*) FILTER (WHERE cardinality(public_post) > 0) AS posts
    FROM households_member
    WHERE household_id = wanted.id AND status IN ('active', 'pending_out')
) m ON true
WHERE h.id = wanted.id
"""


def refresh_members(household_ids: list[int]) -> None:
    """Recount what is derived from the members: head, size, labour, migrants, posts."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBERS_SQL, [household_ids])


def set_income(
    household: Household,
    *,
    per_capita: object,
    window_from: datetime.date | None,
    window_to: datetime.date | None,
) -> None:
    """Show the latest confirmed per-capita net income with its window."""
    Household.objects.filter(pk=household.pk).update(
        income_pc=per_capita, income_from=window_from, income_to=window_to
    )


@transaction.atomic
def set_monitoring(household_id: int, *, state: str, monitor_type: str = "") -> None:
    """Mirror the monitoring object's state; called by monitoring's own services only."""
    Household.objects.filter(pk=household_id).update(
        monitoring_state=state, monitor_type=monitor_type
    )


def set_due(household_id: int, *, due_on: datetime.date | None, text: str = "") -> None:
    """The next thing that is due for this household."""
    Household.objects.filter(pk=household_id).update(next_due_on=due_on, next_due_text=text)


_FINDINGS_SQL = """
UPDATE households_household h SET open_errors = w.errors, open_warnings = w.warnings
FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS w(id, errors, warnings)
WHERE h.id = w.id AND (h.open_errors, h.open_warnings) IS DISTINCT FROM (w.errors, w.warnings)
"""


def set_findings(counts: dict[int, tuple[int, int]]) -> None:
    """Open (errors, warnings) per household, set-based."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FINDINGS_SQL,
            [
                list(counts),
                [errors for errors, _ in counts.values()],
                [warnings for _, warnings in counts.values()],
            ],
        )
