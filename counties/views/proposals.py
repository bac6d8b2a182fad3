"""户籍变动提示: what the police's book proposes, accepted in bulk or answered with 实际居住."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from counties.forms.findings import ProposalFilter, ResidenceForm
from counties.models import Finding
from counties.selectors import proposals as selectors
from counties.services import findings, proposals
from fanpin.accounts.access import requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission
from fanpin.web.components import Bulk
from fanpin.web.lists import Column, render_list


def _who(finding: Finding) -> str:
    if finding.member:
        return finding.member.name
    return finding.ledger_row.name if finding.ledger_row else ""


def _proposed(finding: Finding) -> str:
    found = selectors.proposal_of(finding)
    if found is None:
        return "两户核对实际居住"
    return f"{found.text}　{found.missing}".strip()


COLUMNS = (
    Column("who", "人员", _who, url=lambda f: reverse("counties:finding", args=[f.pk])),
    Column("household", "户主", lambda f: f.household.head_name if f.household else ""),
    Column("village", "行政村", lambda f: f.household.village.name if f.household else ""),
    Column("detail", "台账情况"),
    Column("proposed", "按台账应办", _proposed),
    Column("state", "状态", "get_state_display", sort=True, tone=lambda f: f.tone),
    Column("due_on", "限期", sort=True),
)


@requires(Permission.VIEW_FINDINGS)
@require_GET
def proposal_list(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    bulk = []
    if user.holds(Permission.RESOLVE_FINDINGS) and user.holds(Permission.EDIT_HOUSEHOLDS):
        bulk = [
            Bulk("按台账办理", reverse("counties:proposals_accept"), "primary"),
            Bulk("实际居住", reverse("counties:proposals_residence")),
        ]
    return render_list(
        request,
        title="户籍变动提示",
        queryset=selectors.proposals(user),
        columns=COLUMNS,
        filters=ProposalFilter,
        search=("household__head_name", "household__hh_code", "member__name"),
        search_label="户主、成员或户号",
        empty="没有户籍变动提示。公安户籍台账报送并比对后，死亡、迁出、注销、新生儿、迁入和更正会列在这里。",
        bulk=bulk,
    )


@requires(Permission.RESOLVE_FINDINGS)
@require_POST
def accept(request: HttpRequest) -> HttpResponse:
    """File the ticked proposals; those that cannot be filed are listed with what has to be done first."""
    done = proposals.accept(ids=_ids(request), by=request.user)  # type: ignore[arg-type]
    if done.filed:
        messages.success(
            request,
            f"已按台账办理{done.filed}条：增减人员等待乡镇审核（在另一户在册的先由两村核对），更正的信息已生效。",
        )
    if not done.refused:
        return redirect(_back(request))
    context = {
        "title": "未能按台账办理",
        "refused": done.refused,
        "back": _back(request),
        "breadcrumb": [("户籍变动提示", reverse("counties:proposals"))],
    }
    return render(request, "counties/proposals_refused.html", context, status=422)


@requires(Permission.RESOLVE_FINDINGS)
@require_POST
def residence(request: HttpRequest) -> HttpResponse:
    """Ask once for the words and the paper, then answer every ticked proposal with them, all or none."""
    user: User = request.user  # type: ignore[assignment]
    rows = selectors.to_answer(user).filter(pk__in=_ids(request))
    form = ResidenceForm(request.POST, request.FILES) if "text" in request.POST else ResidenceForm()
    problems = None
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                done = [
                    findings.explain(f, text=f"实际居住：{data['text']}", evidence=[data["evidence"]], by=user)
                    for f in rows
                ]  # fmt: skip
        except ValidationError as refusal:
            problems = refusal
        else:
            messages.success(request, f"已提交{len(done)}条实际居住说明，等待审核。")
            return redirect(_back(request))
    context = {
        "title": "按实际居住说明",
        "rows": rows.select_related("household", "member", "ledger_row"),
        "form": form,
        "problems": problems,
        "next": _back(request),
        "breadcrumb": [("户籍变动提示", reverse("counties:proposals"))],
    }
    status = 422 if form.is_bound else 200
    return render(request, "counties/proposals_residence.html", context, status=status)


def _ids(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("ids") if text.isdigit()]


def _back(request: HttpRequest) -> str:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        return target
    return reverse("counties:proposals")
