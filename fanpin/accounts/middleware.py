"""What holds for every page: first passwords are changed, sessions last by work, refusals are said in words."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fanpin.web import sessions

# htmx stops polling when it reads this status.
STOP_POLLING = 286
Handler = Callable[[HttpRequest], HttpResponse]


class FirstPasswordMiddleware:
    """Sends an account with its first password to the page that changes it, whatever it asked for."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.must_change_password:
            allowed = {reverse("accounts:password"), reverse("accounts:logout")}
            if request.path not in allowed and not request.path.startswith("/static/"):
                return redirect("accounts:password")
        return self.get_response(request)


class SessionClock:
    """Keeps a session alive by what a person does; a page that asks by itself does not count as work.

    When the session has ended, such a page hears that it may stop asking, instead of the login page. The session
    is written once a minute, not on every page: reading a list should not write to the database.
    """

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        polled = "HX-Poll" in request.headers
        if polled and not request.user.is_authenticated:
            return HttpResponse(status=STOP_POLLING, headers={"HX-Reswap": "none"})
        if not polled and request.user.is_authenticated:
            sessions.renew(request.session)
        return self.get_response(request)


class RefusalPage:
    """A refusal that no form took up (a missing parameter, a lock) is a page with all its reasons, never an error."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, refusal: Exception) -> HttpResponse | None:
        if not isinstance(refusal, ValidationError):
            return None
        context = {"title": "暂时不能办理", "refusal": refusal}
        return render(request, "web/refused.html", context, status=422)
