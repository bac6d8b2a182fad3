"""重点核查户: the ranked list of a village, one household with all its reasons, listing and dismissing."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from counties.forms.screening import DismissForm, KeyCheckFilter, ListForm
from counties.models import KeyCheck
from counties.models.screening import CheckState, Colour
from counties.policies import screening as policies
from counties.screening import running as engine
from counties.screening.signals import SIGNALS
from counties.selectors import screening as selectors
from counties.selectors.places import counties
from counties.services import screening as services
from counties.views.findings import _back, _ids
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.web.cells import link_to
from fanpin.web.components import Action, Bulk, Crumb, Entry, Fact, Figure
from fanpin.web.lists import Column, render_list
from households.parameters import PARAMETERS
from households.selectors.limits import Limit, limit_for
from households.selectors.parameters import current_campaign

ONE = link_to("counties:key_check")


def _reasons(row: KeyCheck) -> str:
    """Every reason on a line of its own, with its figures, its book and the book's day."""
    return "\n".join(
        f"{reason.title}：{reason.detail}（{reason.source} {reason.source_on:%Y-%m-%d}）"
        for reason in row.standing  # type: ignore[attr-defined]
    )


COLUMNS = (
    Column("colour", "等级", "get_colour_display", tone=lambda k: k.colour_tone),
    Column("points", "分值", align="right", sort=True, unit="分"),
    Column("household", "农户", lambda k: str(k.household), url=ONE),
    Column("village", "行政村", "household.village.name", sort="division_path"),
    Column("reasons", "情形、数值和来源", _reasons, align="lines"),
    Column("state", "状态", "get_state_display", tone=lambda k: k.tone),
    Column("changed_at", "最近变动", sort=True, hidden=True),
    Column("type", "户类型", "household.get_hh_type_display", hidden=True),
    Column("size", "人口", "household.family_size", align="right", unit="人", hidden=True),
    Column("why_not", "排除原因", "dismissed_reason", hidden=True),
)


@requires(P.VIEW_CASES)
@require_GET
def key_check_list(request: HttpRequest) -> HttpResponse:
    if not request.GET:
        return redirect(reverse("counties:key_checks") + "?state=waiting")
    user = cast(User, request.user)
    code = request.GET.get("division", "")
    place = get_scoped_or_404(Division.objects.all(), user, code=code) if code else None
    rows = selectors.visible(user, place)
    limit = limit_for("key_check_days", user.scope)
    return render_list(
        request,
        title="重点核查户",
        queryset=selectors.with_reasons(rows),
        columns=[*COLUMNS, _due(limit)],
        filters=KeyCheckFilter,
        search=("household__head_name", "household__head_pinyin", "household__hh_code"),
        search_label="户主、户号",
        figures=_figures(rows, code),
        bulk=_bulk(user),
        actions=_actions(user),
        empty="没有重点核查户。县级筛查后，有重点情形的农户会按分值列在这里。",
    )


def _figures(rows: Any, code: str) -> list[Figure]:
    counts = selectors.colours(rows)
    here = f"{reverse('counties:key_checks')}?state=waiting" + (f"&division={code}" if code else "")
    return [
        Figure(f"{colour.label}色", counts.get(colour, 0), f"{here}&colour={colour}", "户", tone)
        for colour, tone in ((Colour.RED, "red"), (Colour.ORANGE, "orange"), (Colour.YELLOW, "amber"),
                             (Colour.GREEN, "green"))
    ]  # fmt: skip


def _bulk(user: User) -> list[Bulk]:
    found = []
    if user.holds(P.FILE_CLUES):
        found.append(Bulk("列入核查", reverse("counties:key_checks_list"), "primary"))
    if any(user.holds(p) for p in policies.DISMISSERS):
        found.append(Bulk("排除", reverse("counties:key_checks_dismiss")))
    return found


def _actions(user: User) -> list[Action]:
    found = [Action("分值和标准", reverse("counties:key_check_terms"))]
    county = counties(user, P.RUN_COMPARISON).first()
    if county is not None:
        url = reverse("counties:key_checks_screen")
        verdict = policies.may_screen(user, county, current_campaign())
        found.append(
            Action("重新筛查", url, "post", "primary", verdict, fields={"county": county.code})
        )
    return found


def _due(limit: Limit | None) -> Column:
    """By when a household that waits is looked at."""

    def since(row: KeyCheck) -> Any:
        return row.waiting_from if row.state == CheckState.WAITING else None

    return Column(
        "due",
        "核查期限",
        lambda row: limit.due(since(row)) if limit else None,
        tone=lambda row: limit.tone(since(row)) if limit else "",
    )


@requires(P.VIEW_CASES)
@require_GET
def key_check(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _row(request, pk))


def _row(request: HttpRequest, pk: int) -> KeyCheck:
    rows = KeyCheck.objects.select_related("household__village", "clue__case", "dismissed_by")
    return get_scoped_or_404(rows, request.user, pk=pk)


def _page(request: HttpRequest, row: KeyCheck, problems: Any = None, **forms: Any) -> HttpResponse:
    user = cast(User, request.user)
    home = reverse("households:detail", args=[row.household_id])
    context = {
        "title": f"{row.household}",
        "row": row,
        "reasons": selectors.standing(row),
        "gone": selectors.gone(row),
        "facts": _facts(row, home),
        "history": [
            Entry(
                a.done_at,
                a.done_by.name if a.done_by else "系统筛查",
                a.get_target_display(),
                a.note,
            )
            for a in row.actions.select_related("done_by")
        ],
        "problems": problems,
        "may_list": policies.may_list(user, row),
        "may_dismiss": policies.may_dismiss(user, row),
        "may_restore": policies.may_restore(user, row),
        "list_form": forms.get("list") or ListForm(),
        "dismiss_form": forms.get("dismiss") or DismissForm(),
        "breadcrumb": [Crumb("重点核查户", reverse("counties:key_checks") + "?state=waiting")],
    }
    wrong = problems is not None or any(form.errors for form in forms.values())
    return render(request, "counties/key_check.html", context, status=422 if wrong else 200)


def _facts(row: KeyCheck, home: str) -> list[Fact]:
    case = row.clue.case if row.clue else None
    found = [
        Fact("农户", row.household, home),
        Fact("行政村", row.household.village.name),
        Fact("户类型", row.household.get_hh_type_display()),
        Fact("监测状态", row.household.monitoring_label, tone=row.household.monitoring_tone),
        Fact("分值合计", row.points, unit="分"),
        Fact("首次列出", row.first_seen_at.date()),
    ]
    if case is not None:
        found.append(Fact("办件", case.number, reverse("monitoring:case", args=[case.pk])))
    if row.dismissed_by is not None:
        found.append(Fact("排除人", row.dismissed_by.name))
        found.append(Fact("排除原因", row.dismissed_reason))
    return found


@requires(P.FILE_CLUES)
@require_POST
def list_one(request: HttpRequest, pk: int) -> HttpResponse:
    form = ListForm(request.POST)
    return _act(request, pk, "list", form, services.list_household, "已列入核查，线索已登记。")


@requires(*policies.DISMISSERS)
@require_POST
def dismiss_one(request: HttpRequest, pk: int) -> HttpResponse:
    form = DismissForm(request.POST)
    return _act(request, pk, "dismiss", form, services.dismiss, "已排除。情况加重时会重新列出。")


@requires(*policies.DISMISSERS)
@require_POST
def restore_one(request: HttpRequest, pk: int) -> HttpResponse:
    row = _row(request, pk)
    try:
        services.restore(row, by=cast(User, request.user))
    except ValidationError as refused:
        return _page(request, row, refused)
    messages.success(request, "已撤销排除。")
    return redirect("counties:key_check", pk=pk)


def _act(
    request: HttpRequest, pk: int, name: str, form: Any, service: Any, said: str
) -> HttpResponse:
    row = _row(request, pk)
    if not form.is_valid():
        return _page(request, row, **{name: form})
    try:
        service(row, **form.cleaned_data, by=request.user)
    except ValidationError as refused:
        return _page(request, row, refused, **{name: form})
    messages.success(request, said)
    return redirect("counties:key_check", pk=pk)


@requires(P.FILE_CLUES)
@require_POST
def bulk_list(request: HttpRequest) -> HttpResponse:
    """The ticked households become clues, all or none."""
    rows = selectors.visible(cast(User, request.user)).filter(pk__in=_ids(request))
    try:
        count = services.list_all(rows, by=cast(User, request.user))
    except ValidationError as refused:
        messages.error(request, " ".join(dict.fromkeys(refused.messages)))
    else:
        messages.success(request, f"已列入核查{count}户，线索已登记。")
    return _back(request)


@requires(*policies.DISMISSERS)
@require_http_methods(["POST"])
def bulk_dismiss(request: HttpRequest) -> HttpResponse:
    """Asks for the reason once, then dismisses the ticked households, all or none."""
    rows = selectors.visible(cast(User, request.user)).filter(pk__in=_ids(request))
    form = DismissForm(request.POST if "reason" in request.POST else None)
    problems = None
    if form.is_bound and form.is_valid():
        try:
            count = services.dismiss_all(rows, **form.cleaned_data, by=cast(User, request.user))
        except ValidationError as refused:
            problems = refused
        else:
            messages.success(request, f"已排除{count}户。")
            return _back(request)
    context = {
        "title": f"排除{len(rows)}户",
        "rows": selectors.with_reasons(rows),
        "form": form,
        "problems": problems,
        "next": request.POST.get("next", ""),
    }
    return render(
        request, "counties/key_checks_dismiss.html", context, status=422 if form.is_bound else 200
    )


@requires(P.RUN_COMPARISON)
@require_POST
def screen(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    mine = counties(user, P.RUN_COMPARISON)
    code = request.POST.get("county")
    county = get_scoped_or_404(mine, user, code=code) if code else mine[0]
    try:
        run = services.start(county, campaign=current_campaign(), by=user)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("counties:key_checks")
    return redirect("jobs:detail", pk=run.job_id)


@requires(P.VIEW_CASES)
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """By what a household is listed: every signal with its points and values, the thresholds of the colours."""
    user = cast(User, request.user)
    paths = user.scope_for(P.VIEW_CASES).paths
    if not paths:
        raise Http404
    known = engine.terms_at(paths[0], current_campaign())
    used = {key for signal in SIGNALS.values() for key in signal.needs}
    context = {
        "title": "重点核查的分值和标准",
        "signals": [
            (signal, known.points.get(code), known.skipped.get(code))
            for code, signal in SIGNALS.items()
        ],
        "values": [
            (kind, known.values.get(key))
            for key, kind in PARAMETERS.items()
            if key in used or key in services.THRESHOLDS
        ],
        "run": selectors.last_run(user),
        "breadcrumb": [Crumb("重点核查户", reverse("counties:key_checks") + "?state=waiting")],
    }
    return render(request, "counties/key_check_terms.html", context)
