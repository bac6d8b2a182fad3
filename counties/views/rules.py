"""质量规则: what is checked, why, how to mend it, and how many findings it has in my scope now."""

from itertools import dropwhile
from typing import cast
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from counties.forms.rules import Catalogue, RuleFilter
from counties.models.findings import Origin
from counties.selectors import rule_history as history
from counties.selectors import rules as selectors
from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.regions.models import Division
from fanpin.rules import Rule, registry
from fanpin.web.components import Bar, Crumb, Fact, Figure
from fanpin.web.lists import Column, render_list
from households.selectors.register import ancestors


def listed(count: int, code: str, **more: object) -> str:
    """The list behind a number; none behind a zero."""
    if not count:
        return ""
    query = {"state": "live", "origin": Origin.QUALITY, "code": code, **more}
    return f"{reverse('counties:findings')}?{urlencode(query)}"


def findings_url(row: selectors.Row) -> str:
    return listed(row.live, row.rule.code)


def new_url(row: selectors.Row) -> str:
    return listed(row.new, row.rule.code, since=history.week_of(clock.today()))


def rule_url(row: selectors.Row) -> str:
    return reverse("counties:rule", args=[row.rule.code])


COLUMNS = (
    Column("code", "编号", "rule.code", sort=True, url=rule_url),
    Column("title", "规则", "rule.title", url=rule_url, title=lambda row: row.rule.condition),
    Column("severity", "级别", sort=True, tone=lambda row: row.tone),
    Column("group", "类别", "rule.group", sort=True),
    Column("subject", "对象", hidden=True),
    Column("departments", "核对部门"),
    Column("condition", "何为不符", "rule.condition", hidden=True),
    Column("live", "现有疑点", align="right", sort=True, unit="条", url=findings_url),
    Column(
        "new",
        "本周新增",
        align="right",
        sort=True,
        unit="条",
        url=new_url,
        tone=lambda row: "orange" if row.new else "",
    ),
)


@requires(Permission.VIEW_RULES)
@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    rows = Catalogue(selectors.rows(request.user))  # type: ignore[arg-type]
    errors = sum(row.rule.is_error for row in rows)
    here = reverse("counties:rules")
    return render_list(
        request,
        title="质量规则",
        queryset=rows,
        columns=COLUMNS,
        filters=RuleFilter,
        search=search,  # type: ignore[arg-type]
        search_label="编号或规则",
        empty="没有符合条件的规则，请放宽筛选条件。",
        figures=[
            Figure("错误类", errors, f"{here}?severity=error", "条", "red"),
            Figure("疑点类", len(rows) - errors, f"{here}?severity=warn", "条", "amber"),
            Figure("现有疑点", sum(row.live for row in rows), f"{here}?live=yes", "条"),
            Figure("本周新增", sum(row.new for row in rows), f"{here}?live=new", "条", "orange"),
        ],
    )


def search(rows: Catalogue, text: str) -> Catalogue:
    return Catalogue(r for r in rows if text.upper() in r.rule.code or text in r.rule.title)


@requires(Permission.VIEW_RULES)
@require_GET
def rule_detail(request: HttpRequest, code: str) -> HttpResponse:
    rule = registry.get(code)
    if rule is None:
        raise Http404
    user = cast(User, request.user)
    row = selectors.row_of(rule, selectors.counts_by_code(user))
    place, path = asked_place(request, user)
    context = {
        "title": f"{rule.code} {rule.title}",
        "row": row,
        "rule": rule,
        "facts": facts(rule, row),
        "failing": selectors.example(rule.failing),
        "passing": selectors.example(rule.passing),
        "place": place,
        "places": [spread(rule, each) for each in history.by_place(user, code, path)],
        **trend(history.weeks(user, code, path)),
        "breadcrumb": crumbs(rule, place, history.home(user)),
        "figures": [
            Figure("现有疑点", row.live, findings_url(row), "条", row.tone),
            Figure("本周新增", row.new, new_url(row), "条", "orange" if row.new else ""),
        ],
    }
    return render(request, "counties/rule.html", context)


def asked_place(request: HttpRequest, user: User) -> tuple[Division | None, str]:
    """The division whose hits are asked for: `?division=` inside the scope, else all the user may see."""
    code = request.GET.get("division", "")
    if not code:
        return None, history.home(user)
    found = get_scoped_or_404(Division.objects.all(), user, code=code)
    return found, found.path


def spread(rule: Rule, each: history.Place) -> dict[str, object]:
    """One line of the table: the place leads a level down, each number to its list."""
    here = reverse("counties:rule", args=[rule.code])
    path, since = each.division.path, history.week_of(clock.today())
    return {
        "name": each.division.name,
        "url": f"{here}?division={each.division.code}" if each.leads_down else "",
        "live": each.live,
        "live_url": listed(each.live, rule.code, division=path),
        "new": each.new,
        "new_url": listed(each.new, rule.code, division=path, since=since),
    }


def trend(weeks: list[history.Week]) -> dict[str, object]:
    """The weeks as a table and as bars, from the first one that has anything."""
    since = dropwhile(lambda week: not (week.opened or week.closed or week.standing), weeks)
    told = list(since)
    return {"weeks": told, "bars": [Bar(week.label, week.standing) for week in told]}


def crumbs(rule: Rule, place: Division | None, home: str) -> list[Crumb]:
    found = [Crumb("质量规则", reverse("counties:rules"))]
    if place is None:
        return found
    here = reverse("counties:rule", args=[rule.code])
    found.append(Crumb(rule.code, here))
    above = [each for each in ancestors(place.path)[:-1] if len(each.path) > len(home)]
    return [*found, *(Crumb(each.name, f"{here}?division={each.code}") for each in above)]


def facts(rule: Rule, row: selectors.Row) -> list[Fact]:
    return [
        Fact("级别", row.severity, tone=row.tone),
        Fact("对象", row.subject),
        Fact("类别", rule.group),
        Fact("检查时机", selectors.REACHES[rule.reach]),
        Fact("涉及字段", selectors.fields(rule)),
        Fact("核对部门", row.departments or "无"),
        Fact("依据", rule.clause),
        Fact("所用参数", selectors.needs(rule) or "无"),
        Fact("生效日期", rule.effective_from or "一直有效"),
        Fact("失效日期", rule.effective_to or "未设定"),
    ]
