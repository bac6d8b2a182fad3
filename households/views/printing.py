"""Printed papers: of one household at once, of everybody a list shows as a job; and back from paper by its code."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.papers import codes
from fanpin.papers.declaring import Paper, Printing, papers
from fanpin.papers.many import TYPES, Stack, drawn
from fanpin.regions.models import Division
from fanpin.web.components import Crumb
from households.forms.printing import PrintForm
from households.models import Household
from households.policies.printing import may_print_in_full
from households.selectors import register
from households.services import printing
from households.views import shell
from households.views.answers import attempt, page, user_of
from households.views.register import chosen

OF_ONE = ("household", "once")
OF_MANY = ("household", "village", "once")


def link(request: HttpRequest) -> str:
    """What stands before a code to make the address that the paper's square code opens."""
    whole = request.build_absolute_uri(reverse("households:paper_code", args=["X"]))
    return whole.removesuffix("X/")


@requires(P.VIEW_HOUSEHOLDS)
def print_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Which papers this household has; posted, one of them, with full numbers when a reason is given."""
    household = shell.scoped(request, pk)
    user = user_of(request)
    may_show = may_print_in_full(user, [household.division_path])
    form = PrintForm(request.POST or None, papers=_offered(user, OF_ONE), may_show=may_show.ok)
    reasons = []
    if request.method == "POST" and form.is_valid():
        paper = papers.by_key[form.cleaned_data["paper"]]
        answer, reasons = attempt(
            form, lambda: _answer(request, household, paper, form.cleaned_data["kind"], *form.asked)
        )
        if answer is not None:
            return answer
    context = {
        "form": form,
        "household": household,
        "offered": _offered(user, OF_ONE),
        "may_show": may_show,
        "title": f"打印{household}的表格",
        "breadcrumb": [
            *shell.crumbs(household),
            Crumb(str(household), reverse("households:detail", args=[pk])),
        ],
    }
    return page(request, "households/print.html", context, wrong=(form,), reasons=reasons)


@require_GET
@requires(P.VIEW_HOUSEHOLDS)
def paper_of_one(request: HttpRequest, pk: int, paper: str, kind: str) -> HttpResponse:
    """One paper of one household, numbers masked."""
    household = shell.scoped(request, pk)
    found = papers.by_key.get(paper)
    if found is None or found.level not in OF_ONE or kind not in TYPES:
        raise Http404("没有这种表格")
    try:
        return _answer(request, household, found, kind)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("households:print", pk=pk)


def _answer(
    request: HttpRequest,
    household: Household,
    paper: Paper,
    kind: str,
    full: bool = False,
    reason: str = "",
) -> HttpResponse:
    user = user_of(request)
    printed = Printing(user.name, clock.now(), link(request), full)
    documents = paper.build(household.village_id, [household.pk], printed)
    data = drawn(documents, kind)
    printing.print_one(
        household, title=paper.title, permission=paper.permission, kind=kind,
        full=full, reason=reason, by=user,
    )  # fmt: skip
    name = f"{household}-{paper.title}.{kind}"
    disposition = content_disposition_header(as_attachment=kind != "pdf", filename=name)
    return HttpResponse(
        data,
        content_type=TYPES[kind],
        headers={"Content-Disposition": disposition or "", "Cache-Control": "no-store"},
    )


@requires(P.VIEW_HOUSEHOLDS)
def print_many(request: HttpRequest) -> HttpResponse:
    """Papers of everybody the list shows: the same address parameters, the same filters, the same scope."""
    user = user_of(request)
    division = _division(request, user)
    rows = chosen(user, request.GET.urlencode())
    paths = [division.path] if division else list(user.scope.paths)
    may_show = may_print_in_full(user, paths)
    form = PrintForm(request.POST or None, papers=_offered(user, OF_MANY), may_show=may_show.ok)
    reasons = []
    count = rows.count()
    place = division.name if division else "、".join(register.names(paths))
    if request.method == "POST" and form.is_valid():
        paper = papers.by_key[form.cleaned_data["paper"]]
        full, reason = form.asked
        job, reasons = attempt(
            form,
            lambda: printing.print_many(
                paper=paper.key, title=paper.title, permission=paper.permission,
                kind=form.cleaned_data["kind"], query=request.GET.urlencode(), paths=paths,
                place=place, count=count, link=link(request), full=full, reason=reason, by=user,
            ),
        )  # fmt: skip
        if job is not None:
            return redirect(job)
    back = f"{reverse('households:list')}?{request.GET.urlencode()}"
    context = {
        "form": form,
        "count": count,
        "place": place,
        "back": back,
        "offered": _offered(user, OF_MANY),
        "may_show": may_show,
        "title": "打印表册",
        "breadcrumb": [Crumb("农户名册", back)],
    }
    return page(request, "households/print_many.html", context, wrong=(form,), reasons=reasons)


def stacks(user: User, query: str) -> list[Stack]:
    """The same households by village."""
    rows = chosen(user, query).prefetch_related(None).order_by("division_path", "hh_code")
    found: dict[tuple[str, str], list[int]] = {}
    for place, name, pk in rows.values_list("village_id", "village__full_name", "pk"):
        found.setdefault((place, name), []).append(pk)
    return [Stack(place, name, tuple(ids)) for (place, name), ids in found.items()]


def _division(request: HttpRequest, user: User) -> Division | None:
    code = request.GET.get("division", "")
    return get_scoped_or_404(Division.objects.all(), user, code=code) if code else None


def _offered(user: User, levels: tuple) -> list[Paper]:
    return [paper for paper in papers.ordered(*levels) if user.holds(paper.permission)]


@require_GET
@requires(P.VIEW_HOUSEHOLDS)
def paper_code(request: HttpRequest, code: str) -> HttpResponse:
    """From the code on a paper to what it is about: the form, for whoever may fill it in."""
    found = codes.read(code)
    if found is None:
        raise Http404("没有这个表册编码，请对照纸上编码核对")
    paper = papers.by_mark.get(found.mark)
    opens = paper.opens if paper else ""
    if not found.is_household:
        place = get_scoped_or_404(Division.objects.all(), request.user, code=found.number)
        listed = f"{reverse('households:list')}?division={place.code}"
        return redirect(reverse(opens, args=[place.code]) if opens else listed)
    household = get_scoped_or_404(Household.objects.all(), request.user, hh_code=found.number)
    may = user_of(request).may(P.EDIT_HOUSEHOLDS, household.division_path)
    return redirect(opens if opens and may else "households:detail", pk=household.pk)
