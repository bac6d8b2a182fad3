"""What is typed on the county sheet: one field for each indicator in force, grouped as the notice names the groups."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from counties.forms.sheets import shown_before
from counties.models import Indicator
from counties.models.indicators import IndicatorGroup, IndicatorKind
from counties.selectors.county_sheets import NUMBERS, words
from counties.selectors.rollups import whole
from households.choices import choices, lists

# A longer unit does not fit inside the field.
SHORT = 2


def initial_of(value: Any) -> Any:
    """A stored answer as its field shows it."""
    return whole(value) if isinstance(value, Decimal) else value


def field_of(row: Indicator) -> forms.Field:
    """Nothing is required here: an unfinished sheet may be saved."""
    unit = f"({row.unit})" if len(row.unit) > SHORT else ""
    given: dict[str, Any] = {"label": f"{row.name}{unit}", "required": False}
    if row.kind in NUMBERS:
        places = 0 if row.kind == IndicatorKind.INT else 2
        return forms.DecimalField(
            min_value=row.least, max_value=row.most, max_digits=18, decimal_places=places, **given
        )
    if row.kind == IndicatorKind.BOOL:
        return forms.ChoiceField(choices=[("", ""), ("1", "是"), ("0", "否")], **given)
    if row.kind == IndicatorKind.CHOICE and row.code_list in lists():
        return forms.ChoiceField(choices=[("", ""), *choices(row.code_list)], **given)
    return forms.CharField(max_length=60, **given)


class CountySheetForm(forms.Form):
    """The indicators one person fills; last year's in grey, what the system knows beneath."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        asked: Sequence[Indicator],
        values: Mapping[str, Any],
        version: int,
        previous: Mapping[str, Any],
        beside: Mapping[str, str],
        **kwargs: Any,
    ):
        initial = {row.code: initial_of(values.get(row.code)) for row in asked}
        kwargs["initial"] = initial | {"version": version}
        super().__init__(*args, **kwargs)
        self.units = {row.code: row.unit for row in asked if 0 < len(row.unit) <= SHORT}
        self.previous = (
            {row.code: shown_before(words(row, previous.get(row.code))) for row in asked}
            if previous
            else {}
        )
        for row in asked:
            self.fields[row.code] = field_of(row)
            self.fields[row.code].help_text = beside.get(row.code, "")
        self.blocks = [
            (group.label, " ".join(row.code for row in asked if row.group == group))
            for group in IndicatorGroup
        ]

    @property
    def values(self) -> dict[str, Any]:
        return {
            name: value if value != "" else None
            for name, value in self.cleaned_data.items()
            if name != "version"
        }


class CountyPaperForm(forms.Form):
    """The paper form of the county, filled in on the computer."""

    paper = forms.FileField(
        label="填好的县表", help_text="县表页“下载XLSX”得到的表，XLSX、XLS或ODS"
    )
