"""The papers of the procedure: of one case at once, of everybody a list shows as a job."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.papers.declaring import Paper, Printing, papers
from fanpin.papers.many import TYPES, drawn
from fanpin.web.components import Crumb
from households.forms.printing import PrintForm
from households.policies.printing import may_print_in_full
from households.selectors.register import names
from households.views.answers import attempt, page
from households.views.printing import link
from monitoring.choices import CaseKind
from monitoring.models import Case, Evaluation
from monitoring.papers import CASE_PAPERS, evaluation, listing, of_kind
from monitoring.papers.declaring import WHOLE, CasePaper
from monitoring.selectors.case_file import CaseFile, case_file
from monitoring.services import printing
from monitoring.views.answering import user_of
from monitoring.views.cases import LISTS, case_or_404, case_url, crumbs
from monitoring.views.lists import shown

KINDS = ("pdf", "docx")


@require_GET
@requires(P.VIEW_CASES)
def case_paper(request: HttpRequest, pk: int, paper: str, number: int, kind: str) -> HttpResponse:
    """One copy of one paper, numbers masked; number 0 is the form to fill in by hand."""
    case = case_or_404(request, pk)
    found = CASE_PAPERS.get(paper)
    if found is None or case.kind not in found.kinds or kind not in KINDS:
        raise Http404("本类办件没有这种表册")
    file = case_file(case)
    blank = number == listing.BLANK
    if (blank and not found.has_blank) or number > len(found.copies(file)):
        raise Http404(found.missing(file))
    try:
        return _answer(request, file, found, number, kind)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(case_url(case))


def _answer(
    request: HttpRequest, file: CaseFile, paper: CasePaper, number: int, kind: str,
    full: bool = False, reason: str = "",
) -> HttpResponse:  # fmt: skip
    case, user = file.case, user_of(request)
    printed = Printing(user.name, clock.now(), link(request), full)
    blank = number == listing.BLANK
    documents = [paper.blank(file, printed)] if blank else paper.documents(file, printed, number)
    data = drawn(documents, kind)
    title = paper.title_of(case.kind) + ("（空表）" if blank else "")
    printing.print_one(case, title=title, kind=kind, full=full, reason=reason, by=user)
    return _file(data, kind, f"{case.household}-{title}")


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=kind != "pdf", filename=f"{name}.{kind}")
    headers = {"Content-Disposition": disposition or "", "Cache-Control": "no-store"}
    return HttpResponse(data, content_type=TYPES[kind], headers=headers)


@require_GET
@requires(P.VIEW_CASES)
def evaluation_paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """One year's evaluation of a household, numbers masked."""
    if kind not in KINDS:
        raise Http404("没有这种格式")
    rows = Evaluation.objects.filter(state__in=evaluation.SHOWN).select_related(
        "object__household__village", "made_by", "reviewed_by"
    )
    row = get_scoped_or_404(rows, request.user, pk=pk)
    household, user = row.object.household, user_of(request)
    printed = Printing(user.name, clock.now(), link(request))
    try:
        data = drawn([evaluation.document(row, printed)], kind)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("monitoring:evaluation", pk=pk)
    title = f"{row.year}年度{evaluation.TITLE}"
    printing.print_of_household(household, title=title, kind=kind, by=user)
    return _file(data, kind, f"{household}-{title}")


@requires(P.VIEW_CASES)
def case_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """Which papers this case has; posted, one of them or all, with full numbers when a reason is given."""
    case = case_or_404(request, pk)
    user = user_of(request)
    file = case_file(case)
    found = listing.lines(file)
    may_show = may_print_in_full(user, [case.division_path])
    ready = [line.paper.paper() for line in found if line.is_ready]
    offered = [papers.by_key[WHOLE], *ready] if ready else []
    form = PrintForm(request.POST or None, papers=offered, may_show=may_show.ok) if ready else None
    reasons = []
    if form is not None and request.method == "POST" and form.is_valid():
        answer, reasons = attempt(form, lambda: _ordered(request, file, form))
        if answer is not None:
            return answer
    context = {
        "case": case,
        "paper_lines": found,
        "form": form,
        "may_show": may_show,
        "title": f"本案表册　{case.household}",
        "breadcrumb": [*crumbs(case), Crumb(case.number, case_url(case))],
    }
    return page(request, "monitoring/case_papers.html", context, wrong=(form,) if form else (),
                reasons=reasons)  # fmt: skip


def _ordered(request: HttpRequest, file: CaseFile, form: PrintForm) -> HttpResponse:
    """What the form asks for: one paper with all its copies, or everything there is."""
    user, case = user_of(request), file.case
    full, reason = form.asked
    key, kind = form.cleaned_data["paper"], form.cleaned_data["kind"]
    printed = Printing(user.name, clock.now(), link(request), full)
    chosen = [p for p in of_kind(case.kind) if key in (WHOLE, p.paper().key)]
    documents = [
        document
        for paper in chosen
        for number in range(1, len(paper.copies(file)) + 1)
        for document in paper.documents(file, printed, number)
    ]
    data = drawn(documents, kind)
    title = papers.by_key[key].title
    printing.print_one(case, title=title, kind=kind, full=full, reason=reason, by=user)
    return _file(data, kind, f"{case.household}-{title}")


@requires(P.VIEW_CASES)
def print_cases(request: HttpRequest) -> HttpResponse:
    """A paper of every case that the list shows with this address, or of those ticked there."""
    user = user_of(request)
    kinds = _kinds(request)
    rows = _ticked(request, shown(request, kinds))
    paths = list(user.scope.paths)
    may_show = may_print_in_full(user, paths)
    posted = request.POST if "paper" in request.POST else None
    form = PrintForm(posted, papers=_offered(kinds), may_show=may_show.ok)
    reasons = []
    place = "、".join(names(paths))
    if posted and form.is_valid():
        job, reasons = attempt(form, lambda: _start(request, form, rows, paths, place))
        if job is not None:
            return redirect(job)
    label, name = (
        LISTS[kinds[0]] if len(kinds) < len(CaseKind) else ("监测办件", "monitoring:cases")
    )
    query = request.GET.copy()
    query.pop("kinds", None)
    back = f"{reverse(name)}?{query.urlencode()}"
    context = {
        "form": form,
        "count": rows.count(),
        "ids": request.POST.getlist("ids"),
        "place": place,
        "back": back,
        "may_show": may_show,
        "title": "打印表册",
        "breadcrumb": [Crumb(label, back)],
    }
    return page(request, "monitoring/print_cases.html", context, wrong=(form,), reasons=reasons)


def _start(request: HttpRequest, form: PrintForm, rows: QuerySet[Case], paths, place):  # type: ignore[no-untyped-def]
    paper = papers.by_key[form.cleaned_data["paper"]]
    full, reason = form.asked
    return printing.print_many(
        list(rows.order_by("pk").values_list("pk", flat=True)[: printing.MOST + 1]),
        paper=paper.key, title=paper.title, kind=form.cleaned_data["kind"], paths=paths,
        place=place, link=link(request), full=full, reason=reason, by=user_of(request),
    )  # fmt: skip


def _kinds(request: HttpRequest) -> tuple[CaseKind, ...]:
    asked = request.GET.get("kinds", "").split(",")
    return tuple(kind for kind in CaseKind if kind in asked) or tuple(CaseKind)


def _ticked(request: HttpRequest, rows: QuerySet[Case]) -> QuerySet[Case]:
    ids = [pk for pk in request.POST.getlist("ids") if pk.isdigit()]
    return rows.filter(pk__in=ids) if ids else rows


def _offered(kinds: tuple[CaseKind, ...]) -> list[Paper]:
    """The whole set, and the papers that any of these kinds has."""
    found = {paper.key: paper for kind in kinds for paper in of_kind(kind)}
    ordered = sorted(found.values(), key=lambda paper: paper.order)
    return [papers.by_key[WHOLE], *(papers.by_key[paper.paper().key] for paper in ordered)]
