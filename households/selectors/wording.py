"""A stored value as the form shows it: code → label, several codes → one phrase, yes/no, dates, divisions."""

import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from households import choices
from households.models import Parameter
from households.selectors import workplaces


def label_of(model: type[models.Model], name: str) -> str:
    """The field's name on the paper form."""
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def shown(model: type[models.Model], name: str, value: Any) -> str:
    """What stands on screen for a value of this field; "（空）" when nothing is filled in."""
    if value is None or value == "" or value == []:
        return "（空）"
    if name == "work_county":
        return workplaces.name_of(value) or str(value)
    code_list = getattr(model._meta.get_field(name), "code_list", "")
    if isinstance(value, list | tuple):
        return choices.labels(code_list, list(value)) if code_list else "、".join(map(str, value))
    if code_list:
        return choices.label(code_list, str(value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    return str(plain(value))


def plain(value: Any) -> Any:
    """The value as JSON keeps it."""
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, models.Model):
        return value.pk
    return value


def from_plain(field: Any, value: Any) -> Any:
    """What `plain` kept, back in the column's own type; a code list and a text have no null."""
    if isinstance(field, models.ForeignKey):
        return field.related_model._default_manager.get(pk=value) if value is not None else None
    if isinstance(value, list) or getattr(field, "base_field", None) is not None:
        return list(value or [])
    if value is None and not field.null:
        return ""
    return field.to_python(value)


# Parameters whose value is a code, or several.
CODED = {"comparison_departments": "department", "four_haves_extra_causes": "risk_type"}
WORDS = {
    "CHECK": "入户核查的月份",
    "APPROVAL": "县级审定的月份",
    "before_deliberation": "村级评议之前",
    "after_village_submit": "村级提交之后",
}


def in_words(row: Parameter) -> str:
    """The value of a parameter as people read it: codes by their labels."""
    if row.key in CODED:
        return choices.labels(CODED[row.key], row.value.split("|"))
    return WORDS.get(row.value, row.value)
