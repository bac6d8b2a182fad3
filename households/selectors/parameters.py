"""Reads policy that is in force at a place on a day. A missing row refuses; nothing is guessed."""

import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from fanpin.regions.models import Division
from fanpin.regions.scope import codes
from households.models import Campaign, Parameter, PolicyItem
from households.parameters import PARAMETERS


class MissingParameter(ValidationError):
    """No row is in force; the message names the parameter, place and day."""


def _in_force(day: datetime.date) -> Q:
    return Q(effective_from__lte=day) & (Q(effective_to__isnull=True) | Q(effective_to__gte=day))


def parameter(key: str, path: str, on: datetime.date) -> Any:
    """The value for a place on a day: the nearest division upwards that has a row in force."""
    kind = PARAMETERS[key]
    row = (
        Parameter.objects.filter(_in_force(on), key=key, division_id__in=codes(path))
        .order_by("-division__path")
        .first()
    )
    if row is None:
        where = Division.objects.filter(path=path).values_list("full_name", flat=True).first()
        raise MissingParameter(
            f"未设置{on.year}年度“{kind.label}”（{where or '甘肃省'}，{on:%Y-%m-%d}），"
            "请联系县级或省级在“参数”中录入后再办理"
        )
    return kind.read(row.value)


def parameters(path: str, on: datetime.date) -> dict[str, Any]:
    """Every parameter in force at a place on a day, in one query; missing ones are absent."""
    found: dict[str, Any] = {}
    rows = Parameter.objects.filter(_in_force(on), division_id__in=codes(path))
    for key, value in rows.order_by("division__path").values_list("key", "value"):
        if key in PARAMETERS:
            found[key] = PARAMETERS[key].read(value)
    return found


def monitoring_line(path: str, on: datetime.date) -> Decimal:
    """监测范围, 元 per person and year (policy.md §3.1)."""
    return parameter("monitoring_line", path, on)


def policy_items(
    list_key: str, path: str, on: datetime.date, *, active: bool = True
) -> list[PolicyItem]:
    """The entries of a policy list in force at a place; a lower division's entry replaces its code."""
    rows: QuerySet[PolicyItem] = PolicyItem.objects.filter(
        _in_force(on), list_key=list_key, division_id__in=codes(path)
    ).order_by("division__path")
    nearest = {row.code: row for row in rows}
    return sorted(
        (row for row in nearest.values() if row.active or not active),
        key=lambda row: (row.position, row.code),
    )


def current_campaign() -> Campaign:
    """The campaign being worked on; refuses when none is set."""
    campaign = Campaign.objects.filter(is_current=True).first()
    if campaign is None:
        raise MissingParameter("未设置当前年度工作，请联系系统管理员")
    return campaign
