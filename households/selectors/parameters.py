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


class Policy:
    """Parameters as of a day for work over many households: asked once for each place that has rows of its own."""

    def __init__(self, on: datetime.date) -> None:
        self.on = on
        self._places = set(Parameter.objects.order_by().values_list("division_id", flat=True))
        self._places |= set(PolicyItem.objects.order_by().values_list("division_id", flat=True))
        self._known: dict[tuple[tuple[str, ...], datetime.date], dict[str, Any]] = {}
        self._lists: dict[tuple[tuple[str, ...], str], list[PolicyItem]] = {}

    def _place(self, path: str) -> tuple[str, ...]:
        return tuple(code for code in codes(path) if code in self._places)

    def items(self, list_key: str, path: str) -> list[PolicyItem]:
        """As `policy_items`, remembered."""
        key = (self._place(path), list_key)
        if key not in self._lists:
            self._lists[key] = policy_items(list_key, path, self.on)
        return self._lists[key]

    def parameters(self, path: str, on: datetime.date | None = None) -> dict[str, Any]:
        """As `parameters`, remembered."""
        key = (self._place(path), on or self.on)
        if key not in self._known:
            self._known[key] = parameters(path, key[1])
        return self._known[key]

    def line(self, path: str, month: str) -> tuple[Decimal | None, str]:
        """The monitoring line of a month (YYYYMM), or why there is none."""
        first = datetime.date(int(month[:4]), int(month[4:]), 1)
        found = self.parameters(path, first).get("monitoring_line")
        if found is not None:
            return found, ""
        try:
            return monitoring_line(path, first), ""
        except MissingParameter as missing:
            return None, missing.messages[0]


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
