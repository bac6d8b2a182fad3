"""What is done beside the steps of a case: papers, objections, departments' answers, the answer to the applicant."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.audit.recording import record
from fanpin.files.serving import download
from fanpin.web.components import Crumb, Fact
from households.selectors.members import roster
from monitoring import verbs
from monitoring.forms.records import (
    AnswerForm,
    DocumentForm,
    ExplainForm,
    ObjectionAnswerForm,
    ObjectionForm,
    WordsForm,
)
from monitoring.models import ComparisonAnswer, Objection
from monitoring.policies.comparisons import may_answer, may_explain
from monitoring.services import cases, comparisons, documents, objections
from monitoring.views.answering import attempt, form_page, user_of
from monitoring.views.cases import case_or_404, case_url, crumbs, document_or_404
from monitoring.workflow.waiting import requests_for

WORKERS = (
    P.VILLAGE_CASE,
    P.CHECK_HOUSEHOLD,
    P.TOWNSHIP_CASE,
    P.TOWNSHIP_GOVERNMENT,
    P.COUNTY_CASE,
)
RECEIVERS = (P.VILLAGE_CASE, P.TOWNSHIP_CASE, P.COUNTY_CASE)


@requires(*WORKERS)
@require_POST
def document_add(request: HttpRequest, pk: int) -> HttpResponse:
    case = case_or_404(request, pk)
    names = [row.label for row in documents.kinds_of(case)]
    form = DocumentForm(request.POST, request.FILES, names=names)
    if form.is_valid() and attempt(
        form,
        lambda: documents.attach_all(
            case, form.cleaned_data["upload"], kind=form.cleaned_data["kind"], by=user_of(request)
        ),
    ):
        messages.success(request, "已上传")
    for errors in form.errors.values():
        for text in errors:
            messages.error(request, text)
    return redirect(case_url(case) + "#documents")


@requires(P.VIEW_CASES)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of a case; who opened it is recorded."""
    row = document_or_404(request, pk)
    record(verbs.DOCUMENT_OPENED, by=user_of(request), on=row, subject=f"{row.case}{row.kind}",
           path=row.case.division_path)  # fmt: skip
    return download(row, inline=True)


@requires(*RECEIVERS)
def objection_create(request: HttpRequest, pk: int) -> HttpResponse:
    case = case_or_404(request, pk)
    form = ObjectionForm(request.POST or None)
    if form.is_valid() and attempt(
        form, lambda: objections.receive(case, by=user_of(request), **form.cleaned_data)
    ):
        messages.success(request, "异议已登记，核实答复前不能提交")
        return redirect(case_url(case))
    return form_page(
        request, form, title=f"登记公示异议　{case.household}", submit="登记异议", back=case_url(case),
        crumbs=crumbs(case), verdict=objections.may_receive(user_of(request), case),
    )  # fmt: skip


@requires(*RECEIVERS)
def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Objection.objects.select_related("notice__case__household")
    row = get_scoped_or_404(rows, request.user, pk=pk)
    case = case_or_404(request, row.notice.case_id)
    form = ObjectionAnswerForm(request.POST or None)
    if form.is_valid() and attempt(
        form, lambda: objections.answer(row, by=user_of(request), **form.cleaned_data)
    ):
        messages.success(request, "异议已办结")
        return redirect(case_url(case))
    facts = [
        Fact("提出日期", row.raised_on),
        Fact("提出人", row.objector or "匿名"),
        Fact("异议内容", row.content),
    ]
    return form_page(request, form, title="核实并答复异议", submit="办结异议", back=case_url(case),
                     crumbs=crumbs(case), head_facts=facts)  # fmt: skip


@requires(P.ANSWER_COMPARISON)
def comparison_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A department answers about one family; others' requests do not exist for it."""
    row = get_object_or_404(requests_for(user_of(request)), pk=pk)
    form = AnswerForm(request.POST or None, initial=_answered(row))
    own = row.department in user_of(request).departments_at(row.case.division_path)
    if own and request.method == "GET":
        record(verbs.COMPARISON_OPENED, by=user_of(request), on=row, subject=f"{row.case}",
               path=row.case.division_path, note="部门比对查看证件号码")  # fmt: skip
    back = reverse("monitoring:comparison_requests")
    if form.is_valid() and attempt(form, lambda: _answer(request, row, form)):
        messages.success(request, "比对结果已反馈")
        return redirect(back)
    return form_page(
        request, form, title=f"{row.get_department_display()}比对反馈　{row.case.household}",
        submit="反馈", back=back, crumbs=[Crumb("识别比对反馈", back)],
        verdict=may_answer(user_of(request), row), people=_people(row), shows_numbers=own,
        note="按家庭成员逐人比对；发现四有情形的请勾选，身份信息不一致的请写明。",
    )  # fmt: skip


def _answer(request: HttpRequest, row: ComparisonAnswer, form: AnswerForm) -> None:
    d = form.cleaned_data
    comparisons.answer(
        row,
        result=d["result"],
        four_haves=tuple(d["four_haves"]),
        note=d["note"],
        by=user_of(request),
    )


def _answered(row: ComparisonAnswer) -> dict[str, Any]:
    if row.answered_at is None:
        return {}
    return {"result": row.result, "four_haves": row.four_haves, "note": row.note}


def _people(row: ComparisonAnswer) -> list[Any]:
    """Who has to be compared. The department itself needs the whole number; seeing it is recorded."""
    return list(roster(row.case.household))


@requires(P.TOWNSHIP_CASE)
def comparison_explain(request: HttpRequest, pk: int) -> HttpResponse:
    rows = ComparisonAnswer.objects.select_related("case", "case__household")
    row = get_scoped_or_404(rows, request.user, pk=pk)
    case = case_or_404(request, row.case_id)
    form = ExplainForm(request.POST or None, row=row)
    if form.is_valid() and attempt(
        form, lambda: comparisons.explain(row, by=user_of(request), **form.cleaned_data)
    ):
        messages.success(request, "已登记核实情况")
        return redirect(case_url(case))
    facts = [
        Fact("部门", row.get_department_display()),
        Fact("结果", row.get_result_display(), tone=row.tone),
        Fact("说明", row.note),
    ]
    return form_page(
        request, form, title="核实比对结果", submit="登记核实", back=case_url(case),
        crumbs=crumbs(case), head_facts=facts, verdict=may_explain(user_of(request), row),
    )  # fmt: skip


@requires(P.VILLAGE_CASE, P.TOWNSHIP_CASE)
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that the applicant was told."""
    case = case_or_404(request, pk)
    if case.reply_due_on is None:
        raise Http404
    form = WordsForm(request.POST or None, label="答复方式和内容")
    if form.is_valid() and attempt(
        form,
        lambda: cases.tell_applicant(case, note=form.cleaned_data["note"], by=user_of(request)),
    ):
        messages.success(request, "已登记答复")
        return redirect(case_url(case))
    return form_page(request, form, title=f"答复申请人　{case.household}", submit="登记答复",
                     back=case_url(case), crumbs=crumbs(case))  # fmt: skip
