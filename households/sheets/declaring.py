"""A sheet column from a model field: label, kind, codes, length and decimals come from the model."""

from typing import Any

from django.db import models

from fanpin.sheets.columns import Column, Kind
from households.choices import choices
from households.models.fields import CodeField, CodesField


def column(model: type[models.Model], name: str, *aliases: str, **more: Any) -> Column:
    """The column of one model field; `aliases` are its heads in the national exports."""
    field: Any = model._meta.get_field(name)
    facts: dict[str, Any] = {"kind": _kind(field)}
    if code_list := getattr(field, "code_list", ""):
        facts["codes"] = tuple(choices(code_list))
    if facts["kind"] == "decimal":
        facts["places"] = field.decimal_places
        facts["most"] = 10 ** (field.max_digits - field.decimal_places) - 1
    if facts["kind"] in {"text", "digits", "id_number", "phone"} and field.max_length:
        facts["max_length"] = field.max_length
    facts |= more
    label = facts.pop("label", str(field.verbose_name))
    return Column(name, label, aliases=aliases, **facts)


def _kind(field: Any) -> Kind:
    if isinstance(field, CodeField):
        return "choice"
    if isinstance(field, CodesField):
        return "multi"
    if isinstance(field, models.BooleanField):
        return "bool"
    if isinstance(field, models.DecimalField):
        return "decimal"
    if isinstance(field, models.DateField):
        return "date"
    if isinstance(field, models.IntegerField):
        return "int"
    return "text"
