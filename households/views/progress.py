"""采集进度: how far every place is with this year's forms; every number opens its list."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.web.components import Bar, Crumb, Figure
from fanpin.web.lists import Column, render_list
from households.choices import label
from households.selectors.parameters import current_campaign
from households.selectors.progress import STATES, Progress, by_division
from households.selectors.register import ancestors
from households.views.answers import user_of


@requires(P.VIEW_HOUSEHOLDS)
def progress(request: HttpRequest) -> HttpResponse:
    """采集进度 by division; every number opens its list."""
    user = user_of(request)
    code = request.GET.get("division", "")
    parent = get_scoped_or_404(Division.objects.all(), user, code=code) if code else None
    campaign = current_campaign()
    rows = by_division(user, parent, campaign)
    above = ancestors(parent.path) if parent else []
    trail = [division for division in above if user.scope.covers(division.path)]
    return render_list(
        request,
        title=f"{parent.name if parent else ''}{campaign}采集进度",
        queryset=rows,
        columns=PROGRESS_COLUMNS,
        figures=_progress_figures(rows, code),
        breadcrumb=[Crumb(d.name, f"?division={d.code}") for d in trail],
        template="households/progress.html",
        context={
            "bars": [_bar(row) for row in rows[:40]],
            "campaign_row": campaign,
            "late": clock.today() > campaign.collection_due_on
            and any(row.unsubmitted for row in rows),
        },
        empty="这里还没有农户。",
    )


def _listed(row: Progress, state: str = "") -> str:
    url = f"{reverse('households:list')}?division={row.division.code}"
    return f"{url}&collection={state}" if state else url


def _deeper(row: Progress) -> str:
    """A township's villages, a village's households."""
    if row.division.level == "village":
        return _listed(row)
    return f"{reverse('households:progress')}?division={row.division.code}"


def _state_column(state: str) -> Column:
    return Column(
        state,
        label("collect_status", state),
        value=lambda row: row.counts.get(state, 0),
        url=lambda row: _listed(row, state) if row.counts.get(state) else "",
        align="right",
        sort=True,
    )


PROGRESS_COLUMNS = (
    Column("name", "区划", value="division.name", url=_deeper, sort=True),
    Column("total", "农户", url=_listed, align="right", unit="户", sort=True),
    *(_state_column(state) for state in STATES),
    Column(
        "with_errors",
        "有错误",
        value=lambda row: row.with_errors,
        url=lambda row: f"{_listed(row)}&findings=errors" if row.with_errors else "",
        align="right",
        sort=True,
        tone=lambda row: "red" if row.with_errors else "",
    ),
    Column("last_at", "最近办理", value=lambda row: row.last_at, sort=True),
    Column(
        "percent", "审核完成", value=lambda row: row.percent, align="right", unit="%", sort=True
    ),
)


def _progress_figures(rows: list[Progress], code: str) -> list[Figure]:
    listed = reverse("households:list") + (f"?division={code}&" if code else "?")
    total, reviewed = sum(row.total for row in rows), sum(row.reviewed for row in rows)
    open_ = sum(row.unsubmitted for row in rows)
    wrong = sum(row.with_errors for row in rows)
    waiting = sum(row.counts.get("checked", 0) for row in rows)
    return [
        Figure("农户", total, listed, "户"),
        Figure("未提交", open_, f"{listed}collection=open", "户", "orange"),
        Figure("有错误", wrong, f"{listed}findings=errors", "户", "red"),
        Figure("已提交", waiting, f"{listed}collection=checked", "户", "blue"),
        Figure("乡镇通过", reviewed, f"{listed}collection=reviewed", "户", "green"),
    ]


def _bar(row: Progress) -> Bar:
    """One tone for each stage; what the county closed counts as reviewed here."""
    stages = (
        (row.reviewed, "green", label("collect_status", "reviewed")),
        (row.counts.get("checked", 0), "amber", label("collect_status", "checked")),
        (row.counts.get("collected", 0), "blue", label("collect_status", "collected")),
        (row.counts.get("returned", 0), "orange", label("collect_status", "returned")),
        (row.counts.get("todo", 0), "grey", label("collect_status", "todo")),
    )
    return Bar(
        row.division.name, row.total, _deeper(row), parts=tuple(part for part in stages if part[0])
    )
