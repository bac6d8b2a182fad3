"""Filters of the rule catalogue, which is a list in memory and not a table."""

from typing import Any

import django_filters
from django.http import HttpRequest

from counties.models import Finding
from counties.selectors import rules


class Catalogue(list[rules.Row]):
    """Rules with the two things a filter set asks of a queryset."""

    model = Finding

    def all(self) -> "Catalogue":
        return self


class RuleFilter(django_filters.FilterSet):
    severity = django_filters.ChoiceFilter(
        label="级别", choices=list(rules.SEVERITIES.items()), empty_label="全部"
    )
    subject = django_filters.ChoiceFilter(
        label="对象", choices=list(rules.SUBJECTS.items()), empty_label="全部"
    )
    group = django_filters.ChoiceFilter(
        label="类别", choices=lambda: [(name, name) for name in rules.groups()], empty_label="全部"
    )
    live = django_filters.ChoiceFilter(
        label="疑点",
        choices=[("yes", "现有疑点"), ("new", "本周新增"), ("no", "没有疑点")],
        empty_label="全部",
    )

    def __init__(
        self, data: Any = None, queryset: Any = None, *, request: HttpRequest | None = None
    ) -> None:
        super().__init__(data, queryset, request=request)

    def filter_queryset(self, queryset: Catalogue) -> Catalogue:
        wanted = self.form.cleaned_data
        return Catalogue(
            row
            for row in queryset
            if wanted["severity"] in ("", row.rule.severity)
            and wanted["subject"] in ("", row.rule.subject)
            and wanted["group"] in ("", row.rule.group)
            and _stands(row, wanted["live"])
        )


def _stands(row: rules.Row, wanted: str) -> bool:
    tests = {"yes": row.live > 0, "no": row.live == 0, "new": row.new > 0}
    return tests.get(wanted, True)
