"""Reads policy that is in force at a place on a day. A missing row refuses; nothing is guessed."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from fanpin import clock
from fanpin.regions.models import Division
from fanpin.regions.scope import codes
from fanpin.web.once import is_showing, once
from households.models import Campaign, Parameter, PolicyItem
from households.parameters import PARAMETERS


class MissingParameter(ValidationError):
    """No row is in force; the message names the parameter, place and day."""


class Value(NamedTuple):
    """One dated value of a parameter."""

    key: str
    value: str
    effective_from: datetime.date
    effective_to: datetime.date | None


def _is_in_force(row: Value | PolicyItem, day: datetime.date) -> bool:
    return row.effective_from <= day and (row.effective_to is None or row.effective_to >= day)


def parameter(key: str, path: str, on: datetime.date) -> Any:
    """The value for a place on a day: the nearest division upwards that has a row in force."""
    kind = PARAMETERS[key]
    rows = [row for row in _parameters(path, key) if _is_in_force(row, on)]
    if not rows:
        where = Division.objects.filter(path=path).values_list("full_name", flat=True).first()
        raise MissingParameter(
            f"未设置{on.year}年度“{kind.label}”（{where or '甘肃省'}，{on:%Y-%m-%d}），"
            "请联系县级或省级在“参数”中录入后再办理"
        )
    return kind.read(rows[-1].value)


def parameters(path: str, on: datetime.date) -> dict[str, Any]:
    """Every parameter in force at a place on a day, in one query; missing ones are absent."""
    return {
        row.key: PARAMETERS[row.key].read(row.value)
        for row in _parameters(path)
        if row.key in PARAMETERS and _is_in_force(row, on)
    }


def _parameters(path: str, key: str = "") -> list[Value]:
    """The rows at a place and above it, whatever their day, the nearest last. A page reads all of them at once."""
    # Plain tuples: a hundred model objects would cost more than the query.
    rows = (
        Parameter.objects.filter(division_id__in=codes(path))
        .order_by("division__path")
        .values_list(*Value._fields)
    )
    if key and not is_showing():
        return [Value(*row) for row in rows.filter(key=key)]
    found = once(("parameters", path), lambda: [Value(*row) for row in rows])
    return [row for row in found if row.key == key] if key else found


def later_on(path: str) -> bool:
    """Whether indicators of later sheets are in use at a place today; off where nobody said so."""
    try:
        return bool(parameter("later_fields", path, clock.today()))
    except MissingParameter:
        return False


def monitoring_line(path: str, on: datetime.date) -> Decimal:
    """监测范围, 元 per person and year (policy.md §3.1)."""
    return parameter("monitoring_line", path, on)


class Policy:
    """Parameters as of a day for work over many households: asked once for each place that has rows of its own."""

    def __init__(self, on: datetime.date, places: Iterable[str] = ()) -> None:
        """`places`: the codes to look at when they are known, as for one household."""
        self.on = on
        self._places = set(places) or self._with_rows()
        self._known: dict[tuple[tuple[str, ...], datetime.date], dict[str, Any]] = {}
        self._lists: dict[tuple[tuple[str, ...], str], list[PolicyItem]] = {}

    def _with_rows(self) -> set[str]:
        found = set(Parameter.objects.order_by().values_list("division_id", flat=True))
        return found | set(PolicyItem.objects.order_by().values_list("division_id", flat=True))

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
    nearest = {row.code: row for row in _items(list_key, path) if _is_in_force(row, on)}
    return sorted(
        (row for row in nearest.values() if row.active or not active),
        key=lambda row: (row.position, row.code),
    )


def _items(list_key: str, path: str) -> list[PolicyItem]:
    rows = PolicyItem.objects.filter(division_id__in=codes(path)).order_by("division__path")
    if not is_showing():
        return list(rows.filter(list_key=list_key))
    return [
        row for row in once(("policy items", path), lambda: list(rows)) if row.list_key == list_key
    ]


def campaign_now() -> Campaign | None:
    """The campaign being worked on, if one is set."""
    return once(("campaign",), Campaign.objects.filter(is_current=True).first)


def current_campaign() -> Campaign:
    """The campaign being worked on; refuses when none is set."""
    campaign = campaign_now()
    if campaign is None:
        raise MissingParameter("未设置当前年度工作，请联系系统管理员")
    return campaign
