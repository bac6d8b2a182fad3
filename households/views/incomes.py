"""Income of a household: its statements, the form with its window, figures while somebody types."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.web import formats
from fanpin.web.components import Action, Bar, Crumb, Fact
from households.forms.income import EventForm, IncomeForm, NoteForm
from households.models import Campaign, Household, IncomeStatement
from households.policies.households import may_record_income
from households.rules import windows
from households.selectors import income as figures
from households.selectors import receipts
from households.selectors.parameters import MissingParameter, current_campaign
from households.services import income
from households.views import shell
from households.views.answers import admit, attempt, page, user_of

EVENTS = (IncomeStatement.Purpose.IDENTIFY, IncomeStatement.Purpose.ELIMINATE)


@requires(P.VIEW_HOUSEHOLDS)
def statement_list(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    user = user_of(request)
    rows = household.statements.select_related("household", "campaign", "made_by")
    campaign = Campaign.objects.filter(is_current=True).first()
    verdict = may_record_income(user, household)
    actions = [Action("收支明细", reverse("households:receipts", args=[pk]))]
    if not verdict.forbidden:
        event = reverse("households:income_event", args=[pk])
        actions.append(Action("识别或风险消除收入", event, disabled=verdict))
        stored = figures.annual(household, campaign) if campaign else None
        if campaign and not (stored and stored.state == IncomeStatement.State.CONFIRMED):
            url = reverse("households:income_annual", args=[pk])
            actions.append(Action(f"填写{campaign}收入", url, tone="primary", disabled=verdict))
    context = {
        **shell.context(request, household, "households:income"),
        "statements": [_summary(statement) for statement in rows],
        "editable": verdict.ok,
        "note_form": NoteForm(),
        "actions": actions,
        "chart": _chart(household, campaign),
    }
    return page(request, "households/income.html", context)


def _chart(household: Household, campaign: Campaign | None) -> list[Bar]:
    """Three years beside each other: net income per person, stacked by where it came from."""
    rows = figures.years(household, campaign.year) if campaign else []
    return [_year_bar(row) for row in rows] if len(rows) > 1 else []


def _year_bar(row: IncomeStatement) -> Bar:
    kinds = (
        (row.inc_wage, "blue", "工资性收入"),
        (row.inc_business, "green", "生产经营性收入"),
        (row.inc_property, "amber", "财产性收入"),
        (row.inc_transfer, "grey", "转移性收入"),
    )
    label = f"{row.campaign}（人均纯收入{formats.money(row.inc_net_pc)}元）"
    return Bar(label, row.inc_gross, _form_url(row), parts=tuple(kind for kind in kinds if kind[0]))


def _summary(statement: IncomeStatement) -> dict[str, Any]:
    """A statement with its standing to the line, or why that cannot be told."""
    try:
        standing, missing = figures.against_line(statement), ""
    except MissingParameter as refusal:
        standing, missing = None, refusal.messages[0]
    return {
        "statement": statement,
        "standing": standing,
        "missing": missing,
        "facts": figure_facts(statement),
        "edit_url": _form_url(statement),
    }


def figure_facts(statement: IncomeStatement) -> list[Fact]:
    s = statement
    return [
        Fact("工资性收入", s.inc_wage, unit="元"),
        Fact("生产经营性收入", s.inc_business, unit="元"),
        Fact("财产性收入", s.inc_property, unit="元"),
        Fact("转移性收入", s.inc_transfer, unit="元"),
        Fact("生产经营性支出", s.exp_business, unit="元"),
        Fact("年纯收入", s.inc_net, unit="元"),
        Fact("计算人口", s.members_count, unit="人"),
        Fact("人均纯收入", s.inc_net_pc, unit="元"),
        Fact("理赔收入", s.claim_income, unit="元"),
        Fact("合规自付支出", s.self_pay, unit="元"),
        Fact("收入参考值（人均）", s.ref_income_pc, unit="元"),
    ]


def _form_url(statement: IncomeStatement) -> str:
    if statement.purpose == IncomeStatement.Purpose.ANNUAL:
        return reverse("households:income_annual", args=[statement.household_id])
    return reverse(
        "households:income_form",
        args=[statement.household_id, statement.purpose, statement.reference_month],
    )


@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def annual_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The annual statement of the current campaign."""
    campaign = current_campaign()
    return _form(
        request, pk, {"purpose": "annual", "campaign": campaign}, windows.window_annual(campaign)
    )


@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def event_form(request: HttpRequest, pk: int, purpose: str, month: str) -> HttpResponse:
    """The statement of an event, in the twelve months before its month."""
    return _form(
        request, pk, {"purpose": purpose, "reference_month": month}, windows.window_event(month)
    )


@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def event_choice(request: HttpRequest, pk: int) -> HttpResponse:
    """For which event and month: the window follows from it."""
    household = shell.scoped(request, pk)
    bound = request.GET if "month" in request.GET else None
    form = EventForm(bound, initial={"month": clock.month_of(clock.today()), "purpose": "identify"})
    if bound is not None and form.is_valid():
        return redirect("households:income_form", pk=pk, **form.cleaned_data)
    context = {
        "form": form,
        "household": household,
        "title": "识别或风险消除收入",
        "breadcrumb": _crumbs(household),
    }
    return page(request, "households/income_event.html", context, wrong=(form,))


def _form(
    request: HttpRequest, pk: int, which: dict[str, Any], window: windows.Window
) -> HttpResponse:
    household = shell.scoped(request, pk)
    user = user_of(request)
    admit(request, may_record_income(user, household))
    stored = _stored(household, which)
    form = IncomeForm(
        request.POST or None,
        row=stored,
        path=household.division_path,
        before=figures.before(window[1], household),
        booked=_booked(request, household, window),
    )
    form.noted = shell.notes(request, household, None, form.columns)
    reasons = []
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        saved, reasons = attempt(
            form,
            lambda: income.save_statement(
                household, **which, lines=form.values, version=version, by=user
            ),
        )
        if saved is not None:
            return _saved(request, saved)
    label = dict(IncomeStatement.Purpose.choices)[which["purpose"]]
    context = {
        "form": form,
        "household": household,
        "window": window,
        "title": f"收入测算表（{which.get('campaign') or label}）",
        "breadcrumb": _crumbs(household),
        "preview_url": reverse("households:income_preview", args=[pk]),
        "statement": stored,
        "facts": figure_facts(stored) if stored else None,
        "carried": stored is not None and stored.is_carried,
        "adopt_url": _adopt_url(household, which, window),
    }
    return page(request, "households/income_form.html", context, wrong=(form,), reasons=reasons)


def _booked(
    request: HttpRequest, household: Household, window: windows.Window
) -> dict[str, Decimal]:
    """Sums of 收支明细, when the page was asked to fill them in."""
    if request.GET.get("receipts") != "1":
        return {}
    return receipts.sums(receipts.counted(household, window))


def _adopt_url(household: Household, which: dict[str, Any], window: windows.Window) -> str:
    """Where an event with the dates of a confirmed statement takes its lines over."""
    if which["purpose"] == IncomeStatement.Purpose.ANNUAL:
        return ""
    if figures.of_window(household, window) is None:
        return ""
    args = [household.pk, which["purpose"], which["reference_month"]]
    return reverse("households:income_adopt", args=args)


@require_POST
@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def adopt(request: HttpRequest, pk: int, purpose: str, month: str) -> HttpResponse:
    """The event's statement from the confirmed one of the same dates."""
    household = shell.scoped(request, pk)
    saved = income.adopt(household, purpose=purpose, reference_month=month, by=user_of(request))
    messages.success(request, f"已采用同周期的收入，人均纯收入{saved.inc_net_pc}元；核对后请确认。")
    return redirect("households:income", pk=pk)


def _stored(household: Household, which: dict[str, Any]) -> IncomeStatement | None:
    rows = household.statements.filter(**which)
    if which["purpose"] != IncomeStatement.Purpose.ANNUAL:
        rows = rows.filter(state=IncomeStatement.State.DRAFT)
    return rows.order_by("-pk").first()


def _saved(request: HttpRequest, statement: IncomeStatement) -> HttpResponse:
    if request.POST.get("act") == "confirm":
        income.confirm(statement, by=user_of(request))
        messages.success(request, f"已保存并确认，人均纯收入{statement.inc_net_pc}元。")
    else:
        messages.success(request, f"已保存草稿，人均纯收入{statement.inc_net_pc}元；核对后请确认。")
    return redirect("households:income", pk=statement.household_id)


def _crumbs(household: Household) -> list[Crumb]:
    return [
        *shell.crumbs(household),
        Crumb(str(household), reverse("households:income", args=[household.pk])),
    ]


@require_POST
@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the typed lines come to, computed here and saved nowhere."""
    household = shell.scoped(request, pk)
    form = IncomeForm(request.POST, path=household.division_path)
    facts = problem = statement = None
    if form.is_valid():
        try:
            statement = income.preview(household, form.values)
            facts = figure_facts(statement)
        except ValidationError as refusal:
            problem = refusal.messages[0]
    else:
        problem = "有金额填写不正确，改正后重新计算"
    return render(
        request,
        "households/income_figures.html",
        {"facts": facts, "problem": problem, "preview": statement},
    )


@require_POST
@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    statement = _scoped(request, pk)
    income.confirm(statement, by=user_of(request))
    messages.success(request, "已确认，收入计入本户。")
    return redirect("households:income", pk=statement.household_id)


@require_POST
@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    statement = _scoped(request, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明重新填写的原因。")
        return redirect("households:income", pk=statement.household_id)
    income.reopen(statement, note=form.cleaned_data["note"], by=user_of(request))
    return redirect(_form_url(statement))


def _scoped(request: HttpRequest, pk: int) -> IncomeStatement:
    return get_scoped_or_404(
        IncomeStatement.objects.select_related("household"), request.user, pk=pk
    )
