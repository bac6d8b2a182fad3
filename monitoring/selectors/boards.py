"""What hangs on the villages' boards, or is about to: cases by village and step."""

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet

from fanpin.regions.models import Division
from monitoring.models import Case, PublicNotice


@dataclass(frozen=True)
class Board:
    """A village's cases in one step; `until`: the first day on which one of the notices is complete."""

    village: Division
    count: int
    until: datetime.date | None


def villages(cases: QuerySet[Case], status: str, kind: str) -> list[Board]:
    """The villages that have cases in this status, in the order of their codes; three queries."""
    rows = cases.filter(status=status).order_by("pk")
    found: dict[str, list[int]] = {}
    for pk, code in rows.values_list("pk", "household__village_id"):
        found.setdefault(code, []).append(pk)
    places = Division.objects.in_bulk(list(found), field_name="code")
    ends: dict[int, datetime.date] = {}
    for notice in PublicNotice.objects.filter(case__in=rows, kind=kind).order_by("pk"):
        ends[notice.case_id] = notice.complete_on
    return [
        Board(
            places[code],
            len(pks),
            min((ends[pk] for pk in pks if pk in ends), default=None),
        )
        for code, pks in sorted(found.items())
    ]


def ids(cases: QuerySet[Case], village: Division, status: str) -> list[int]:
    """The cases of one village in a status."""
    rows = cases.filter(status=status, household__village=village).order_by("pk")
    return list(rows.values_list("pk", flat=True))
