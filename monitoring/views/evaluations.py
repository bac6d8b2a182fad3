"""帮扶成效评估: the year's list with who has none yet, the form of a household, the township's review."""

from typing import Any

import django_filters as filters
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Bulk, Crumb, Fact, Figure
from fanpin.web.lists import Column, render_list
from monitoring.choices import EVALUATION_TONES, EvaluationConclusion, EvaluationState
from monitoring.forms.evaluations import EvaluationForm, OpinionForm
from monitoring.models import Evaluation, MonitoringObject
from monitoring.policies import evaluations as policies
from monitoring.selectors import cases, criteria
from monitoring.selectors import evaluations as selectors
from monitoring.services import evaluations
from monitoring.views.answering import attempt, form_page, user_of
from monitoring.views.lights import light_rows
from monitoring.views.lists import SEARCH, in_division

STATES = [("none", "未评估"), *EvaluationState.choices]
CONCLUSIONS = dict(EvaluationConclusion.choices)
LABELS = dict(STATES)


def years() -> list[tuple[str, str]]:
    """This year and those that have evaluations."""
    known = set(Evaluation.objects.order_by().values_list("year", flat=True).distinct())
    return [(str(y), f"{y}年度") for y in sorted(known | {selectors.year_now()}, reverse=True)]


class EvaluationFilters(filters.FilterSet):
    year = filters.ChoiceFilter(
        label="年度", method="kept", choices=[], empty_label=None, null_label=None
    )
    state = filters.ChoiceFilter(
        label="状态", method="by_state", choices=STATES, empty_label="全部"
    )
    conclusion = filters.ChoiceFilter(
        label="结论", field_name="eval_conclusion", choices=EvaluationConclusion.choices,
        empty_label="全部",
    )  # fmt: skip

    class Meta:
        model = MonitoringObject
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["year"].extra["choices"] = years()

    def kept(self, rows: QuerySet, _name: str, _value: str) -> QuerySet:
        """The view reads the year: everything else hangs on it."""
        return rows

    def by_state(self, rows: QuerySet, _name: str, value: str) -> QuerySet:
        return selectors.by_state(rows, value)


def _url(obj: Any) -> str:
    if obj.eval_id is None:
        return reverse("monitoring:household", args=[obj.household_id])
    return reverse("monitoring:evaluation", args=[obj.eval_id])


COLUMNS = (
    Column("hh_code", "户号", "household.hh_code", sort="household__hh_code", hidden=True),
    Column("household", "农户", lambda o: str(o.household), url=_url, sort="household__head_pinyin"),
    Column("village", "行政村", "household.village.name", sort="household__division_path"),
    Column("category", "类别", "get_category_display", sort="category"),
    Column("state", "评估", lambda o: LABELS[o.eval_state or "none"],
           tone=lambda o: EVALUATION_TONES.get(o.eval_state, "grey"), sort="eval_state"),
    Column("conclusion", "结论", lambda o: CONCLUSIONS.get(o.eval_conclusion, "")),
    Column("eval_on", "评估日期", sort=True),
    Column("eval_by", "提交人", hidden=True),
    Column("income_pc", "人均纯收入", "household.income_pc", align="right", unit="元",
           sort="household__income_pc"),
)  # fmt: skip


@requires(P.VIEW_CASES)
def listing(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdigit() and len(asked) == 4 else selectors.year_now()
    rows = selectors.of_year(user.scope, year).select_related("household", "household__village")
    rows = in_division(request, rows, "household__division_path")
    numbers = selectors.counts(rows)
    due = selectors.due_on(user.scope.paths[0], year) if user.scope.paths else None
    figures = [
        Figure("截止日期", due or "未设置"),
        *(
            Figure(label, numbers[code], f"?year={year}&state={code}", "户",
                   EVALUATION_TONES.get(code, "grey") if numbers[code] else "")
            for code, label in STATES
        ),
    ]  # fmt: skip
    bulk = []
    if user.holds(P.TOWNSHIP_CASE) and request.GET.get("state") == EvaluationState.SUBMITTED:
        bulk = [
            Bulk("审核通过", f"{reverse('monitoring:evaluations_pass')}?year={year}", "primary")
        ]
    return render_list(
        request, title=f"帮扶成效评估　{year}年度", queryset=rows, columns=COLUMNS,
        filters=EvaluationFilters, search=SEARCH[:3], search_label="户主、户号", figures=figures,
        bulk=bulk, empty="没有需要评估的监测对象。",
    )  # fmt: skip


@requires(P.TOWNSHIP_CASE)
@require_POST
def pass_many(request: HttpRequest) -> HttpResponse:
    """Several at once, by the ticked objects of the list."""
    user = user_of(request)
    ids = [int(text) for text in request.POST.getlist("ids") if text.isdigit()]
    rows = selectors.to_review(user.scope).filter(object_id__in=ids)
    rows = rows.select_related("object__household")
    try:
        done = evaluations.review_many(rows, by=user)
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, f"已审核通过{done}户")
    return redirect(reverse("monitoring:evaluations"))


@requires(P.VILLAGE_CASE)
def evaluate(request: HttpRequest, pk: int) -> HttpResponse:
    """This year's evaluation of a household, with its lights above the form."""
    rows = MonitoringObject.objects.select_related("household__village")
    obj, user = get_scoped_or_404(rows, request.user, household_id=pk), user_of(request)
    old = selectors.of_object(obj, selectors.year_now())
    episode = cases.last_episode(obj.pk)
    risks = cases.live_risks(episode.pk if episode else None)
    form = EvaluationForm(request.POST or None, risks=risks, evaluation=old)
    tab = reverse("monitoring:household", args=[pk])
    if form.is_valid() and attempt(form, lambda: evaluations.record(obj, by=user, **form.given)):
        messages.success(request, "已提交帮扶成效评估，待乡镇审核")
        return redirect(tab)
    found = criteria.of_today(obj.household, cases.open_case(pk))
    note = f"退回原因：{old.opinion}" if old and old.state == EvaluationState.RETURNED else ""
    return form_page(
        request, form, title=f"帮扶成效评估　{obj}", submit="提交乡镇审核", back=tab,
        crumbs=[_listed(), Crumb(f"{obj.household.village}　{obj}", tab)],
        verdict=policies.may_evaluate(user, obj, old), lights=light_rows(found, pk), note=note,
        draft=f"evaluation-{obj.pk}",
    )  # fmt: skip


def _listed() -> Crumb:
    return Crumb("帮扶成效评估", reverse("monitoring:evaluations"))


@requires(P.VIEW_CASES)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was handed in, and the township's two buttons."""
    rows = Evaluation.objects.select_related("object__household__village", "made_by", "reviewed_by")
    row, user = get_scoped_or_404(rows, request.user, pk=pk), user_of(request)
    form = OpinionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accept, opinion = request.POST.get("accept") == "1", form.cleaned_data["opinion"]
        if attempt(form, lambda: evaluations.review(row, accept=accept, opinion=opinion, by=user)):
            messages.success(request, "已审核通过" if accept else "已退回村级")
            return redirect("monitoring:evaluation", pk=pk)
    tab = reverse("monitoring:household", args=[row.object.household_id])
    context = {
        "title": f"{row}　{row.object}",
        "breadcrumb": [_listed(), Crumb(f"{row.object.household.village}　{row.object}", tab)],
        "row": row,
        "facts": _facts(row),
        "risks": row.risks.select_related("risk"),
        "form": form,
        "may_review": policies.may_review(user, row),
        "may_evaluate": policies.may_evaluate(user, row.object, row),
        "reviews": user.holds(P.TOWNSHIP_CASE),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "monitoring/evaluation.html", context, status=status)


def _facts(row: Evaluation) -> list[Fact]:
    found = [
        Fact("评估结论", row.get_conclusion_display()),
        Fact("评估日期", row.evaluated_on),
        Fact("评估人员", "、".join(row.visitors)),
        Fact("农户认可", row.household_agrees),
        Fact("人均纯收入", row.income_pc, unit="元"),
        Fact("监测范围", row.line, unit="元"),
        Fact("已落实措施", row.delivered, unit="项"),
        Fact("未落实措施", row.undelivered, unit="项"),
        Fact("当日红灯", "、".join(row.red) or "无", tone="red" if row.red else "green"),
        Fact("提交人", row.made_by.name),
    ]
    if row.reviewed_by:
        found += [Fact("审核人", row.reviewed_by.name), Fact("审核意见", row.opinion or "同意")]
    return found
