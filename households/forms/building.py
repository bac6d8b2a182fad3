"""Builds form fields from the register's columns: code lists as selects, yes/no with "not filled in", units."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from fanpin.accounts.verdicts import Reason, Refused
from households.choices import choices
from households.indicators import of_model, without_later
from households.models.fields import AreaField, CodesField, MoneyField
from households.selectors.parameters import later_on
from households.services.writing import Conflict

YES_NO = [("", ""), ("1", "是"), ("0", "否")]
UNITS = {
    "road_distance_km": "公里",
    "house_area": "㎡",
    "work_months": "月",
    "public_post_months": "月",
    "longitude": "度",
    "latitude": "度",
}


def yes_no(value: str) -> bool | None:
    return {"1": True, "0": False}.get(value)


# The first is how the page writes it; the others are how people type it.
MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


def field_of(column: Any) -> forms.Field:
    """The form field of a column; nothing is required here, an unfinished form may be saved."""
    code_list = getattr(column, "code_list", "")
    given: dict[str, Any] = {"label": column.verbose_name, "required": False}
    if isinstance(column, CodesField):
        return forms.MultipleChoiceField(
            choices=choices(code_list), widget=forms.CheckboxSelectMultiple, **given
        )
    if code_list:
        return forms.ChoiceField(choices=[("", ""), *choices(code_list)], **given)
    if isinstance(column, models.BooleanField):
        return forms.TypedChoiceField(choices=YES_NO, coerce=yes_no, empty_value=None, **given)
    if isinstance(column, MoneyField | AreaField):
        return forms.DecimalField(
            max_digits=column.max_digits, decimal_places=column.decimal_places, min_value=0, **given
        )
    if isinstance(column, models.PositiveSmallIntegerField):
        return forms.IntegerField(min_value=0, max_value=32767, **given)
    if isinstance(column, models.DateTimeField):
        return column.formfield(
            widget=forms.DateTimeInput(format="%Y-%m-%d %H:%M"), input_formats=MOMENTS, **given
        )
    return column.formfield(**given)


def unit_of(column: Any) -> str:
    if isinstance(column, MoneyField):
        return "元"
    return "亩" if isinstance(column, AreaField) else UNITS.get(column.name, "")


class ColumnsForm(forms.Form):
    """A form over columns of a model. `row` gives the values to begin with and the version that was read.

    Columns of later sheets are there when they are in use at `path`.
    """

    model: type[models.Model]
    columns: tuple[str, ...] = ()
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, row: Any = None, path: str = "", **kwargs: Any):
        first = (
            {name: _initial(getattr(row, name)) for name in self.columns} if row is not None else {}
        )
        if row is not None:
            first["version"] = row.version
        kwargs["initial"] = {**first, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.units: dict[str, str] = {}
        self.previous: dict[str, Any] = {}
        self.noted: dict[str, list[Any]] = {}
        label = self.model._meta.label
        known = of_model(label)
        self.explanations = {name: known[name].help for name in self.columns if name in known}
        in_use = self.columns if path and later_on(path) else without_later(label, self.columns)
        for name in in_use:
            column = self.model._meta.get_field(name)
            self.fields[name] = field_of(column)
            if unit := unit_of(column):
                self.units[name] = unit

    @property
    def values(self) -> dict[str, Any]:
        """The columns as the services take them."""
        return {name: self.cleaned_data[name] for name in self.columns if name in self.fields}


def _initial(value: Any) -> Any:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.pk if isinstance(value, models.Model) else value


def take_refusal(form: forms.Form, refusal: ValidationError) -> list[Reason]:
    """Put what the service refused at its fields; give back the reasons that belong to no field.

    After a Conflict the form carries the version that is stored now: saving again is then a decision.
    """
    rest: list[Reason] = []
    if isinstance(refusal, Refused):
        for reason in refusal.reasons:
            if reason.field in form.fields:
                form.add_error(reason.field, reason.text)
            else:
                rest.append(reason)
        if isinstance(refusal, Conflict):
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data[form.add_prefix("version")] = str(refusal.version)  # type: ignore[index]
            rest.append(Reason("在您填写期间他人已保存本表，请逐项核对；再次保存将以您填写的为准"))
    elif hasattr(refusal, "error_dict"):
        for name, errors in refusal.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, refusal)
    return rest


def fill(form: forms.Form, attrs: Mapping[str, Mapping[str, Any]]) -> None:
    """Widget attributes by field name."""
    for name, extra in attrs.items():
        if name in form.fields:
            form.fields[name].widget.attrs.update(extra)
