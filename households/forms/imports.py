"""Uploading a household workbook."""

from typing import Any

from django import forms

from fanpin.regions.models import Division


class ImportForm(forms.Form):
    """For which place, and the file."""

    division = forms.ModelChoiceField(Division.objects.none(), label="导入到")
    file = forms.FileField(
        label="农户表", help_text="XLSX、XLS、ODS或CSV；本页模板或国家系统导出的表，最大60MB"
    )

    def __init__(self, *args: Any, places: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = places  # type: ignore[attr-defined]
        first = places.first()
        self.fields["division"].initial = first.pk if first else None
