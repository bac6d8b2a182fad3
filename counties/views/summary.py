"""动态调整汇总 on screen: the tables with charts, each number its list, the workbook, submission and return."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from counties.forms.summaries import ReturnForm, SubmitForm
from counties.models import CitySummary
from counties.policies import summaries as policies
from counties.reports import TABLES, figures, submitting, workbook
from counties.reports.charts import charts
from counties.reports.figures import TOTAL, Report
from counties.reports.table import Cell, Table
from counties.selectors.closures import counties_of
from counties.selectors.places import cities, counties
from counties.services import summaries as services
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division, Level
from fanpin.web.cells import link_to
from fanpin.web.lists import Column, render_list
from households.choices import label
from households.models import Household
from households.selectors.parameters import current_campaign

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BEHIND = (
    Column("hh_code", "户号", sort=True, url=link_to("households:detail")),
    Column("head_name", "户主", url=link_to("households:detail")),
    Column("village", "行政村", "village.name"),
    Column("hh_type", "户类型", "get_hh_type_display"),
    Column("monitoring_state", "监测状态", "monitoring_label", tone=lambda h: h.monitoring_tone),
    Column("monitor_type", "类别", lambda h: label("monitor_type", h.monitor_type)),
    Column("family_size", "人口", align="right", sort=True, unit="人"),
)


@requires(Permission.VIEW_SUMMARY)
@require_GET
def summary(request: HttpRequest) -> HttpResponse:
    """The user's first city; a county reads its own line."""
    first = cities(request.user, Permission.VIEW_SUMMARY).first()
    if first is None:
        mine = get_object_or_404(counties(request.user, Permission.VIEW_SUMMARY)[:1])
        return _county_page(request, mine)
    return redirect("counties:summary_of", code=first.code)


@requires(Permission.VIEW_SUMMARY)
@require_GET
def summary_of(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _city(request, code))


@requires(Permission.VIEW_SUMMARY)
@require_GET
def download(request: HttpRequest, code: str) -> HttpResponse:
    """The workbook of the version asked for, or of today's numbers."""
    report = _report(request, _city(request, code))
    response = HttpResponse(content_type=XLSX)
    name = f"{report.city.name}{report.campaign.year}年动态调整汇总.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    workbook.write(response, report)
    return response


@requires(Permission.SUBMIT_SUMMARY)
@require_POST
def submit(request: HttpRequest, code: str) -> HttpResponse:
    city = _city(request, code)
    current = figures.compute(city, current_campaign())
    form = SubmitForm(request.POST, without_data=current.without_data)
    if not form.is_valid():
        return _page(request, city, submit_form=form)
    try:
        made = submitting.submit(
            city=city, campaign=current_campaign(), by=request.user, **form.cleaned_data
        )
    except ValidationError as refused:
        return _page(request, city, refused, submit_form=form)
    messages.success(request, f"已上报第{made.version}版{'（逾期）' if made.is_late else ''}。")
    return redirect(reverse("counties:summary_of", args=[code]) + f"?version={made.version}")


@requires(Permission.SUBMIT_SUMMARY)
@require_POST
def send_back(request: HttpRequest, code: str, version: int) -> HttpResponse:
    city = _city(request, code)
    row = get_object_or_404(
        CitySummary, division=city, campaign=current_campaign(), version=version
    )
    form = ReturnForm(request.POST, counties=Division.objects.filter(parent=city))
    if not form.is_valid():
        return _page(request, city, return_form=form)
    try:
        services.return_to_county(row, by=request.user, **form.cleaned_data)
    except ValidationError as refused:
        return _page(request, city, refused, return_form=form)
    messages.success(request, "已退回，待县级下达更正令并重新签署。")
    return redirect("counties:summary_of", code=code)


@requires(Permission.VIEW_SUMMARY)
@require_GET
def drill(request: HttpRequest, code: str, table: str, key: str) -> HttpResponse:
    """The households behind one number, inside the reader's scope. `code` is a county or the whole city."""
    place = get_scoped_or_404(
        Division.objects.filter(level__in=(Level.CITY, Level.COUNTY)), request.user, code=code
    )
    declared = TABLES.get(table)
    if declared is None or key not in declared.keys:
        raise Http404("没有这个指标")
    cell = next(cell for cell in declared.cells if cell.key == key)
    if cell.listed:
        return redirect(_behind(cell, declared, place.code))
    codes = [place.code] if place.level == Level.COUNTY else [c.code for c in counties_of(place)]
    ids = figures.household_ids(declared, key, codes, current_campaign())
    found = Household.objects.within(request.user.scope).filter(pk__in=ids)  # type: ignore[union-attr]
    return render_list(
        request,
        title=f"{place.name} {declared.title}：{declared.keys[key]}",
        queryset=found.select_related("village"),
        columns=BEHIND,
        search=("head_name", "hh_code"),
        empty="这个数字为零，没有农户。",
        breadcrumb=[("动态调整汇总", reverse("counties:summary"))],
    )


def _city(request: HttpRequest, code: str) -> Division:
    return get_scoped_or_404(Division.objects.filter(level=Level.CITY), request.user, code=code)


def _report(request: HttpRequest, city: Division) -> Report:
    version = request.GET.get("version", "")
    if version.isdigit():
        rows = CitySummary.objects.filter(division=city, campaign=current_campaign())
        return figures.stored(get_object_or_404(rows, version=int(version)))
    return figures.compute(city, current_campaign())


def _page(request: HttpRequest, city: Division, problems: Any = None, **forms: Any) -> HttpResponse:
    report = _report(request, city)
    campaign = report.campaign
    versions = CitySummary.objects.filter(division=city, campaign=campaign).select_related(
        "submitted_by", "returned_to"
    )
    version = request.GET.get("version", "")
    shown = next((v for v in versions if str(v.version) == version), None)
    broken = figures.broken_identities(report)
    below = Division.objects.filter(code__in=[c.code for c in report.counties])
    context = {
        "title": f"{city.name}{campaign.year}年动态调整汇总",
        "city": city,
        "cities": cities(request.user, Permission.VIEW_SUMMARY),
        "report": report,
        "version": shown,
        "versions": versions,
        "tables": [_drawn(table, report, linked=shown is None) for table in TABLES.values()],
        "charts": charts(report),
        "broken": broken,
        "may_submit": policies.may_submit(
            request.user,
            city,
            campaign,
            unsigned=report.unsigned,
            broken=broken,
            is_draft=report.is_draft,
        ),
        "places": _places(report),
        "is_reporter": request.user.may(Permission.SUBMIT_SUMMARY, city.path),  # type: ignore[union-attr]
        "submit_form": forms.get("submit_form") or SubmitForm(without_data=report.without_data),
        "return_form": forms.get("return_form") or ReturnForm(counties=below),
        "in_force": next((v for v in versions if v.state == "submitted"), None),
        "problems": problems,
        "query": f"?{urlencode({'version': version})}" if shown else "",
    }
    wrong = problems is not None or any(form.errors for form in forms.values())
    return render(request, "counties/summary.html", context, status=422 if wrong else 200)


def _places(report: Report) -> list[tuple[str, str, list[Division]]]:
    """Which counties signed, which did not, which have no data: (heading, tone, counties), the empty ones left out."""
    signed = [c for c in report.counties if c.code in report.signed]
    found = [
        ("未签署", "amber", report.unsigned),
        ("已签署", "green", signed),
        ("无数据", "grey", report.without_data),
    ]
    return [line for line in found if line[2]]


def _county_page(request: HttpRequest, county: Division) -> HttpResponse:
    """A county reader sees its own line of each table and how it came about."""
    city = get_object_or_404(Division, pk=county.parent_id)
    report = figures.compute(city, current_campaign())
    report.counties = [county]
    context = {
        "title": f"{county.name}{report.campaign.year}年动态调整情况",
        "report": report,
        "tables": [_drawn(table, report, linked=True, total=False) for table in TABLES.values()],
        "returned": CitySummary.objects.filter(returned_to=county, state="returned").first(),
    }
    return render(request, "counties/summary_county.html", context)


def _behind(cell: Cell, table: Table, place: str) -> str:
    """The list behind a number: households, or the page that lists the places."""
    if not cell.listed:
        return reverse("counties:drill", args=[place, table.code, cell.key])
    name, _, query = cell.listed.partition("?")
    return f"{reverse(name)}?division={place}" + (f"&{query}" if query else "")


def _drawn(table: Table, report: Report, *, linked: bool, total: bool = True) -> dict[str, Any]:
    """A table for the page: rows of (name, cells with value, unit and link)."""
    places = [(county.name, county.code) for county in report.counties]
    if total:
        places.append(("合计", TOTAL))
    return {
        "table": table,
        "rows": [
            {
                "name": name,
                "total": code == TOTAL,
                "cells": [
                    {
                        "value": report.value(table, code, cell),
                        "rate": bool(cell.of),
                        "url": ""
                        if cell.of or not linked
                        else _behind(cell, table, code or report.city.code),
                    }
                    for cell in table.cells
                ],
            }
            for name, code in places
        ],
    }
