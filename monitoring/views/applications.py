"""自主申请 for clerks: the list, taking one in by telephone, finding its household, answering, the village's poster."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.papers.declaring import Printing
from fanpin.papers.pdf import joined, pdf_of
from fanpin.regions.models import Division, Level
from fanpin.web.cells import link_to
from fanpin.web.components import Action, Crumb, Fact, Figure
from fanpin.web.formats import mask_phone
from fanpin.web.lists import Column, render_list
from households.choices import labels
from households.models import Household
from households.selectors.limits import limit_for
from households.views.printing import link
from monitoring.choices import ApplicationState
from monitoring.forms.applications import ApplicationFilters, ClerkForm, DeclineForm
from monitoring.models import Application
from monitoring.papers.apply import PAPER
from monitoring.policies.applications import may_handle
from monitoring.policies.opening import may_file_clue
from monitoring.selectors import applications as selectors
from monitoring.services import applications as services
from monitoring.views.answering import attempt, form_page, user_of

COLUMNS = (
    Column("receipt", "受理编号", url=link_to("monitoring:application"), sort=True),
    Column("received_on", "收到日期", sort=True),
    Column("head_name", "户主"),
    Column("applicant", "申请人"),
    Column("phone", "联系电话", mask=mask_phone),
    Column("village", "行政村", "village.name", sort="division_path"),
    Column("difficulties", "困难类型", lambda a: labels("risk_type", a.difficulties)),
    Column("facts", "困难情况", lambda a: a.facts[:40], title=lambda a: a.facts),
    Column("channel", "申请方式", "get_channel_display"),
    Column("state", "状态", "get_state_display", tone=lambda a: a.tone),
)


def _crumbs() -> list[Crumb]:
    return [Crumb("自主申请", reverse("monitoring:applications"))]


@requires(P.VIEW_CASES)
def listing(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    rows = selectors.listed(user)
    count = rows.filter(state=ApplicationState.WAITING).count()
    limit = limit_for("application_days", user.scope)

    def since(row: Application) -> object:
        return row.received_on if row.state == ApplicationState.WAITING else None

    due = Column(
        "due", "受理期限",
        lambda row: limit.due(since(row)) if limit else None,  # type: ignore[arg-type]
        tone=lambda row: limit.tone(since(row)) if limit else "",  # type: ignore[arg-type]
    )  # fmt: skip
    actions = []
    if user.holds(P.FILE_CLUES):
        actions = [
            Action("登记申请", reverse("monitoring:application_create"), tone="primary"),
            *_poster(request),
        ]
    return render_list(
        request,
        title="自主申请",
        queryset=rows,
        columns=[*COLUMNS, due],
        filters=ApplicationFilters,
        search=("receipt", "head_name", "applicant"),
        search_label="受理编号、户主、申请人",
        figures=[Figure("待受理", count, "?state=waiting", "件", "orange" if count else "")],
        actions=actions,
        empty="还没有自主申请。农户扫码申报的，和村、乡、县登记的电话、口头、书面申请列在这里。",
    )


def _poster(request: HttpRequest) -> list[Action]:
    """Somebody of one village prints its poster here."""
    mine = _villages(request)[:2]
    if len(mine) != 1:
        return []
    return [Action("打印申报二维码", reverse("monitoring:apply_notice", args=[mine[0].pk]))]


def _villages(request: HttpRequest):
    scope = user_of(request).scope_for(P.FILE_CLUES)
    rows = Division.objects.within(scope).filter(level=Level.VILLAGE, valid_until__isnull=True)
    return rows.order_by("code")


@requires(P.FILE_CLUES)
def create(request: HttpRequest) -> HttpResponse:
    """What somebody said on the telephone or at the counter."""
    form = ClerkForm(request.POST or None, villages=_villages(request))
    made: list[Application] = []
    if form.is_valid():
        given = {k: v for k, v in form.cleaned_data.items() if k != "agrees"}
        if attempt(form, lambda: made.append(services.receive(**given, by=user_of(request)))):
            messages.success(request, f"已登记，受理编号{made[0].receipt}，请告知申请人。")
            return redirect("monitoring:application", pk=made[0].pk)
    return form_page(
        request, form, title="登记自主申请", submit="登记", back=reverse("monitoring:applications"),
        crumbs=_crumbs(), note=services.CONSENT, draft="application",
    )  # fmt: skip


@requires(P.VIEW_CASES)
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _row(request, pk))


def _row(request: HttpRequest, pk: int) -> Application:
    rows = Application.objects.select_related(
        "village", "household", "clue__case", "handled_by", "filed_by"
    )
    return get_scoped_or_404(rows, request.user, pk=pk)


def _page(
    request: HttpRequest, row: Application, problems: object = None, form: DeclineForm | None = None
) -> HttpResponse:
    user = user_of(request)
    text = request.GET.get("q", "").strip()
    verdict = may_handle(user, row)
    found = selectors.candidates(row, text) if verdict.ok else []
    context = {
        "title": f"自主申请　{row.head_name}户",
        "row": row,
        "facts": _facts(row),
        "q": text,
        "found": [(h, may_file_clue(user, h)) for h in found],
        "verdict": verdict,
        "form": form or DeclineForm(),
        "problems": problems,
        "breadcrumb": _crumbs(),
    }
    wrong = problems is not None or form is not None
    return render(request, "monitoring/application.html", context, status=422 if wrong else 200)


def _facts(row: Application) -> list[Fact]:
    found = [
        Fact("受理编号", row.receipt),
        Fact("行政村", row.village.full_name),
        Fact("户主", row.head_name),
        Fact("申请人", row.applicant),
        Fact("联系电话", row.phone),
        Fact("组（社）和门牌", row.address),
        Fact("困难类型", labels("risk_type", row.difficulties)),
        Fact("申请方式", row.get_channel_display()),
        Fact("收到日期", row.received_on),
        Fact("登记人", row.filed_by.name if row.filed_by else "农户自行填报"),
    ]
    if row.clue is not None and row.clue.case is not None:
        case = row.clue.case
        found.append(Fact("办件", case.number, reverse("monitoring:case", args=[case.pk])))
    if row.handled_by is not None:
        found.append(Fact("受理人", row.handled_by.name))
    if row.reply:
        found.append(Fact("答复", row.reply))
    return found


@requires(P.FILE_CLUES)
@require_POST
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The ticked household is the one: its clue."""
    row = _row(request, pk)
    chosen = request.POST.get("household", "")
    if not chosen.isdigit():
        return _page(request, row, "请选择农户")
    rows = Household.objects.filter(village=row.village_id)
    household = get_object_or_404(rows, pk=int(chosen))
    try:
        services.file(row, household, by=user_of(request))
    except ValidationError as refused:
        return _page(request, row, refused)
    messages.success(request, "已登记线索。")
    return redirect("monitoring:application", pk=pk)


@requires(P.FILE_CLUES)
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form)
    try:
        services.decline(row, **form.cleaned_data, by=user_of(request))
    except ValidationError as refused:
        return _page(request, row, refused, form)
    messages.success(request, "已答复。")
    return redirect("monitoring:application", pk=pk)


@requires(P.VIEW_CASES)
@require_GET
def notice(request: HttpRequest, code: str) -> HttpResponse:
    """The poster of a village, with the square code of its page."""
    village = get_scoped_or_404(
        Division.objects.filter(level=Level.VILLAGE), user_of(request), code=code
    )
    printed = Printing(user_of(request).name, clock.now(), link(request), full=True)
    try:
        data = joined(pdf_of(document) for document in PAPER.build(code, (), printed))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("monitoring:applications")
    name = content_disposition_header(False, f"{village.name}-{PAPER.title}.pdf")
    headers = {"Content-Disposition": name or "", "Cache-Control": "no-store"}
    return HttpResponse(data, content_type="application/pdf", headers=headers)
