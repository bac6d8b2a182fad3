"""What stands in the frame of every page: the menu of the user's desks, to-do counts, campaign. Composition."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe

from fanpin import clock
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.web.extensions import Todo, todo_providers, workbench_panels
from fanpin.web.once import once, showing
from households.selectors.parameters import campaign_now


@dataclass(frozen=True)
class Entry:
    """One line of the left menu: shown to whoever holds one of the permissions."""

    label: str
    url_name: str
    permissions: tuple[str, ...]
    todo: str = ""


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "农户",
        (
            Entry("农户名册", "households:list", (P.VIEW_HOUSEHOLDS,)),
            Entry("新建农户", "households:create", (P.EDIT_HOUSEHOLDS,)),
            Entry(
                "人口变更审核",
                "households:change_queue",
                (P.REVIEW_CHANGES, P.CONFIRM_CHANGES),
                "changes",
            ),
            Entry("户籍变动提示", "counties:proposals", (P.VIEW_FINDINGS,), "proposals"),
            Entry("两村核对", "households:disputes", (P.VIEW_HOUSEHOLDS,), "disputes"),
            Entry(
                "分户并户",
                "monitoring:reorganisations",
                (P.VIEW_HOUSEHOLDS,),
                "reorganisations",
            ),
            Entry("采集进度", "households:progress", (P.VIEW_HOUSEHOLDS,), "collection"),
            Entry("导入农户表", "households:imports", (P.IMPORT_HOUSEHOLDS,)),
            Entry("村表", "counties:village_sheets", (P.VIEW_HOUSEHOLDS,)),
            Entry("自然村表", "counties:hamlet_sheets", (P.VIEW_HOUSEHOLDS,)),
        ),
    ),
    (
        "监测",
        (
            Entry("线索", "monitoring:clues", (P.VIEW_CASES,), "clues"),
            Entry("自主申请", "monitoring:applications", (P.VIEW_CASES,), "applications"),
            Entry("重点核查户", "counties:key_checks", (P.VIEW_CASES,), "key_checks"),
            Entry("识别办理", "monitoring:identification", (P.VIEW_CASES,), "identify"),
            Entry("村级评议会", "monitoring:meetings", (P.VIEW_CASES,)),
            Entry("帮扶成效评估", "monitoring:evaluations", (P.VIEW_CASES,), "evaluations"),
            Entry("可消除对象", "monitoring:outlooks", (P.VIEW_CASES,)),
            Entry("风险消除", "monitoring:elimination", (P.VIEW_CASES,), "eliminate"),
            Entry("回退与再标注", "monitoring:rollback", (P.VIEW_CASES,), "rollback"),
            Entry("公示公告", "monitoring:notices", (P.VIEW_CASES,)),
            Entry("监测对象", "monitoring:objects", (P.VIEW_CASES,)),
            Entry("人口变动提示", "monitoring:prompts", (P.VIEW_CASES,), "prompts"),
            Entry(
                "识别比对反馈",
                "monitoring:comparison_requests",
                (P.ANSWER_COMPARISON,),
                "case_comparison",
            ),
        ),
    ),
    (
        "帮扶",
        (
            Entry("一户一策", "assistance:plans", (P.VIEW_PLANS,), "plans"),
            Entry("帮扶措施", "assistance:measures", (P.VIEW_PLANS,), "measures"),
        ),
    ),
    (
        "比对与闭合",
        (
            Entry("部门台账", "counties:ledgers", (P.VIEW_LEDGERS,)),
            Entry("比对", "counties:comparison", (P.RUN_COMPARISON,)),
            Entry("国家系统对账", "counties:reconciliations", (P.IMPORT_HOUSEHOLDS,)),
            Entry("疑点处置", "counties:findings", (P.VIEW_FINDINGS,), "findings"),
            Entry("疑点答复", "counties:answers", (P.ANSWER_FINDINGS,), "answers"),
            Entry("豁免", "counties:exemptions", (P.VIEW_FINDINGS,)),
            Entry("质量规则", "counties:rules", (P.VIEW_RULES,)),
            Entry("县级闭合", "counties:closure", (P.VIEW_CLOSURE,), "closure"),
        ),
    ),
    (
        "汇总",
        (
            Entry("动态调整汇总", "counties:summary", (P.VIEW_SUMMARY,), "summary"),
            Entry("县表", "counties:county_sheets", (P.VIEW_SUMMARY, P.FILL_COUNTY_SHEET)),
        ),
    ),
    (
        "系统",
        (
            Entry("任务", "jobs:list", (P.IMPORT_HOUSEHOLDS, P.UPLOAD_LEDGERS, P.RUN_COMPARISON)),
            Entry("行政区划", "regions:list", (P.EDIT_DIVISIONS, P.VIEW_PARAMETERS)),
            Entry("年度工作", "households:campaigns", (P.VIEW_HOUSEHOLDS, P.OPEN_CAMPAIGN)),
            Entry("参数", "households:parameters", (P.VIEW_PARAMETERS,)),
            Entry("数据字典", "counties:dictionary", (P.VIEW_RULES,)),
            Entry("用户与岗位", "accounts:users", (P.MANAGE_USERS,)),
            Entry("审计", "accounts:audit", (P.VIEW_AUDIT,)),
        ),
    ),
)

_TODO_SECONDS = 20


def todos(user: User, *, fresh: bool = False) -> list[Todo]:
    """What waits for this user, from every app; kept for some seconds because every page shows the counts."""
    key = f"todos.{user.pk}.{clock.today()}"
    found = None if fresh else cache.get(key)
    if found is None:
        with user.opening():
            found = [todo for provider in todo_providers.items for todo in provider(user)]
        cache.set(key, found, _TODO_SECONDS)
    return found


def menu(user: User, path: str, waiting: list[Todo]) -> list[dict[str, Any]]:
    """The groups of the left menu this user sees, with counts; an entry is active when the page lies below it."""
    counts = {todo.key: todo.count for todo in waiting}
    urls = [_url(e.url_name) for _label, entries in MENU for e in entries]
    here = max((url for url in urls if _lies_below(path, url)), key=len, default="")
    groups = []
    for label, entries in MENU:
        items = [
            {"label": e.label, "url": url, "count": counts.get(e.todo, 0), "active": here == url}
            for e in entries
            if any(user.holds(p) for p in e.permissions) and (url := _url(e.url_name))
        ]
        if items:
            groups.append({"label": label, "items": items})
    return groups


def _lies_below(path: str, url: str) -> bool:
    return path == url or (len(url) > 1 and path.startswith(url))


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html; empty for somebody who is not logged in."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"demo": settings.DEMO}
    # Every panel of a page is drawn inside the same frame.
    return once(("frame", user.pk, request.path), lambda: _frame(user, request.path))


def _frame(user: User, path: str) -> dict[str, Any]:
    waiting = todos(user)
    return {
        "demo": settings.DEMO,
        "today": clock.today(),
        "campaign": campaign_now(),
        "navigation": menu(user, path, waiting),
        "todo_count": sum(todo.count for todo in waiting),
        "posting": user.postings_today[0] if user.postings_today else None,
        "session_seconds": settings.SESSION_COOKIE_AGE,
    }


@login_required
def workbench(request: HttpRequest) -> HttpResponse:
    """工作台: what waits for me, overdue first, each line opening its list."""
    with showing():
        return _workbench(request)


def _workbench(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    waiting = [todo for todo in todos(request.user, fresh=True) if todo.count]
    waiting.sort(key=lambda t: (-t.overdue, t.due_on or clock.today().max, t.label))
    panels: dict[bool, list[str]] = {False: [], True: []}
    for panel in workbench_panels.ordered():
        if html := panel.render(request, request.user):
            panels[panel.beside].append(mark_safe(html))
    context = {
        "title": "工作台",
        "todos": waiting,
        "panels": panels[False],
        "beside": panels[True],
    }
    return render(request, "workbench.html", context)


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
