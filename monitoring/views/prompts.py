"""人口变动提示: what changes of people ask of monitored households, and the page that answers one."""

import django_filters as filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Crumb, Fact
from fanpin.web.lists import Column, render_list
from households.services import changes
from monitoring.choices import PromptKind
from monitoring.forms.records import PromptForm
from monitoring.models import Prompt
from monitoring.policies import prompts as policies
from monitoring.selectors import prompts as selectors
from monitoring.services import prompts
from monitoring.views.answering import attempt, form_page, user_of

TASK = {
    PromptKind.RISK: "风险是否消除由村级核实、乡镇确认；不办理，监测状态不变。",
    PromptKind.LINE: "监测范围只是参考，纳入和消除仍按程序办理；不办理，监测状态不变。",
    PromptKind.DECREASE: "由县级核实减员是否属实，再审定风险消除。",
}


# Where the work that a prompt asks for is done, before it is answered here.
PLACES = {
    PromptKind.LOOK_BACK: ("一户一策回头看", "assistance:household"),
    PromptKind.LINE: ("收入测算", "households:income"),
    PromptKind.SECURED: ("成员参保、就学信息", "households:members"),
    PromptKind.DECREASE: ("变更记录", "households:changes"),
}


class PromptFilters(filters.FilterSet):
    waiting = filters.ChoiceFilter(
        label="范围", method="by_waiting", empty_label="全部",
        choices=[("mine", "待我办理"), ("open", "待办理"), ("done", "已办理")],
    )  # fmt: skip
    kind = filters.ChoiceFilter(label="提示", choices=PromptKind.choices, empty_label="全部")

    class Meta:
        model = Prompt
        fields = ("kind",)

    def by_waiting(self, rows: QuerySet[Prompt], _name: str, value: str) -> QuerySet[Prompt]:
        if value == "mine":
            return rows.filter(pk__in=selectors.waiting_for(user_of(self.request)).values("pk"))
        return rows.filter(answered_at__isnull=value == "open")


COLUMNS = (
    Column("kind", "提示", "get_kind_display", url=lambda p: reverse("monitoring:prompt", args=[p.pk])),
    Column("household", "户主", "household.head_name"),
    Column("village", "行政村", "household.village.name"),
    Column("reason", "情况"),
    Column("due_on", "限期", sort=True),
    Column("state", "状态", tone=lambda p: p.tone),
    Column("answer", "办理结果", "get_answer_display"),
    Column("answered_by", "办理人", lambda p: p.answered_by.name if p.answered_by else "", hidden=True),
)  # fmt: skip


@requires(P.VIEW_CASES)
def listing(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        title="人口变动提示",
        queryset=selectors.listed(user_of(request)),
        columns=COLUMNS,
        filters=PromptFilters,
        search=("household__head_name", "household__head_pinyin", "household__hh_code"),
        search_label="户主或户号",
        empty="没有人口变动提示。监测对象的成员增减生效后，需要核实的事项会列在这里。",
    )


@requires(P.VIEW_CASES)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One prompt: what happened, what it asks, and the answer once somebody gave it."""
    rows = Prompt.objects.select_related(
        "household__village", "change__member", "answered_by", "risk"
    )
    prompt, user = get_scoped_or_404(rows, request.user, pk=pk), user_of(request)
    form = PromptForm(request.POST or None, kind=prompt.kind)
    back = reverse("monitoring:household", args=[prompt.household_id])
    if form.is_valid() and attempt(
        form, lambda: prompts.answer(prompt, by=user, **form.cleaned_data)
    ):
        messages.success(request, f"已办理：{prompt}")
        return redirect(back)
    crumbs = [Crumb(f"{prompt.household.village}　{prompt.household}", back)]
    return form_page(
        request, form, title=f"{prompt}　{prompt.household}", submit="保存", back=back,
        crumbs=crumbs, verdict=policies.may_answer(user, prompt), head_facts=_facts(prompt),
        note=f"{prompt.reason}。{TASK.get(PromptKind(prompt.kind), '')}",
    )  # fmt: skip


def _facts(prompt: Prompt) -> list[Fact]:
    found = [
        Fact(
            "人口变更",
            changes.subject(prompt.change),
            reverse("households:change", args=[prompt.change_id]),
        ),
        Fact("限期", prompt.due_on),
        Fact("状态", prompt.state, tone=prompt.tone),
        Fact("由谁办理", "县级" if prompt.is_the_countys else "村级"),
    ]
    place = PLACES.get(PromptKind(prompt.kind))
    if place and prompt.is_open:
        found.append(Fact("先办理", place[0], reverse(place[1], args=[prompt.household_id])))
    if prompt.answered_by:
        found += [
            Fact("办理结果", prompt.get_answer_display()),
            Fact("情况说明", prompt.note),
            Fact(
                "办理人",
                f"{prompt.answered_by.name} {timezone.localtime(prompt.answered_at):%Y-%m-%d}",
            ),
        ]
    return found
