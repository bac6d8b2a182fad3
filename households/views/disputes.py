"""两村核对: the list both villages share, and the page where one answers and the level above decides."""

import django_filters as filters
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.accounts.verdicts import Reason
from fanpin.regions.scope import Scope
from fanpin.web.components import Crumb, Fact
from fanpin.web.formats import mask_id
from fanpin.web.lists import Column, render_list
from households.choices import label
from households.forms.changes import AnswerForm, VerdictForm
from households.models import Dispute
from households.policies import disputes as policies
from households.selectors import disputes as selectors
from households.services import disputes
from households.views.answers import attempt, page, user_of


class DisputeFilters(filters.FilterSet):
    waiting = filters.ChoiceFilter(
        label="范围", method="by_waiting", empty_label="全部",
        choices=[("mine", "待我办理"), ("live", "办理中"), ("ended", "已办结")],
    )  # fmt: skip

    class Meta:
        model = Dispute
        fields = ()

    def by_waiting(self, rows: QuerySet[Dispute], _name: str, value: str) -> QuerySet[Dispute]:
        user = user_of(self.request)
        if value == "mine":
            mine = Q(pk__in=selectors.to_answer(user).values("pk"))
            return rows.filter(mine | Q(pk__in=selectors.to_decide(user).values("pk")))
        live = rows.filter(state__in=Dispute.LIVE)
        return live if value == "live" else rows.exclude(state__in=Dispute.LIVE)


def _columns(names: dict[str, str], scope: Scope) -> tuple[Column, ...]:
    return (
        Column("who", "人员", lambda d: d.name_for(scope), url=lambda d: reverse("households:dispute", args=[d.pk])),
        Column("claimant", "申报村", lambda d: names.get(d.claimant_path, "")),
        Column("holder", "现在册村", lambda d: names.get(d.holder_path, "")),
        Column("state", "状态", lambda d: d.state_for(scope), sort=True, tone=lambda d: d.tone),
        Column("due_on", "限期", sort=True),
        Column("answer", "现在册村答复", "get_answer_display"),
        Column("opened_at", "提请时间", sort=True),
    )  # fmt: skip


@requires(P.VIEW_HOUSEHOLDS)
def dispute_list(request: HttpRequest) -> HttpResponse:
    rows = selectors.listed(user_of(request))
    return render_list(
        request,
        title="两村核对",
        queryset=rows,
        columns=_columns(selectors.villages_of(rows), user_of(request).scope),
        filters=DisputeFilters,
        search=("change__member__name", "member__name"),
        search_label="姓名",
        empty="没有两村核对。增加成员时，人员已在另一户在册的，可提请两村核对。",
    )


@requires(P.VIEW_HOUSEHOLDS)
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked, answered and decided; each side sees its own household, of the other the village."""
    rows = Dispute.objects.select_related(
        "change__household__village", "change__member", "holder__village", "member",
        "opened_by", "answered_by", "decided_by",
    )  # fmt: skip
    row, user = get_scoped_or_404(rows, request.user, pk=pk), user_of(request)
    act = request.POST.get("act", "")
    answer = AnswerForm(request.POST if act == "answer" else None)
    verdict = VerdictForm(request.POST if act in ("move", "keep") else None)
    form = answer if act == "answer" else verdict
    reasons: list[Reason] = []
    if act == "withdraw" or form.is_valid():
        done, reasons = attempt(form, lambda: _act(row, act, form, user))
        if done is not None:
            messages.success(request, f"已办理：{done}（{done.get_state_display()}）")
            return redirect("households:dispute", pk=pk)
    context = {
        "title": f"两村核对　{row.name_for(user.scope)}", "row": row,
        "state": row.state_for(user.scope), "facts": _facts(row, user),
        "answer": answer, "verdict": verdict,
        "may_answer": policies.may_answer(user, row), "may_decide": policies.may_decide(user, row),
        "may_withdraw": policies.may_withdraw(user, row),
        "holds": user.scope.covers(row.holder_path), "asks": user.scope.covers(row.claimant_path),
        "breadcrumb": [Crumb("两村核对", reverse("households:disputes"))],
    }  # fmt: skip
    return page(
        request, "households/dispute.html", context, wrong=(answer, verdict), reasons=reasons
    )


def _act(row: Dispute, act: str, form: AnswerForm | VerdictForm, user: User) -> Dispute:
    if act == "answer":
        return disputes.answer(row, by=user, **form.cleaned_data)
    if act == "withdraw":
        return disputes.withdraw(row, by=user)
    return disputes.decide(row, moves=act == "move", note=form.cleaned_data["note"], by=user)


def _facts(row: Dispute, user: User) -> list[Fact]:
    change = row.change
    holds, asks = user.scope.covers(row.holder_path), user.scope.covers(row.claimant_path)
    found = [
        Fact("人员", row.name_for(user.scope)),
        Fact("证件号码", mask_id(row.id18)),
        Fact("申报村", selectors.village_of(row.claimant_path)),
        Fact("现在册村", selectors.village_of(row.holder_path)),
        Fact("状态", row.state_for(user.scope), tone=row.tone),
        Fact("限期", row.due_on if row.is_live else None),
        Fact("申报事项", f"{label('change_reason', change.reason)} {change.changed_on}"),
        Fact("提请", f"{row.opened_by.name} {timezone.localtime(row.opened_at):%Y-%m-%d}"),
    ]
    if asks:
        url = reverse("households:change", args=[change.pk])
        found.append(Fact("申报户", f"{change.household}（{change.household.hh_code}）", url))
    if holds:
        url = reverse("households:members", args=[row.holder_id])
        found.append(Fact("现在册户", f"{row.holder}（{row.holder.hh_code}）", url))
    return found
