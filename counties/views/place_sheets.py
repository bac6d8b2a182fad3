"""One village's or natural village's sheet: as it stands, form, steps, the households behind a number, print."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from counties.forms.sheets import PlaceSheetForm, ReturnSheetForm
from counties.models.sheets import Kind
from counties.policies import sheets as policies
from counties.selectors import rollups
from counties.selectors import sheets as selectors
from counties.services import sheets as services
from counties.views import sheet_rows
from counties.views.sheet_papers import paper_of
from counties.views.summary import BEHIND
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.papers.declaring import papers
from fanpin.regions.models import Division, Level
from fanpin.web.components import Action, Crumb, Fact
from fanpin.web.lists import render_list
from households.choices import COLLECTION_TONES
from households.models import Household
from households.selectors.parameters import current_campaign
from households.selectors.register import ancestors
from households.views.answers import admit, attempt, page, user_of

ACTS = {"submit": services.submit, "review": services.review}


def _place(request: HttpRequest, code: str) -> Division:
    rows = Division.objects.filter(level__in=(Level.VILLAGE, Level.HAMLET)).select_related("parent")
    return get_scoped_or_404(rows, request.user, code=code)


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def place_sheet(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _place(request, code))


def _page(
    request: HttpRequest, place: Division, problems: Any = None, form: Any = None
) -> HttpResponse:
    """The sheet with last year's answers and the register's counts beside it."""
    campaign = current_campaign()
    sheet = selectors.draft(place, campaign)
    listed = selectors.is_listed(place)
    before = selectors.previous(place, campaign)
    village = place if place.level == Level.VILLAGE else None
    context = {
        "title": f"{place.name} {campaign}{sheet._meta.verbose_name}",
        "place": place,
        "village": village,
        "sheet": sheet,
        "tone": COLLECTION_TONES[sheet.state],
        "listed": listed,
        "before": before,
        "blocks": sheet_rows.rows_of(sheet, before, listed=listed),
        "facts": _facts(place, sheet, listed),
        "hamlets": _hamlets(request, place) if village else (),
        "findings": selectors.open_findings(place, campaign),
        "actions": _actions(request, sheet),
        "may_return": policies.may_return(user_of(request), sheet) if village else None,
        "return_form": form or ReturnSheetForm(),
        "history": sheet_rows.history(place, campaign),
        "problems": problems,
        "breadcrumb": _crumbs(place),
    }
    wrong = problems is not None or (form is not None and form.errors)
    return render(request, "counties/place_sheet.html", context, status=422 if wrong else 200)


def _crumbs(place: Division) -> list[Crumb]:
    listed = reverse(f"counties:{selectors.kind_of(place)}_sheets")
    return [Crumb(d.name, f"{listed}?division={d.code}") for d in ancestors(place.path)[1:-1]]


def _facts(place: Division, sheet: Any, listed: bool) -> list[Fact]:
    facts = [Fact("代码", place.code)]
    if place.level == Level.VILLAGE:
        facts.append(Fact("填报范围", "出列村，全部指标" if listed else "非出列村，简表"))
    else:
        facts.append(
            Fact("所属行政村", place.parent.name, reverse("counties:place_sheet", args=[place.parent_id]))  # type: ignore[union-attr]
        )  # fmt: skip
    return [*facts, *sheet_rows.steps_of(sheet, "填写", "提交", "审核")]


def _hamlets(request: HttpRequest, village: Division) -> Any:
    rows = selectors.places(
        Kind.HAMLET, user_of(request).scope, current_campaign(), below=village.path
    )
    for row in rows:
        row.tone = COLLECTION_TONES[row.sheet_state]
        row.label = services.SheetState(row.sheet_state).label
    return rows


def _actions(request: HttpRequest, sheet: Any) -> list[Action]:
    """The steps that belong to the user's post, each with its reasons when it is off."""
    user, code = user_of(request), sheet.division_id
    paper = reverse("counties:place_sheet_print", args=[code])
    found = [Action("打印PDF", paper), Action("下载XLSX", f"{paper}?kind=xlsx")]
    act = "counties:place_sheet_act"
    village = sheet.division.level == Level.VILLAGE
    if village and user.holds(P.REVIEW_COLLECTION):
        may = policies.may_review(user, sheet)
        found.append(
            Action("审核通过", reverse(act, args=[code, "review"]), "post", "primary", may)
        )
    if user.holds(P.COLLECT):
        edit = reverse("counties:place_sheet_edit", args=[code])
        found.append(Action("填写", edit, disabled=policies.may_fill(user, sheet)))
        if village:
            may = policies.may_submit(user, sheet)
            url = reverse(act, args=[code, "submit"])
            found.append(Action("提交乡镇审核", url, "post", "primary", may))
    return found


@requires(P.COLLECT)
@require_http_methods(["GET", "POST"])
def place_sheet_edit(request: HttpRequest, code: str) -> HttpResponse:
    place, user, campaign = _place(request, code), user_of(request), current_campaign()
    sheet = selectors.draft(place, campaign)
    admit(request, policies.may_fill(user, sheet))
    form = _form(request, sheet)
    reasons: list[Any] = []
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        saved, reasons = attempt(
            form,
            lambda: services.save(
                place, campaign=campaign, fields=form.values, version=version, by=user
            ),
        )
        if saved is not None:
            messages.success(request, f"已保存，{saved.get_state_display()}。")
            return redirect("counties:place_sheet", code=code)
    context = {
        "title": f"填写{place.name}{sheet._meta.verbose_name}",
        "form": form,
        "place": place,
        "carried": sheet.pk is None and form.previous,
        "breadcrumb": [*_crumbs(place), Crumb(place.name, reverse("counties:place_sheet", args=[code]))],
    }  # fmt: skip
    return page(request, "counties/place_sheet_edit.html", context, wrong=(form,), reasons=reasons)


def _form(request: HttpRequest, sheet: Any) -> PlaceSheetForm:
    """A sheet that nobody touched begins with last year's answers: saving confirms them."""
    before = selectors.previous(sheet.division, sheet.campaign)
    earlier = selectors.values_of(before) if before else {}
    values = earlier if sheet.pk is None else selectors.values_of(sheet)
    blocks = selectors.blocks_of(sheet.division, listed=selectors.is_listed(sheet.division))
    return PlaceSheetForm(
        request.POST or None,
        blocks=blocks,
        values=values,
        version=sheet.version,
        previous=earlier,
        beside=sheet_rows.beside(sheet.division, values),
    )


@requires(P.COLLECT, P.REVIEW_COLLECTION)
@require_POST
def place_sheet_act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Submit, pass or return; a refusal shows every reason on the sheet."""
    place = _place(request, code)
    if place.level != Level.VILLAGE or act not in (*ACTS, "return"):
        raise Http404("没有这项操作")
    sheet = selectors.draft(place, current_campaign())
    form = ReturnSheetForm(request.POST) if act == "return" else None
    if form is not None and not form.is_valid():
        return _page(request, place, form=form)
    try:
        if form is not None:
            done = services.send_back(sheet, note=form.cleaned_data["note"], by=user_of(request))
        else:
            done = ACTS[act](sheet, by=user_of(request))
    except ValidationError as refusal:
        return _page(request, place, refusal, form)
    messages.success(request, f"{place.name}行政村表：{done.get_state_display()}。")
    return redirect("counties:place_sheet", code=code)


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def place_rollup(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """The households behind what the register counts."""
    place = _place(request, code)
    known = rollups.HAMLET if place.level == Level.HAMLET else rollups.VILLAGE
    if name not in known:
        raise Http404("没有这个指标")
    line = next(
        line
        for _title, block in selectors.BLOCKS[selectors.kind_of(place)]
        for line in block
        if line.name == name
    )
    ids = rollups.households_behind(name, place.pk)
    rows = Household.objects.within(user_of(request).scope).filter(pk__in=ids)
    return render_list(
        request,
        title=f"{place.name} {line.label}：系统登记的农户",
        queryset=rows.select_related("village").order_by("hh_code"),
        columns=BEHIND,
        search=("head_name", "hh_code"),
        empty="这个数字为零，没有农户。",
        breadcrumb=[*_crumbs(place), Crumb(place.name, reverse("counties:place_sheet", args=[code]))],
    )  # fmt: skip


@requires(P.VIEW_HOUSEHOLDS)
@require_GET
def place_sheet_print(request: HttpRequest, code: str) -> HttpResponse:
    """The paper form, with its code, as-of date, signatures and seals."""
    back = reverse("counties:place_sheet", args=[code])
    return paper_of(request, _place(request, code), papers.by_key["village_sheet"], back)
