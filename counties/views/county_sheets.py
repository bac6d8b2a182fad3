"""县表: the key counties of one's scope, one county's sheet, its form by department, its steps, print."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from counties.forms.county_sheets import CountyPaperForm, CountySheetForm, initial_of
from counties.forms.sheets import ReturnSheetForm
from counties.models import CountySheet
from counties.models.indicators import IndicatorGroup
from counties.models.sheets import COUNTY_STATES
from counties.policies import county_sheets as policies
from counties.selectors import county_sheets as selectors
from counties.selectors.rollups import whole
from counties.selectors.sheets import open_findings
from counties.services import county_sheets as services
from counties.sheets.county_papers import Brought, read_county
from counties.views import sheet_rows
from counties.views.sheet_lists import chosen
from counties.views.sheet_papers import paper_of
from counties.views.sheet_rows import Row
from counties.views.summary import BEHIND
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.departments import Department
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.papers.declaring import papers
from fanpin.regions.models import Division, Level
from fanpin.web.components import Action, Crumb, Fact, Figure
from fanpin.web.formats import display
from fanpin.web.lists import Column, render_list
from households.choices import COLLECTION_TONES, label
from households.models import Household
from households.selectors.parameters import current_campaign
from households.views.answers import admit, attempt, page, user_of

SEE = (P.VIEW_SUMMARY, P.FILL_COUNTY_SHEET)
ACTS = {"submit": services.submit, "accept": services.accept}


def _state(row: dict[str, Any]) -> str:
    return row["sheet"].state if row["sheet"] else "todo"


COLUMNS = (
    Column("county", "县（市、区）", lambda r: r["county"].name,
           url=lambda r: reverse("counties:county_sheet", args=[r["pk"]])),
    Column("city", "市州", lambda r: r["county"].parent.name),
    Column("level", "级别", lambda r: label("key_county_level", r["level"])),
    Column("state", "状态", lambda r: COUNTY_STATES[_state(r)],
           tone=lambda r: COLLECTION_TONES[_state(r)]),
    Column("due", "应填指标", align="right", unit="项"),
    Column("missing", "未填", align="right", unit="项",
           tone=lambda r: "amber" if r["missing"] else ""),
    Column("changed_at", "填写时间", lambda r: r["sheet"].changed_at if r["sheet"] else None),
    Column("changed_by", "填写人",
           lambda r: r["sheet"].changed_by.name if r["sheet"] and r["sheet"].changed_by else ""),
)  # fmt: skip


@requires(*SEE)
@require_GET
def county_sheets(request: HttpRequest) -> HttpResponse:
    mine = Division.objects.filter(level=Level.COUNTY).within(user_of(request).scope)
    if division := chosen(request):
        mine = mine.filter(path__startswith=division.path)
    rows = selectors.counties(mine, current_campaign())
    return render_list(
        request,
        title="县表",
        queryset=rows,
        columns=COLUMNS,
        empty="您的管辖范围内没有国家级或省级乡村振兴重点帮扶县，无需填报县表。",
        figures=[
            Figure("应填县", len(rows), unit="个"),
            Figure("未填指标", sum(row["missing"] for row in rows), unit="项", tone="amber"),
        ],
    )


def _county(request: HttpRequest, code: str) -> Division:
    return get_scoped_or_404(Division.objects.filter(level=Level.COUNTY), request.user, code=code)


@requires(*SEE)
@require_GET
def county_sheet(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _county(request, code))


def _page(
    request: HttpRequest, county: Division, problems: Any = None, form: Any = None
) -> HttpResponse:
    """The four groups; a county that is not on the dated list is told so."""
    campaign, user = current_campaign(), user_of(request)
    due = policies.is_due(county)
    sheet = selectors.draft(county, campaign)
    context = {
        "title": f"{county.name} {campaign}县表",
        "county": county,
        "due": due,
        "sheet": sheet,
        "state": COUNTY_STATES[sheet.state],
        "tone": COLLECTION_TONES[sheet.state],
        "facts": _facts(county, sheet),
        "blocks": _blocks(county, sheet) if due.ok else (),
        "findings": open_findings(county, campaign),
        "actions": _actions(user, sheet) if due.ok else (),
        "may_return": policies.may_return(user, sheet),
        "return_form": form or ReturnSheetForm(),
        "history": sheet_rows.history(county, campaign),
        "problems": problems,
        "breadcrumb": [Crumb("县表", reverse("counties:county_sheets"))],
    }
    wrong = problems is not None or (form is not None and form.errors)
    return render(request, "counties/county_sheet.html", context, status=422 if wrong else 200)


def _facts(county: Division, sheet: CountySheet) -> list[Fact]:
    level = selectors.key_level(county)

    facts = [
        Fact("县代码", county.code),
        Fact("级别", label("key_county_level", level) if level else "非重点帮扶县"),
        Fact("年度", str(sheet.campaign)),
    ]
    return [*facts, *sheet_rows.steps_of(sheet, "填写", "上报", "接收")]


def _blocks(county: Division, sheet: CountySheet) -> list[tuple[str, list[Row]]]:
    given = selectors.answers(sheet)
    last = selectors.answers(selectors.previous(county, sheet.campaign))
    known = selectors.system_answers(county, sheet.campaign)
    asked = selectors.indicators(county)
    missing = {row.code for row in selectors.blank(given, asked)}
    return [
        (
            group.label,
            [
                _row(county, row, given, last, known, row.code in missing and sheet.pk is not None)
                for row in asked
                if row.group == group
            ],
        )
        for group in IndicatorGroup
    ]


def _row(county: Division, row: Any, given: Any, last: Any, known: Any, missing: bool) -> Row:
    value, number = given.get(row.code), known.get(row.code)
    difference = value - number if number is not None and value not in (None, "") else Decimal(0)
    return Row(
        row.name,
        selectors.words(row, value),
        row.unit,
        selectors.words(row, last.get(row.code)),
        selectors.words(row, number) if number is not None else None,
        behind_url(county, row.code) if number else "",
        f"{whole(difference):+,}" if difference else "",
        "amber" if difference else "",
        missing,
    )


def behind_url(county: Division, code: str) -> str:
    """The list behind what the system knows: households, or the villages whose sheets were summed."""
    if code in selectors.ROLLUPS:
        return reverse("counties:county_rollup", args=[county.pk, code])
    if code == "lifted_income_pc":
        return f"{reverse('households:list')}?{urlencode({'division': county.pk, 'hh_type': 'lifted'})}"
    query = {"division": county.pk}
    if code == "delisted_village_count":
        query["listed"] = "yes"
    elif code not in ("township_count", "village_count"):
        query["state"] = "filled"
    return f"{reverse('counties:village_sheets')}?{urlencode(query)}"


def _actions(user: Any, sheet: CountySheet) -> list[Action]:
    code, act = sheet.division_id, "counties:county_sheet_act"
    paper = reverse("counties:county_sheet_print", args=[code])
    found = [Action("打印PDF", paper), Action("下载XLSX", f"{paper}?kind=xlsx")]
    if user.holds(P.FILL_COUNTY_SHEET):
        edit = reverse("counties:county_sheet_edit", args=[code])
        found.append(Action("填写", edit, disabled=policies.may_fill(user, sheet)))
    if user.holds(P.SUBMIT_COUNTY_SHEET):
        url = reverse(act, args=[code, "submit"])
        found.append(Action("上报市州", url, "post", "primary", policies.may_submit(user, sheet)))
    if user.holds(P.REVIEW_COUNTY_SHEET):
        url = reverse(act, args=[code, "accept"])
        found.append(Action("接收", url, "post", "primary", policies.may_accept(user, sheet)))
    return found


@requires(P.FILL_COUNTY_SHEET)
@require_http_methods(["GET", "POST"])
def county_sheet_edit(request: HttpRequest, code: str) -> HttpResponse:
    county, user, campaign = _county(request, code), user_of(request), current_campaign()
    sheet = selectors.draft(county, campaign)
    admit(request, policies.may_fill(user, sheet))
    reading = request.POST.get("act") == "read"
    paper = CountyPaperForm(request.POST, request.FILES) if reading else CountyPaperForm()
    brought, reasons = _brought(paper, sheet, user) if reading else (None, [])
    form = _form(request, sheet, brought)
    if request.method == "POST" and not reading and form.is_valid():
        version = form.cleaned_data["version"]
        saved, reasons = attempt(
            form,
            lambda: services.save(
                county, campaign=campaign, fields=form.values, version=version, by=user
            ),
        )
        if saved is not None:
            messages.success(request, f"已保存，{COUNTY_STATES[saved.state]}。")
            return redirect("counties:county_sheet", code=code)
    context = {
        "title": f"填写{county.name}县表",
        "form": form,
        "paper": paper,
        "brought": brought,
        "county": county,
        "carried": sheet.pk is None and form.previous,
        "breadcrumb": [Crumb("县表", reverse("counties:county_sheets")),
                       Crumb(county.name, reverse("counties:county_sheet", args=[code]))],
    }  # fmt: skip
    return page(
        request, "counties/county_sheet_edit.html", context, wrong=(form, paper), reasons=reasons
    )


def _brought(
    paper: CountyPaperForm, sheet: CountySheet, user: User
) -> tuple[Brought | None, list[Any]]:
    """What a filled-in paper says, for the form; nothing is written before it is looked over and saved."""
    if not paper.is_valid():
        return None, []
    asked = policies.own(user, sheet.division, selectors.indicators(sheet.division))
    return attempt(paper, lambda: read_county(paper.cleaned_data["paper"], sheet, asked))


def _form(request: HttpRequest, sheet: CountySheet, brought: Brought | None) -> CountySheetForm:
    county, user = sheet.division, user_of(request)
    earlier = selectors.answers(selectors.previous(county, sheet.campaign))
    asked = policies.own(user, county, selectors.indicators(county))
    values = earlier if sheet.pk is None else selectors.answers(sheet)
    data: Any = None if request.POST.get("act") == "read" else request.POST or None
    if brought is not None:
        stood = {row.code: initial_of(values.get(row.code)) for row in asked}
        data = stood | brought.values | {"version": sheet.version}
    return CountySheetForm(
        data,
        asked=asked,
        values=values,
        version=sheet.version,
        previous=earlier,
        beside=_beside(county, sheet),
    )


def _beside(county: Division, sheet: CountySheet) -> dict[str, str]:
    """What the system knows, with the list behind it, and which department answers."""
    known = selectors.system_answers(county, sheet.campaign)
    departments = dict(Department.choices)
    found: dict[str, str] = {}
    for row in selectors.indicators(county):
        text = format_html("{}", departments.get(row.department, ""))
        number = known.get(row.code)
        if number is not None:
            shown = f"{display(selectors.words(row, number))}{row.unit}"
            link = behind_url(county, row.code) if number else ""
            value = format_html('<a href="{}">{}</a>', link, shown) if link else shown
            text = format_html("{}　系统汇总：{}", text, value)
        found[row.code] = text
    return found


@requires(P.SUBMIT_COUNTY_SHEET, P.REVIEW_COUNTY_SHEET)
@require_POST
def county_sheet_act(request: HttpRequest, code: str, act: str) -> HttpResponse:
    """Report, take over or return; a refusal shows every reason on the sheet."""
    county = _county(request, code)
    if act not in (*ACTS, "return"):
        raise Http404("没有这项操作")
    sheet = selectors.draft(county, current_campaign())
    form = ReturnSheetForm(request.POST) if act == "return" else None
    if form is not None and not form.is_valid():
        return _page(request, county, form=form)
    try:
        if form is not None:
            done = services.send_back(sheet, note=form.cleaned_data["note"], by=user_of(request))
        else:
            done = ACTS[act](sheet, by=user_of(request))
    except ValidationError as refusal:
        return _page(request, county, refusal, form)
    messages.success(request, f"{county.name}县表：{COUNTY_STATES[done.state]}。")
    return redirect("counties:county_sheet", code=code)


@requires(*SEE)
@require_GET
def county_rollup(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """The households behind a figure of the register, inside the reader's scope."""
    county = _county(request, code)
    row = next((r for r in selectors.indicators(county) if r.code == name), None)
    if row is None or name not in selectors.ROLLUPS:
        raise Http404("没有这个指标")
    user = user_of(request)
    found = Household.objects.within(user.scope_for(P.VIEW_HOUSEHOLDS)).filter(
        pk__in=selectors.households_behind(name, county.pk)
    )
    return render_list(
        request,
        title=f"{county.name} {row.name}：系统登记的农户",
        queryset=found.select_related("village").order_by("hh_code"),
        columns=BEHIND,
        search=("head_name", "hh_code"),
        empty="这个数字为零，或您的岗位不能查看农户。",
        breadcrumb=[Crumb(county.name, reverse("counties:county_sheet", args=[code]))],
    )


@requires(*SEE)
@require_GET
def county_sheet_print(request: HttpRequest, code: str) -> HttpResponse:
    back = reverse("counties:county_sheet", args=[code])
    return paper_of(request, _county(request, code), papers.by_key["county_sheet"], back)
