"""Writes the fields of one row: what differs, whether somebody else was faster, constraints in plain words."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from fanpin.accounts.verdicts import Reason, Refused
from households.choices import lists
from households.models.fields import CodesField
from households.selectors.wording import label_of, plain, shown

Differences = dict[str, tuple[Any, Any]]


class Conflict(Refused):
    """Somebody else saved meanwhile; every reason names a field with both values. `version` is the row's own now."""

    def __init__(self, reasons: tuple[Reason, ...], version: int):
        super().__init__(reasons)
        self.version = version


def differences(row: models.Model, fields: Mapping[str, Any]) -> Differences:
    """Field → (stored, wanted), only where they differ."""
    found = {}
    for name, wanted in fields.items():
        stored = getattr(row, name)
        if stored != wanted and not (stored in (None, "") and wanted in (None, "")):
            found[name] = (stored, wanted)
    return found


def refuse_conflict(row: Any, changed: Differences, version: int | None) -> None:
    """Raise Conflict when the row was saved after the caller read `version` and the two differ somewhere."""
    if version is None or row.version == version or not changed:
        return
    model = type(row)
    reasons = tuple(
        Reason(
            f"“{label_of(model, name)}”：您填写“{shown(model, name, wanted)}”，"
            f"他人已保存为“{shown(model, name, stored)}”",
            field=name,
        )
        for name, (stored, wanted) in changed.items()
    )
    raise Conflict(reasons, row.version)


def assign(row: models.Model, changed: Differences) -> None:
    for name, (_stored, wanted) in changed.items():
        setattr(row, name, wanted)


def save(row: Any, *, exclude: tuple[str, ...] = ()) -> None:
    """Check codes, lengths and constraints, then save; a lost race reads like the check."""
    check(row, exclude=exclude)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as lost:
        row.validate_constraints()
        raise Refused((Reason("其他人刚刚保存了冲突的内容，请刷新后重试"),)) from lost


def check(row: Any, *, exclude: tuple[str, ...] = ()) -> None:
    """Every shape problem of the row at once, as a ValidationError by field."""
    problems: dict[str, list[Any]] = {}
    for field in row._meta.concrete_fields:
        if isinstance(field, CodesField) and field.code_list:
            known = lists()[field.code_list]
            if unknown := [code for code in getattr(row, field.name) if code not in known]:
                problems[field.name] = [f"“{field.verbose_name}”没有选项：{'、'.join(unknown)}"]
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as wrong:
        problems = {**problems, **wrong.error_dict}
    if problems:
        raise ValidationError(problems)


def before_after(changed: Differences) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two sides of a change as JSON keeps them."""
    return (
        {name: plain(stored) for name, (stored, _wanted) in changed.items()},
        {name: plain(wanted) for name, (_stored, wanted) in changed.items()},
    )
