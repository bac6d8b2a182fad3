"""质量规则: what is checked, why, how to mend it, and how many findings it has in my scope now."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from counties.forms.rules import Catalogue, RuleFilter
from counties.models.findings import Origin
from counties.selectors import rules as selectors
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission
from fanpin.rules import Rule, registry
from fanpin.web.components import Crumb, Fact, Figure
from fanpin.web.lists import Column, render_list


def findings_url(row: selectors.Row) -> str:
    """The list behind the number; a rule without findings leads nowhere."""
    if not row.live:
        return ""
    query = urlencode({"state": "live", "origin": Origin.QUALITY, "code": row.rule.code})
    return f"{reverse('counties:findings')}?{query}"


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
    row = selectors.Row(rule, selectors.live_by_code(request.user).get(code, 0))  # type: ignore[arg-type]
    return render(
        request,
        "counties/rule.html",
        {
            "title": f"{rule.code} {rule.title}",
            "row": row,
            "rule": rule,
            "facts": facts(rule, row),
            "failing": selectors.example(rule.failing),
            "passing": selectors.example(rule.passing),
            "breadcrumb": [Crumb("质量规则", reverse("counties:rules"))],
            "figures": [Figure("现有疑点", row.live, findings_url(row), "条", row.tone)],
        },
    )


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
