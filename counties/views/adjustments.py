"""区划调整: what was planned and done, a new one, its preview, carrying it out."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from counties.forms.adjustments import AdjustForm
from counties.models import DivisionChange
from counties.policies import adjustments as policies
from counties.selectors import adjustments as selectors
from counties.services import adjustments as services
from counties.services import undoing
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.regions.models import Division
from fanpin.web.components import Action, Crumb, Fact, Figure
from fanpin.web.lists import Column, render_list
from households.views.answers import admit, attempt, page, user_of

TONES = {
    "planned": "amber", "applying": "blue", "applied": "green", "cancelled": "grey",
    "undoing": "blue", "undone": "grey",
}  # fmt: skip
ACTS = {"apply": services.start, "cancel": services.cancel, "undo": undoing.start}
SAID = {"apply": "正在执行，可离开本页。", "cancel": "已取消。", "undo": "正在撤回，可离开本页。"}
COLUMNS = (
    Column("old_name", "区划", url=lambda c: reverse("counties:adjustment", args=[c.pk])),
    Column("kind", "调整方式", "get_kind_display"),
    Column("target", "并入、划入或新名称", lambda c: str(c.target or c.new_name or "")),
    Column("effective_on", "生效日期", sort=True),
    Column("document_no", "批准文号"),
    Column("state", "状态", "get_state_display", tone=lambda c: TONES[c.state]),
    Column("households", "转移户数", align="right", unit="户"),
    Column("planned_by", "登记人", "planned_by.name"),
)


@requires(P.ADJUST_DIVISIONS)
@require_GET
def adjustments(request: HttpRequest) -> HttpResponse:
    return render_list(
        request,
        title="区划调整",
        queryset=selectors.changes(user_of(request)),
        columns=COLUMNS,
        search=("old_name__startswith", "document_no__startswith"),
        empty="还没有区划调整。请到“行政区划”中选择要调整的乡镇、村，点“调整”。",
        breadcrumb=[Crumb("行政区划", reverse("regions:list"))],
    )


@requires(P.ADJUST_DIVISIONS)
@require_http_methods(["GET", "POST"])
def adjust(request: HttpRequest, code: str) -> HttpResponse:
    """Write an adjustment down; the next page shows what it moves."""
    user = user_of(request)
    division = get_scoped_or_404(Division.objects.all(), user, code=code)
    admit(request, policies.may_adjust(user, division))
    form = AdjustForm(request.POST or None, division=division)
    reasons: list[Any] = []
    if request.method == "POST" and form.is_valid():
        made, reasons = attempt(form, lambda: services.plan(division, fields=form.values, by=user))
        if made is not None:
            return redirect("counties:adjustment", pk=made.pk)
    context = {
        "title": f"调整{division.full_name}",
        "form": form,
        "breadcrumb": [Crumb("行政区划", reverse("regions:list")),
                       Crumb("区划调整", reverse("counties:adjustments"))],
    }  # fmt: skip
    return page(request, "counties/adjust.html", context, wrong=(form,), reasons=reasons)


@requires(P.ADJUST_DIVISIONS)
@require_GET
def adjustment(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _change(request, pk))


def _change(request: HttpRequest, pk: int) -> DivisionChange:
    return get_scoped_or_404(selectors.changes(user_of(request)), request.user, pk=pk)


def _page(request: HttpRequest, change: DivisionChange, problems: Any = None) -> HttpResponse:
    """Before: what will move. Afterwards: what moved."""
    user = user_of(request)
    waiting = change.state in ("planned", "applying")
    found = selectors.moving(change) if waiting else None
    act = "counties:adjustment_act"
    context = {
        "title": str(change),
        "change": change,
        "tone": TONES[change.state],
        "facts": _facts(change),
        "found": found,
        "figures": [
            Figure("将转移", found.households, unit="户"),
            Figure("人口", found.persons, unit="人"),
            Figure("其中监测中", found.monitored, unit="户", tone="orange"),
        ]
        if found
        else [Figure("已转移", change.households, f"{reverse('counties:adjustment_households', args=[change.pk])}",
                     "户", "green")],
        "job": change.job if change.job and change.job.is_active else None,
        "actions": [
            Action("取消", reverse(act, args=[change.pk, "cancel"]), "post", "",
                   policies.may_cancel(user, change)),
            Action("执行调整", reverse(act, args=[change.pk, "apply"]), "post", "primary",
                   policies.may_apply(user, change), "确定执行吗？"),
        ]
        if waiting
        else _undo(change, user),
        "problems": problems,
        "breadcrumb": [Crumb("区划调整", reverse("counties:adjustments"))],
    }  # fmt: skip
    status = 422 if problems is not None else 200
    return render(request, "counties/adjustment.html", context, status=status)


def _undo(change: DivisionChange, user: User) -> list[Action]:
    if change.state not in ("applied", "undoing"):
        return []
    url = reverse("counties:adjustment_act", args=[change.pk, "undo"])
    ask = "农户和岗位回到原区划，调整形成的区划停用。确定撤回吗？"
    return [Action("撤回调整", url, "post", "danger", policies.may_undo(user, change), ask)]


def _facts(change: DivisionChange) -> list[Fact]:
    facts = [
        Fact("区划", f"{change.division.full_name}（{change.division_id}）"),
        Fact("调整方式", change.get_kind_display()),  # type: ignore[attr-defined]
        Fact("生效日期", change.effective_on),
        Fact("批准文号", change.document_no),
        Fact("并入或划入", change.target.full_name if change.target else change.new_code or None),
        Fact("新名称", change.new_name or None),
        Fact("登记", f"{change.planned_by.name} {timezone.localtime(change.planned_at):%Y-%m-%d}"),
    ]
    if change.applied_by and change.applied_at:
        done = timezone.localtime(change.applied_at)
        facts.append(Fact("执行", f"{change.applied_by.name} {done:%Y-%m-%d}"))
    if change.undone_by and change.undone_at:
        day = timezone.localtime(change.undone_at)
        facts.append(Fact("撤回", f"{change.undone_by.name} {day:%Y-%m-%d}"))
    return [*facts, Fact("说明", change.note)] if change.note else facts


MOVED = (
    Column(
        "household", "户主", "household.head_name",
        url=lambda m: reverse("households:detail", args=[m.household_id]),
    ),
    Column("hh_code", "户号", "household.hh_code"),
    Column("size", "人口", "household.family_size", align="right", unit="人"),
    Column("village", "原行政村", "village.name"),
    Column("natural_village", "原自然村", lambda m: m.natural_village.name if m.natural_village else ""),
    Column("now", "现行政村", "household.village.name"),
)  # fmt: skip


@requires(P.ADJUST_DIVISIONS)
@require_GET
def adjustment_households(request: HttpRequest, pk: int) -> HttpResponse:
    """The households behind the number: where each stood before and stands now."""
    change = _change(request, pk)
    rows = change.moved.select_related("household__village", "village", "natural_village")
    return render_list(
        request,
        title=f"{change}：转移的农户",
        queryset=rows.within(user_of(request).scope),
        columns=MOVED,
        search=("household__head_name", "household__hh_code"),
        empty="该调整没有转移农户。",
        breadcrumb=[Crumb(str(change), reverse("counties:adjustment", args=[pk]))],
    )


@requires(P.ADJUST_DIVISIONS)
@require_POST
def adjustment_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Carry out (a job with progress) or cancel."""
    change = _change(request, pk)
    if act not in ACTS:
        raise Http404("没有这项操作")
    try:
        ACTS[act](change, by=user_of(request))
    except ValidationError as refusal:
        return _page(request, change, refusal)
    messages.success(request, SAID[act])
    return redirect("counties:adjustment", pk=pk)
