"""Filters of the data dictionary, which is a list in memory and not a table."""

from typing import Any

import django_filters
from django.http import HttpRequest

from counties.models import Finding
from counties.selectors import dictionary
from households.indicators import ERAS


class Entries(list[dictionary.Row]):
    """Indicators with the two things a filter set asks of a queryset."""

    model = Finding

    def all(self) -> "Entries":
        return self


class DictionaryFilter(django_filters.FilterSet):
    block = django_filters.ChoiceFilter(
        label="表块", choices=lambda: [(name, name) for name in dictionary.blocks()],
        empty_label="全部",
    )  # fmt: skip
    era = django_filters.ChoiceFilter(label="表式", choices=list(ERAS.items()), empty_label="全部")

    def __init__(
        self, data: Any = None, queryset: Any = None, *, request: HttpRequest | None = None
    ) -> None:
        super().__init__(data, queryset, request=request)

    def filter_queryset(self, queryset: Entries) -> Entries:
        wanted = self.form.cleaned_data
        return Entries(
            row
            for row in queryset
            if wanted["block"] in ("", row.indicator.block)
            and wanted["era"] in ("", row.indicator.era)
        )
