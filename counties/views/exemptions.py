"""豁免清单: which findings are exempted, why, by whom, and until when."""

import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from counties.models import Finding
from counties.models.findings import Severity
from counties.selectors import findings as selectors
from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission
from fanpin.web.cells import link_to
from fanpin.web.components import Figure
from fanpin.web.lists import Column, render_list

SOON = datetime.timedelta(days=30)


class ExemptionFilter(django_filters.FilterSet):
    """By severity, rule and how long they still hold."""

    severity = django_filters.ChoiceFilter(
        label="级别", choices=Severity.choices, empty_label="全部"
    )
    ends = django_filters.ChoiceFilter(
        label="有效期", choices=[("soon", "30日内到期"), ("over", "已到期")], method="ending",
        empty_label="全部",
    )  # fmt: skip
    code = django_filters.CharFilter(label="规则编号")

    class Meta:
        model = Finding
        fields = ("severity", "code")

    def ending(self, rows: Any, _name: str, value: str) -> QuerySet[Finding]:
        today = clock.today()
        if value == "over":
            return rows.filter(waived_until__lt=today)
        return rows.filter(waived_until__range=(today, today + SOON))


def standing(row: Finding) -> str:
    today = clock.today()
    assert row.waived_until is not None
    if row.waived_until < today:
        return "已到期"
    return "即将到期" if row.waived_until <= today + SOON else "已豁免"


def tone(row: Finding) -> str:
    return {"已到期": "red", "即将到期": "orange"}.get(standing(row), "grey")


COLUMNS = (
    Column("code", "规则编号", sort=True, url=link_to("counties:finding")),
    Column("title", "疑点", url=link_to("counties:finding"), title=lambda row: row.detail),
    Column("severity", "级别", "get_severity_display", sort=True,
           tone=lambda row: row.severity_tone),
    Column("household", "户主", lambda row: row.household.head_name if row.household else ""),
    Column("member", "成员", lambda row: row.member.name if row.member else ""),
    Column("village", "行政村",
           lambda row: row.household.village.name if row.household else str(row.division or "")),
    Column("reason", "豁免原因", "exempt_reason"),
    Column("by", "批准人", "exempt_by"),
    Column("at", "批准日期", lambda row: row.exempt_at.date() if row.exempt_at else ""),
    Column("waived_until", "有效期至", sort=True),
    Column("standing", "状态", standing, tone=tone),
)  # fmt: skip


@requires(Permission.VIEW_FINDINGS)
@require_GET
def exemption_list(request: HttpRequest) -> HttpResponse:
    rows = selectors.exempt(request.user)  # type: ignore[arg-type]
    today, here = clock.today(), reverse("counties:exemptions")
    soon = rows.filter(waived_until__range=(today, today + SOON)).count()
    return render_list(
        request,
        title="豁免",
        queryset=rows,
        columns=COLUMNS,
        filters=ExemptionFilter,
        search=("household__head_name", "household__hh_code", "member__name", "code"),
        search_label="户主、成员、户号或编号",
        empty="没有豁免的疑点。乡镇可豁免提醒类、县级可豁免错误类疑点，到期后重新列为疑点。",
        figures=[Figure("30日内到期", soon, f"{here}?ends=soon", "条", "orange")],
    )
