"""The charts of the summary page: few, with direct labels, each bar a link to its list."""

from dataclasses import dataclass

from django.urls import reverse

from counties.reports import TABLES
from counties.reports.adjustment import CATEGORIES
from counties.reports.figures import TOTAL, Report
from fanpin.web.components import Bar


@dataclass(frozen=True)
class Chart:
    caption: str
    unit: str
    bars: list[Bar]
    head: str = "县（市、区）"


def charts(report: Report) -> list[Chart]:
    """Stock by county, ins and outs of the city, stock by category, forms done by county."""
    return [_stock(report), _moves(report), _categories(report), _collected(report)]


def _number(report: Report, table: str, county: str, name: str) -> int:
    return int(report.numbers[table].get(county, {}).get(name, 0))


def _url(place: str, table: str, key: str) -> str:
    return reverse("counties:drill", args=[place, table, key])


def _stock(report: Report) -> Chart:
    bars = [
        Bar(c.name, _number(report, "T1", c.code, "closing.households"),
            _url(c.code, "T1", "closing"), "orange")
        for c in report.counties
    ]  # fmt: skip
    return Chart("期末未消除监测对象", "户", bars)


def _moves(report: Report) -> Chart:
    names = TABLES["T1"].keys
    keys = ("new", "relabel", "rollback", "eliminated_assisted", "eliminated_natural", "closed")
    tones = ("orange", "orange", "amber", "green", "green", "grey")
    bars = [
        Bar(names[key], _number(report, "T1", TOTAL, f"{key}.households"),
            _url(report.city.code, "T1", key), tone)
        for key, tone in zip(keys, tones, strict=True)
    ]  # fmt: skip
    return Chart("本年动态调整", "户", bars, "动作")


def _categories(report: Report) -> Chart:
    bars = [
        Bar(label, _number(report, "T2", TOTAL, f"closing.{category}.households"),
            _url(report.city.code, "T2", f"closing.{category}"), "orange")
        for category, label in CATEGORIES
    ]  # fmt: skip
    return Chart("未消除监测对象类别", "户", bars, "类别")


def _collected(report: Report) -> Chart:
    bars = []
    for county in report.counties:
        done = _number(report, "T5", county.code, "annual_done.households")
        due = _number(report, "T5", county.code, "annual_due.households")
        parts = ((done, "green", "已采"), (max(due - done, 0), "grey", "未采"))
        bars.append(Bar(county.name, due, _url(county.code, "T5", "annual_due"), "green", parts))
    return Chart("年度信息采集", "户", bars)
