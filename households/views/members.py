"""The people of a household: the list, one person's sheet, the full number with a reason."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Action, Crumb
from households.choices import label, labels
from households.forms.members import MemberForm, UnmaskForm
from households.models import Member, MemberChange
from households.policies.households import (
    may_change_head,
    may_edit_member,
    may_file_change,
    may_unmask,
)
from households.rules.identity import age_on
from households.selectors import workplaces
from households.selectors.baselines import of_member, previous
from households.selectors.changes import typed_before
from households.selectors.members import listed
from households.selectors.parameters import current_campaign
from households.services import members, requesting
from households.views import shell
from households.views.answers import admit, attempt, page, user_of

STATUS_TONES = {
    "active": "green",
    "pending_in": "amber",
    "pending_out": "amber",
    "decreased": "grey",
}


@requires(P.VIEW_HOUSEHOLDS)
def member_list(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    user = user_of(request)
    rows = [_row(member) for member in listed(household)]
    actions = [
        Action("分户", reverse("monitoring:split", args=[pk])),
        Action("并户", reverse("monitoring:merge", args=[pk])),
        Action("变更户主", reverse("households:change_head", args=[pk]), disabled=may_change_head(user, household)),
        Action("增加成员", reverse("households:member_create", args=[pk]), tone="primary", hotkey="alt+n",
               disabled=may_file_change(user, household)),
    ]  # fmt: skip
    context = {
        **shell.context(request, household, "households:members"),
        "rows": rows,
        "editable": may_file_change(user, household).ok,
        "may_unmask": may_unmask(user, household).ok,
        "actions": actions if user.holds(P.EDIT_HOUSEHOLDS) else [],
    }
    return page(request, "households/members.html", context)


def _row(member: Member) -> dict[str, object]:
    return {
        "member": member,
        "age": age_on(member.birth_date, clock.today()) if member.birth_date else None,
        "schooling": label("school_status", member.school_status) if member.school_status
        else label("education", member.education) if member.education else "",
        "health": labels("health", member.health),
        "tone": STATUS_TONES[member.status],
    }  # fmt: skip


def scoped_member(request: HttpRequest, pk: int) -> Member:
    """The member inside the user's scope, or 404."""
    rows = Member.objects.select_related("household__village")
    return get_scoped_or_404(rows, request.user, pk=pk)


@requires(P.EDIT_HOUSEHOLDS)
def member_edit(request: HttpRequest, pk: int) -> HttpResponse:
    member = scoped_member(request, pk)
    household = member.household
    user = user_of(request)
    admit(request, may_edit_member(user, member))
    form = MemberForm(
        request.POST or None,
        row=member,
        path=household.division_path,
        initial=typed_before(household, member, request.GET.get("again", "")),
    )
    form.previous = previous(of_member(member, current_campaign()), form.columns)
    form.noted = shell.notes(request, household, member, form.columns)
    reasons = []
    if request.method == "POST" and form.is_valid():
        asks = request.POST.get("act") == "request"
        saved, reasons = attempt(form, lambda: _store(member, form, asks, user))
        if saved is not None:
            said = "已申报{}的信息变更，等待乡镇逐项审核。" if asks else "已保存{}的信息。"
            messages.success(request, said.format(form.values["name"]))
            return redirect("households:members", pk=household.pk)
    context = {
        "form": form,
        "member": member,
        "household": household,
        "counties": workplaces.offered(),
        "title": f"修改{member.name}",
        "breadcrumb": member_crumbs(member),
    }
    return page(request, "households/member_edit.html", context, wrong=(form,), reasons=reasons)


def _store(member: Member, form: MemberForm, asks: bool, user: User) -> Member | MemberChange:
    """At once, or as a request that the township decides field by field."""
    if asks:
        return requesting.request_edit(member, fields=form.values, by=user)
    version = form.cleaned_data["version"]
    return members.edit(member, fields=form.values, version=version, by=user)


def member_crumbs(member: Member) -> list[Crumb]:
    household = member.household
    return [
        *shell.crumbs(household),
        Crumb(str(household), reverse("households:members", args=[household.pk])),
    ]


@requires(P.UNMASK)
def member_unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows a full number once, after a reason was given."""
    member = scoped_member(request, pk)
    user = user_of(request)
    may_unmask(user, member.household).require()
    form = UnmaskForm(request.POST or None)
    number = ""
    if request.method == "POST" and form.is_valid():
        number = members.show_number(member, reason=form.cleaned_data["reason"], by=user)
    context = {
        "form": form,
        "member": member,
        "number": number,
        "title": f"查看{member.name}的完整证件号码",
        "breadcrumb": member_crumbs(member),
    }
    response = page(request, "households/unmask.html", context, wrong=(form,))
    response["Cache-Control"] = "no-store"
    return response
