"""The two lists of the desk: plans and measures, each filterable by what is due."""

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from assistance.choices import PENDING, PlanState
from assistance.models import Measure, Plan
from assistance.selectors import measures as measure_selectors
from assistance.selectors import plans as plan_selectors
from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Figure
from fanpin.web.lists import Column, render_list
from households.choices import choices

SEARCH = ("household__hh_code", "household__head_name", "household__head_pinyin")


class PlanFilters(filters.FilterSet):
    state = filters.ChoiceFilter(
        label="状态",
        choices=[("making", "待制定或修改"), *(c for c in PlanState.choices if c[0] != "closed")],
        method="by_state",
        empty_label="全部",
    )
    due = filters.ChoiceFilter(
        label="时限",
        choices=[("plan", "计划逾期未定"), ("item", "措施逾期未落实"), ("look", "本年未回头看")],
        method="by_due",
        empty_label="全部",
    )
    risk = filters.ChoiceFilter(
        label="风险", choices=choices("risk_type"), method="by_risk", empty_label="全部"
    )

    class Meta:
        model = Plan
        fields = ("state",)

    def by_state(self, rows: QuerySet[Plan], _name: str, value: str) -> QuerySet[Plan]:
        return rows.filter(plan_selectors.to_make() if value == "making" else Q(state=value))

    def by_due(self, rows: QuerySet[Plan], _name: str, value: str) -> QuerySet[Plan]:
        if value == "plan":
            return rows.filter(plan_selectors.overdue())
        if value == "item":
            late = Plan.objects.filter(plan_selectors.item_overdue()).values("pk")
            return rows.filter(pk__in=late)
        return rows.filter(state=PlanState.APPROVED).exclude(reviewed_on__year=clock.today().year)

    def by_risk(self, rows: QuerySet[Plan], _name: str, value: str) -> QuerySet[Plan]:
        holders = Plan.objects.filter(risks__cause=value).values("pk")
        return rows.filter(pk__in=holders)


class MeasureFilters(filters.FilterSet):
    category = filters.ChoiceFilter(
        label="大类", choices=choices("measure_category"), empty_label="全部"
    )
    status = filters.ChoiceFilter(
        label="落实状态",
        choices=[("pending", "待落实"), *choices("measure_status")],
        method="by_status",
        empty_label="全部",
    )
    is_advance = filters.ChoiceFilter(
        label="先行帮扶", choices=[("true", "是"), ("false", "否")], empty_label="全部",
        method="by_advance",
    )  # fmt: skip
    due = filters.ChoiceFilter(
        label="时限", choices=[("late", "逾期未落实")], method="by_due", empty_label="全部"
    )

    class Meta:
        model = Measure
        fields = ("category", "status")

    def by_due(self, rows: QuerySet[Measure], _name: str, _value: str) -> QuerySet[Measure]:
        return rows.filter(measure_selectors.overdue())

    def by_status(self, rows: QuerySet[Measure], _name: str, value: str) -> QuerySet[Measure]:
        return rows.filter(status__in=PENDING if value == "pending" else (value,))

    def by_advance(self, rows: QuerySet[Measure], _name: str, value: str) -> QuerySet[Measure]:
        return rows.filter(is_advance=value == "true")


PLAN_COLUMNS = (
    Column("head", "户主", value="household.head_name", url=lambda p: _tab(p.household_id),
           sort="household__head_pinyin"),
    Column("hh_code", "户号", value="household.hh_code", sort="household__hh_code", hidden=True),
    Column("village", "村", value="household.village.name", sort="household__division_path"),
    Column("monitoring", "监测状态", value="household.monitoring_label",
           tone=lambda p: p.household.monitoring_tone),
    Column("version", "版本", value=lambda p: f"第{p.version}版", url=lambda p: _plan(p)),
    Column("state", "状态", value=lambda p: p.get_state_display(), tone=lambda p: p.tone,
           sort="state"),
    Column("due_on", "制定期限", sort=True),
    Column("late", "时限", value=lambda p: _lateness(p), tone=lambda p: _lateness_tone(p)),
    Column("risk_count", "风险", align="right", unit="项"),
    Column("item_count", "措施", align="right", unit="项", sort=True),
    Column("pending_count", "待落实", align="right", unit="项", sort=True),
    Column("helper", "帮扶责任人"),
    Column("reviewed_on", "回头看", sort=True),
)  # fmt: skip

MEASURE_COLUMNS = (
    Column("head", "户主", value="household.head_name", url=lambda m: _tab(m.household_id),
           sort="household__head_pinyin"),
    Column("village", "村", value="household.village.name", sort="household__division_path"),
    Column("category", "大类", value=lambda m: m.get_category_display(), sort="category"),
    Column("item", "措施", value=lambda m: str(m).partition(":")[2] or str(m), url=lambda m: _measure(m)),
    Column("member", "受益人", value=lambda m: m.member.name if m.member else "全户"),
    Column("risk", "针对风险", value=lambda m: m.get_risk_display() or "普惠"),
    Column("start_on", "开始日期", sort=True),
    Column("due", "时限", value=lambda m: measure_selectors.due_date(m)),
    Column("amount", "金额", align="right", unit="元", sort=True),
    Column("status", "状态", value=lambda m: m.get_status_display(), tone=lambda m: m.tone,
           sort="status"),
    Column("delivered_on", "落实日期", sort=True),
    Column("evidence_count", "凭证", align="right", unit="份"),
    Column("is_advance", "先行帮扶", value=lambda m: "先行帮扶" if m.is_advance else "",
           tone=lambda m: "amber"),
)  # fmt: skip


def _tab(pk: int) -> str:
    return reverse("assistance:household", args=[pk])


def _plan(plan: Plan) -> str:
    return reverse("assistance:plan", args=[plan.pk])


def _measure(measure: Measure) -> str:
    return reverse("assistance:measure", args=[measure.pk])


def _lateness(plan: Plan) -> str:
    if plan.is_in_force or not plan.due_on:
        return ""
    days = (plan.due_on - clock.today()).days
    return f"逾期{-days}天" if days < 0 else f"剩{days}天"


def _lateness_tone(plan: Plan) -> str:
    days = (plan.due_on - clock.today()).days if plan.due_on else 99
    return "red" if days < 0 else "orange" if days <= 3 else "blue"


@requires(P.VIEW_PLANS)
def plan_list(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    rows = plan_selectors.listed(user.scope)
    plain = Plan.objects.within(user.scope).exclude(state=PlanState.CLOSED)
    url = reverse("assistance:plans")
    late = plain.filter(plan_selectors.overdue()).count()
    waiting = plain.filter(state=PlanState.SUBMITTED).count()
    behind = plain.filter(plan_selectors.item_overdue()).distinct().count()
    return render_list(
        request,
        title="一户一策",
        queryset=rows,
        columns=PLAN_COLUMNS,
        filters=PlanFilters,
        search=SEARCH,
        search_label="户主、拼音、户号",
        empty="还没有一户一策。监测对象审定录入后，系统会自动开立草稿，也可以在农户“帮扶”页制定。",
        figures=[
            Figure("待审核", waiting, f"{url}?state=submitted", "户", "blue" if waiting else ""),
            Figure("计划逾期", late, f"{url}?due=plan", "户", "red" if late else ""),
            Figure("措施逾期", behind, f"{url}?due=item", "户", "red" if behind else ""),
        ],
    )


@requires(P.VIEW_PLANS)
def measure_list(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    plain = Measure.objects.within(user.scope)
    url = reverse("assistance:measures")
    late = plain.filter(measure_selectors.overdue()).count()
    waiting = plain.filter(status__in=PENDING).count()
    return render_list(
        request,
        title="帮扶措施",
        queryset=measure_selectors.listed(user.scope),
        columns=MEASURE_COLUMNS,
        filters=MeasureFilters,
        search=SEARCH,
        search_label="户主、拼音、户号",
        empty="还没有帮扶措施。请在农户“帮扶”页登记措施。",
        figures=[
            Figure("待落实", waiting, f"{url}?status=pending", "项"),
            Figure("逾期未落实", late, f"{url}?due=late", "项", "red" if late else ""),
        ],
    )
