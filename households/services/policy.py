"""Sets policy data: a new value from a day on ends the one before it; nothing that was in force is rewritten."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.accounts.verdicts import Verdict
from fanpin.audit.recording import record
from fanpin.audit.verbs import register
from fanpin.regions.models import Division
from households.models import Parameter

PARAMETER_SET = register("parameter.set", "设置参数{subject}")


def may_set_parameter(user: User, path: str) -> Verdict:
    """Whoever maintains parameters at that place (policy.md §2.2: the province, others only if delegated)."""
    if not user.may(Permission.EDIT_PARAMETERS, path):
        return Verdict.denied("您的岗位不能维护该区划的参数")
    return Verdict.yes()


@transaction.atomic
def set_parameter(
    *,
    key: str,
    division: Division,
    value: str,
    effective_from: datetime.date,
    effective_to: datetime.date | None = None,
    basis: str,
    by: User,
) -> Parameter:
    """A value for a division from a day on. The open value before it ends the day before."""
    may_set_parameter(by, division.path).require()
    if effective_to is not None and effective_to < effective_from:
        raise ValidationError({"effective_to": "失效日期不能早于生效日期"})
    rows = Parameter.objects.select_for_update().filter(key=key, division=division)
    previous = rows.filter(effective_from__lt=effective_from, effective_to__isnull=True).first()
    if previous is not None:
        previous.effective_to = effective_from - datetime.timedelta(days=1)
        previous.save(update_fields=["effective_to"])
    row = Parameter(
        key=key,
        division=division,
        value=value,
        effective_from=effective_from,
        effective_to=effective_to,
        basis=basis,
    )
    row.full_clean()
    row.save()
    record(
        PARAMETER_SET,
        by=by,
        on=row,
        path=division.path,
        subject=f"{row.label}（{division}）",
        before={"value": previous.value} if previous else {},
        after={"value": row.value, "from": effective_from, "to": effective_to, "basis": basis},
    )
    return row
