"""疑点答复: a department's desk for the disagreements that the county handed to it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from counties.comparison import SPECS
from counties.forms.findings import ExplainForm
from counties.policies import findings as policies
from counties.selectors import findings as selectors
from counties.services import findings as services
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission
from fanpin.web.components import Entry
from fanpin.web.lists import Column, render_list

COLUMNS = (
    Column("code", "规则编号", sort=True, url=lambda f: reverse("counties:answer", args=[f.pk])),
    Column("title", "疑点", url=lambda f: reverse("counties:answer", args=[f.pk])),
    Column("detail", "情况"),
    Column("village", "行政村", lambda f: f.household.village.name if f.household else ""),
    Column("state", "状态", "get_state_display", sort=True, tone=lambda f: f.tone),
    Column("due_on", "限期", sort=True),
)


@requires(Permission.ANSWER_FINDINGS)
@require_GET
def answer_list(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        title="疑点答复",
        queryset=selectors.referred(request.user),  # type: ignore[arg-type]
        columns=COLUMNS,
        search=("member__name", "code"),
        search_label="姓名或编号",
        empty="没有转到本部门核实的疑点。县级转来后，会列在这里。",
    )


@requires(Permission.ANSWER_FINDINGS)
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Both books and the answer; the page is gone when the finding is no longer with the department."""
    row = get_object_or_404(selectors.referred(request.user), pk=pk)  # type: ignore[arg-type]
    form = ExplainForm(request.POST or None, request.FILES or None)
    problems = None
    if request.method == "POST" and form.is_valid():
        try:
            services.explain(row, **form.cleaned_data, by=request.user)
        except ValidationError as refused:
            problems = refused
        else:
            messages.success(request, "已答复，等待县级审核。")
            return redirect("counties:answer", pk=pk)
    source = row.ledger_row
    context = {
        "title": row.title,
        "finding": row,
        "books": selectors.two_books(row, SPECS[source.batch.ledger].columns if source else ()),
        "source": source,
        "source_title": SPECS[source.batch.ledger].title if source else "",
        "history": [
            Entry(a.done_at, a.done_by.name, a.get_target_display(), a.note)
            for a in row.actions.select_related("done_by").order_by("-pk")
        ],
        "form": form,
        "problems": problems,
        "may_answer": policies.may_explain(request.user, row),  # type: ignore[arg-type]
        "breadcrumb": [("疑点答复", reverse("counties:answers"))],
    }
    wrong = problems is not None or (form.is_bound and bool(form.errors))
    return render(request, "counties/answer.html", context, status=422 if wrong else 200)
