"""Gives out the numbers of cases (620402-2021-识-00012) and of county decisions (2021-备-003)."""

from django.db.models import F

from monitoring.choices import NUMBER_MARK, REVIEW_MARK, CaseKind, ReviewKind
from monitoring.models import NumberSeries


def next_case_number(county_code: str, year: int, kind: str) -> str:
    """The next number of a kind of case in a county and year; holds the series until the transaction ends."""
    mark = NUMBER_MARK[CaseKind(kind)]
    return f"{county_code}-{year}-{mark}-{_next(county_code, year, mark):05d}"


def next_decision_number(county_code: str, year: int, kind: str) -> str:
    """审 for a determination, 备 for a filing-review, each with its own series."""
    mark = REVIEW_MARK[ReviewKind(kind)]
    return f"{year}-{mark}-{_next(county_code, year, mark):03d}"


def _next(county_code: str, year: int, mark: str) -> int:
    key = {"county_code": county_code, "year": year, "mark": mark}
    NumberSeries.objects.bulk_create([NumberSeries(**key)], ignore_conflicts=True)
    series = NumberSeries.objects.select_for_update().get(**key)
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    return series.last + 1
