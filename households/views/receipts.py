"""收支明细: booked by date, sorted into the window by the system, taken over from ledgers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from fanpin.accounts.access import get_scoped_or_404, requires
from fanpin.accounts.roles import Permission as P
from fanpin.web.components import Crumb, Fact
from households.forms.receipts import ReceiptForm
from households.models import Household, Receipt
from households.policies.households import may_record_income
from households.rules import windows
from households.selectors import receipts as figures
from households.selectors.parameters import current_campaign
from households.services import receipts
from households.views import shell
from households.views.answers import attempt, page, user_of


@requires(P.VIEW_HOUSEHOLDS)
def receipt_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipts of a household with what counts in this year's window; the form for one more."""
    household = shell.scoped(request, pk)
    user = user_of(request)
    verdict = may_record_income(user, household)
    form = ReceiptForm(request.POST or None, household=household)
    reasons = []
    if request.method == "POST":
        if verdict.forbidden:
            verdict.require()
        if form.is_valid():
            saved, reasons = attempt(
                form, lambda: receipts.book(household, fields=form.cleaned_data, by=user)
            )
            if saved is not None:
                messages.success(
                    request, f"已登记{figures.line_label(saved.line)}{saved.amount}元。"
                )
                return redirect("households:receipts", pk=pk)
    context = {
        **_counted(household),
        "form": form,
        "household": household,
        "verdict": verdict,
        "editable": verdict.ok,
        "title": f"{household}收支明细",
        "breadcrumb": [
            *shell.crumbs(household),
            Crumb(str(household), reverse("households:income", args=[pk])),
        ],
    }
    return page(request, "households/receipts.html", context, wrong=(form,), reasons=reasons)


def _counted(household: Household) -> dict[str, object]:
    campaign = current_campaign()
    window = windows.window_annual(campaign)  # type: ignore[arg-type]
    rows = figures.counted(household, window)
    totals = figures.sums(rows)
    return {
        "campaign": campaign,
        "window": window,
        "rows": rows,
        "offers": figures.offers(household, window),
        "facts": [
            Fact(figures.line_label(line).removesuffix("（未分项）"), totals[line], unit="元")
            for line in figures.LINES
            if line in totals
        ],
    }


@require_POST
@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def receipt_take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over the ticked offers."""
    household = shell.scoped(request, pk)
    window = windows.window_annual(current_campaign())  # type: ignore[arg-type]
    keys = set(request.POST.getlist("keys"))
    taken = receipts.take_offers(household, keys, window=window, by=user_of(request))
    if taken:
        messages.success(request, f"已采用{taken}笔台账金额。")
    else:
        messages.error(request, "没有勾选台账金额，或所选金额已经采用。")
    return redirect("households:receipts", pk=pk)


@require_POST
@requires(P.EDIT_HOUSEHOLDS, P.CHECK_HOUSEHOLD)
def receipt_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_scoped_or_404(Receipt.objects.select_related("household"), request.user, pk=pk)
    receipts.withdraw(row, by=user_of(request))
    messages.success(request, f"已作废{figures.line_label(row.line)}{row.amount}元。")
    return redirect("households:receipts", pk=row.household_id)
