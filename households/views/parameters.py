"""Policy as dated data on screen: what is in force, what was, and setting a new value."""

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.regions.scope import Scope
from fanpin.web.components import Action, Crumb
from fanpin.web.lists import Column, render_list
from households.choices import label
from households.models import Parameter, PolicyItem
from households.parameters import PARAMETERS, POLICY_LISTS
from households.selectors.wording import in_words
from households.services.policy import set_parameter


class ParameterForm(forms.Form):
    """One new value."""

    key = forms.ChoiceField(label="参数", choices=[(k.key, k.label) for k in PARAMETERS.values()])
    division = forms.CharField(label="适用区划代码", help_text="全省填 62；某县填 6 位县代码")
    value = forms.CharField(label="取值", max_length=200)
    effective_from = forms.DateField(label="生效日期")
    effective_to = forms.DateField(label="失效日期", required=False, help_text="长期有效不填")
    basis = forms.CharField(label="依据（文号）", max_length=200)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.scope = scope

    def clean_division(self) -> Division:
        code = self.cleaned_data["division"].strip()
        found = Division.objects.within(self.scope).filter(code=code).first()
        if found is None:
            raise forms.ValidationError(f"在您可维护的范围内找不到区划代码“{code}”，请核对")
        return found


@requires(P.VIEW_PARAMETERS)
def parameter_list(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    rows = Parameter.objects.filter(key__in=PARAMETERS).select_related("division")
    actions = [Action("政策清单", reverse("households:policy_lists"))]
    if user.holds(P.EDIT_PARAMETERS):
        actions.append(Action("设置新取值", reverse("households:parameter_set"), tone="primary"))
    if user.is_staff:
        actions.append(Action("导入导出", reverse("admin:households_parameter_changelist")))
    return render_list(
        request,
        title="参数",
        queryset=rows.order_by("key", "division__path", "effective_from"),
        columns=[
            Column("label", "参数", value=lambda p: PARAMETERS[p.key].label, sort="key"),
            Column("value", "取值", value=in_words),
            Column("unit", "单位", value=lambda p: PARAMETERS[p.key].unit),
            Column("division", "适用区划", value="division.full_name"),
            Column("effective_from", "生效日期", sort=True),
            Column("effective_to", "失效日期"),
            Column("standing", "状态", value=_standing, tone=_tone),
            Column("basis", "依据"),
            Column("clause", "条款", value=lambda p: PARAMETERS[p.key].clause, hidden=True),
        ],
        search=_named,
        search_label="名称、代码、区划或依据",
        actions=actions,
        empty="还没有参数，请运行基础数据装入。",
    )


@requires(P.EDIT_PARAMETERS)
def parameter_set(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    scope = user.scope_for(P.EDIT_PARAMETERS)
    form = ParameterForm(request.POST or None, scope=scope, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            row = set_parameter(**form.cleaned_data, by=user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(
                request, f"“{PARAMETERS[row.key].label}”自 {row.effective_from} 起为 {row.value}"
            )
            return redirect("households:parameters")
    context = {
        "form": form,
        "title": "设置新取值",
        "submit_label": "保存",
        "breadcrumb": [Crumb("参数", reverse("households:parameters"))],
    }
    return render(request, "accounts/form.html", context, status=422 if form.errors else 200)


@requires(P.VIEW_PARAMETERS)
def policy_lists(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        title="政策清单",
        queryset=PolicyItem.objects.select_related("division").order_by(
            "list_key", "position", "code", "division"
        ),
        columns=[
            Column("list_key", "清单", value=lambda i: POLICY_LISTS.get(i.list_key, i.list_key)),
            Column("label", "名称"),
            Column("code", "代码", hidden=True),
            Column("division", "适用区划", value="division.full_name"),
            Column("reason", "适用", value=_reason),
            Column(
                "active",
                "启用",
                value=lambda i: "启用" if i.active else "停用",
                tone=lambda i: "green" if i.active else "grey",
            ),
            Column("effective_from", "生效日期"),
            Column("effective_to", "失效日期"),
            Column("note", "说明"),
            Column("basis", "依据"),
        ],
        search=_listed,
        search_label="清单、名称或依据",
        breadcrumb=[Crumb("参数", reverse("households:parameters"))],
        actions=_policy_actions(request),
        empty="还没有政策清单。",
    )


def _named(rows: QuerySet[Parameter], text: str) -> QuerySet[Parameter]:
    """By the Chinese name that the page shows, the key, the place or the document."""
    keys = [kind.key for kind in PARAMETERS.values() if text in kind.label]
    places = Q(division__name__icontains=text) | Q(division__pinyin__istartswith=text)
    return rows.filter(Q(key__in=keys) | Q(key__icontains=text) | Q(basis__icontains=text) | places)


def _listed(rows: QuerySet[PolicyItem], text: str) -> QuerySet[PolicyItem]:
    keys = [key for key, name in POLICY_LISTS.items() if text in name]
    words = Q(label__icontains=text) | Q(note__icontains=text) | Q(basis__icontains=text)
    return rows.filter(Q(list_key__in=keys) | Q(list_key__icontains=text) | words)


def _policy_actions(request: HttpRequest) -> list[Action]:
    if not getattr(request.user, "is_staff", False):
        return []
    return [Action("维护与导入导出", reverse("admin:households_policyitem_changelist"))]


def _reason(row: PolicyItem) -> str:
    return label("change_reason", row.code) if row.list_key == "change_document" else ""


def _standing(row: Parameter) -> str:
    today: datetime.date = clock.today()
    if row.effective_from > today:
        return "未生效"
    return "已失效" if row.effective_to and row.effective_to < today else "生效中"


def _tone(row: Parameter) -> str:
    return {"未生效": "blue", "已失效": "grey"}.get(_standing(row), "green")
