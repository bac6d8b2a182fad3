"""The list 可消除对象: who could be proposed for elimination, who lacks one thing, by division and by light."""

from typing import Any

import django_filters as filters
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.cells import link_to
from fanpin.web.components import Figure
from fanpin.web.lists import Column, render_list
from households.choices import choices
from monitoring.models import MonitoringObject
from monitoring.selectors import standing
from monitoring.services.outlooks import UNDER
from monitoring.views.answering import user_of
from monitoring.views.lists import SEARCH, in_division

FAR = {
    "ready": Q(outlook__lacking=0, state="monitored"),
    "one": Q(outlook__lacking=1, state="monitored"),
    "more": Q(outlook__lacking__gt=1, state="monitored"),
    "eliminating": Q(state="eliminating"),
    "unjudged": Q(outlook=None),
}
POSITIVE = (
    ("E1", "收入超过监测范围"), ("E2", "收入稳定半年"), ("E3", "三保障和饮水"), ("E4", "刚性支出"),
    ("E5", "风险消除"), ("E6", "措施落实"),
)  # fmt: skip


def _lights(request: HttpRequest | None) -> list[tuple[str, str]]:
    """E1–E6 and the 不消 conditions in force where the user works."""
    found = list(POSITIVE)
    paths = user_of(request).scope.paths if request else ()
    for path in sorted(paths)[:1]:
        for c in standing.conditions(path, clock.today()):
            found.append((c.code.upper(), c.label.removesuffix("的不消")))
    return [(code, f"{code} {label[:18]}") for code, label in found]


class OutlookFilters(filters.FilterSet):
    far = filters.ChoiceFilter(
        label="离消除", method="by_far", empty_label="全部",
        choices=[("ready", "可消除"), ("one", "差一项"), ("more", "差两项及以上"),
                 ("eliminating", "正在办理消除"), ("unjudged", "待判定")],
    )  # fmt: skip
    red = filters.ChoiceFilter(label="红灯", method="by_red", choices=_lights, empty_label="全部")
    grey = filters.ChoiceFilter(label="灰灯", method="by_grey", choices=_lights, empty_label="全部")
    category = filters.ChoiceFilter(
        label="类别", choices=choices("monitor_type"), empty_label="全部"
    )

    class Meta:
        model = MonitoringObject
        fields = ("category",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("red", "grey"):
            self.filters[name].extra["choices"] = _lights(self.request)

    def by_far(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return rows.filter(FAR[value])

    def by_red(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return rows.filter(outlook__red__contains=[value])

    def by_grey(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return rows.filter(outlook__grey__contains=[value])


def _far(obj: MonitoringObject) -> str:
    if obj.state == "eliminating":
        return "正在办理消除"
    found = getattr(obj, "outlook", None)
    return found.label if found else "待判定"


def _far_tone(obj: MonitoringObject) -> str:
    found = getattr(obj, "outlook", None)
    return "blue" if obj.state == "eliminating" else found.tone if found else "grey"


def _codes(name: str) -> Any:
    def read(obj: MonitoringObject) -> str:
        found = getattr(obj, "outlook", None)
        return "、".join(getattr(found, name)) if found else ""

    return read


TAB = link_to("monitoring:household", "household_id")
COLUMNS = (
    Column("hh_code", "户号", "household.hh_code", sort="household__hh_code", hidden=True),
    Column("household", "农户", lambda o: str(o.household),
           url=lambda o: f"{TAB(o)}#lights", sort="household__head_pinyin"),
    Column("village", "行政村", "household.village.name", sort="household__division_path"),
    Column("category", "类别", "get_category_display", sort="category"),
    Column("far", "离消除", _far, tone=_far_tone, sort="outlook__lacking"),
    Column("red", "红灯", _codes("red")),
    Column("grey", "灰灯", _codes("grey"), hidden=True),
    Column("words", "差什么", lambda o: o.outlook.words if hasattr(o, "outlook") else "",
           url=lambda o: f"{TAB(o)}#lights"),
    Column("income_pc", "人均纯收入", "household.income_pc", align="right", unit="元",
           sort="household__income_pc"),
    Column("judged_on", "判定日期", "outlook.judged_on", sort="outlook__judged_on", hidden=True),
)  # fmt: skip


@requires(P.VIEW_CASES)
def listing(request: HttpRequest) -> HttpResponse:
    rows = MonitoringObject.objects.within(user_of(request).scope).filter(state__in=UNDER)
    rows = rows.select_related("household", "household__village", "outlook")
    rows = in_division(request, rows, "household__division_path")
    if "sort" not in request.GET:
        rows = rows.order_by("outlook__lacking", "household__division_path", "pk")
    counts = rows.order_by().aggregate(
        **{name: Count("pk", filter=FAR[name]) for name in ("ready", "one", "more")}
    )
    figures = [
        Figure("可消除", counts["ready"], "?far=ready", "户", "green" if counts["ready"] else ""),
        Figure("差一项", counts["one"], "?far=one", "户", "orange" if counts["one"] else ""),
        Figure("差两项及以上", counts["more"], "?far=more", "户"),
    ]
    return render_list(
        request, title="可消除对象", queryset=rows, columns=COLUMNS, filters=OutlookFilters,
        search=SEARCH[:3], search_label="户主、户号", figures=figures,
        empty="没有符合条件的监测对象。",
    )  # fmt: skip
