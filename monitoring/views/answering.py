"""How this app's pages answer: one form template, 422 with everything typed kept, buttons that say what happened."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Verdict
from fanpin.web.components import Crumb
from monitoring.forms.parts import StepForm


def user_of(request: HttpRequest) -> User:
    return cast(User, request.user)


def attempt(form: StepForm, act: Callable[[], Any]) -> bool:
    """Run the service; a refusal goes into the form."""
    try:
        act()
    except ValidationError as refusal:
        form.take_refusal(refusal)
        return False
    return True


def form_page(
    request: HttpRequest,
    form: StepForm,
    *,
    title: str,
    submit: str,
    back: str,
    crumbs: Sequence[Crumb] = (),
    verdict: Verdict | None = None,
    template: str = "monitoring/form.html",
    **more: Any,
) -> HttpResponse:
    """A form on a page of its own; `verdict` disables the button with its reasons."""
    context = {
        "title": title,
        "form": form,
        "sections": form.sections,
        "submit_label": submit,
        "back": back,
        "breadcrumb": crumbs,
        "verdict": verdict,
        "multipart": form.is_multipart(),
        **more,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, context, status=status)


def acted(request: HttpRequest, act: Callable[[], Any], said: str, to: str) -> HttpResponse:
    """A button without a form: run the service, say what happened, go back."""
    try:
        act()
    except ValidationError as refusal:
        for text in refusal.messages:
            messages.error(request, text)
    else:
        messages.success(request, said)
    return redirect(to)
