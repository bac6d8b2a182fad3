"""The two questions every page asks first: may this person do such things at all, and is the object in their scope."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from fanpin.accounts.roles import Permission
from fanpin.web.once import showing

View = Callable[..., HttpResponse]
SAFE = ("GET", "HEAD")


def requires(*permissions: str) -> Callable[[View], View]:
    """Let a logged-in user pass who holds at least one of the permissions somewhere; else 403 with its name.

    Inside the view `user.scope` is where such a post lies, not where any other post does.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.user.holds(p) for p in permissions):  # type: ignore[union-attr]
                labels = "、".join(Permission(p).label for p in permissions)
                raise PermissionDenied(f"您的岗位没有“{labels}”权限")
            reading = showing() if request.method in SAFE else nullcontext()
            with request.user.opening(*permissions), reading:  # type: ignore[union-attr]
                return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


def get_scoped_or_404(queryset: Any, user: Any, **lookup: Any) -> Any:
    """The one object inside the user's scope, or 404: outside it nothing is said to exist."""
    return get_object_or_404(queryset.within(user.scope), **lookup)
