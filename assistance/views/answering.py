"""How this app's form pages answer: one template, 422 with everything typed kept, reasons beside their fields."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from fanpin.accounts.verdicts import Refused, Verdict
from fanpin.web.components import Crumb


def attempt(form: BaseForm, act: Callable[[], Any]) -> bool:
    """Run the service; a refusal goes into the form."""
    try:
        act()
    except ValidationError as refusal:
        add_refusal(form, refusal)
        return False
    return True


def add_refusal(form: BaseForm, refusal: ValidationError) -> None:
    if isinstance(refusal, Refused):
        for reason in refusal.reasons:
            form.add_error(reason.field if reason.field in form.fields else None, reason.text)
        return
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal)
        return
    for name, errors in refusal.error_dict.items():
        known = name in form.fields and name != NON_FIELD_ERRORS
        form.add_error(name if known else None, errors)


def form_page(
    request: HttpRequest,
    form: BaseForm,
    *,
    title: str,
    submit: str,
    back: str,
    crumbs: Sequence[Crumb] = (),
    verdict: Verdict | None = None,
    note: str = "",
    facts: Sequence[object] = (),
) -> HttpResponse:
    """A form on a page of its own; `verdict` disables the button with its reasons."""
    context = {
        "title": title,
        "form": form,
        "sections": getattr(form, "sections", ()),
        "submit_label": submit,
        "back": back,
        "breadcrumb": crumbs,
        "verdict": verdict,
        "note": note,
        "facts": facts,
        "multipart": form.is_multipart(),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "assistance/form.html", context, status=status)


def acted(
    request: HttpRequest, act: Callable[[], Any], said: str, to: str, anchor: str = ""
) -> HttpResponse:
    """A button without a form: run the service, say what happened, go back."""
    try:
        act()
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, said)
    return redirect(to + anchor)
