"""The page of a case and the form of each step."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.accounts.verdicts import Verdict
from fanpin.web.components import Action, Crumb
from households.rules import windows
from monitoring.choices import CaseKind, CaseStatus
from monitoring.forms.records import DocumentForm
from monitoring.forms.steps import form_for
from monitoring.models import Case, CaseDocument, PublicNotice
from monitoring.papers import listing
from monitoring.policies.comparisons import may_answer, may_explain
from monitoring.selectors.case_facts import CaseFacts, case_facts
from monitoring.selectors.case_file import beside
from monitoring.services import cases, documents
from monitoring.services.documents import may_attach
from monitoring.services.objections import may_receive
from monitoring.views.answering import attempt, form_page, user_of
from monitoring.views.lights import light_rows
from monitoring.workflow import papers, showing, wording
from monitoring.workflow.deciding import Need, Option, may_begin, needs, options
from monitoring.workflow.procedures import PROCEDURES, transition
from monitoring.workflow.transitions import END, FORWARD, RETURN, SIDE, Transition

LISTS = {
    CaseKind.IDENTIFY: ("识别办理", "monitoring:identification"),
    CaseKind.ELIMINATE: ("风险消除", "monitoring:elimination"),
    CaseKind.ROLLBACK: ("回退与再标注", "monitoring:rollback"),
    CaseKind.RELABEL: ("回退与再标注", "monitoring:rollback"),
}
# The step that leads on stands first.
ORDER = (FORWARD, SIDE, RETURN, END)
TONES = {FORWARD: "primary", RETURN: "plain", END: "plain"}
COMPARING = (CaseStatus.CHECKED, CaseStatus.COMPARED)


def case_or_404(request: HttpRequest, pk: int) -> Case:
    rows = Case.objects.select_related(
        "household", "household__village", "object", "object__household", "episode", "opened_by"
    )
    return get_scoped_or_404(rows, request.user, pk=pk)


def case_url(case: Case) -> str:
    return reverse("monitoring:case", args=[case.pk])


def crumbs(case: Case) -> list[Crumb]:
    label, name = LISTS[CaseKind(case.kind)]
    tab = reverse("monitoring:household", args=[case.household_id])
    return [
        Crumb(label, reverse(name)),
        Crumb(f"{case.household.village}　{case.household}", tab),
    ]


@requires(P.VIEW_CASES)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    case = case_or_404(request, pk)
    user = user_of(request)
    facts = case_facts(case)
    found = options(facts, user)
    listed = needs(facts)
    context = {
        "title": f"{case.get_kind_display()}　{case.household}",
        "breadcrumb": crumbs(case),
        "case": case,
        "facts": facts,
        "summary": showing.summary(facts),
        "figures_of_visit": showing.figures(facts),
        "steps": showing.stepper(facts),
        "history": showing.history(facts),
        "needs": listed,
        "actions_of_mine": _actions(case, found, listed),
        "waiting_for": _waiting_for(found),
        "answers": answers(request, facts),
        "lights": light_rows(facts.criteria, case.household_id),
        "document_form": _document_form(request, facts),
        "may_attach": may_attach(user, case),
        "may_receive": may_receive(user, case),
        "documents": facts.documents,
        "clues": facts.clues,
        "paper_lines": listing.lines(beside(facts)),
        "notices": facts.notices,
        "may_reply": case.reply_due_on and not case.replied_on,
        "advance_url": _advance_url(case),
        "review_url": _review_url(case, found),
    }
    return render(request, "monitoring/case.html", context)


def _actions(case: Case, found: list[Option], listed: list[Need]) -> list[tuple[Action, int]]:
    """The buttons of this person; reasons that the list of needs already shows are only counted."""
    said = {reason.text for need in listed for reason in need.reasons}
    rows = []
    for option in sorted(found, key=lambda o: ORDER.index(o.transition.way)):
        hidden = option.transition.way == SIDE and not _verdict(option).ok
        if option.is_mine and not hidden:
            texts = {reason.text for reason in _verdict(option).all_reasons}
            known = bool(texts) and texts <= said
            rows.append((_action(case, option, counted=known), len(texts) if known else 0))
    return rows


def _document_form(request: HttpRequest, facts: CaseFacts) -> DocumentForm:
    """Filing papers: the first missing one of the next step stands chosen."""
    names = papers.names(facts.case.kind, facts.paper_list)
    leading = [
        t for t in PROCEDURES[facts.case.kind].leaving(facts.case.status) if t.way == FORWARD
    ]
    missing = [p.label for t in leading for p in papers.of_step(facts, t) if p.missing]
    if not facts.case.is_open:
        missing = [p.label for p in papers.of_reply(facts) if p.missing]
    return DocumentForm(names=names, initial={"kind": missing[0] if missing else ""})


def _verdict(option: Option) -> Verdict:
    """A step with a form takes its papers in there, so a missing one does not shut the way to it."""
    return option.verdict if _is_direct(option.transition) else option.begin


def _action(case: Case, option: Option, *, counted: bool) -> Action:
    """A step as a button: straight away when it asks for nothing, else to its form; off with its reasons."""
    t = option.transition
    url = reverse("monitoring:step", args=[case.pk, t.name])
    direct = _is_direct(t)
    return Action(
        t.label, url, "post" if direct else "get", TONES.get(t.way, "plain"), counted or _verdict(option),
        f"确定“{t.label}”？" if direct else "", fields={"version": case.version} if direct else {},
    )  # fmt: skip


def _is_direct(t: Transition) -> bool:
    return not t.requires and t.takes.__name__ == "Inputs"


def _is_button(request: HttpRequest, t: Transition) -> bool:
    """Pressed on the case's page, where nothing was typed; the step's own form sends its remark along."""
    return _is_direct(t) and "note" not in request.POST


def _waiting_for(found: list[Option]) -> str:
    """Whose turn it is, for somebody who can only watch."""
    if any(o.is_mine and o.transition.way == FORWARD for o in found):
        return ""
    labels = [
        P(p).label for o in found if o.transition.way == FORWARD for p in o.transition.permission
    ]
    return "、".join(dict.fromkeys(labels))


def answers(request: HttpRequest, facts: CaseFacts) -> list[dict[str, Any]]:
    """Departments' results; the village sees yes or no with the reason, not more (policy.md appendix B)."""
    user = user_of(request)
    found = []
    for row in facts.answers:
        row.case = facts.case
        found.append(
            {
                "row": row,
                "may_answer": may_answer(user, row).ok,
                "may_explain": may_explain(user, row).ok,
                "shows_detail": user.may(P.TOWNSHIP_CASE, facts.case.division_path)
                or user.may(P.TOWNSHIP_GOVERNMENT, facts.case.division_path)
                or user.may(P.COUNTY_CASE, facts.case.division_path),
            }
        )
    return found


def _advance_url(case: Case) -> str:
    """先行帮扶 is offered while an identification with an emergency is under way."""
    if case.kind == CaseKind.ELIMINATE or not case.is_open or not case.event_type:
        return ""
    return reverse("assistance:household", args=[case.household_id])


def _review_url(case: Case, found: list[Option]) -> str:
    """For whoever decides on the case: the page with everything at a glance."""
    if any(o.is_mine and o.transition.is_check for o in found):
        return reverse("monitoring:review", args=[case.pk])
    return ""


@requires(P.VIEW_CASES)
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The form of one step; POST takes it."""
    case = case_or_404(request, pk)
    t = transition(case.kind, name)
    if t is None or not t.permission:
        raise Http404
    wrong = keep_papers(request, case) if request.method == "POST" else {}
    facts = case_facts(case)
    form = form_for(facts, t, request.POST if request.method == "POST" else None)
    form.full_clean()
    for name, text in wrong.items():
        form.add_error(name if name in form.fields else None, text)
    if request.method == "POST" and not wrong and _take(request, case, t, form):
        messages.success(request, f"已办理：{t.label}")
        return redirect(case_url(case))
    if request.method == "POST" and _is_button(request, t):
        for text in form.non_field_errors():
            messages.error(request, text)
        return redirect(case_url(case))
    user = user_of(request)
    return form_page(
        request, form, title=f"{t.label}　{case.household}", submit=t.label, back=case_url(case),
        crumbs=[*crumbs(case), Crumb(case.number, case_url(case))], verdict=may_begin(facts, t, user),
        note=_note(facts, t), version=case.version, figures_of_visit=showing.figures(facts),
        draft=f"case-{case.pk}-{t.name}", sheet=_sheet(case, facts, t),
    )  # fmt: skip


def keep_papers(request: HttpRequest, case: Case) -> dict[str, str]:
    """Papers sent along with a step stay with the case even when the step is refused; what was wrong, by field."""
    wrong = {}
    names = {papers.field_of(row.code): row.label for row in documents.kinds_of(case)}
    for field in request.FILES:
        for upload in request.FILES.getlist(field):
            try:
                documents.attach(case, upload, kind=names.get(field, ""), by=user_of(request))
            except ValidationError as refusal:
                wrong[field] = "；".join(refusal.messages)
    return wrong


def _take(request: HttpRequest, case: Case, t: Transition, form: Any) -> bool:
    version = request.POST.get("version", "")
    seen = int(version) if version.isdigit() else None
    if not form.is_valid() and not _is_direct(t):
        return False
    given = form.inputs() if form.is_valid() else t.takes()

    def act() -> None:
        cases.apply(case, t.name, by=user_of(request), inputs=given, version=seen)

    return attempt(form, act)


def _sheet(case: Case, facts: CaseFacts, t: Transition) -> str:
    """Where the notice of this step is printed from."""
    if not wording.notice_text(facts, t):
        return ""
    return reverse("monitoring:notice_draft", args=[case.pk, t.name])


def _note(facts: CaseFacts, t: Transition) -> str:
    """What the clerk should know before filling in: the window, the notice days."""
    if t.takes.__name__ == "Check" and facts.case.kind != CaseKind.ROLLBACK:
        month = clock.month_of(clock.today())
        start, end = windows.window_event(month)
        return (
            f"收入计算周期由核查月份确定：本月核查为 {start} 至 {end}（上一月往前12个月），"
            "只填周期内实际收到的收入。"
        )
    if t.takes.__name__ == "Post" and t.name == "post_notice":
        days = facts.parameters.get("village_notice_days", "")
        return f"公示期{days}天，从张贴次日起算；期满次日方可提交。"
    if facts.case.category_suggested and t.takes.__name__ in ("Deliberate", "Decide"):
        return f"系统建议类别：{facts.case.get_category_suggested_display()}"
    return ""


@requires(P.VIEW_CASES)
def notice_draft(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The sheet to put up before it is registered: its photo goes along with the step."""
    case = case_or_404(request, pk)
    t = transition(case.kind, name)
    facts = case_facts(case)
    text = wording.notice_text(facts, t) if t else ""
    if t is None or not text:
        raise Http404
    days = int(facts.param("village_notice_days")) if name == "post_notice" else 0
    notice = PublicNotice(case=case, posted_on=clock.today(), days=days, text=text)
    context = {"title": t.label, "case": case, "notice": notice, "last_day": notice.complete_on}
    return render(request, "monitoring/notice_print.html", context)


@requires(P.VIEW_CASES)
def notice_print(request: HttpRequest, pk: int, notice_pk: int) -> HttpResponse:
    """The sheet that is put up in the village."""
    case = case_or_404(request, pk)
    notice = get_scoped_or_404(case.notices.all(), request.user, pk=notice_pk)
    context = {
        "title": notice.get_kind_display(),
        "case": case,
        "notice": notice,
        "last_day": notice.complete_on,
    }
    return render(request, "monitoring/notice_print.html", context)


def document_or_404(request: HttpRequest, pk: int) -> CaseDocument:
    return get_scoped_or_404(
        CaseDocument.objects.select_related("case", "case__household"), request.user, pk=pk
    )
