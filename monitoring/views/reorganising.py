"""分户 and 并户: the village's form with its preview, the reviewers' page, the check after a split."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.files.serving import download
from fanpin.web.components import Crumb, Fact
from fanpin.web.lists import Column, render_list
from households.choices import label
from households.models import Household, Reorganisation, ReorganisationDocument, SplitCheck
from households.selectors.limits import limit_for
from households.selectors.members import roster
from households.views import shell
from households.views.answers import due_column
from monitoring.forms.reorganising import DecideForm, MergeForm, SplitCheckForm, SplitForm
from monitoring.policies import reorganising as policies
from monitoring.selectors import reorganising as selectors
from monitoring.services import reorganising
from monitoring.views.answering import attempt, form_page, user_of

FOUND = 20
TONES = {"done": "green", "township": "amber", "county": "amber", "returned": "orange"}
COLUMNS = (
    Column("kind", "业务", value="get_kind_display", url=lambda r: _url(r)),
    Column("household", "原户（保留户号）", value=lambda r: f"{r.household} {r.household.hh_code}"),
    Column("other", "另一户", value=lambda r: f"{r.other} {r.other.hh_code}" if r.other else ""),
    Column("village", "行政村", value="household.village.full_name"),
    Column("changed_on", "变更日期", sort=True),
    Column("made_by", "申报人", value="made_by.name"),
    Column("made_at", "申报时间", sort=True),
    Column("state", "状态", value="get_state_display", tone=lambda r: TONES[r.state]),
)  # fmt: skip


def _url(row: Reorganisation) -> str:
    return reverse("monitoring:reorganisation", args=[row.pk])


@requires(P.VIEW_HOUSEHOLDS)
def listing(request: HttpRequest) -> HttpResponse:
    """Splits and merges; `waiting=mine` are those this user decides."""
    user = user_of(request)
    rows = Reorganisation.objects.within(user.scope)
    columns = list(COLUMNS)
    if request.GET.get("waiting") == "mine":
        rows = selectors.waiting_for(user)
        columns.append(due_column(limit_for("change_review_days", user.scope)))
    if request.GET.get("waiting") == "check":
        rows = rows.filter(checks__in=selectors.checks_for(user)).distinct()
    return render_list(
        request,
        title="分户并户",
        queryset=rows.select_related("household__village", "other", "made_by"),
        columns=columns,
        search=("household__head_name", "household__hh_code"),
        search_label="户主或户号",
        empty="没有分户或并户。在农户的“成员”页申报。",
    )


def _household(request: HttpRequest, pk: int) -> Household:
    return shell.scoped(request, pk)


def _crumbs(household: Household) -> list[Crumb]:
    members = reverse("households:members", args=[household.pk])
    return [*shell.crumbs(household), Crumb(str(household), members)]


@requires(P.EDIT_HOUSEHOLDS)
def split(request: HttpRequest, pk: int) -> HttpResponse:
    household, user = _household(request, pk), user_of(request)
    form = SplitForm(
        request.POST or None, request.FILES or None, household=household, people=roster(household)
    )
    verdict = policies.may_reorganise(user, household)
    context = {"title": f"分户：{household}", "kind": "split", "household": household,
               "verdict": verdict, "breadcrumb": _crumbs(household)}  # fmt: skip
    return _filing(
        request, form, context,
        judge=lambda: policies.split_is_sound(
            household, form.places_by_member, changed_on=form.cleaned_data["changed_on"]
        ),
        look=lambda: selectors.split_preview(
            household, form.places_by_member, form.cleaned_data["other_type"] or household.hh_type
        ),
        act=lambda: reorganising.file_split(household, **form.values, by=user),
    )  # fmt: skip


@requires(P.EDIT_HOUSEHOLDS)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Without `with` the other household is looked for: in the same village, or by number and head in another."""
    household, user = _household(request, pk), user_of(request)
    other = _other(request, household)
    if other is None:
        return _choose(request, household)
    form = MergeForm(
        request.POST or None, request.FILES or None, household=household,
        people=[*roster(household), *roster(other)],
    )  # fmt: skip
    verdict = policies.may_merge(user, household, other)
    context = {"title": f"并户：{household}与{other}", "kind": "merge", "household": household,
               "other": other, "verdict": verdict, "breadcrumb": _crumbs(household)}  # fmt: skip
    return _filing(
        request, form, context,
        judge=lambda: policies.merge_is_sound(
            household, other, form.relations, changed_on=form.cleaned_data["changed_on"]
        ),
        look=lambda: selectors.merge_preview(household, other, form.relations),
        act=lambda: reorganising.file_merge(household, other, **form.values, by=user),
    )  # fmt: skip


def _other(request: HttpRequest, household: Household) -> Household | None:
    if request.GET.get("with", "").isdigit():
        return _household(request, int(request.GET["with"]))
    return selectors.in_another_village(
        household, request.GET.get("code", ""), request.GET.get("head", "")
    )


def _choose(request: HttpRequest, household: Household) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    rows = Household.objects.within(user_of(request).scope).filter(
        village=household.village_id, ended_on=None
    )
    rows = rows.exclude(pk=household.pk)
    found = rows.filter(Q(head_name__startswith=text) | Q(hh_code=text)) if text else rows.none()
    context = {"title": f"并户：{household}", "household": household, "text": text,
               "code": request.GET.get("code", ""), "head": request.GET.get("head", ""),
               "found": found.order_by("hh_code")[:FOUND], "breadcrumb": _crumbs(household)}  # fmt: skip
    return render(request, "monitoring/merge_choose.html", context)


def _filing(
    request: HttpRequest, form: Any, context: dict[str, Any], *, judge: Any, look: Any, act: Any
) -> HttpResponse:
    """Preview without writing, or file; what was typed stays on the page either way."""
    preview, refusal = None, None
    filing = request.POST.get("act") == "file"
    if form.is_bound and form.is_valid():
        if filing and attempt(form, act):
            messages.success(
                request, f"{context['title']}已申报，等待审核；审核通过前成员和户号不变。"
            )
            return redirect("monitoring:household", pk=context["household"].pk)
        preview, refusal = look(), judge()
    context |= {"form": form, "preview": preview, "refusal": refusal, "wanted": form.wanted}
    status = 422 if filing and form.errors else 200
    return render(request, "monitoring/reorganise.html", context, status=status)


@requires(P.VIEW_HOUSEHOLDS)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was filed, before and after; whoever may decide does it here."""
    row, user = _row(request, pk), user_of(request)
    sets_type = row.kind == "split" and row.state == "county"
    form = DecideForm(request.POST or None, sets_type=sets_type)
    if request.method == "POST" and form.is_valid():
        passing = request.POST.get("act") == "pass"
        service = reorganising.pass_on if passing else reorganising.send_back
        if attempt(form, lambda: service(row, **form.cleaned_data, by=user)):  # type: ignore[operator]
            messages.success(request, f"已{'通过' if passing else '退回'}：{row}")
            return redirect(f"{reverse('monitoring:reorganisations')}?waiting=mine")
    mine = next((h for h in row.sides if user.scope.covers(h.division_path)), None)
    context = {
        "title": str(row),
        "row": row,
        "tone": TONES[row.state],
        "facts": _facts(row, user),
        "preview": selectors.filed_preview(row) if row.is_waiting else None,
        "lines": [] if row.is_waiting else selectors.decided_lines(row),
        "form": form,
        "deciding": row.is_waiting and (user.holds(P.REVIEW_CHANGES) or user.holds(P.CONFIRM_CHANGES)),
        "verdict": policies.may_decide(user, row),
        "checks": [(c, policies.may_check(user, c)) for c in row.checks.select_related("household", "done_by")],
        "breadcrumb": _crumbs(mine) if mine else [Crumb("分户并户", reverse("monitoring:reorganisations"))],
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "monitoring/reorganisation.html", context, status=status)


def _row(request: HttpRequest, pk: int) -> Reorganisation:
    rows = Reorganisation.objects.select_related(
        "household__village", "other__village", "made_by", "decided_by"
    )
    return get_scoped_or_404(rows, request.user, pk=pk)


def _facts(row: Reorganisation, user: User) -> list[Fact]:
    """Both households; the one outside the user's places without a link."""
    members = "households:members"

    def link(home: Household) -> str:
        inside = user.scope.covers(home.division_path)
        return reverse(members, args=[home.pk]) if inside else ""

    facts = [
        Fact("业务", row.get_kind_display()),
        Fact("变更日期", row.changed_on),
        Fact("原户", f"{row.household} {row.household.hh_code}", link(row.household)),
        Fact("行政村", row.household.village.full_name),
    ]  # fmt: skip
    if row.other is not None:
        facts.append(Fact("另一户", f"{row.other} {row.other.hh_code}", link(row.other)))
        if row.other.village_id != row.household.village_id:
            facts.append(Fact("另一户行政村", row.other.village.full_name))
    if row.other_type:
        facts.append(Fact("分出户的户类型", label("hh_type", row.other_type)))
    facts.append(Fact("申报", f"{row.made_by.name} {timezone.localtime(row.made_at):%Y-%m-%d}"))
    return facts


@requires(P.VIEW_HOUSEHOLDS)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of a split or merge; looking at it is recorded."""
    user = user_of(request)
    rows = ReorganisationDocument.objects.select_related("reorganisation__household")
    reachable = Reorganisation.objects.within(user.scope)
    found = get_object_or_404(rows, pk=pk, reorganisation__in=reachable)
    return download(reorganising.open_document(found, by=user), inline=True)


@requires(P.CHECK_HOUSEHOLD)
def split_check(request: HttpRequest, pk: int) -> HttpResponse:
    rows = SplitCheck.objects.select_related("household__village", "reorganisation__household")
    check = get_scoped_or_404(rows, request.user, pk=pk)
    user, back = user_of(request), _url(check.reorganisation)
    form = SplitCheckForm(request.POST or None)
    if form.is_valid() and attempt(
        form, lambda: reorganising.note_check(check, by=user, **form.cleaned_data)
    ):
        messages.success(request, f"已登记{check.household}的分户后核查。")
        return redirect(back)
    return form_page(
        request, form, title=f"分户后核查：{check.household}", submit="保存", back=back,
        crumbs=_crumbs(check.household), verdict=policies.may_check(user, check),
    )  # fmt: skip
