"""What reviewers decide about people who join and leave."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.files.serving import download
from fanpin.web.components import Crumb, Fact
from fanpin.web.formats import mask_id
from fanpin.web.lists import Column, render_list
from households.choices import label
from households.forms.changes import DecisionForm
from households.models import MemberChange, MemberChangeDocument
from households.policies.households import may_decide_change
from households.selectors.changes import papers_for, waiting_for
from households.selectors.income import preview
from households.selectors.limits import limit_for
from households.services import changes, deciding
from households.views import shell
from households.views.answers import attempt, due_column, page, user_of
from households.views.changes import STATE_TONES

COLUMNS = (
    Column(
        "who", "人员", value=lambda c: c.member.name if c.member else "整户", url=lambda c: _url(c)
    ),
    Column("kind", "类型", value="get_kind_display"),
    Column("reason", "原因", value=lambda c: label("change_reason", c.reason), sort=True),
    Column("changed_on", "变更日期", sort=True),
    Column(
        "household",
        "农户",
        value=lambda c: str(c.household),
        url=lambda c: reverse("households:review", args=[c.household_id]),
    ),
    Column("village", "行政村", value="household.village.full_name"),
    Column("made_by", "申报人", value="made_by.name"),
    Column("made_at", "申报时间", sort=True),
    Column("state", "状态", value="get_state_display", tone=lambda c: STATE_TONES[c.state]),
)


def _url(change: MemberChange) -> str:
    return reverse("households:change", args=[change.pk])


@requires(P.REVIEW_CHANGES, P.CONFIRM_CHANGES)
def change_queue(request: HttpRequest) -> HttpResponse:
    """待审核的人口变更 at the user's own level."""
    limit = limit_for("change_review_days", user_of(request).scope)
    return render_list(
        request,
        title="人口变更审核",
        queryset=waiting_for(user_of(request)).order_by("made_at"),
        columns=[*COLUMNS, due_column(limit)],
        search=("member__name", "household__head_name"),
        search_label="人员或户主姓名",
        empty="没有等待您审核的人口变更。",
    )


@requires(P.VIEW_HOUSEHOLDS)
def change_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One change with its papers; whoever may decide passes or returns it here."""
    change = _scoped(request, pk)
    user = user_of(request)
    reviews = user.holds(P.REVIEW_CHANGES) or user.holds(P.CONFIRM_CHANGES)
    if (
        reviews
        and change.kind == MemberChange.Kind.UPDATE
        and change.state in ("township", "county")
    ):
        return redirect("households:review", pk=change.household_id)
    form = DecisionForm(request.POST or None)
    reasons = []
    if request.method == "POST" and form.is_valid():
        passing = request.POST.get("act") == "pass"
        done, reasons = attempt(form, lambda: _decide(change, form, passing, user))
        if done is not None:
            messages.success(
                request,
                f"已{'通过' if passing else '退回'}：{changes.subject(done)}（{done.get_state_display()}）",
            )
            return redirect("households:change_queue")
    household = change.household
    context = {
        "change": change,
        "form": form,
        "facts": _facts(change),
        "verdict": may_decide_change(user, change),
        "deciding": change.state in ("township", "county") and reviews,
        "tone": STATE_TONES[change.state],
        "title": changes.subject(change),
        "breadcrumb": [
            *shell.crumbs(household),
            Crumb(str(household), reverse("households:changes", args=[household.pk])),
        ],
    }
    return page(request, "households/change.html", context, wrong=(form,), reasons=reasons)


def _scoped(request: HttpRequest, pk: int) -> MemberChange:
    rows = MemberChange.objects.select_related(
        "household__village", "member", "made_by", "decided_by"
    )
    return get_scoped_or_404(rows, request.user, pk=pk)


def _decide(change: MemberChange, form: DecisionForm, passing: bool, user: User) -> MemberChange:
    data = form.cleaned_data
    if passing:
        return deciding.pass_on(
            change, note=data["note"], police_match=data["police_match"], by=user
        )
    return deciding.send_back(change, note=data["note"], by=user)


def _facts(change: MemberChange) -> list[Fact]:
    member, household = change.member, change.household
    wanted = (
        papers_for(change.reason, household.division_path, change.changed_on)
        if change.reason
        else None
    )
    facts = [
        Fact("类型", change.get_kind_display()),
        Fact("原因", label("change_reason", change.reason) if change.reason else None),
        Fact("变更日期", change.changed_on),
        Fact("户籍依据", label("hukou_basis", change.hukou_basis) if change.hukou_basis else None),
        Fact("农户", str(household), reverse("households:members", args=[household.pk])),
        Fact("行政村", household.village.full_name),
        Fact("对方户号", change.counter_hh_code or None),
        Fact(
            "公安比对", label("match_result", change.police_match) if change.police_match else None
        ),
    ]
    if member is not None:
        facts += [
            Fact("姓名", member.name),
            Fact("证件号码", mask_id(member.id_no) or None),
            Fact("与户主关系", label("relation_to_head", member.relation)),
            Fact("出生日期", member.birth_date),
        ]
    if wanted:
        facts.append(Fact("应有材料", wanted.text))
    return [*facts, *_reckoned(change)]


def _reckoned(change: MemberChange) -> list[Fact]:
    """What the change does to the income per person, while it waits (policy.md §6.5)."""
    home, joins = change.household, change.kind == MemberChange.Kind.INCREASE
    leaves = change.kind == MemberChange.Kind.DECREASE and change.member is not None
    if change.state not in ("township", "county") or not (joins or leaves):
        return []
    size = home.family_size
    seen = preview(home, size_before=size, size_after=size + 1 if joins else size - 1)
    if seen is None:
        return []
    text = f"{seen.size_before}人{seen.before:,.2f}元 → {seen.size_after}人{seen.after:,.2f}元"
    if seen.crosses and seen.line is not None:
        text += f"，{'超过' if seen.rises else '低于'}监测范围{seen.line:,.0f}元"
    return [Fact("人均纯收入预览", text, tone="orange" if seen.crosses else "")]


@requires(P.VIEW_HOUSEHOLDS)
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of a change; looking at it is recorded."""
    user = user_of(request)
    reachable = MemberChange.objects.within(user.scope)
    rows = MemberChangeDocument.objects.select_related("change__household", "change__member")
    found = get_object_or_404(rows, pk=pk, change__in=reachable)
    return download(changes.open_document(found, by=user), inline=True)
