"""公示公告: what hangs, or is about to, in each village, and the poster of it."""

import datetime
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.papers.declaring import Printing
from fanpin.papers.many import TYPES, drawn
from fanpin.regions.models import Division
from fanpin.web.components import Action, Figure
from fanpin.web.lists import Column, render_list
from households.selectors.register import names
from households.views.printing import link
from monitoring.models import Case
from monitoring.papers.posters import POSTERS, STAGES, Stage
from monitoring.selectors import boards
from monitoring.services import printing
from monitoring.views.answering import user_of

SIZES = ("a4", "a3")
KINDS = ("pdf", "docx")


@dataclass(frozen=True)
class BoardLine:
    """One village at one stage."""

    village: Division
    stage: Stage
    count: int
    until: datetime.date | None

    @property
    def pk(self) -> str:
        return f"{self.village.code}-{self.stage.key}"

    def poster(self, size: str, kind: str) -> str:
        return reverse("monitoring:poster", args=[self.village.code, self.stage.key, size, kind])

    @property
    def cases(self) -> str:
        return (
            f"{reverse('monitoring:cases')}?status={self.stage.status}&division={self.village.code}"
        )


COLUMNS = (
    Column("village", "行政村", "village.full_name"),
    Column("stage", "环节", "stage.label"),
    Column("count", "户数", url=lambda r: r.cases, align="right", unit="户"),
    Column("until", "公示期满（公告）日期"),
    Column("a4", "A4", lambda r: "PDF", url=lambda r: r.poster("a4", "pdf")),
    Column("a3", "A3", lambda r: "PDF", url=lambda r: r.poster("a3", "pdf")),
    Column("word", "文书", lambda r: "DOCX", url=lambda r: r.poster("a4", "docx")),
)


@requires(P.VIEW_CASES)
def listing(request: HttpRequest) -> HttpResponse:
    """Every village of the user's with something to hang up."""
    user = user_of(request)
    chosen = _chosen(request, user)
    every = [
        BoardLine(row.village, stage, row.count, row.until)
        for stage in STAGES.values()
        for row in boards.villages(chosen, stage.status, stage.kind)
    ]
    rows = [row for row in every if request.GET.get("stage", "") in ("", row.stage.key)]
    figures = [
        Figure(
            stage.label,
            sum(r.count for r in every if r.stage == stage),
            f"?stage={stage.key}",
            "户",
        )
        for stage in STAGES.values()
    ]
    present = {row.stage.key for row in rows}
    return render_list(
        request, title="公示公告", queryset=rows, columns=COLUMNS, figures=figures,
        actions=[_all(STAGES[key]) for key in STAGES if key in present],
        empty="现在没有待公示、公示中、待公告的办件。",
    )  # fmt: skip


def _all(stage: Stage) -> Action:
    url = f"{reverse('monitoring:posters')}?stage={stage.key}"
    return Action(f"打印全部{stage.label}", url, "post")


def _chosen(request: HttpRequest, user: User):  # type: ignore[no-untyped-def]
    """The cases of the division switcher's choice, inside the user's scope."""
    rows = Case.objects.within(user.scope_for(P.VIEW_CASES))
    code = request.GET.get("division", "")
    found = Division.objects.within(user.scope).filter(code=code).first()
    return rows.filter(division_path__startswith=found.path) if found else rows


@require_GET
@requires(P.VIEW_CASES)
def poster(request: HttpRequest, code: str, stage: str, size: str, kind: str) -> HttpResponse:
    """The sheet of one village for the wall."""
    if stage not in STAGES or size not in SIZES or kind not in KINDS:
        raise Http404("没有这种公示")
    user = user_of(request)
    village = get_scoped_or_404(Division.objects.all(), user, code=code)
    found = STAGES[stage]
    ids = boards.ids(Case.objects.within(user.scope_for(P.VIEW_CASES)), village, found.status)
    paper = POSTERS[found.kind, size]
    printed = Printing(user.name, clock.now(), link(request))
    try:
        data = drawn(paper.build(village.code, ids, printed), kind)
        printing.print_board(village, title=paper.title, count=len(ids), kind=kind, by=user)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("monitoring:notices")
    name = f"{village.name}-{found.label}.{kind}"
    disposition = content_disposition_header(as_attachment=kind != "pdf", filename=name)
    headers = {"Content-Disposition": disposition or "", "Cache-Control": "no-store"}
    return HttpResponse(data, content_type=TYPES[kind], headers=headers)


@require_POST
@requires(P.VIEW_CASES)
def posters(request: HttpRequest) -> HttpResponse:
    """The sheets of every village at a stage as a job, one file each."""
    stage = STAGES.get(request.GET.get("stage", ""))
    if stage is None:
        messages.error(request, "请选择打印待公示、公示中、待公告还是已公告的")
        return redirect("monitoring:notices")
    user = user_of(request)
    paths = list(user.scope_for(P.VIEW_CASES).paths)
    paper = POSTERS[stage.kind, "a4"]
    rows = _chosen(request, user).filter(status=stage.status).order_by("pk")
    try:
        job = printing.print_many(
            list(rows.values_list("pk", flat=True)), paper=paper.key, title=paper.title, kind="pdf",
            paths=paths, place="、".join(names(paths)), link=link(request), by=user,
        )  # fmt: skip
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("monitoring:notices")
    return redirect(job)
