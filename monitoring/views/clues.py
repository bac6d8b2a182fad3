"""Filing a clue: find the household in one's own scope, write down what is known; closing one without a case."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Crumb, Fact
from households.models import Household
from monitoring.forms.records import ClueForm, WordsForm
from monitoring.models import Clue
from monitoring.policies.opening import may_file_clue
from monitoring.services import opening
from monitoring.views.answering import attempt, form_page, user_of

LIMIT = 20


def _crumbs() -> list[Crumb]:
    return [Crumb("线索", reverse("monitoring:clues"))]


@requires(P.FILE_CLUES)
def create(request: HttpRequest) -> HttpResponse:
    """Step one looks for the household, step two (?household=) is the form."""
    chosen = request.GET.get("household", "")
    if chosen.isdigit():
        return _fill_in(request, int(chosen))
    text = request.GET.get("q", "").strip()
    found = _search(request, text) if text else []
    context = {
        "title": "登记线索",
        "breadcrumb": _crumbs(),
        "q": text,
        "found": [
            (h, f"{request.path}?household={h.pk}", may_file_clue(user_of(request), h))
            for h in found
        ],
        "more": len(found) == LIMIT,
    }
    return render(request, "monitoring/clue_search.html", context)


def _search(request: HttpRequest, text: str) -> list[Household]:
    """By name of any member, pinyin initials, household number or identity number, inside the scope."""
    rows = Household.objects.within(user_of(request).scope_for(P.FILE_CLUES)).filter(ended_on=None)
    matches = (
        Q(head_name__startswith=text)
        | Q(head_pinyin__startswith=text.lower())
        | Q(hh_code=text)
        | Q(members__name__startswith=text)
        | Q(members__id18=text.upper())
    )
    return list(rows.filter(matches).select_related("village").distinct()[:LIMIT])


def _fill_in(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Household.objects.select_related("village")
    household = get_scoped_or_404(rows, request.user, pk=pk)
    form = ClueForm(request.POST or None)
    filed: list[Clue] = []
    if form.is_valid() and attempt(
        form,
        lambda: filed.append(
            opening.file_clue(household, by=user_of(request), **form.cleaned_data)
        ),
    ):
        return _filed(request, filed[0])
    facts = [
        Fact("农户", str(household), reverse("monitoring:household", args=[pk])),
        Fact("行政村", household.village.full_name),
        Fact("家庭人口", household.family_size, unit="人"),
        Fact("监测状态", household.monitoring_label, tone=household.monitoring_tone),
    ]
    return form_page(
        request, form, title=f"登记线索　{household}", submit="登记线索",
        back=reverse("monitoring:clue_create"), crumbs=_crumbs(), head_facts=facts,
        verdict=may_file_clue(user_of(request), household), draft=f"clue-{pk}",
    )  # fmt: skip


def _filed(request: HttpRequest, clue: Clue) -> HttpResponse:
    clue.refresh_from_db()
    if clue.case_id:
        messages.success(request, f"线索已登记，办件编号{clue.case.number}")
        return redirect("monitoring:case", pk=clue.case_id)
    messages.success(request, "线索已登记，请选择回退或再标注，或登记处理情况")
    return redirect("monitoring:household", pk=clue.household_id)


@requires(P.VILLAGE_CASE, P.TOWNSHIP_CASE, P.COUNTY_CASE)
def handle(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a clue that leads to no case."""
    clue = get_scoped_or_404(Clue.objects.select_related("household"), request.user, pk=pk)
    form = WordsForm(request.POST or None, label="处理情况")
    back = reverse("monitoring:household", args=[clue.household_id])
    if form.is_valid() and attempt(
        form,
        lambda: opening.handle_clue(clue, handling=form.cleaned_data["note"], by=user_of(request)),
    ):
        messages.success(request, "线索已处理")
        return redirect(back)
    facts = [Fact("来源", clue.get_source_display()), Fact("收到日期", clue.received_on),
             Fact("情况", clue.facts)]  # fmt: skip
    return form_page(request, form, title="处理线索", submit="登记处理", back=back, crumbs=_crumbs(),
                     head_facts=facts)  # fmt: skip
