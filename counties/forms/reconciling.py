"""对账: which exports, for which place; which items to look at; what to take away."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from counties.models import ReconciledItem
from counties.models.reconciling import Meeting
from fanpin.files.fields import FilesField
from fanpin.regions.models import Division

BOTH = "both"
STATES = [(BOTH, "两边都有"), *Meeting.choices]


class ReconcileForm(forms.Form):
    """For which place, and the files."""

    division = forms.ModelChoiceField(Division.objects.none(), label="对账范围")
    files = FilesField(
        judge=None,
        accept=".xlsx,.xls,.ods,.csv",
        label="国家系统导出的表",
        help_text="原样上传，可一次选多个；XLSX、XLS、ODS或CSV，每个不超过60MB",
    )

    def __init__(self, *args: Any, places: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = places  # type: ignore[attr-defined]
        first = places.first()
        self.fields["division"].initial = first.pk if first else None


class KeyingForm(forms.Form):
    """Whether numbers are shown in full, and why."""

    full = forms.BooleanField(label="显示完整证件号码、电话和银行卡号", required=False)
    reason = forms.CharField(
        label="原因", required=False, max_length=200, help_text="显示完整号码的须填写，记入审计"
    )


class ItemFilter(django_filters.FilterSet):
    """Which items of a run: kind of export, how the sides meet, field, place."""

    state = django_filters.ChoiceFilter(label="结果", choices=STATES, method="in_state")

    class Meta:
        model = ReconciledItem
        fields: list[str] = []

    def in_state(self, queryset: Any, _name: str, value: str) -> QuerySet[ReconciledItem]:
        states = (Meeting.SAME, Meeting.DIFFERS) if value == BOTH else (value,)
        return queryset.filter(state__in=states)

    def with_field(self, queryset: Any, _name: str, value: str) -> QuerySet[ReconciledItem]:
        return queryset.filter(fields__contains=[value])

    def below(self, queryset: Any, _name: str, value: str) -> QuerySet[ReconciledItem]:
        return queryset.filter(division_path__startswith=value)


Choices = Sequence[tuple[str, str]]


def item_filter(*, kinds: Choices, fields: Choices, places: Choices) -> type[ItemFilter]:
    """The filter of one run: the exports it has, the fields that differ somewhere, the places the user sees."""
    return type(
        "RunItemFilter",
        (ItemFilter,),
        {
            "kind": django_filters.ChoiceFilter(label="表", choices=kinds),
            "field": django_filters.ChoiceFilter(
                label="差异指标", choices=fields, method="with_field"
            ),
            "division": django_filters.ChoiceFilter(
                label="乡镇、村", choices=places, method="below"
            ),
        },
    )
