"""People join and leave: the village's forms, the new head, the whole household, the history."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fanpin import clock
from fanpin.accounts.access import requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Crumb
from fanpin.web.formats import mask_phone
from households.choices import choices, label
from households.forms.changes import ChangeForm, DecreaseForm, EndForm, HeadForm, IncreaseForm
from households.forms.members import MemberForm
from households.models import Household, Member, MemberChange
from households.policies.households import may_change_head, may_end, may_file_change
from households.rules.identity import normalise
from households.selectors import batches, workplaces
from households.selectors.changes import papers_for
from households.selectors.members import standing_elsewhere
from households.selectors.wording import label_of, shown
from households.services import changes, heads
from households.views import shell
from households.views.answers import admit, attempt, page, user_of
from households.views.members import member_crumbs, scoped_member

STATE_TONES = {
    "done": "green",
    "township": "amber",
    "county": "amber",
    "checking": "blue",
    "returned": "orange",
}
HISTORY = 200


def _crumbs(household: Household) -> list[Crumb]:
    return [
        *shell.crumbs(household),
        Crumb(str(household), reverse("households:members", args=[household.pk])),
    ]


@requires(P.EDIT_HOUSEHOLDS)
def member_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody joins."""
    household = shell.scoped(request, pk)
    user = user_of(request)
    admit(request, may_file_change(user, household))
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    typed = _imported(request)
    change = IncreaseForm(data, files, household=household, initial={"dispute": bool(typed)})
    member = MemberForm(data, path=household.division_path, initial=typed)
    reasons = []
    if request.method == "POST" and change.is_valid() & member.is_valid():
        made, reasons = attempt(
            member,
            lambda: changes.increase(household, fields=member.values, **change.values, by=user),
        )
        if made is not None:
            messages.success(request, _said(made))
            return redirect("households:members", pk=pk)
    number = normalise(member.data.get("id_no") or typed.get("id_no"))[:18]
    elsewhere = standing_elsewhere(number, household)
    context = {"change": change, "form": member, "household": household,
               "disputable": elsewhere is not None, "counties": workplaces.offered(),
               "title": "增加成员", "breadcrumb": _crumbs(household), "papers": _papers(change)}  # fmt: skip
    return page(
        request, "households/increase.html", context, wrong=(change, member), reasons=reasons
    )


def _imported(request: HttpRequest) -> dict[str, str]:
    """The person of an import's row, when the page was opened from there."""
    asked = request.GET.get("row", "")
    row = batches.row_of(user_of(request), int(asked)) if asked.isdigit() else None
    return batches.person_in(row) if row else {}


def _said(made: MemberChange) -> str:
    if made.state == MemberChange.State.CHECKING:
        return f"已申报增加{made.member}并提请两村核对，对方村答复、原户转出后由乡镇审核。"
    return f"已申报增加{made.member}，等待乡镇审核；审核通过后计入家庭人口。"


@requires(P.EDIT_HOUSEHOLDS)
def member_decrease(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody leaves."""
    member = scoped_member(request, pk)
    household = member.household
    user = user_of(request)
    admit(request, may_file_change(user, household))
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = DecreaseForm(data, files, household=household)
    reasons = []
    if request.method == "POST" and form.is_valid():
        made, reasons = attempt(form, lambda: changes.decrease(member, **form.values, by=user))
        if made is not None:
            messages.success(
                request, f"已申报减少{member.name}，等待乡镇审核；审核前仍计入家庭人口。"
            )
            return redirect("households:members", pk=household.pk)
    context = {"change": form, "member": member, "household": household, "title": f"减少成员：{member.name}",
               "breadcrumb": member_crumbs(member), "papers": _papers(form)}  # fmt: skip
    return page(request, "households/decrease.html", context, wrong=(form,), reasons=reasons)


@requires(P.EDIT_HOUSEHOLDS)
def household_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody is gone."""
    household = shell.scoped(request, pk)
    user = user_of(request)
    admit(request, may_end(user, household))
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = EndForm(data, files, household=household)
    reasons = []
    if request.method == "POST" and form.is_valid():
        made, reasons = attempt(
            form, lambda: changes.end_household(household, **form.values, by=user)
        )
        if made is not None:
            messages.success(request, f"已申报{household}整户减少，等待审核。")
            return redirect("households:changes", pk=pk)
    context = {"change": form, "household": household, "title": f"整户减少：{household}",
               "breadcrumb": _crumbs(household), "papers": _papers(form)}  # fmt: skip
    return page(request, "households/decrease.html", context, wrong=(form,), reasons=reasons)


def _papers(form: ChangeForm) -> list[tuple[str, str, bool]]:
    """(reason, papers, county confirms too) for each reason of the form's direction."""
    found = []
    for code, text in form.fields["reason"].choices:  # type: ignore[attr-defined]
        if code:
            wanted = form.papers.get(code)
            found.append(
                (text, wanted.text if wanted else "佐证材料", bool(wanted and wanted.county))
            )
    return found


@requires(P.EDIT_HOUSEHOLDS)
def change_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the form that says which papers the chosen reason asks for, refreshed as the reason changes."""
    household = shell.scoped(request, pk)
    reason = request.GET.get("reason", "")
    form_of = ChangeForm if reason.startswith("inc_") else DecreaseForm
    kinds = {name: kind for name, kind in request.GET.items() if name.startswith("kind_")}
    form = form_of(initial={"reason": reason, **kinds}, household=household)
    wanted = papers_for(reason, household.division_path, clock.today()) if reason else None
    return page(request, "households/papers.html", {"change": form, "wanted": wanted})


@requires(P.EDIT_HOUSEHOLDS)
def change_head(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    user = user_of(request)
    admit(request, may_change_head(user, household))
    form = HeadForm(request.POST or None, household=household)
    reasons = []
    if request.method == "POST" and form.is_valid():
        new_head = Member.objects.get(pk=form.cleaned_data["head"], household=household)
        given = {"changed_on": form.cleaned_data["changed_on"], "note": form.cleaned_data["note"]}
        saved, reasons = attempt(
            form,
            lambda: heads.change_head(
                household, new_head=new_head, relations=form.relations, **given, by=user
            ),
        )
        if saved is not None:
            messages.success(request, f"户主已变更为{saved.head_name}，户号不变。")
            return redirect("households:members", pk=pk)
    context = {
        "form": form,
        "household": household,
        "title": f"变更户主：{household}",
        "breadcrumb": _crumbs(household),
    }
    return page(request, "households/head.html", context, wrong=(form,), reasons=reasons)


@requires(P.VIEW_HOUSEHOLDS)
def change_history(request: HttpRequest, pk: int) -> HttpResponse:
    """变更记录: every act on the household and its members, newest first."""
    household = shell.scoped(request, pk)
    rows = household.changes.select_related("member", "made_by", "decided_by").prefetch_related(
        "documents"
    )
    people = {str(pk): name for pk, name in household.members.values_list("pk", "name")}
    context = {
        **shell.context(request, household, "households:changes"),
        "entries": [_entry(change, people) for change in rows[:HISTORY]],
        "kinds": choices("change_kind"),
    }
    return page(request, "households/changes.html", context)


def _entry(change: MemberChange, people: dict[str, str]) -> dict[str, object]:
    model = Member if change.member_id and change.kind == MemberChange.Kind.UPDATE else Household
    lines = [
        (label_of(model, name), shown_either(model, name, change.before.get(name)),
         shown_either(model, name, change.after.get(name)))
        for name in change.fields
        if change.kind != MemberChange.Kind.HEAD and _known(model, name)
    ]  # fmt: skip
    if change.kind == MemberChange.Kind.HEAD:
        lines = [(people.get(pk, ""), *(label("relation_to_head", code) for code in (change.before.get(pk, ""), new)))
                 for pk, new in change.after.items()]  # fmt: skip
    return {
        "change": change,
        "reason": label("change_reason", change.reason) if change.reason else "",
        "lines": lines,
        "tone": STATE_TONES[change.state],
    }


PHONES = ("phone", "filler_phone", "member_phone")
PRIVATE = ("id_no", "id18", "disability_cert_no", "bank_card_no")


def shown_either(model: type, name: str, value: object) -> str:
    """One side of a change; numbers of persons and cards show their last four only."""
    text = shown(model, name, value)
    if name in PHONES and len(text) > 6:
        return mask_phone(text)
    return f"…{text[-4:]}" if name in PRIVATE and len(text) > 6 else text


def _known(model: type, name: str) -> bool:
    return any(column.name == name for column in model._meta.get_fields())  # type: ignore[attr-defined]
