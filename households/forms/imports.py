"""Uploading a household workbook, and correcting the wrong cells of one row."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from fanpin.regions.models import Division
from fanpin.sheets.columns import Column
from households.models import CellError


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


class MendForm(forms.Form):
    """The wrong cells of one row, each with the reason beneath; a choice column as a select."""

    def __init__(
        self,
        *args: Any,
        columns: Mapping[str, Column],
        values: Mapping[str, str],
        errors_of_row: Sequence[CellError],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        for error in errors_of_row:
            column = columns.get(error.key)
            if column is None or error.key not in values or error.key in self.fields:
                continue
            self.fields[error.key] = _field(column, values[error.key] or "", error)


def _field(column: Column, value: str, error: CellError) -> forms.Field:
    words = f"{error.message}。{error.remedy}"
    facts: dict[str, Any] = {
        "label": column.title, "initial": value, "required": False, "help_text": words,
    }  # fmt: skip
    if column.choices and column.kind != "multi":
        labels = [label for _, label in column.choices]
        own = [] if not value or value in labels else [(value, f"{value}（原值）")]
        options = [("", "（空）"), *own, *((label, label) for label in labels)]
        return forms.ChoiceField(choices=options, **facts)
    return forms.CharField(max_length=200, **facts)
