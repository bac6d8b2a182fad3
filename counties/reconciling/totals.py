"""How many of each kind stand on both sides or on one, and in which fields they differ, as far as a user sees."""

from collections import Counter
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, QuerySet

from counties.models import ReconciledItem
from counties.models.reconciling import Meeting
from counties.reconciling.layouts import LAYOUTS, Layout


@dataclass(frozen=True)
class KindTotals:
    """One kind of export: rows by how the two sides meet, and differences by field, most first."""

    layout: Layout
    states: dict[str, int]
    fields: list[tuple[str, str, int]]

    @property
    def both(self) -> int:
        return self.states.get(Meeting.SAME, 0) + self.states.get(Meeting.DIFFERS, 0)

    def get(self, state: str) -> int:
        return self.states.get(state, 0)


def totals(items: QuerySet[ReconciledItem], kinds: list[str]) -> list[KindTotals]:
    """Two statements, however many kinds and fields there are. `items` are cut to the user's scope."""
    states: dict[str, dict[str, int]] = {kind: {} for kind in kinds}
    for kind, state, count in (
        items.order_by().values_list("kind", "state").annotate(count=Count("pk"))
    ):
        states.setdefault(kind, {})[state] = count
    fields = _fields(items)
    return [
        KindTotals(LAYOUTS[kind], states.get(kind, {}), _named(LAYOUTS[kind], fields))
        for kind in LAYOUTS
        if kind in states
    ]


def _fields(items: QuerySet[ReconciledItem]) -> Counter[tuple[str, str]]:
    rows = items.order_by().filter(state=Meeting.DIFFERS).values("kind", "fields")
    statement, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.kind, f, count(*) FROM ({statement}) r, unnest(r.fields) f GROUP BY 1, 2",
            params,
        )
        return Counter({(kind, field): count for kind, field, count in cursor.fetchall()})


def _named(layout: Layout, fields: Counter[tuple[str, str]]) -> list[tuple[str, str, int]]:
    found = [
        (field, layout.by_key[field].text, count)
        for (kind, field), count in fields.items()
        if kind == layout.key and field in layout.by_key
    ]
    return sorted(found, key=lambda line: (-line[2], line[1]))
