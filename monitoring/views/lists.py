"""The lists of the desk: clues, identification, elimination, rollback and re-label, objects, comparison requests."""

import datetime
from functools import reduce
from operator import or_
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.web.cells import link_to
from fanpin.web.components import Action, Bulk, Figure
from fanpin.web.lists import Column, render_list
from households.choices import MONITORING_STATES, choices
from households.selectors.limits import Limit, limit_for
from households.views.answers import due_column
from monitoring.choices import AnswerResult, CaseKind, CaseStatus, ClueState
from monitoring.models import Case, Clue, ComparisonAnswer, MonitoringObject
from monitoring.selectors import cases as selectors
from monitoring.views.answering import user_of
from monitoring.workflow.procedures import PROCEDURES
from monitoring.workflow.waiting import (
    behind_with_advance,
    gone_for,
    helped,
    mine,
    replies_of,
    requests_for,
    with_moving_risks,
)

SEARCH = ("household__hh_code", "household__head_name", "household__head_pinyin", "number")
IDENTIFY = (CaseKind.IDENTIFY,)
ELIMINATE = (CaseKind.ELIMINATE,)
ROLLBACK = (CaseKind.ROLLBACK, CaseKind.RELABEL)


def statuses(*kinds: str) -> list[tuple[str, str]]:
    """The statuses that occur in these kinds of case, in the order of the procedure."""
    used = {s for k in kinds for t in PROCEDURES[k].transitions for s in (*t.source, t.target)}
    return [(s.value, str(s.label)) for s in CaseStatus if s.value in used]


class CaseFilters(filters.FilterSet):
    waiting = filters.ChoiceFilter(
        label="范围", method="by_waiting", empty_label="全部",
        choices=[("mine", "待我办理"), ("open", "在办"), ("overdue", "已逾期"), ("ended", "已办结"),
                 ("reply", "待答复申请人"),
                 ("flagged", "提请县级关注"), ("four_haves", "涉及四有"),
                 ("helped", "先行帮扶待补办"), ("advance", "先行帮扶逾期")],
    )  # fmt: skip
    status = filters.ChoiceFilter(label="状态", choices=CaseStatus.choices, empty_label="全部")
    category = filters.ChoiceFilter(
        label="类别", choices=choices("monitor_type"), empty_label="全部"
    )

    class Meta:
        model = Case
        fields = ("status", "category")

    def by_waiting(self, rows: QuerySet[Case], _name: str, value: str) -> QuerySet[Case]:
        if value == "mine":
            return mine(user_of(self.request), rows, CaseKind.values)
        if value == "reply":
            return replies_of(user_of(self.request), rows)
        if value == "helped":
            return helped(rows)
        if value == "advance":
            return behind_with_advance(rows)
        conditions = {
            "open": Q(ended_on=None),
            "overdue": selectors.overdue(),
            "ended": Q(ended_on__isnull=False),
            "flagged": Q(is_flagged=True),
            "four_haves": Q(is_four_haves=True),
        }
        return rows.filter(conditions[value])


def in_division(request: HttpRequest, rows: QuerySet, lookup: str) -> QuerySet:
    """The division switcher's choice, inside the user's scope."""
    code = request.GET.get("division", "")
    chosen = Division.objects.within(user_of(request).scope).filter(code=code).first()
    return rows.filter(**{f"{lookup}__startswith": chosen.path}) if chosen else rows


CASE = link_to("monitoring:case")
CASE_COLUMNS = (
    Column("number", "办件编号", url=CASE, sort=True),
    Column(
        "household", "农户", lambda r: str(r.household), url=CASE, sort="household__head_pinyin"
    ),
    Column("village", "行政村", "household.village.name", sort="division_path"),
    Column("kind", "业务", "get_kind_display", hidden=True),
    Column("status", "状态", "get_status_display", tone=lambda c: c.tone, sort=True),
    Column("category", "类别", "get_category_display"),
    Column("opened_on", "受理日期", sort=True),
    Column("due_on", "本步期限", sort=True, tone=lambda c: _due_tone(c)),
    Column("total_due_on", "全程期限", sort=True, hidden=True),
    Column("family_size", "人口", "household.family_size", align="right", unit="人"),
    Column("income_pc", "人均纯收入", "household.income_pc", align="right", unit="元", hidden=True),
    Column("ended_on", "办结日期", sort=True, hidden=True),
)


def _due_tone(case: Case) -> str:
    if not case.is_open or case.due_on is None or case.status == CaseStatus.NOTICED:
        return ""
    left = (case.due_on - clock.today()).days
    return "red" if left < 0 else "orange" if left < 3 else ""


def _case_list(
    request: HttpRequest, title: str, kinds: tuple[str, ...], empty: str, **more: Any
) -> HttpResponse:
    user = user_of(request)
    rows = in_division(request, selectors.listed(user.scope, *kinds), "division_path")
    open_rows = rows.filter(ended_on=None)
    waiting = mine(user, rows, kinds).count()
    late = rows.filter(selectors.overdue()).count()
    figures = [
        Figure("待我办理", waiting, "?waiting=mine", "件", "orange" if waiting else ""),
        Figure("在办", open_rows.count(), "?waiting=open", "件"),
        Figure("已逾期", late, "?waiting=overdue", "件", "red" if late else ""),
    ]
    query = request.GET.urlencode()
    printed = f"{reverse('monitoring:print_cases')}?kinds={','.join(kinds)}&{query}".rstrip("&")
    actions = [Action("打印表册", printed), *more.pop("actions", ())]
    bulk = [Bulk("打印所选的表册", printed)]
    if user.holds(P.TOWNSHIP_CASE) or user.holds(P.COUNTY_CASE):
        bulk.insert(0, Bulk("审核通过", reverse("monitoring:cases_pass"), "primary",
                             "确定批量审核通过？有未了事项的不会通过。"))  # fmt: skip
    return render_list(
        request, title=title, queryset=rows, columns=CASE_COLUMNS, filters=_filters(kinds),
        search=SEARCH, search_label="户主、户号、办件编号", empty=empty, figures=figures,
        actions=actions, bulk=bulk, **more,
    )  # fmt: skip


def shown(request: HttpRequest, kinds: tuple[str, ...]) -> QuerySet[Case]:
    """The cases that the list of these kinds shows with this address, in the user's scope."""
    rows = in_division(request, selectors.listed(user_of(request).scope, *kinds), "division_path")
    rows = _filters(kinds)(request.GET, queryset=rows, request=request).qs
    text = request.GET.get("q", "").strip()
    found = reduce(or_, (Q(**{f"{name}__icontains": text}) for name in SEARCH))
    return rows.filter(found) if text else rows


def _filters(kinds: tuple[str, ...]) -> type[CaseFilters]:
    """The same filters with only the statuses of these kinds."""
    status = filters.ChoiceFilter(label="状态", choices=statuses(*kinds), empty_label="全部")
    return type("KindFilters", (CaseFilters,), {"status": status})


@requires(P.VIEW_CASES)
def identification(request: HttpRequest) -> HttpResponse:
    empty = "没有识别办件。登记线索后自动受理识别。"
    actions = [_new_clue()] if user_of(request).holds(P.FILE_CLUES) else []
    return _case_list(request, "识别办理", IDENTIFY, empty, actions=actions)


@requires(P.VIEW_CASES)
def elimination(request: HttpRequest) -> HttpResponse:
    empty = "没有风险消除办件。在监测对象的“监测”页提出拟消除。"
    return _case_list(request, "风险消除", ELIMINATE, empty)


@requires(P.VIEW_CASES)
def rollback(request: HttpRequest) -> HttpResponse:
    empty = "没有回退或再标注办件。在已消除对象的“监测”页提出。"
    return _case_list(request, "回退与再标注", ROLLBACK, empty)


@requires(P.VIEW_CASES)
def cases(request: HttpRequest) -> HttpResponse:
    """Every kind together: where other pages link to."""
    return _case_list(request, "监测办件", tuple(CaseKind.values), "没有办件。")


def _new_clue() -> Action:
    return Action("登记线索", reverse("monitoring:clue_create"), tone="primary")


class ClueFilters(filters.FilterSet):
    state = filters.ChoiceFilter(label="状态", choices=ClueState.choices, empty_label="全部")
    source = filters.ChoiceFilter(label="来源", choices=choices("clue_source"), empty_label="全部")

    class Meta:
        model = Clue
        fields = ("state", "source")


def _clue_url(clue: Clue) -> str:
    if clue.case_id:
        return reverse("monitoring:case", args=[clue.case_id])
    return reverse("monitoring:household", args=[clue.household_id])


CLUE_COLUMNS = (
    Column("received_on", "收到日期", sort=True),
    Column(
        "household",
        "农户",
        lambda r: str(r.household),
        url=_clue_url,
        sort="household__head_pinyin",
    ),
    Column("village", "行政村", "household.village.name"),
    Column("source", "来源", "get_source_display", sort=True),
    Column("event", "突发事件", "get_event_type_display"),
    Column("facts", "情况", lambda c: c.facts[:40], title=lambda c: c.facts),
    Column("state", "状态", "get_state_display", tone=lambda c: c.tone, sort=True),
    Column("case", "办件", "case.number", url=_clue_url),
    Column("filed_by", "登记人", "filed_by.name", hidden=True),
)


@requires(P.VIEW_CASES)
def clues(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    rows = Clue.objects.within(user.scope).select_related(
        "household", "household__village", "case", "filed_by"
    )
    rows = in_division(request, rows, "household__division_path")
    waiting = rows.filter(state=ClueState.OPEN).count()
    figures = [Figure("待处理", waiting, "?state=open", "条", "orange" if waiting else "")]
    limit = limit_for("clue_days", user.scope)
    return render_list(
        request, title="线索", queryset=rows, columns=[*CLUE_COLUMNS, _clue_due(limit)], filters=ClueFilters,
        search=SEARCH[:3], search_label="户主、户号", figures=figures,
        actions=[_new_clue()] if user.holds(P.FILE_CLUES) else [],
        empty="还没有线索。农户申报、干部排查和部门预警都从“登记线索”开始。",
    )  # fmt: skip


def _clue_due(limit: Limit | None) -> Column:
    """By when an open clue is dealt with."""

    def since(clue: Clue) -> datetime.date | None:
        return clue.received_on if clue.state == ClueState.OPEN else None

    return Column(
        "due",
        "办理期限",
        lambda clue: limit.due(since(clue)) if limit else None,
        tone=lambda clue: limit.tone(since(clue)) if limit else "",
    )


class ObjectFilters(filters.FilterSet):
    state = filters.ChoiceFilter(
        label="监测状态",
        choices=[(code, text) for code, (text, _tone) in MONITORING_STATES.items()],
        empty_label="全部",
    )
    category = filters.ChoiceFilter(
        label="类别", choices=choices("monitor_type"), empty_label="全部"
    )
    waiting = filters.ChoiceFilter(
        label="待办", method="by_waiting", empty_label="全部",
        choices=[("risk", "风险变动待确认"), ("gone", "整户减少待办"), ("four_haves", "四有例外")],
    )  # fmt: skip

    class Meta:
        model = MonitoringObject
        fields = ("state", "category")

    def by_waiting(
        self, rows: QuerySet[MonitoringObject], _name: str, value: str
    ) -> QuerySet[MonitoringObject]:
        if value == "risk":
            return with_moving_risks(rows)
        if value == "gone":
            return gone_for(user_of(self.request), rows)
        return rows.filter(is_four_haves=True)


OBJECT_COLUMNS = (
    Column("hh_code", "户号", "household.hh_code", sort="household__hh_code"),
    Column("household", "农户", lambda r: str(r.household),
           url=link_to("monitoring:household", "household_id"), sort="household__head_pinyin"),
    Column("village", "行政村", "household.village.name", sort="household__division_path"),
    Column("state", "监测状态", "label", tone=lambda o: o.tone, sort="state"),
    Column("category", "类别", "get_category_display", sort="category"),
    Column("family_size", "人口", "household.family_size", align="right", unit="人"),
    Column("income_pc", "人均纯收入", "household.income_pc", align="right", unit="元",
           sort="household__income_pc"),
    Column("state_on", "状态日期", sort=True),
    Column("next_due_on", "最近到期", "household.next_due_on", sort="household__next_due_on"),
    Column("four_haves", "四有例外", lambda o: "是" if o.is_four_haves else "", hidden=True),
)  # fmt: skip


# What of the to-dos among the objects runs out when.
LIMITS = {"risk": "risk_review_days", "gone": "closing_days"}


def _object_columns(request: HttpRequest) -> list[Column]:
    key = LIMITS.get(request.GET.get("waiting", ""))
    if key is None:
        return list(OBJECT_COLUMNS)
    return [*OBJECT_COLUMNS, due_column(limit_for(key, user_of(request).scope))]


@requires(P.VIEW_CASES)
def objects(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    rows = MonitoringObject.objects.within(user.scope).exclude(state="not_monitored")
    rows = in_division(request, rows.select_related("household", "household__village"),
                        "household__division_path")  # fmt: skip
    under = rows.filter(state__in=("monitored", "eliminating")).count()
    out = rows.filter(state="eliminated").count()
    figures = [
        Figure("监测中", under, "?state=monitored", "户", "orange"),
        Figure("风险已消除", out, "?state=eliminated", "户", "green"),
    ]
    return render_list(
        request, title="监测对象", queryset=rows, columns=_object_columns(request), filters=ObjectFilters,
        search=SEARCH[:3], search_label="户主、户号", figures=figures,
        empty="还没有监测对象。识别程序办结并录入国家系统后出现在这里。",
    )  # fmt: skip


class AnswerFilters(filters.FilterSet):
    result = filters.ChoiceFilter(label="结果", choices=AnswerResult.choices, empty_label="全部")
    department = filters.ChoiceFilter(
        label="部门", choices=choices("department"), empty_label="全部"
    )

    class Meta:
        model = ComparisonAnswer
        fields = ("result", "department")


ANSWER_COLUMNS = (
    Column(
        "household",
        "农户",
        lambda r: str(r.case.household),
        url=link_to("monitoring:comparison_answer"),
    ),
    Column("village", "行政村", "case.household.village.full_name"),
    Column("department", "部门", "get_department_display"),
    Column("requested_at", "提请时间", sort=True),
    Column("due_on", "反馈期限", sort=True),
    Column("result", "结果", "get_result_display", tone=lambda r: r.tone, sort=True),
    Column("answered_at", "反馈时间", sort=True),
)


@requires(P.ANSWER_COMPARISON)
def comparison_requests(request: HttpRequest) -> HttpResponse:
    """A department sees its own requests in its county and nothing else."""
    rows = requests_for(user_of(request)).order_by("answered_at", "due_on", "pk")
    if not request.GET:
        return redirect(request.path + "?result=pending")
    return render_list(
        request, title="识别比对反馈", queryset=rows, columns=ANSWER_COLUMNS, filters=AnswerFilters,
        search=("case__household__head_name", "case__household__hh_code"), search_label="户主、户号",
        empty="没有需要反馈的比对请求。",
    )  # fmt: skip
