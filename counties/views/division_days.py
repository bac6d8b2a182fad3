"""某日归属: who belonged to a division on a day, one that has ended included, counted by the villages of that day."""

import datetime

import django_filters as filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from counties.selectors import adjustments as selectors
from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.web.components import Crumb
from fanpin.web.lists import Column, render_list
from households.models import Household
from households.views.answers import user_of


class DayFilter(filters.FilterSet):
    on = filters.DateFilter(label="日期", method="as_asked")

    class Meta:
        model = Household
        fields = ()

    def as_asked(self, rows: QuerySet[Household], _name: str, _day: datetime.date) -> QuerySet:
        """The view has asked for the day already."""
        return rows


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def households_then(request: HttpRequest, code: str) -> HttpResponse:
    user = user_of(request)
    division = get_scoped_or_404(Division.objects.all(), user, code=code)
    day = min(_day(request.GET.get("on", "")), clock.today())
    rows = selectors.belonging(division, day).within(user.scope)
    parts = selectors.by_village(rows)
    names = {part.village.pk: part.village.name for part in parts}
    columns = (
        Column("head_name", "户主", url=lambda h: f"{reverse('households:detail', args=[h.pk])}?on={day}"),
        Column("hh_code", "户号", sort=True),
        Column("then", "当日行政村", lambda h: names.get(h.village_then, "")),
        Column("village", "现行政村", "village.name"),
        Column("family_size", "现有人口", align="right", unit="人"),
    )  # fmt: skip
    return render_list(
        request,
        title=f"{division.name}　{day}归属农户",
        queryset=rows.select_related("village").order_by("hh_code"),
        columns=columns,
        filters=DayFilter,
        search=("head_name", "hh_code"),
        search_label="户主或户号",
        empty="这一天该区划没有在册农户。",
        breadcrumb=[Crumb("行政区划", reverse("regions:list"))],
        template="counties/households_then.html",
        context={"parts": parts, "total": sum(part.households for part in parts), "day": day,
                 "division": division},
    )  # fmt: skip


def _day(text: str) -> datetime.date:
    try:
        return parse_date(text) or clock.today()
    except ValueError:
        return clock.today()
