"""村表 and 自然村表: every place's sheet with its state, cut to a division."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from counties.forms.sheets import PlaceFilter, VillageFilter
from counties.models.sheets import FILLED_STATES, Kind, SheetState
from counties.selectors import sheets as selectors
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.web.components import Action, Crumb, Figure
from fanpin.web.lists import Column, render_list
from households.choices import COLLECTION_TONES
from households.selectors.parameters import current_campaign
from households.selectors.register import ancestors
from households.views.answers import user_of


def sheet_url(row: Any) -> str:
    return reverse("counties:place_sheet", args=[row.code])


def errors_url(row: Any) -> str:
    if not row.errors:
        return ""
    query = urlencode({"state": "live", "severity": "error", "division": row.path})
    return f"{reverse('counties:findings')}?{query}"


def hamlets_url(row: Any) -> str:
    return f"{reverse('counties:hamlet_sheets')}?division={row.code}"


STATE = Column(
    "sheet_state",
    "状态",
    lambda d: SheetState(d.sheet_state).label,
    sort=True,
    tone=lambda d: COLLECTION_TONES[d.sheet_state],
)
ERRORS = Column("errors", "错误", align="right", sort=True, url=errors_url,
                tone=lambda d: "red" if d.errors else "", unit="条")  # fmt: skip
COLUMNS = {
    Kind.VILLAGE: (
        Column("name", "行政村", url=sheet_url, sort=True),
        Column("township", "乡镇", "parent.name"),
        Column("is_listed", "出列村", lambda d: "是" if d.is_listed else "否", sort=True),
        STATE,
        Column("hh_total", "总户数", align="right", sort=True, unit="户"),
        Column("pop_total", "总人口", align="right", sort=True, unit="人"),
        Column("hamlets_done", "自然村已采", lambda d: f"{d.hamlets_done} / {d.hamlets}",
               align="right", url=hamlets_url),
        ERRORS,
        Column("changed_at", "填写时间", sort=True),
        Column("changed_by_name", "填写人"),
        Column("code", "代码", hidden=True),
    ),
    Kind.HAMLET: (
        Column("name", "自然村", url=sheet_url, sort=True),
        Column("village", "行政村", "parent.name",
               url=lambda d: reverse("counties:place_sheet", args=[d.parent_id])),
        STATE,
        Column("nv_hh_total", "总户数", align="right", sort=True, unit="户"),
        Column("nv_pop_total", "总人口", align="right", sort=True, unit="人"),
        Column("changed_at", "填写时间", sort=True),
        Column("changed_by_name", "填写人"),
        Column("code", "代码", sort=True),
    ),
}  # fmt: skip
EMPTY = {
    Kind.VILLAGE: "您的管辖范围内没有行政村。",
    Kind.HAMLET: "还没有登记自然村，请在“行政区划”中新增。",
}


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def village_sheets(request: HttpRequest) -> HttpResponse:
    return _list(request, Kind.VILLAGE)


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def hamlet_sheets(request: HttpRequest) -> HttpResponse:
    return _list(request, Kind.HAMLET)


def chosen(request: HttpRequest) -> Division | None:
    """The division of the address, inside the user's scope."""
    code = request.GET.get("division", "")
    return get_scoped_or_404(Division.objects.all(), request.user, code=code) if code else None


def listed_places(request: HttpRequest, kind: str) -> Any:
    """The rows of a list before its filters."""
    campaign, division = current_campaign(), chosen(request)
    rows = selectors.places(
        kind, user_of(request).scope, campaign, below=division.path if division else ""
    )
    rows = selectors.with_errors(rows, campaign)
    return selectors.with_hamlets(rows, campaign) if kind == Kind.VILLAGE else rows


def _list(request: HttpRequest, kind: Kind) -> HttpResponse:
    division = chosen(request)
    rows = listed_places(request, kind)
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    actions = [Action("导出", reverse("counties:sheet_export", args=[kind]) + query)]
    if kind == Kind.VILLAGE:
        printed = reverse("counties:village_sheets_print") + query
        actions.append(Action("村表PDF", printed, "post", fields={"kind": "pdf"}))
        actions.append(Action("村表XLSX", printed, "post", fields={"kind": "xlsx"}))
    if user_of(request).holds(P.IMPORT_HOUSEHOLDS):
        actions.append(Action("导入", reverse("counties:sheet_import", args=[kind])))
    return render_list(
        request,
        title=kind.label,
        queryset=rows,
        columns=COLUMNS[kind],
        filters=VillageFilter if kind == Kind.VILLAGE else PlaceFilter,
        search=("name__startswith", "pinyin__startswith", "code__startswith"),
        search_label="名称、拼音或代码",
        empty=EMPTY[kind],
        actions=actions,
        figures=_figures(rows, division),
        breadcrumb=[
            Crumb(d.name, f"?division={d.code}") for d in ancestors(division.path)[1:]
        ] if division else (),
    )  # fmt: skip


def _figures(rows: Any, division: Division | None) -> list[Figure]:
    place = f"division={division.code}&" if division else ""
    counts = rows.order_by().aggregate(
        due=Count("pk"),
        filled=Count("pk", filter=Q(sheet_state__in=FILLED_STATES)),
        passed=Count("pk", filter=Q(sheet_state__in=("reviewed", "closed"))),
    )
    return [
        Figure("应采", counts["due"], f"?{place}", "个"),
        Figure("已采", counts["filled"], f"?{place}state=filled", "个", "blue"),
        Figure("乡镇通过", counts["passed"], f"?{place}state=reviewed", "个", "green"),
    ]
