"""One household: overview by block, and the form that corrects it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from fanpin.accounts.access import requires
from fanpin.accounts.models import User
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Action, Crumb, Fact
from fanpin.web.formats import mask_phone
from households.forms.building import unit_of
from households.forms.households import BLOCKS, HouseholdForm, names
from households.indicators import later_fields
from households.models import Household, MemberChange
from households.policies.households import may_edit_household, may_end
from households.selectors.baselines import of_household, previous
from households.selectors.changes import typed_before
from households.selectors.parameters import current_campaign, later_on
from households.selectors.wording import shown
from households.services import households, requesting
from households.views import shell
from households.views.answers import admit, attempt, page, user_of
from households.views.past import asked_day, past_page

PHONES = ("phone", "filler_phone")


@requires(P.VIEW_HOUSEHOLDS)
def household_detail(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    user = user_of(request)
    on, wrong = asked_day(request, household)
    if on is not None:
        return past_page(request, household, on)
    edit = Action(
        "修改",
        reverse("households:edit", args=[pk]),
        tone="primary",
        disabled=may_edit_household(user, household),
    )
    end = Action(
        "整户减少", reverse("households:end", args=[pk]), disabled=may_end(user, household)
    )
    context = {
        **shell.context(request, household, "households:detail"),
        "blocks": [(title, _facts(household, names(block))) for title, block in _in_use(household)],
        "panels": shell.panels(request, household),
        "asked": request.GET.get("on", ""),
        "wrong_day": wrong,
        "actions": [*_papers(pk), *([end, edit] if user.holds(P.EDIT_HOUSEHOLDS) else [])],
    }
    return page(request, "households/detail.html", context)


def _in_use(household: Household) -> tuple[tuple[str, str], ...]:
    """The blocks with the columns that are in use where the household lives."""
    if later_on(household.division_path):
        return BLOCKS
    hidden = later_fields("households.Household")
    return tuple(
        (title, " ".join(w for w in block.split() if w.partition(":")[0] not in hidden))
        for title, block in BLOCKS
    )


def _papers(pk: int) -> list[Action]:
    """The household's card at once; every other paper, and full numbers, on the page behind."""
    return [
        Action("采集表PDF", reverse("households:paper", args=[pk, "card", "pdf"])),
        Action("采集表XLSX", reverse("households:paper", args=[pk, "card", "xlsx"])),
        Action("打印表格", reverse("households:print", args=[pk])),
    ]


def _facts(household: Household, columns: tuple[str, ...]) -> list[Fact]:
    """The block as on paper; what is not filled in shows as a dash."""
    facts = []
    for name in columns:
        column = Household._meta.get_field(name)
        value = getattr(household, name)
        text = None if value in (None, "", []) else shown(Household, name, value)
        if text and name in PHONES:
            text = mask_phone(text)
        if text and name == "bank_card_no":
            text = f"{'*' * 12}{text[-4:]}"
        if text and name == "natural_village":
            text = household.natural_village.name if household.natural_village else None
        facts.append(Fact(str(column.verbose_name), text, unit=unit_of(column)))
    return facts


@requires(P.EDIT_HOUSEHOLDS)
def household_edit(request: HttpRequest, pk: int) -> HttpResponse:
    household = shell.scoped(request, pk)
    user = user_of(request)
    admit(request, may_edit_household(user, household))
    again = typed_before(household, None, request.GET.get("again", ""))
    form = HouseholdForm(
        request.POST or None,
        row=household,
        village=household.village,
        path=household.division_path,
        initial=again,
    )
    form.previous = previous(of_household(household, current_campaign()), form.columns)
    form.noted = shell.notes(request, household, None, form.columns)
    reasons = []
    if request.method == "POST" and form.is_valid():
        asks = request.POST.get("act") == "request"
        saved, reasons = attempt(form, lambda: _store(household, form, asks, user))
        if saved is not None:
            messages.success(request, "已申报信息变更，等待乡镇逐项审核。" if asks else "已保存。")
            return redirect("households:detail", pk=pk)
    context = {
        "form": form,
        "household": household,
        "title": f"修改{household}",
        "breadcrumb": [
            *shell.crumbs(household),
            Crumb(str(household), reverse("households:detail", args=[pk])),
        ],
    }
    return page(request, "households/edit.html", context, wrong=(form,), reasons=reasons)


def _store(
    household: Household, form: HouseholdForm, asks: bool, user: User
) -> Household | MemberChange:
    """At once, or as a request that the township decides field by field."""
    if asks:
        return requesting.request_edit(household, fields=form.values, by=user)
    version = form.cleaned_data["version"]
    return households.edit(household, fields=form.values, version=version, by=user)
