"""Handing in a ledger."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from counties.comparison import SPECS
from fanpin import clock
from fanpin.regions.models import Division


class LedgerForm(forms.Form):
    """Which ledger, for which county and month, and the file."""

    county = forms.ModelChoiceField(Division.objects.none(), label="县（市、区）")
    ledger = forms.ChoiceField(label="台账")
    period = forms.CharField(label="数据月份", max_length=6, help_text="如202110")
    file = forms.FileField(label="台账文件", help_text="XLSX 或 CSV，请用本页模板的列名")

    def __init__(self, *args: Any, counties: Any, departments: set[str] | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["county"].queryset = counties  # type: ignore[attr-defined]
        self.fields["ledger"].choices = [  # type: ignore[attr-defined]
            (spec.key, spec.title)
            for spec in SPECS.values()
            if departments is None or spec.department in departments
        ]
        self.fields["period"].initial = f"{clock.today():%Y%m}"
        first = counties.first()
        self.fields["county"].initial = first.pk if first else None

    def clean_period(self) -> str:
        period = str(self.cleaned_data["period"])
        if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", period) or period > f"{clock.today():%Y%m}":
            raise ValidationError(
                "数据月份不对", params={"remedy": "填六位年月，如202110，不能晚于本月"}
            )
        return period
