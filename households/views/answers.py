"""The one way a form page of this app answers: 422 with everything kept when something is wrong."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from fanpin.accounts.models import User
from fanpin.accounts.verdicts import Reason, Verdict
from fanpin.web.lists import Column
from households.forms.building import take_refusal
from households.selectors.limits import Limit


def user_of(request: HttpRequest) -> User:
    """The logged-in account; the view's decorator has seen to it."""
    assert isinstance(request.user, User)
    return request.user


def admit(request: HttpRequest, verdict: Verdict) -> None:
    """Refuse a page that cannot be used now. What was typed while it still could goes on to the service, which asks the
    same policy: its reasons stand on the form and nothing typed is lost.
    """
    if verdict.forbidden or request.method != "POST":
        verdict.require()


def attempt(form: forms.Form, act: Callable[[], Any]) -> tuple[Any, list[Reason]]:
    """Run a service; a refusal goes to its fields, what belongs to no field comes back as reasons."""
    try:
        return act(), []
    except ValidationError as refusal:
        return None, take_refusal(form, refusal)


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    wrong: Sequence[Any] = (),
    reasons: Sequence[Reason] = (),
) -> HttpResponse:
    """The page, with status 422 when one of the forms is wrong or the service refused."""
    refused = bool(reasons) or any(form.is_bound and not _right(form) for form in wrong)
    return render(
        request, template, {**context, "reasons": list(reasons)}, status=422 if refused else 200
    )


def _right(form: Any) -> bool:
    if hasattr(form, "non_form_errors"):
        return not any(form.errors) and not form.non_form_errors()
    return not form.errors


def due_column(limit: Limit | None) -> Column:
    """办理期限 of rows that carry `waiting_since`."""
    return Column(
        "waiting_since",
        "办理期限",
        lambda row: limit.due(row.waiting_since) if limit else None,
        tone=lambda row: limit.tone(row.waiting_since) if limit else "",
        sort=True,
    )
