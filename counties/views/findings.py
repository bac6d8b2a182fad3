"""疑点处置: the list with its filters, one finding with both books side by side, and what can be done with it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from counties.closure import CHECKS
from counties.comparison import DIFFERENCES, SPECS
from counties.forms.findings import (
    AnswerForm,
    ExplainForm,
    FindingFilter,
    NoteForm,
    ReasonForm,
    RevokeForm,
    WaiveForm,
)
from counties.models import Finding, FindingEvidence
from counties.models.findings import Origin, Severity
from counties.policies import findings as policies
from counties.selectors import findings as selectors
from counties.selectors import proposals
from counties.services import findings as services
from counties.services import warnings
from counties.views.mending import mend_url
from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission
from fanpin.files.serving import download
from fanpin.web.cells import link_to
from fanpin.web.components import Bulk, Entry
from fanpin.web.lists import Column, render_list
from households.choices import label

REMEDIES = {code: d.remedy for code, d in DIFFERENCES.items()} | {
    code: check.remedy for code, check in CHECKS.items()
}
COLUMNS = (
    Column("code", "规则编号", sort=True, url=link_to("counties:finding")),
    Column("title", "疑点", url=link_to("counties:finding"),
           title=lambda f: f.detail),
    Column("severity", "级别", "get_severity_display", sort=True, tone=lambda f: f.severity_tone),
    Column("household", "户主", lambda f: f.household.head_name if f.household else ""),
    Column("member", "成员", lambda f: f.member.name if f.member else ""),
    Column("village", "行政村", lambda f: f.household.village.name if f.household else str(f.division or "")),
    Column("detail", "情况"),
    Column("origin", "来源", "get_origin_display", hidden=True),
    Column("department", "部门", lambda f: label("department", f.department) if f.department else "",
           hidden=True),
    Column("owner_level", "处理层级", "get_owner_level_display"),
    Column("state", "状态", "state_label", sort=True, tone=lambda f: f.tone),
    Column("due_on", "限期", sort=True),
)  # fmt: skip


@requires(Permission.VIEW_FINDINGS)
@require_GET
def finding_list(request: HttpRequest) -> HttpResponse:
    found = selectors.visible(request.user)
    live = found.live()
    here = reverse("counties:findings")
    if not request.GET:
        return redirect(here + "?state=live")
    late = live.filter(due_on__lt=clock.today()).count()
    bulk = []
    if request.user.holds(Permission.REVIEW_FINDINGS):
        bulk.append(Bulk("派发", reverse("counties:findings_dispatch"), "primary"))
        bulk.append(Bulk("豁免", reverse("counties:findings_waive")))
    if request.user.holds(Permission.WAIVE_FINDINGS):
        bulk.append(Bulk("转部门核实", reverse("counties:findings_refer")))
    return render_list(
        request,
        title="疑点处置",
        queryset=found,
        columns=COLUMNS,
        filters=FindingFilter,
        search=("household__head_name", "household__hh_code", "member__name", "code"),
        search_label="户主、成员、户号或编号",
        empty="没有疑点。比对或检查后，不一致的地方会列在这里。",
        bulk=bulk,
        figures=[
            ("错误", live.filter(severity=Severity.ERROR).count(), f"{here}?state=live&severity=error", "条", "red"),
            ("提醒", live.filter(severity=Severity.WARN).count(), f"{here}?state=live&severity=warn", "条", "amber"),
            ("逾期", late, f"{here}?overdue=on", "条", "orange"),
        ],
    )  # fmt: skip


@requires(Permission.VIEW_FINDINGS)
@require_GET
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _finding(request, pk))


def _finding(request: HttpRequest, pk: int) -> Finding:
    rows = Finding.objects.select_related(
        "household__village", "member", "ledger_row__batch", "campaign", "division"
    )
    return get_scoped_or_404(rows, request.user, pk=pk)


def _page(request: HttpRequest, row: Finding, problems: Any = None, **forms: Any) -> HttpResponse:
    """Both books, the history and the forms; with problems when an act was refused (422)."""
    source = row.ledger_row
    context = {
        "title": row.title,
        "finding": row,
        "remedy": selectors.remedy(row, REMEDIES),
        "department": label("department", row.department) if row.department else "",
        "proposal": proposals.proposal_of(row) if row.is_live else None,
        "other_side": proposals.other_side(row, request.user),  # type: ignore[arg-type]
        "filed": row.filed.select_related("change__member", "change__household").last(),
        "ours": selectors.register_side(row),
        "books": selectors.two_books(row, SPECS[source.batch.ledger].columns if source else ()),
        "edit_url": "" if row.origin == Origin.WARNING else mend_url(request.user, row),  # type: ignore[arg-type]
        "source": source,
        "source_title": SPECS[source.batch.ledger].title if source else "",
        "evidence": row.evidence.all(),
        "history": [
            Entry(a.done_at, a.done_by.name, a.get_target_display(), a.note)
            for a in row.actions.select_related("done_by").order_by("-pk")
        ],
        "problems": problems,
        "may_explain": policies.may_explain(request.user, row),
        "may_review": policies.may_review(request.user, row),
        "may_refer": policies.may_refer(request.user, row),
        "may_waive": policies.may_waive(request.user, row, today=clock.today()),
        "may_revoke": policies.may_revoke(request.user, row),
        "revoke_form": forms.get("revoke") or RevokeForm(),
        "explain_form": forms.get("explain") or ExplainForm(),
        "answer_form": forms.get("answer") or AnswerForm(),
        "note_form": forms.get("note") or NoteForm(),
        "reason_form": forms.get("reason") or ReasonForm(),
        "waive_form": forms.get("waive") or WaiveForm(),
        "breadcrumb": [("疑点处置", reverse("counties:findings"))],
    }
    wrong = problems is not None or any(form.errors for form in forms.values())
    return render(request, "counties/finding.html", context, status=422 if wrong else 200)


@requires(Permission.RESOLVE_FINDINGS)
@require_POST
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    form = ExplainForm(request.POST, request.FILES)
    return _act(request, pk, "explain", form, services.explain, "说明已提交，等待审核。")


@requires(Permission.RESOLVE_FINDINGS, Permission.WAIVE_FINDINGS)
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    form = AnswerForm(request.POST, request.FILES)
    return _act(request, pk, "answer", form, warnings.answer, "已答复。")


@requires(Permission.RESOLVE_FINDINGS)
@require_POST
def corrected(request: HttpRequest, pk: int) -> HttpResponse:
    form = NoteForm(request.POST)
    return _act(
        request, pk, "corrected", form, services.report_corrected, "已登记整改，下次比对时核销。"
    )


@requires(Permission.REVIEW_FINDINGS)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "note", NoteForm(request.POST), services.accept, "已认可说明。")


@requires(Permission.REVIEW_FINDINGS)
@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "reason", ReasonForm(request.POST), services.reject, "已退回。")


@requires(Permission.REVIEW_FINDINGS)
@require_POST
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, "waive", WaiveForm(request.POST), services.waive, "已豁免。")


@requires(Permission.REVIEW_FINDINGS)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    form = RevokeForm(request.POST)
    return _act(request, pk, "revoke", form, services.revoke, "已撤销豁免，重新列为疑点。")


def _act(
    request: HttpRequest, pk: int, name: str, form: Any, service: Any, said: str
) -> HttpResponse:
    """One form, one service; what was typed is kept when it is refused."""
    row = _finding(request, pk)
    if not form.is_valid():
        return _page(request, row, **{name: form})
    try:
        service(row, **form.cleaned_data, by=request.user)
    except ValidationError as refused:
        return _page(request, row, refused, **{name: form})
    messages.success(request, said)
    return redirect("counties:finding", pk=pk)


@requires(Permission.REVIEW_FINDINGS)
@require_POST
def bulk_dispatch(request: HttpRequest) -> HttpResponse:
    """Send the ticked findings down; the due date comes from the parameter."""
    try:
        count = services.dispatch(ids=_ids(request), by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, f"已派发{count}条。")
    return _back(request)


@requires(Permission.WAIVE_FINDINGS)
@require_POST
def bulk_refer(request: HttpRequest) -> HttpResponse:
    """Hand the ticked findings to the departments whose books they are, all or none."""
    try:
        count = services.refer(ids=_ids(request), by=request.user)
    except ValidationError as refused:
        messages.error(request, " ".join(dict.fromkeys(refused.messages)))
    else:
        messages.success(request, f"已转部门核实{count}条。")
    return _back(request)


@requires(Permission.REVIEW_FINDINGS)
@require_http_methods(["POST"])
def bulk_waive(request: HttpRequest) -> HttpResponse:
    """Asks for the reason once, then exempts the ticked findings, all or none."""
    rows = Finding.objects.within(request.user.scope).live().filter(pk__in=_ids(request))  # type: ignore[union-attr]
    form = WaiveForm(request.POST if "reason" in request.POST else None)
    problems = None
    if form.is_bound and form.is_valid():
        try:
            count = services.waive_all(rows, **form.cleaned_data, by=request.user)
        except ValidationError as refused:
            problems = refused
        else:
            messages.success(request, f"已豁免{count}条。")
            return _back(request)
    context = {
        "title": f"豁免{len(rows)}条疑点",
        "rows": rows.select_related("household", "member"),
        "form": form,
        "problems": problems,
        "next": request.POST.get("next", ""),
    }
    status = 422 if form.is_bound else 200
    return render(request, "counties/findings_waive.html", context, status=status)


@requires(Permission.VIEW_FINDINGS)
@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_scoped_or_404(FindingEvidence.objects.all(), request.user, pk=pk)
    return download(row, inline=True)  # type: ignore[return-value]


def _ids(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("ids") if text.isdigit()]


def _back(request: HttpRequest) -> HttpResponseRedirect:
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("counties:findings")
    return HttpResponseRedirect(target)
