"""The list of households, and a new one."""

import django_filters
from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.papers import codes
from fanpin.regions.models import Division
from fanpin.web.cells import link_to
from fanpin.web.components import Action, Bulk, Crumb, Figure
from fanpin.web.formats import mask_id
from fanpin.web.lists import Column, render_list
from households.choices import COLLECTION_TONES, MONITORING_STATES, choices, label
from households.forms.households import NewHouseholdForm
from households.forms.members import FirstMembersFormSet
from households.models import Household
from households.selectors import register
from households.services import households
from households.views.answers import attempt, page, user_of

FIGURE_SECONDS = 30


class HouseholdFilter(django_filters.FilterSet):
    """The filters of the list; the division comes from the switcher above."""

    hh_type = django_filters.ChoiceFilter(
        label="户类型", choices=choices("hh_type"), empty_label="全部"
    )
    monitoring = django_filters.ChoiceFilter(
        label="监测状态",
        field_name="monitoring_state",
        choices=[
            ("under", "监测中（含拟消除）"),
            *((k, v[0]) for k, v in MONITORING_STATES.items()),
        ],
        method="by_monitoring",
        empty_label="全部",
    )
    monitor_type = django_filters.ChoiceFilter(
        label="监测类别", choices=choices("monitor_type"), empty_label="全部"
    )
    collection = django_filters.ChoiceFilter(
        label="年度采集",
        choices=[("open", "未提交"), *choices("collect_status")],
        method="by_collection",
        empty_label="全部",
    )
    findings = django_filters.ChoiceFilter(
        label="疑点",
        choices=[("errors", "有错误"), ("warnings", "有提醒"), ("none", "无")],
        method="by_findings",
        empty_label="全部",
    )
    standing = django_filters.ChoiceFilter(
        label="在册",
        choices=[("ended", "已销户"), ("all", "含已销户")],
        method="by_standing",
        empty_label="在册户",
    )

    class Meta:
        model = Household
        fields = ("hh_type", "monitor_type")

    @property
    def qs(self) -> QuerySet[Household]:
        """Ended households only on request."""
        found = super().qs
        return found if self.data.get("standing") else found.filter(ended_on__isnull=True)

    def by_monitoring(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        states = ("monitored", "eliminating") if value == "under" else (value,)
        return rows.filter(monitoring_state__in=states)

    def by_collection(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        if value == "open":
            return rows.filter(register.uncollected())
        return register.in_collection_state(rows, value)

    def by_findings(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        tests = {
            "errors": Q(open_errors__gt=0),
            "warnings": Q(open_warnings__gt=0),
            "none": Q(open_errors=0, open_warnings=0),
        }
        return rows.filter(tests[value])

    def by_standing(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return rows.filter(ended_on__isnull=False) if value == "ended" else rows


def _form_state(row: Household) -> str:
    forms_now = row.current_forms  # type: ignore[attr-defined]
    return forms_now[0].state if forms_now else "todo"


def _count_tone(name: str, tone: str):
    return lambda row: tone if getattr(row, name) else ""


COLUMNS = (
    Column(
        "head_name",
        "户主",
        url=link_to("households:detail"),
        sort="head_pinyin",
        value=lambda h: h.head_name or "（未登记户主）",
    ),
    Column("hh_code", "户号", url=link_to("households:detail"), sort=True),
    Column("village", "行政村", value="village.name", sort="division_path"),
    Column("family_size", "人口", align="right", sort=True, unit="人"),
    Column(
        "hh_type",
        "户类型",
        value=lambda h: label("hh_type", h.hh_type).partition("(")[0] if h.hh_type else "",
    ),
    Column("monitoring", "监测状态", value="monitoring_label", tone=lambda h: h.monitoring_tone),
    Column(
        "monitor_type",
        "监测类别",
        value=lambda h: label("monitor_type", h.monitor_type) if h.monitor_type else "",
    ),
    Column(
        "collection",
        "年度采集",
        value=lambda h: label("collect_status", _form_state(h)),
        tone=lambda h: COLLECTION_TONES[_form_state(h)],
        url=link_to("households:collection"),
    ),
    Column("income_pc", "人均纯收入", align="right", sort=True, unit="元"),
    Column("open_errors", "错误", align="right", sort=True, tone=_count_tone("open_errors", "red")),
    Column(
        "open_warnings",
        "提醒",
        align="right",
        sort=True,
        tone=_count_tone("open_warnings", "amber"),
    ),
    Column("next_due_on", "最近到期", sort=True, title=lambda h: h.next_due_text),
    Column("head_id_no", "户主证件号码", mask=mask_id, hidden=True),
    Column("national_hh_no", "国家系统户编号", hidden=True),
    Column("address_detail", "家庭住址", hidden=True),
    Column("labour_count", "劳动力", align="right", unit="人", hidden=True),
    Column("migrant_count", "务工", align="right", unit="人", hidden=True),
    Column("updated_at", "更新时间", sort=True, hidden=True),
)


# What the columns read: a household has over a hundred more fields.
READ = (
    "head_name", "hh_code", "village__name", "family_size", "hh_type", "monitoring_state", "monitor_type",
    "income_pc", "open_errors", "open_warnings", "next_due_on", "next_due_text", "head_id_no", "national_hh_no",
    "address_detail", "labour_count", "migrant_count", "updated_at",
)  # fmt: skip


@requires(P.VIEW_HOUSEHOLDS)
def household_list(request: HttpRequest) -> HttpResponse:
    if found := codes.read(request.GET.get("q", "")):  # typed from a printed paper
        return redirect("households:paper_code", code=str(found))
    user = user_of(request)
    division = _division(request, user)
    rows = register.register(user, division)
    trail = register.ancestors(division.path) if division else []
    return render_list(
        request,
        title=f"{division.name}农户名册" if division else "农户名册",
        queryset=rows.only(*READ),
        columns=COLUMNS,
        filters=HouseholdFilter,
        search=register.search,
        search_label="户主或成员姓名、拼音首字母、户号、证件号码（或后4位）、表册编码",
        figures=_figures(user, division, rows),
        breadcrumb=[Crumb(d.name, f"?division={d.code}") for d in trail],
        actions=_actions(user, request.GET.urlencode()),
        bulk=_bulk(user),
        bulk_all=True,
        empty="没有找到农户。可以换一个条件，或检查右上角的区划。",
    )


def chosen(user: User, query: str) -> QuerySet[Household]:
    """The households the list shows with this query string, in the user's scope, by number."""
    asked = QueryDict(query)
    code = asked.get("division", "")
    division = Division.objects.within(user.scope).filter(code=code).first() if code else None
    rows = register.register(user, division)
    if code and division is None:
        rows = rows.none()
    rows = HouseholdFilter(asked, queryset=rows).qs
    text = asked.get("q", "").strip()
    return register.search(rows, text) if text else rows


def _division(request: HttpRequest, user: User) -> Division | None:
    code = request.GET.get("division", "")
    return get_scoped_or_404(Division.objects.all(), user, code=code) if code else None


def _figures(user: User, division: Division | None, rows: QuerySet[Household]) -> list[Figure]:
    key = f"register.{division.path if division else '|'.join(user.scope.paths)}"
    counts = cache.get(key)
    if counts is None:
        counts = register.figures(rows.filter(ended_on__isnull=True))
        cache.set(key, counts, FIGURE_SECONDS)
    place = f"division={division.code}&" if division else ""
    return [
        Figure("在册户", counts["households"], f"?{place}", "户"),
        Figure("监测中", counts["monitored"], f"?{place}monitoring=under", "户", "orange"),
        Figure("有错误", counts["with_errors"], f"?{place}findings=errors", "户", "red"),
    ]


def _actions(user: User, query: str) -> list[Action]:
    found = [
        Action("打印表册", f"{reverse('households:print_many')}?{query}"),
        Action("采集进度", reverse("households:progress")),
    ]
    if user.holds(P.EDIT_HOUSEHOLDS):
        found.append(
            Action("新建农户", reverse("households:create"), tone="primary", hotkey="alt+n")
        )
    return found


def _bulk(user: User) -> list[Bulk]:
    """What may be done with many forms at once: submit, pass, return."""
    found = []
    if user.holds(P.COLLECT):
        found.append(Bulk("采集完成", reverse("households:collection_batch", args=["collect"])))
        found.append(Bulk("提交采集表", reverse("households:collection_batch", args=["submit"])))
    if user.holds(P.REVIEW_COLLECTION):
        found.append(
            Bulk(
                "采集表审核通过",
                reverse("households:collection_batch", args=["review"]),
                tone="primary",
            )
        )
        found.append(Bulk("退回采集表", reverse("households:collection_batch", args=["return"])))
    return found


@requires(P.EDIT_HOUSEHOLDS)
def household_create(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = NewHouseholdForm(request.POST or None, user=user)
    people = FirstMembersFormSet(request.POST or None, prefix="people")
    reasons = []
    if request.method == "POST" and form.is_valid() & people.is_valid():
        made, reasons = attempt(form, lambda: _register(form, people, user))
        if made is not None:
            messages.success(
                request, f"已登记{made}，户号{made.hh_code}。请继续填写生产生活条件和成员信息。"
            )
            return redirect("households:detail", pk=made.pk)
    context = {"form": form, "people": people, "title": "新建农户",
               "breadcrumb": [Crumb("农户名册", reverse("households:list"))]}  # fmt: skip
    return page(request, "households/create.html", context, wrong=(form, people), reasons=reasons)


def _register(form: NewHouseholdForm, people: forms.BaseFormSet, user: User) -> Household:
    try:
        return households.register(
            village=form.cleaned_data["village"], fields=form.values, members=people.people, by=user
        )
    except ValidationError as refusal:
        # A refusal about a person names the person's field; on this page it stands in the list at the top.
        if hasattr(refusal, "error_dict") and not set(refusal.error_dict) & set(form.fields):
            raise ValidationError(
                [error for errors in refusal.error_dict.values() for error in errors]
            ) from refusal
        raise
