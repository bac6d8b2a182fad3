"""Sheets of villages and counties as papers: one at once, those of a list as a job."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from counties.forms.sheets import VillageFilter
from counties.models.sheets import Kind
from counties.services import printing as services
from counties.views.sheet_lists import chosen, listed_places
from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.papers.declaring import Paper, Printing, papers
from fanpin.papers.many import TYPES, drawn
from fanpin.regions.models import Division
from households.selectors.register import names
from households.views.answers import user_of
from households.views.printing import link


def paper_of(request: HttpRequest, place: Division, paper: Paper, back: str) -> HttpResponse:
    """One paper about one place, as PDF to read or XLSX to take away (`?kind=xlsx`); never an error page."""
    user = user_of(request)
    kind = "xlsx" if request.GET.get("kind") == "xlsx" else "pdf"
    # Nobody of a household stands on a sheet: there is nothing to hide.
    printed = Printing(user.name, clock.now(), link(request), full=True)
    try:
        data = drawn(paper.build(place.code, (), printed), kind)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect(back)
    services.print_one(place, title=paper.title, kind=kind, by=user)
    name = f"{place.name}-{paper.title}.{kind}"
    disposition = content_disposition_header(as_attachment=kind == "xlsx", filename=name)
    headers = {"Content-Disposition": disposition or "", "Cache-Control": "no-store"}
    return HttpResponse(data, content_type=TYPES[kind], headers=headers)


@requires(P.VIEW_HOUSEHOLDS)
@require_POST
def village_sheets_print(request: HttpRequest) -> HttpResponse:
    """The sheets of every village that the list shows with these conditions."""
    user = user_of(request)
    division = chosen(request)
    rows: Any = VillageFilter(
        request.GET, queryset=listed_places(request, Kind.VILLAGE), request=request
    ).qs
    paths = [division.path] if division else list(user.scope.paths)
    paper = papers.by_key["village_sheet"]
    try:
        job = services.print_many(
            list(rows.values_list("code", flat=True)),
            paper=paper.key,
            title=paper.title,
            kind="xlsx" if request.POST.get("kind") == "xlsx" else "pdf",
            name=division.name if division else "、".join(names(paths)),
            paths=paths,
            link=link(request),
            by=user,
        )
    except ValidationError as refused:
        messages.error(request, "；".join(refused.messages))
        return redirect("counties:village_sheets")
    return redirect(job)
