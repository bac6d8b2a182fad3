"""What is asked of the list 重点核查户, and what is typed when a household is listed or dismissed."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from counties.models import KeyCheck, KeyCheckReason
from counties.models.screening import URGENT, CheckState, Colour
from counties.screening.signals import SIGNALS
from households.choices import choices


class KeyCheckFilter(django_filters.FilterSet):
    colour = django_filters.ChoiceFilter(label="等级", choices=Colour.choices, empty_label="全部")
    state = django_filters.ChoiceFilter(
        label="状态",
        method="in_state",
        empty_label="全部",
        choices=[("urgent", "红、橙待核查"), *CheckState.choices],
    )
    code = django_filters.ChoiceFilter(
        label="情形",
        method="with_signal",
        empty_label="全部",
        choices=[(signal.code, signal.title) for signal in SIGNALS.values()],
    )
    group = django_filters.ChoiceFilter(
        label="重点人群", method="with_group", empty_label="全部", choices=choices("special_group")
    )

    class Meta:
        model = KeyCheck
        fields = ("colour",)

    def in_state(self, rows: QuerySet[KeyCheck], _name: str, value: str) -> QuerySet[KeyCheck]:
        if value == "urgent":
            return rows.filter(state=CheckState.WAITING, colour__in=URGENT)
        return rows.filter(state=value)

    def with_signal(self, rows: QuerySet[KeyCheck], _name: str, value: str) -> QuerySet[KeyCheck]:
        return rows.filter(_stands(code=value))

    def with_group(self, rows: QuerySet[KeyCheck], _name: str, value: str) -> QuerySet[KeyCheck]:
        return rows.filter(_stands(key_group=value))


def _stands(**what: Any) -> Exists:
    found = KeyCheckReason.objects.filter(key_check=OuterRef("pk"), gone_at=None, **what)
    return Exists(found)


class ListForm(forms.Form):
    note = forms.CharField(label="补充说明", required=False, max_length=500)


class DismissForm(forms.Form):
    reason = forms.CharField(label="排除原因", min_length=4, max_length=500)
